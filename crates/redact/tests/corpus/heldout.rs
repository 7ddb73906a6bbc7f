//! Other phrases, keys and look-alikes, written without regard to the rules and never used to build them.

use serde_json::json;

use super::{Case, Templates, case, rng::Rng, values};

pub const TEMPLATES: Templates = Templates {
    sentences: SENTENCES,
    keys: KEYS,
    files: FILES,
    text_keys: &["body", "prompt", "summary", "transcript", "comment", "reason"],
    negatives: negative,
};

const SENTENCES: &[(&str, &[&str])] = &[
    (
        "email",
        &[
            "Could you forward this to {}?",
            "Reply-To: {}\nSubject: hi",
            "Ich bin unter {} erreichbar!",
            "owner=({});",
            "invited {}, who declined",
            "mailto:{}?subject=x",
        ],
    ),
    (
        "phone",
        &[
            "You can get hold of my mum on {} most evenings",
            "Ring the clinic back: {}",
            "Mi número de móvil: {}",
            "Il mio cellulare è {}",
            "WhatsApp {}",
            "numer telefonu {}",
            "Mijn 06-nummer: {}",
            "caller {} hung up",
        ],
    ),
    (
        "payment_card",
        &[
            "They stole {} from my wallet",
            "paid with Visa {} yesterday",
            "carta di credito {}",
            "PAN={};amount=10.00",
            "tarjeta {} caducada",
        ],
    ),
    ("iban", &["Mein Konto: {}, danke!", "refund goes to account {}", "numero de cuenta {}", "bank details {} (main)"]),
    ("us_ssn", &["The applicant's social is {}.", "employee {} terminated", "Soc Sec # {}", "verify ssn={} now"]),
    ("uk_nino", &["HMRC knows me as {}", "Nat Ins: {}", "payroll ref {} updated"]),
    ("uk_nhs", &["The NHS gave me {} as my number", "NHS no: {}", "GP surgery, NHS {}, flu jab"]),
    ("es_nif", &["Documento {} caducado", "titular: {}", "NIF del cliente {}"]),
    ("it_codice_fiscale", &["CF {} registrato", "il paziente {} è arrivato", "C.F.: {}"]),
    ("fr_nir", &["Mon numéro de sécurité sociale est le {}", "assuré {}", "n° sécu : {}"]),
    ("de_steuer_id", &["Bitte Steueridentifikationsnummer {} eintragen", "SteuerID {}", "meine Steuer-IdNr lautet {}"]),
    ("in_aadhaar", &["linked Aadhaar card no. {}", "KYC done with Aadhaar {}", "UIDAI {}"]),
    ("br_cpf", &["O CPF do titular: {}", "cliente cpf {} bloqueado", "nota fiscal CPF {}"]),
    ("ca_sin", &["Social Insurance Number is {}", "his SIN ({}) was exposed", "SIN# {}"]),
    ("au_tfn", &["quote your TFN, {}, on the form", "ATO tax file no {}", "TFN={}"]),
    ("nl_bsn", &["Burgerservicenummer {} klopt niet", "patiënt met bsn {}", "BSN-nummer: {}"]),
    ("pl_pesel", &["numer PESEL: {}", "pacjent {} przyjęty", "pesel={}"]),
    ("se_personnummer", &["Kundens personnummer: {}", "patient {} inskriven", "pnr {}"]),
    (
        "street_address",
        &[
            "Please deliver the sofa to {} before noon",
            "Wir wohnen in der {}.",
            "Domicilio: {}",
            "abito in {}",
            "parcel left at {}",
            "He was last seen near {}",
        ],
    ),
    ("postcode", &["What is the delivery cost to postcode {}?", "ZIP: {}", "kod pocztowy {}", "Postleitzahl {} bitte"]),
    (
        "date_of_birth",
        &[
            "My birthday is {}",
            "Patient (DOB {}) admitted",
            "data di nascita: {}",
            "She was born {} in Leeds",
            "Geburtsdatum: {}",
            "fecha de nacimiento {}",
            "d.o.b. {}",
        ],
    ),
    (
        "ip_address",
        &[
            "ssh connection attempt by {} denied",
            "X-Forwarded-For: {}",
            "peer [{}] closed",
            "src {} dst eth0",
            "from={},",
        ],
    ),
    ("mac_address", &["ARP reply is at {}", "hwaddr={}", "AP {} roamed"]),
    (
        "url_credentials",
        &[
            "git clone https://{}@git.example.com/x.git",
            "mongodb://{}@cluster0.example.net/?retryWrites=true",
            "amqp://{}@mq:5672/",
        ],
    ),
    (
        "secret",
        &[
            "I pasted {} into the repo by accident",
            "curl -H 'X-Api-Key: {}' https://api.example.com",
            "rotate {}!",
            "KEY={}\nDEBUG=1",
        ],
    ),
    ("private_key", &["cat id_rsa\n{}\n$", "here you go: {}"]),
    ("jwt", &["cookie session={}; Path=/", "the id token was {}", "curl -H \"Authorization: Bearer {}\""]),
    (
        "password",
        &[
            "login admin / password: {}",
            "PGPASSWORD={} psql",
            "db_pass={}",
            "contraseña: {}",
            "wachtwoord: {}",
            "the wifi password is {}",
        ],
    ),
    ("crypto_wallet", &["donations: {}", "sent 0.5 BTC from {} today", "ETH payout address {}"]),
    ("gps_coordinates", &["Dropped a pin at {}", "lat/long: {}", "our coordinates are {}", "photo taken, GPS: {}"]),
    ("passport", &["Her passport ({}) expires soon", "Passport No: {}", "número de pasaporte {}", "passeport n° {}"]),
    ("driver_licence", &["DL number {}", "my driving license is {}", "permis de conduire {}", "driver licence: {}"]),
];

const KEYS: &[(&str, &[&str])] = &[
    ("email", &["mail", "Reply-To", "recipients", "login"]),
    ("phone", &["contactNumber", "cell_phone", "telefono", "emergency_phone", "fax"]),
    ("payment_card", &["creditCard", "cc_number", "cardNo"]),
    ("iban", &["bankAccount", "beneficiary_iban"]),
    ("us_ssn", &["socialSecurity", "employee_ssn", "taxpayer_id"]),
    ("uk_nino", &["ni_number", "nationalInsurance"]),
    ("uk_nhs", &["nhs_no", "patient_nhs_number"]),
    ("es_nif", &["documento", "nie"]),
    ("it_codice_fiscale", &["codfiscale", "fiscalCode"]),
    ("fr_nir", &["num_secu", "securite_sociale"]),
    ("de_steuer_id", &["steuerIdentifikationsnummer", "taxId"]),
    ("in_aadhaar", &["aadhaarNo", "aadhar"]),
    ("br_cpf", &["cpf_titular", "documentNumber"]),
    ("ca_sin", &["sin_number", "socialInsuranceNumber"]),
    ("au_tfn", &["tfnNumber", "taxFileNumber"]),
    ("nl_bsn", &["burgerservicenummer", "bsn_nummer"]),
    ("pl_pesel", &["numer_pesel", "nationalId"]),
    ("se_personnummer", &["personnr", "national_identity_number"]),
    ("street_address", &["streetAddress", "home_address", "direccion", "indirizzo", "billing_street"]),
    ("postcode", &["zipCode", "postal", "postleitzahl", "cep"]),
    ("date_of_birth", &["birthday", "DOB", "birthdate", "fecha_nacimiento", "geboortedatum"]),
    ("ip_address", &["peer", "sourceIp", "host"]),
    ("mac_address", &["hwaddr", "bssid"]),
    ("secret", &["apiKey", "AWS_SECRET_ACCESS_KEY", "client_secret", "webhook_secret"]),
    ("jwt", &["bearer", "refreshToken"]),
    ("password", &["userPassword", "PASSWORD", "smtp_pass", "passphrase", "contrasena", "admin_pwd", "passwort"]),
    ("crypto_wallet", &["payout_address", "eth"]),
    ("gps_coordinates", &["latlng", "geo", "gps_position"]),
    ("passport", &["passportNo", "pasaporte", "passeport"]),
    ("driver_licence", &["dl_number", "driversLicense", "rijbewijs"]),
    (
        "person_name",
        &[
            "given_name",
            "family_name",
            "displayName",
            "patientName",
            "surname",
            "nachname",
            "cognome",
            "contact_name",
            "cardholder_name",
        ],
    ),
];

const FILES: &[(&str, &[&str])] = &[
    ("email", &["export-{}.csv", "{}_inbox.mbox"]),
    ("phone", &["call-phone-{}.wav", "sms_{}.txt"]),
    ("payment_card", &["scan_{}.jpg", "{}.pdf"]),
    ("us_ssn", &["1099-{}.pdf", "{}_I9.pdf"]),
    ("iban", &["SEPA_{}.xml"]),
    ("uk_nino", &["P60_{}.pdf"]),
    ("es_nif", &["dni-{}.jpg"]),
    ("date_of_birth", &["birth_certificate_born_{}.pdf"]),
    ("ip_address", &["access-{}.log"]),
    ("driver_licence", &["license_{}_front.jpg"]),
];

fn negative(rng: &mut Rng) -> Case {
    let hex = |rng: &mut Rng, n| rng.string("0123456789abcdef", n);
    let (kind, before, value, after): (&str, &str, String, &str) = match rng.below(30) {
        0 => ("guid", "correlation=", values::grouped(&hex(rng, 32), &[8, 4, 4, 4, 12], '-').to_uppercase(), ""),
        1 => ("guid", "{", values::grouped(&hex(rng, 32), &[8, 4, 4, 4, 12], '-'), "}"),
        2 => ("hash", "md5: ", hex(rng, 32), " ok"),
        3 => ("hash", "image@sha256:", hex(rng, 64), ""),
        4 => ("hash", "merged ", hex(rng, 7), " into main"),
        5 => (
            "timestamp",
            "",
            format!(
                "20{}-1{}-0{} {}:{}:{},{}",
                rng.range(20, 29),
                rng.below(3),
                rng.range(1, 9),
                rng.range(10, 23),
                rng.range(10, 59),
                rng.range(10, 59),
                rng.fill("###")
            ),
            " WARN retrying",
        ),
        6 => (
            "version",
            "openssl ",
            format!("{}.{}.{}-alpha.{}", rng.below(9), rng.below(20), rng.below(20), rng.below(9)),
            "",
        ),
        7 => ("version", "Firefox/", rng.fill("1##.0"), " Gecko/20100101"),
        8 => ("version", "driver version ", rng.fill("%.%#.#.##"), " installed"),
        9 => (
            "user_agent",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ",
            rng.fill("Edg/1##.0.%###.##"),
            "",
        ),
        10 => ("order", "PO ", rng.fill("%#######"), " approved"),
        11 => ("order", "invoice ", rng.fill("INV-%#######"), " paid"),
        12 => ("order", "tracking 1Z", rng.fill("@@@%##########"), ""),
        13 => ("sku", "item ", rng.fill("@@-%###-##"), " in aisle 4"),
        14 => ("price", "€", format!("{}.{:03},{:02}", rng.range(1, 99), rng.below(1000), rng.below(100)), " im Monat"),
        15 => ("price", "USD ", format!("{},{:03}.{:02}", rng.range(1, 999), rng.below(1000), rng.below(100)), ""),
        16 => ("range", "pages ", format!("{}-{}", rng.range(1, 300), rng.range(301, 900)), " of the manual"),
        17 => (
            "score",
            "won ",
            format!("{}-{}, {}-{}", rng.below(7), rng.below(7), rng.below(7), rng.below(7)),
            " in straight sets",
        ),
        18 => ("resolution", "video ", format!("{}x{}", rng.range(640, 3840), rng.range(480, 2160)), " at 60 fps"),
        19 => ("epoch", "expires=", rng.fill("17########"), "; secure"),
        20 => ("integer", "processed ", rng.fill("%########"), " records"),
        21 => ("integer", "seed ", rng.fill("%###################"), ""),
        22 => ("repository", "remote: ", "git@gitlab.example.com:team/service.git".to_owned(), " (push)"),
        23 => ("handle", "thanks ", format!("@{}", rng.pick(&["dependabot", "octocat", "types/node"])), "!"),
        24 => ("package", "npx ", format!("@scope/tool@{}.{}.{}", rng.below(9), rng.below(9), rng.below(9)), ""),
        25 => ("date", "published ", format!("{} March 20{}", rng.range(1, 28), rng.range(10, 29)), " in London"),
        26 => ("rust", "thread panicked at ", "std::vec::Vec<u8>::push".to_owned(), ", src/main.rs:12:34"),
        27 => (
            "prose",
            "",
            (*rng.pick(&[
                &"The password policy must be changed",
                &"Please enter your phone",
                &"name of the rose",
                &"We card everyone under 40",
                &"The driver update failed with code 0x80070643",
                &"He lives at peace with 3 cats",
            ]))
            .to_owned(),
            ".",
        ),
        28 => ("percentage", "grew ", format!("{}.{}%", rng.below(99), rng.below(99)), " year on year"),
        _ => return keyed(rng),
    };
    let text = format!("{before}{value}{after}");
    case("negative", kind, json!({"output": {"answer": text}}), "/output/answer", before.len(), value.len(), &value)
}

fn keyed(rng: &mut Rng) -> Case {
    let (kind, key, value) = match rng.below(14) {
        0 => ("epoch", "ts", json!(rng.range(1_500_000_000, 1_900_000_000))),
        1 => ("epoch", "updatedAt", json!(rng.range(1_500_000_000_000, 1_900_000_000_000))),
        2 => ("integer", "tokens_output", json!(rng.below(100_000))),
        3 => ("integer", "n", json!(rng.range(10_000_000, 99_999_999_999))),
        4 => ("etag", "etag", json!(format!("\"{}\"", rng.string("0123456789abcdef", 32)))),
        5 => ("not_name", "collection_name", json!("Knowledge Base")),
        6 => ("not_name", "event_name", json!("Page Viewed")),
        7 => ("not_secret", "secretary", json!("on leave")),
        8 => ("not_secret", "token_count", json!("12873")),
        9 => ("not_secret", "author_id", json!("a_8812763")),
        10 => ("not_password", "password_strength", json!("strong")),
        11 => ("not_phone", "headphones", json!("2 pairs")),
        12 => ("not_address", "email_subject", json!("Your 3 new offers")),
        _ => ("float", "cost", json!("0.004375")),
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    case("negative", kind, json!({"metadata": {key: value}}), &format!("/metadata/{key}"), 0, text.len(), &text)
}
