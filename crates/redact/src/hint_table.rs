//! The key names that are known, as joined lower-case words without accents, in the languages of the rules.

use crate::{PiiType, hint::Hint};

use Hint::{
    Address, BareName, Birth, Card, Coordinates, Licence, Mac, Name, NationalId, Opaque, Passport, Phone, Plain,
    Postcode, Secret, Street, Thing, Wallet, Whole,
};

/// Words before `name` that make it a person's.
pub(crate) const NAME_QUALIFIERS: &[&str] = &[
    "first",
    "last",
    "full",
    "given",
    "family",
    "middle",
    "maiden",
    "sur",
    "display",
    "customer",
    "client",
    "patient",
    "employee",
    "contact",
    "holder",
    "cardholder",
    "accountholder",
    "owner",
    "billing",
    "shipping",
    "recipient",
    "sender",
    "author",
    "guest",
    "member",
    "parent",
    "mother",
    "father",
    "spouse",
    "partner",
    "person",
    "user",
    "buyer",
    "seller",
    "driver",
    "doctor",
    "student",
    "teacher",
    "manager",
    "agent",
    "assignee",
    "reporter",
    "beneficiary",
    "payer",
    "payee",
    "insured",
    "applicant",
    "candidate",
    "passenger",
    "traveler",
    "traveller",
    "tenant",
    "signer",
    "signatory",
    "nick",
    "preferred",
    "legal",
    "birth",
    "emergency",
    "participant",
    "attendee",
    "speaker",
    "caller",
    "callee",
    "resident",
    "subscriber",
    "lead",
    "visitor",
    "cust",
    "kunden",
    "cliente",
    "policyholder",
    "witness",
    "nominee",
    "guardian",
    "host",
    "delivery",
    "real",
    "creator",
    "requester",
    "from",
    "to",
    "surname",
];

const PASSWORD: Hint = Whole(PiiType::Password);

/// Hints and the names that give them.
pub(crate) const TABLE: &[(Hint, &str)] = &[
    (
        PASSWORD,
        "password passwd passwort passwords pwd passphrase passcode pass pin pincode pinnumber userpass dbpass contrasena clave \
         motdepasse mdp kennwort wachtwoord senha haslo losenord adgangskode passord salasana parola passworthash passwordhash \
         passwordplain passwordtext passwordvalue passwordconfirmation passwordconfirm confirmpassword passwordrepeat \
         passwordnew passwordold pwdhash securityanswer secretanswer cvv cvc cvvtwo csc cardcode securitycode otp otpcode \
         onetimepassword onetimecode totp mfacode verificationcode twofactorcode masterpassword sshpassword proxyauthorization authorization \
         httpauthorization authorizationheader basicauth encryptedpassword hashedpassword unlockcode puk \
         пароль 密码 密碼 口令 パスワード 暗証番号 비밀번호 palavrapasse palavrachave kodeord parolachiave claveacceso clavedeacceso rootpw dbpw userpw smtppass dbpasswort userpassword",
    ),
    (
        Secret,
        "secret secrets token authtoken accesstoken refreshtoken idtoken bearertoken sessiontoken apitoken bottoken csrftoken \
         devicetoken pushtoken resettoken securitytoken usertoken personalaccesstoken apikey apikeys accesskey accesskeyid \
         secretkey secretaccesskey privatekey signingkey encryptionkey authkey accountkey sharedkey masterkey sharedsecret \
         clientsecret appsecret webhooksecret consumersecret credential credentials creds auth bearer sessionid sid session \
         cookie setcookie jwt connectionstring sastoken subscriptionkey servicekey licensekey deploykey \
         hmackey aeskey consumerkey clavesecreta claveapi chavesecreta clesecrete geheimschlussel geheimschluessel claveapis apisleutel chavedeapi chaveapi apischlussel apischluessel chiaveapi cleapi geheimerschlussel",
    ),
    (
        Name,
        "firstname lastname fullname surname givenname givennames familyname middlename maidenname displayname nickname forename fname lname \
         prenom nomdefamille nomcomplet nombrecompleto apellido apellidos primerapellido segundoapellido vorname nachname \
         familienname vollername cognome nomecompleto nomecognome sobrenome voornaam achternaam volledigenaam tussenvoegsel \
         imie nazwisko imieinazwisko fornamn efternamn fornavn etternavn efternavn etunimi sukunimi kontoinhaber titular intestatario nextofkinname emergencycontactname fuldenavn fulltnavn fullstandigtnamn kokonimi \
         artist photographer byline author ownername cardholder accountholder nameoncard mothersmaidenname contactperson contactname recipientname \
         signatory nextofkin undersigned имя фамилия отчество фио имяфамилия фамилияимя 姓名 真实姓名 全名 联系人 收件人 氏名 名前 お名前 受取人 성명 이름",
    ),
    (BareName, "name names nom nombre nome naam navn namn"),
    (
        Phone,
        "phone phones phonenumber phonenumbers phoneno telephone telephonenumber telephoneno tel telno telefon telefonnummer telefono \
         telefoon telefoonnummer telefone telefonnumer numertelefonu numerodetelephone numerotelephone numerotelefono mobile mobilephone \
         mobilenumber mobileno mobil mobilnummer cell cellphone cellular celular movil handy handynummer portable cellulare \
         komorka gsm fax faxnumber whatsapp whatsappnumber msisdn callerid callernumber contactnumber contactno smsto dialednumber homephone \
         workphone officephone daytimephone landline puhelin telephonemobile telemovel puhelinnumero mobiltelefon \
         телефон номертелефона мобильныйтелефон мобильный 电话 电话号码 联系电话 手机 手机号 手机号码 電話 電話番号 携帯 携帯電話 携帯番号 전화 전화번호 휴대폰 휴대폰번호",
    ),
    (
        Birth,
        "dob birthdate birthday dateofbirth birth birthdt bday bdate dateborn born bornon birthdateiso geburtsdatum geburtstag \
         fechadenacimiento fechanacimiento datedenaissance datenaissance datadinascita datanascita datadenascimento \
         datanascimento geboortedatum dataurodzenia fodelsedatum fodselsdato fodelsedag syntymaaika foedselsdato foedselsdag nele fodselsdag fodt fodd syntaika fnac fecnac fechanac datanasc dtnasc gebdat gebdatum geborenam geboren birthdates datnaiss \
         датарождения деньрождения 生日 出生日期 生年月日 誕生日 생년월일 생일",
    ),
    (
        Street,
        "street streetaddress streetname streetlineone addressline addresslineone addresslinetwo addrline streetline \
         addressone addresstwo mailingaddress postaladdress homeaddress billingaddress shippingaddress residentialaddress \
         deliveryaddress physicaladdress strasse strasze anschrift rue calle direccion domicilio indirizzo endereco \
         logradouro straat straatnaam ulica adreszamieszkania gata gatuadress hausanschrift adresse adres adress adresdelivraison адрес домашнийадрес адресдоставки 地址 住址 收货地址 住所 주소 osoite katuosoite vejnavn woonadres residenza wohnadresse hemadress domicilio calleynumero",
    ),
    (Address, "address addr addresses location residence"),
    (
        Postcode,
        "zip zipcode postcode postalcode postal plz postleitzahl codigopostal codepostal codicepostale cep kodpocztowy postnummer pincodein postinumero codpostal \
         postnr zippostal",
    ),
    (
        Passport,
        "passport passportno passportnumber passportnum passportid passnummer reisepass reisepassnummer pasaporte \
         numeropasaporte traveldocument traveldocumentno traveldocumentnumber passportnr passeport numeropasseport passaporto numeropassaporto passaporte paspoort paspoortnummer paszport numerpaszportu \
         паспорт номерпаспорта 护照 passinumero passinnumero passi pasnummer pasnr passports 护照号 护照号码 パスポート番号 旅券番号 여권번호",
    ),
    (
        Licence,
        "driverlicense driverslicense driverlicence driverslicence drivinglicense drivinglicence driverlicensenumber driverslicensenumber \
         drivinglicencenumber drivinglicensenumber driverlicencenumber dlnumber dlno licensenumber licencenumber licenceno licenseno licencenum licensenum drivinglicenceno drivinglicenseno fuhrerschein \
         fuehrerschein fuhrerscheinnummer permisconduire permisdeconduire patente carnetconducir carnetdeconducir rijbewijs rijbewijsnummer prawojazdy \
         korkort korkortsnummer cnh driverlicenseno licensenumberdriver licencenumberdriver driverlicenceno driverslicenseno driverslicenceno numeropermis driverslicenses ajokortti ajokortinnumero korekort korekortnummer forerkort forerkortnummer cartaconducao cartadeconducao",
    ),
    (
        NationalId(Some(PiiType::UsSsn)),
        "ssn ssns socialsecurity socialsecuritynumber socialsecurityno ssnumber itin taxpayerid tin socsec socsecno socsecnumber",
    ),
    (
        NationalId(Some(PiiType::UkNino)),
        "nino nationalinsurance nationalinsurancenumber ninumber natins natinsno natinsnumber ninum",
    ),
    (NationalId(Some(PiiType::UkNhs)), "nhs nhsnumber nhsno nhsid"),
    (NationalId(Some(PiiType::EsNif)), "dni nie nif dninie documentonacional"),
    (NationalId(Some(PiiType::ItCodiceFiscale)), "codicefiscale codfiscale cf codfisc italiantaxcode fiscalcode"),
    (
        NationalId(Some(PiiType::FrNir)),
        "nir numerosecu numerosecuritesociale numerodesecuritesociale securitesociale insee numss numsecu nosecu nss",
    ),
    (
        NationalId(Some(PiiType::DeSteuerId)),
        "steuerid steueridnr steueridentifikationsnummer idnr steueridnummer steuernummer taxidde",
    ),
    (
        NationalId(Some(PiiType::InAadhaar)),
        "aadhaar aadhar aadhaarnumber aadharnumber aadhaarno uidai uidainumber आधार aadhaarcard aadharcard aadhaarcardno आधारसंख्या",
    ),
    (NationalId(Some(PiiType::BrCpf)), "cpf cpfnumber numerocpf"),
    (
        NationalId(Some(PiiType::CaSin)),
        "sin sinnumber socialinsurancenumber socialinsurance nas numerodassurancesociale assurancesociale",
    ),
    (NationalId(Some(PiiType::AuTfn)), "tfn taxfilenumber tfnnumber taxfileno"),
    (NationalId(Some(PiiType::NlBsn)), "bsn burgerservicenummer bsnnumber bsnnummer sofinummer sofinummers"),
    (NationalId(Some(PiiType::PlPesel)), "pesel peselnumber numerpesel nrpesel"),
    (
        NationalId(Some(PiiType::SePersonnummer)),
        "personnummer personnr pnr personnumber samordningsnummer swedishid personalidentitynumber personalidentitynumberse",
    ),
    (
        NationalId(None),
        "nationalid nationalidnumber nationalidentifier nationalidentitynumber idnumber identitynumber identificationnumber personalid personalidnumber \
         personalnumber personalcode citizenid citizennumber citizenservicenumber taxid taxnumber taxidnumber taxidentifier taxpayernumber nationalnumber \
         govid governmentid governmentidnumber socialid idcard idcardnumber idcardno documentnumber identitycard insurancenumber healthnumber documento numerodocumento nrodocumento documentoidentidade \
         снилс инн 身份证 身份证号 身份证号码 マイナンバー 個人番号 주민등록번호",
    ),
    (
        Coordinates,
        "lat latitude lng lon long longitude coordinates coords coordinate latlng latlon lnglat geo gps gpscoordinates gpslocation \
         geolocation geopoint gpslatitude gpslongitude geopos position latitud longitud breitengrad laengengrad geocode gpsposition locationiso",
    ),
    (
        Card,
        "card cardnumber cardno creditcard creditcardnumber ccnumber ccnum cc pan debitcard debitcardnumber paymentcard kartennummer \
         numerocarte numerotarjeta tarjeta primaryaccountnumber ccno kreditkarte cartedecredit",
    ),
    (
        Wallet,
        "wallet wallets walletaddress walletaddr cryptowallet cryptoaddress btcaddress bitcoinaddress ethaddress ethereumaddress soladdress \
         solanaaddress xrpaddress rippleaddress ltcaddress dogeaddress trxaddress tronaddress xmraddress moneroaddress usdtaddress \
         payoutwallet walletadresse cartera monedero carteiracripto",
    ),
    (Mac, "mac macaddress macaddr hwaddr hardwareaddress ethernetaddress bssid wifimac"),
    (
        Opaque,
        "id ids uuid guid sku order orderid orderno ordernumber invoice invoiceid invoiceno invoicenumber ticket ticketid ticketno \
         ticketnumber tracking trackingnumber trackingid trackingno serial serialnumber serialno batch batchid batchnumber lot lotnumber \
         version versions build buildnumber revision release commit hash sha md checksum digest etag fingerprint isbn ean \
         upc gtin asin barcode part partnumber partno product productid productcode item itemid itemnumber itemcode model ref reference \
         referencenumber refno duration durationms durationmicros ms seconds count total totals amount price cost size bytes width height offset \
         limit port status code errorcode timestamp ts time date createdat updatedat at epoch expires expiresat quantity qty \
         score seq sequence index account \
         spanid traceid requestid correlationid transactionid txid jobid runid taskid po ponumber case caseid casenumber catalog shipment shipmentid",
    ),
    (Plain, "filename hostname nodename keyname classname methodname functionname servicename nomenclature"),
    (
        Thing,
        "tool tools function functions products models plan plugin service project campaign event collection bucket \
         dataset device browser os app application file files column table schema metric kpi widget company organization \
         organisation team department category tag tags brand store city country region template workflow pipeline step stage \
         host node cluster provider engine section dimension label environment package module library repository branch course dashboard dashboards report reports chart charts panel panels board boards folder channel topic experiment segment playlist header headers param params parameter parameters variable variables cookies",
    ),
];
