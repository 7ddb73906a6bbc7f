//! The label words, in the languages of the rules, separated by `|`.

use super::label::Says;
use crate::PiiType;

/// What a word says, and the words that say it.
pub(super) const WORDS: &[(Says, &str)] = &[
    (
        Says::Phone,
        "phone|telephone|tel|mobile|cell|cellphone|call|calls|caller id|voicemail|call me|called|call us|dial|dialed|ring|fax|\
         whatsapp|sms|text me|reach me|reached|reach|hotline|callback|telefon|telefonnummer|téléphone|\
         teléfono|telefono|telefone|telefoon|telefoonnummer|handy|handynummer|mobil|móvil|movil|celular|\
         cellulare|portable|appelez|appeler|joindre|llame|llamar|llámame|llamame|chiamare|chiama|chiamami|\
         ligue|ligar|liga|bel|bellen|ring mig|zadzwoń|zadzwon|komórka|komórkowy|rufen|ruf|anrufen|erreichbar|\
         rückruf|numero di telefono|contact number|msisdn|phone number|gsm|tlf|puh|\
         text to|text at|texted|my number|my new number|mi número|mon numéro|meu número|mio numero|meine nummer|mijn nummer|mitt nummer|телефон|Телефон|тел|Тел|тел.|Тел.|телефону|моб.|мобильный|Мобильный|мобильного|позвоните|звоните|电话|手机|手机号|電話|電話番号|携帯|携帯電話|\
         携帯番号|联系方式|手機|전화|전화번호|휴대폰",
    ),
    (
        Says::Birth,
        "born|dob|d.o.b|d.o.b.|birth|birthday|bday|birthdate|birth date|date of birth|b-day|geboren|geboren am|geburtsdatum|\
         geburtstag|geb.|né le|née le|né|née|naissance|date de naissance|nacido|nacida|nacimiento|nací|\
         fecha de nacimiento|nato|nata|nascita|data di nascita|nascido|nascida|nasceu|nasceu em|nasci|nascimento|\
         data de nascimento|geboortedatum|geboorte|urodzony|urodzona|urodzenia|ur.|data urodzenia|född|fodd|\
         födelsedatum|født|fødselsdato|syntynyt|syntymäaika|synt.|fødselsdag|f. nac.|fec. nac.|fecha nac.|geb.-datum|geburtsdat.|дата рождения|Дата рождения|родился|родилась|рождения|д.р.|出生日期|出生|生日|生年月日|誕生日|생년월일|생일",
    ),
    (
        Says::Passport,
        "passport|passport no|passport number|reisepass|reisepassnummer|passnummer|pasaporte|passeport|\
         passaporto|passaporte|paspoort|paspoortnummer|paszport|paszportu|pass-nr|passnr|passinumero|passin numero|pasnummer|travel document|travel document number|паспорт|Паспорт|паспорта|护照|护照号|護照|パスポート|旅券番号|여권번호",
    ),
    (
        Says::Licence,
        "driver license|driver's license|drivers license|driver licence|driver's licence|drivers licence|\
         driving licence|driving license|driver-license|driver_license|drivers_license|driving_licence|\
         driver_licence|driving-licence|driverlicense|driverslicense|driverlicence|drivinglicense|drivinglicence|dl|dl no|dl number|ajokortti|ajokortin|ajokortin numero|kørekort|korekort|forerkort|numero permis|numéro de permis|kørekortnummer|førerkort|førerkortnummer|carta conducao|licence number|license number|licence no|license no|\
         führerschein|führerscheinnummer|fuehrerschein|permis de conduire|permiso de conducir|\
         carnet de conducir|carné de conducir|patente di guida|patente|rijbewijs|rijbewijsnummer|prawo jazdy|\
         prawa jazdy|körkort|körkortsnummer|carteira de motorista|cnh|licence|license|carta de condução",
    ),
    (
        Says::NationalId(Some(PiiType::UsSsn)),
        "ssn|soc sec no|soc. sec.|ss number|ss no|w2|w-2|social security|social security number|social|soc sec|itin|ss#",
    ),
    (Says::NationalId(Some(PiiType::UkNino)), "nino|national insurance|ni number|ni no|nat ins|nat ins number"),
    (Says::NationalId(Some(PiiType::UkNhs)), "nhs|nhs number|nhs no|nhs id"),
    (Says::NationalId(Some(PiiType::EsNif)), "dni|nie|nif"),
    (Says::NationalId(Some(PiiType::ItCodiceFiscale)), "codice fiscale|cod. fisc|cod.fisc"),
    (Says::NationalId(Some(PiiType::FrNir)), "nir|sécu|sécurité sociale|securite sociale|insee"),
    (
        Says::NationalId(Some(PiiType::DeSteuerId)),
        "steuer-id|steuerliche id|steuerliche identifikationsnummer|steuerid|steuer-idnr|steueridnr|steuer-identifikationsnummer|steueridentifikationsnummer|\
         idnr|steuernummer|steuer id",
    ),
    (Says::NationalId(Some(PiiType::InAadhaar)), "aadhaar|aadhar|uidai|आधार"),
    (Says::NationalId(Some(PiiType::BrCpf)), "cpf"),
    (Says::NationalId(Some(PiiType::CaSin)), "sin|nas|social insurance|social insurance number|assurance sociale"),
    (Says::NationalId(Some(PiiType::AuTfn)), "tfn|tax file number|tax file"),
    (Says::NationalId(Some(PiiType::NlBsn)), "bsn|burgerservicenummer|sofinummer|sofi-nummer|bsn-nummer"),
    (Says::NationalId(Some(PiiType::PlPesel)), "pesel"),
    (Says::NationalId(Some(PiiType::SePersonnummer)), "personnummer|personnr|pers.nr|pnr|personal identity number"),
    (
        Says::NationalId(None),
        "national id|national identity|identity number|id number|personal number|tax id|tax number|taxpayer|\
         citizen|citizen id|id card|identification number",
    ),
    (
        Says::Coordinates,
        "gps|lat|latitude|lon|lng|long|longitude|coordinates|coords|coordinate|location|located|position|geo|\
         maps|pin|koordinaten|coordonnées|coordenadas|coordinate|coördinaten|współrzędne|koordinater|pinned|\
         whereabouts|standort|ubicación|posizione|meet at|meet me at|dropped",
    ),
    (
        Says::Postcode,
        "postcode|postinumero|postalcode|codepostal|postnr|c.p.|post code|postal code|zip|zip code|zipcode|plz|postleitzahl|código postal|codigo postal|codice postale|\
         code postal|cep|kod pocztowy|postnummer|cap|pin code",
    ),
    (
        Says::Card,
        "card|card number|credit card|visa|mastercard|amex|kreditkarte|carte|tarjeta|carta|cartão|karta|kort|\
         kaart",
    ),
    (
        Says::Mac,
        "mac|mac address|mac-address|mac_address|mac-adresse|mac addr|macaddr|macaddress|adresse mac|bssid|hwaddr|hardware address|ethernet address",
    ),
    (
        Says::Wallet,
        "wallet|wallets|wallet address|wallet-adresse|btc|bitcoin|ethereum|solana|xrp|ripple|usdt|tron|monero|dogecoin|litecoin|cartera|monedero|carteira|\
         portafoglio",
    ),
    (
        Says::StreetAfter,
        "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|terrace|\
         ter|way|parkway|pkwy|highway|hwy|close|crescent|cres|gardens|gdns|grove|row|hill|circle|cir|trail|\
         trl|loop|mews|quay|walk|esplanade|parade",
    ),
    (
        Says::StreetBefore,
        "rue|avenue|boulevard|place|chemin|allée|impasse|quai|cours|route de|route|montée|rang|côte|calle|c/|avenida|avda|avda.|\
         plaza|paseo|carrer|ronda|camino|via|viale|piazza|corso|largo|vicolo|piazzale|rua|travessa|praça|\
         alameda|jalan|jln|lorong|ул.|Ул.|улица|Улица|проспект|пр-т|переулок|бульвар|шоссе|набережная|наб.|ul.|ulica|ulicy|aleja|al.|plac|os.|av.|av|r.|passage|square|strada",
    ),
    (
        Says::Code,
        "otp|otp code|one-time code|one time code|one-time password|verification code|security code|auth code|authentication code|mfa code|2fa code|\
         cvv|cvv2|cvc|passcode|sms code|login code|código de verificación|code de vérification|bestätigungscode",
    ),
    (
        Says::FlatAt,
        "house|studio|suite|ste|flat|flat no|flat no.|flat number|plot|plot no|plot no.|door no|door no.|house no|house no.|h.no|h.no.|apartment|apt|apt.|unit|level",
    ),
    (
        Says::PostBox,
        "po box|p.o. box|p.o.box|p. o. box|p.o box|post office box|gpo box|postfach|postbus|postboks|casella postale|caixa postal|apartado de correos|\
         apartado postal|boîte postale|boite postale|skrytka pocztowa",
    ),
    (
        Says::StreetAt,
        "unter den|unter dem|an der|an den|am|auf der|auf dem|auf den|hinter der|hinter dem|hinter den|vor dem|vor der|zum|zur|bei der|beim",
    ),
    // Publication 28 of the US Postal Service, appendix C, as far as these words are not above: ordinary words, so with a capital.
    (
        Says::StreetNamed,
        "alley|alleyway|annex|arcade|bayou|beach|bend|bluff|bluffs|bottom|branch|bridge|brook|brooks|burg|burgs|bypass|camp|canyon|cape|causeway|\
         centers|cliff|cliffs|club|common|commons|corner|corners|course|courts|cove|coves|creek|crest|crossing|crossroad|\
         crossroads|curve|dale|dam|divide|drives|estate|estates|expressway|extension|extensions|fall|falls|ferry|field|fields|flats|\
         ford|fords|forest|forge|forges|fork|forks|fort|freeway|garden|gateway|gate|gates|glen|glens|green|greens|groves|harbor|harbors|\
         harbour|haven|heights|highlands|hills|hollow|inlet|island|islands|isle|junction|junctions|key|keys|knoll|knolls|lake|lakes|\
         land|landing|light|lights|locks|lodge|mall|manor|manors|meadow|meadows|mill|mills|mission|motorway|mount|\
         mountain|mountains|neck|orchard|oval|overpass|park|parks|parkways|pass|passage|path|pike|pine|pines|plains|plain|plaza|\
         point|points|port|ports|prairie|radial|ramp|ranch|rapid|rapids|rest|ridge|ridges|river|roads|route|run|shoal|shoals|\
         shore|shores|skyway|spring|springs|spur|spurs|squares|station|stravenue|stream|streets|summit|throughway|trace|track|\
         trafficway|trailer|tunnel|turnpike|underpass|union|unions|valley|valleys|viaduct|view|views|village|villages|ville|vista|\
         walks|walkway|wall|ways|well|wells|byway|triangle|flat|circus|chase|circles|rise|row|mead|wharf|strand|approach|concourse|promenade|nook|copse|\
         reach|outlook|glade|elbow|fairway|laneway|ramble|retreat|rosebowl|thoroughfare|tollway|tramway|wynd|tor|waterway|foreshore|footway|\
         gully|meander|peninsula|plateau|quadrangle|quadrant|quays|riverway|roadway|rotary|roundabout|siding|towers|trunkway|vale|loaf|lookout|\
         firetrail|state highway|dene|residency|mew|\
         amble|anchorage|brae|centreway|circlet|courtyard|crossway|cruiseway|driveway|frontage|\
         grange|highroad|lees|parklands|ridgeway|riviera|ronde|roadside|tarn|villas",
    ),
    // Types of thoroughfares of the Correios, of the Spanish cadastre and of Italian and Polish practice, before a name with a number.
    (
        Says::StreetOf,
        "estrada|rodovia|fazenda|sítio|sitio|chácara|chacara|ladeira|viela|vila|loteamento|residencial|recanto|jardim|condomínio|\
         condominio|conjunto|quadra|viaduto|vereda|trevo|morro|praia|parque|estação|esplanada|passarela|aeroporto|favela|feira|colônia|\
         núcleo|pátio|lago|lagoa|vale|trecho|distrito|setor|beco|calçada|rotunda|callejón|callejon|glorieta|acceso|pasadizo|\
         cañada|rambla|cuesta|vial|urbanización|urbanizacion|pasaje|travesía|travesia|costanilla|carretera|contrada|canale|borgo|\
         rotonda|incrocio|stretto|viadotto|strada|frazione|località|lungomare|salita|calata|pl.|plac|osiedle|rynek|\
         skwer|bulwar|place du|rond-point|sentier|esplanade|villa|hameau|lotissement|lieu-dit",
    ),
    (
        Says::StreetTail,
        "straße|strasse|str.|weg|platz|pad|baan|hof|dreef|park|boulevard|wal|oever|haven|stig|backe|plan|väg|allee|gasse|damm|ufer|chaussee|straat|laan|gracht|plein|kade|dijk|\
         singel|steeg|gatan|vägen|gränd|torget|storget|stigen|allé|gata|veien|vej|gade|ring|markt|katu|polku|kuja",
    ),
    (
        Says::AddressAt,
        "address|new office|moved from|pick up at|picked up at|pickup at|lives at|live at|living at|lived at|residing at|resides at|reside at|moved to|deliver to|deliver it to|delivered to|\
         straße und hausnummer|address line 1|address line 2|address line|osoite|katuosoite|woonadres|residenza|hausanschrift|hemadress|morada|wohnadresse|lieferadresse|rechnungsadresse|ship to|ship it to|shipped to|ships to|shipping to|adresse|anschrift|wohnt in|wohne in|dirección|direccion|vive en|vivo en|\
         indirizzo|abita in|abito in|endereço|endereco|mora na|moro na|adres|mieszka przy|woont aan|woon aan|adress|bor på|bor i|habite au|\
         domicilié au",
    ),
    (
        Says::Thing,
        "order|orders|order id|invoice|sku|ticket|serial|serial number|s/n|batch|lot|tracking|isbn|issn|ean|\
         upc|gtin|part|part number|part no|product|item|case|job|build|commit|hash|sha|checksum|catalog|\
         catalogue|reference|ref|bestellung|bestellnummer|rechnung|rechnungsnummer|auftrag|artikel|commande|\
         facture|pedido|factura|ordine|fattura|bestelling|factuur|zamówienie|faktura|ordernummer|asin|\
         transaction|txn|request|session|event|epoch|timestamp|po|rma|shipment|parcel|model|chapter|page|row|\
         figure|table|issue|pr|bug|account|konto|price|total|amount|usd|eur|gbp|ratio|score|duration|took|\
         bytes|size|count|depth|length|limit|offset|retries",
    ),
    (Says::Version, "version|ver|v.|release|firmware|build|kernel|upgrade to|upgraded to|sdk|rev|revision|update"),
];
