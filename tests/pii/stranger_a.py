"""The first set of phrases, keys, file names and look-alikes for `stranger.py`."""

import random
import uuid

R = random.Random(7)

TEXT_KEYS = ["text", "message", "note", "details", "msg", "prompt", "content", "reason"]
FILE_KEYS = ["file", "original_name", "path", "title"]
HOLDERS = ["customer", "profile", "employee", "record", "applicant"]
LINES = ["level=info KEY={} status=ok", "2026-03-04T10:11:12Z INFO worker-3 updated KEY={}", "KEY: {}", "[audit] KEY={}, result=success", "ts=1790000000 op=put KEY={} took=12ms"]
NOISE = [
    lambda: {"duration_ms": R.randint(1, 9999)}, lambda: {"trace": uuid.UUID(int=R.getrandbits(128)).hex}, lambda: {"status": "ok", "attempt": R.randint(1, 5)},
    lambda: {"model": "large-2", "tokens_input": R.randint(1, 9000)}, lambda: {"at": "2026-02-03T04:05:06Z"}, lambda: {},
]

SENTENCES = {
    "email": ["Please forward the invoice to {} by Friday.", "User {} requested a password reset", "cc {} and the rest of the team", "Kontakt: {}", "login failed for {} from the console", "my mail's {} thanks!",
              ("fr", "écris-moi à {} stp"), ("pt", "meu e-mail é {}")],
    "phone": ["You can reach me at {} after 6pm", "Call {} to confirm the delivery", "Customer asked us to phone back on {}.", "new contact number: {}", "sms sent to {}", ("de", "Bitte rufen Sie {} an"),
              ("fr", "mon numéro de téléphone est le {}"), ("es", "mi teléfono es {}"), ("it", "il mio cellulare è {}"), ("nl", "mijn telefoonnummer is {}"), ("pl", "mój telefon: {}"), ("sv", "ring mig på {}"), ("pt", "meu celular é {}")],
    "payment_card": ["Charge the card {} for the balance", "paid with {} yesterday", "card number {} was declined by the issuer", "Kartennummer {}", "he read me his visa: {}, exp 09/28"],
    "iban": ["Transfer the deposit to {} please", "IBAN {}", "refund goes to account {}", "Überweisung an {} veranlasst", "bank details: {}"],
    "us_ssn": ["SSN on file is {}", "her social security number is {}", "verify last four of {} with the caller", "W-2 issued for {}"],
    "uk_nino": ["NI number {}", "National Insurance no: {}", "payroll ref {} needs checking"],
    "uk_nhs": ["NHS number {}", "patient NHS no. {} admitted", "her NHS number: {}"],
    "es_nif": ["DNI {}", "titular con NIF {}", "el cliente {} ha firmado"],
    "it_codice_fiscale": ["codice fiscale {}", "C.F. {}", "intestato a {}"],
    "fr_nir": ["numéro de sécu {}", "n° de sécurité sociale : {}", "assuré {}"],
    "de_steuer_id": ["Steuer-ID {}", "meine Steueridentifikationsnummer ist {}", "IdNr. {}"],
    "in_aadhaar": ["Aadhaar no {}", "his aadhaar card {} is verified", "UIDAI {}"],
    "br_cpf": ["CPF {}", "o CPF do titular é {}", "nota fiscal no CPF {}"],
    "ca_sin": ["SIN {}", "my social insurance number is {}", "T4 slip, SIN {}"],
    "au_tfn": ["TFN {}", "tax file number: {}", "their TFN is {}"],
    "nl_bsn": ["BSN {}", "mijn BSN is {}", "burgerservicenummer: {}"],
    "pl_pesel": ["PESEL {}", "numer PESEL: {}", "pacjent {}"],
    "se_personnummer": ["personnummer {}", "mitt personnummer är {}", "pnr {}"],
    "street_address": ["Ship it to {} as usual", "I live at {}", "The courier went to {} but nobody was home", "Our new office: {}", ("de", "Ich wohne in der {}"), ("fr", "livraison au {}"), ("es", "vivo en {}"), ("it", "abito in {}"), ("nl", "bezorgen op {}"), ("pl", "adres: {}"), ("sv", "leverera till {}"), ("pt", "moro na {}")],
    "postcode": ["postcode {}", "my zip code is {}", "postal code: {}", ("de", "PLZ {}"), ("fr", "code postal {}"), ("es", "código postal {}"), ("pt", "CEP {}"), ("pl", "kod pocztowy {}"), ("sv", "postnummer {}"), ("it", "CAP {}"), ("nl", "postcode {}")],
    "date_of_birth": ["date of birth: {}", "born on {}", "DOB {}", "her birthday is {}", ("de", "geboren am {}"), ("fr", "né le {}"), ("es", "fecha de nacimiento: {}"), ("it", "nato il {}"), ("nl", "geboren op {}"), ("pl", "urodzony {}"), ("sv", "född {}"), ("pt", "data de nascimento {}")],
    "ip_address": ["Request from {} was blocked", "client {} disconnected", "login from a new address {}", "ssh root@{}"],
    "mac_address": ["device {} joined the network", "MAC {} leased", "the printer's MAC address is {}"],
    "url_credentials": ["cloned https://{}@git.example.org/app.git", "DSN postgres://{}@db.internal:5432/app", "could not connect to amqp://{}@mq:5672"],
    "secret": ["here's the key: {}", "I pasted {} by accident, rotate it", "export TOKEN={}", "leaked credential {} in build log"],
    "private_key": ["here is my key:\n{}\nkeep it safe", "{}"],
    "jwt": ["Authorization: Bearer {}", "the session is {}", "decoded {} and it was expired"],
    "password": ["my password is {}", "the wifi password: {}", "login with password {} please", "pwd: {}", "use {} as the password", ("de", "das Passwort lautet {}"), ("fr", "le mot de passe est {}"), ("es", "la contraseña es {}"), ("nl", "het wachtwoord is {}")],
    "crypto_wallet": ["send the coins to {}", "wallet {}", "withdrawal to {} pending"],
    "gps_coordinates": ["meet me at {}", "GPS {}", "located at {} this morning", "coordinates: {}"],
    "passport": ["passport number {}", "passport no. {} expires soon", ("de", "Reisepass {}"), ("fr", "passeport n° {}"), ("es", "pasaporte {}"), ("it", "passaporto {}")],
    "driver_licence": ["driver's license {}", "driving licence no {}", "DL number: {}"],
}

KEYS = {
    "email": ["email", "emailAddress", "contact_email", "mail", "login"],
    "phone": ["phone", "phoneNumber", "mobile_no", "contact_phone", "tel", ("de", "telefonnummer"), ("fr", "telephone"), ("es", "telefono"), ("it", "cellulare"), ("pt", "celular")],
    "payment_card": ["card_number", "pan", "cardNo", "credit_card", "cc_number"],
    "iban": ["iban", "bank_account", "payout_account"],
    "us_ssn": ["ssn", "social_security_number", "SSN"], "uk_nino": ["nino", "national_insurance_number", "ni_number"], "uk_nhs": ["nhs_number", "nhsNo"], "es_nif": ["dni", "nif", "nie"],
    "it_codice_fiscale": ["codice_fiscale", "cf"], "fr_nir": ["nir", "numero_secu"], "de_steuer_id": ["steuer_id", "steuerId", "idnr"], "in_aadhaar": ["aadhaar", "aadhaar_number"], "br_cpf": ["cpf", "cpf_cliente"],
    "ca_sin": ["sin", "social_insurance_number"], "au_tfn": ["tfn", "tax_file_number"], "nl_bsn": ["bsn", "burgerservicenummer"], "pl_pesel": ["pesel", "nr_pesel"], "se_personnummer": ["personnummer", "pnr"],
    "street_address": ["street", "address", "address_line1", "shippingAddress", "home_address"],
    "postcode": ["zip", "postcode", "postalCode", "zip_code"],
    "date_of_birth": ["dob", "birth_date", "dateOfBirth", "birthday"],
    "ip_address": ["ip", "client_ip", "remote_addr", "sourceIp"], "mac_address": ["mac", "mac_address", "hw_addr"],
    "secret": ["api_key", "token", "accessToken", "secret"], "secret_keyed": ["client_secret", "api_key", "secretKey", "auth_token", "signing_key"],
    "private_key": ["private_key", "pem"], "jwt": ["id_token", "jwt", "session_token"], "password": ["password", "passwd", "user_password", "newPassword", "pwd", ("de", "passwort"), ("es", "contraseña"), ("fr", "mot_de_passe")],
    "crypto_wallet": ["wallet", "btc_address", "payout_address"], "gps_coordinates": ["coordinates", "latlng", "gps", "location"],
    "passport": ["passport", "passport_number", "passportNo"], "driver_licence": ["driver_license", "drivers_licence_number", "dl_number", "licenceNumber"],
    "person_name": ["name", "full_name", "firstName", "last_name", "surname", "customerName", "contact_name", "displayName", "patient_name", ("de", "nachname"), ("fr", "nom"), ("es", "apellidos"), ("it", "cognome"), ("nl", "achternaam"), ("pl", "nazwisko"), ("sv", "efternamn"), ("pt", "sobrenome")],
}

FILES = {
    "email": ["export_{}.csv", "inbox/{}/msg-12.eml"], "phone": ["voicemail_{}.mp3", "WhatsApp {}.jpg"], "us_ssn": ["w2_{}_2024.pdf"], "payment_card": ["receipt-{}.png"], "iban": ["statement_{}.pdf"],
    "es_nif": ["dni_{}.jpg"], "it_codice_fiscale": ["modulo_{}.pdf"], "br_cpf": ["cpf_{}.pdf"], "passport": ["passport_{}.jpg"], "pl_pesel": ["pesel-{}.pdf"], "uk_nino": ["p60 {}.pdf"], "date_of_birth": ["dob_{}.txt"],
    "nl_bsn": ["bsn_{}.pdf"], "se_personnummer": ["{}.pdf"], "ip_address": ["access-{}.log"],
}


def hexes(n):
    return "".join(R.choice("0123456789abcdef") for _ in range(n))


def number(n):
    return str(R.randint(10 ** (n - 1), 10**n - 1))


def not_luhn():
    while True:
        text = "4" + number(15)
        if sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(text))) % 10:
            return text


NEGATIVES = [
    ("guid", lambda: str(uuid.UUID(int=R.getrandbits(128))), ["correlation {} closed", "asset {} registered", None], "id"),
    ("hash", lambda: hexes(R.choice([32, 40, 64])), ["md5 {} matches", "image sha256:{} pulled", None], "checksum"),
    ("timestamp", lambda: f"2026-0{R.randint(1, 9)}-{R.randint(10, 28)}T{R.randint(10, 23)}:{R.randint(10, 59)}:{R.randint(10, 59)}Z", ["scheduled for {}", "last seen {}", None], "updated_at"),
    ("epoch_ms", lambda: str(1700000000000 + R.randint(0, 10**11)), ["at {} the job ran", "ts {}", None], "start_ts"),
    ("version", lambda: f"{R.randint(0, 20)}.{R.randint(0, 40)}.{R.randint(0, 99)}", ["nexus {} released", "requires node {}", None], "version"),
    ("build4", lambda: f"{R.randint(1, 20)}.{R.randint(0, 40)}.{R.randint(0, 9999)}.{R.randint(0, 99)}", ["version {} installed", "Firefox/{}"], "build"),
    ("order", lambda: f"ORD-{number(4)}-{number(6)}", ["order {} shipped", "where is {}?", None], "order_id"),
    ("invoice", lambda: f"INV-2026-{number(5)}", ["invoice {} is overdue", None], "invoice_no"),
    ("sku", lambda: f"{R.choice('ABCDEF')}{R.choice('ABCDEF')}-{number(4)}-{R.choice(['XL', 'BLK', 'S'])}", ["item {} sold out", "SKU {}", None], "sku"),
    ("not_luhn", not_luhn, ["number {} is not valid", "batch {}", None], "sequence_no"),
    ("own_key", lambda: f"tenants/t_acme/prod/raw/{uuid.UUID(int=R.getrandbits(128))}/", ["stored under {}", None], "prefix"),
    ("price", lambda: f"${R.randint(1, 9)},{number(3)}.{number(2)}", ["total {} due", "costs {} per seat", None], "amount"),
    ("integer", lambda: number(R.randint(3, 9)), ["processed {} rows", "{} bytes read", None], "count"),
    ("duration", lambda: f"{number(3)}.{number(2)}ms", ["took {}", "p99 {}", None], "latency"),
    ("user_agent", lambda: f"Safari/{number(3)}.{number(2)}.{number(2)}", ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 {}"], "ua"),
    ("repository", lambda: f"git@gitlab.com:acme/{R.choice(['web', 'api', 'infra'])}.git", ["clone {} first", None], "remote"),
    ("retina", lambda: f"logo@{R.randint(2, 3)}x.png", ["missing asset {}", None], "file"),
    ("npm", lambda: f"@scope/pkg@{R.randint(1, 9)}.{R.randint(0, 9)}.{R.randint(0, 9)}", ["install {}", None], "package"),
    ("isbn", lambda: f"978-{R.randint(0, 9)}-{number(4)}-{number(4)}-{R.randint(0, 9)}", ["ISBN {}", "read ISBN {} twice"], "isbn"),
    ("password_talk", lambda: R.choice(["required", "expired", "must contain 12 characters", "reset by admin", "changed"]), ["password: {}", "the password {}"], "text"),
    ("flag", lambda: R.choice(["true", "enabled", "active", "pending"]), ["two_factor={} for the tenant", "authenticated={}"], "text"),
    ("tool", lambda: R.choice(["get_weather", "search.web", "send_report", "vector-lookup"]), ["calling {} now", None], "tool_name"),
    ("file", lambda: f"report_2026-0{R.randint(1, 9)}-{R.randint(10, 28)}_v{R.randint(1, 9)}.pdf", ["uploaded {}", None], "filename"),
    ("dims", lambda: f"{number(4)}x{number(4)}", ["resized to {}", None], "size"),
    ("tracking", lambda: "1Z" + hexes(6).upper() + number(10), ["tracking {}", None], "tracking_number"),
    ("range", lambda: f"{number(3)}-{number(3)}", ["see pages {}", "bytes {}", "rows {}"], "range"),
    ("date", lambda: f"{R.randint(10, 28)}/0{R.randint(1, 9)}/2026", ["meeting on {}", "due {}", None], "due"),
    ("percent", lambda: f"{number(2)}.{number(1)}%", ["up {} this week", None], "change"),
    ("color", lambda: "#" + hexes(6), ["background {}", None], "color"),
    ("model", lambda: R.choice(["gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "text-embedding-3-large"]), ["ran on {}", None], "model"),
    ("prose", lambda: R.choice(["May we meet at the place on the hill", "the key is to stay calm", "call me maybe", "will pass the token of thanks"]), ["{}", "well, {} today"], "text"),
    ("product_name", lambda: R.choice(["Widget Pro", "Blue Kettle", "Starter Plan"]), [None], "product_name"),
    ("token_count", lambda: number(4), ["tokens_input={}", "used {} tokens"], "tokens"),
    ("k8s", lambda: f"api-{hexes(10)}-{hexes(5)}", ["pod {} restarted", None], "pod"),
    ("traceparent", lambda: f"00-{hexes(32)}-{hexes(16)}-01", ["traceparent {}", None], "traceparent"),
    ("arn", lambda: f"arn:aws:s3:::acme-{R.choice(['logs', 'raw'])}/2026/01/", ["policy on {}", None], "resource"),
    ("time", lambda: f"{R.randint(10, 23)}:{R.randint(10, 59)}:{R.randint(10, 59)}", ["starts at {}", None], "time"),
]


def negative(_):
    look, make, forms, key = R.choice(NEGATIVES)
    form = R.choice(forms)
    return look, make(), form, key
