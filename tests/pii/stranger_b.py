"""The second set for `stranger.py`, written after the rules had been mended by the first: for a first look alone."""

import random
import uuid

R = random.Random(11)

TEXT_KEYS = ["body", "summary", "log", "query", "transcript", "description", "error", "comment"]
FILE_KEYS = ["source", "filename", "attachment", "object_name"]
HOLDERS = ["user", "patient", "contact", "client", "person", "lead"]
LINES = ["KEY={} ip_count=2 ok=true", "[2026-05-06 07:08:09] WARN auth: KEY={} rejected", "KEY : {}", "?page=2&KEY={}&sort=asc", "KEY => {}"]
NOISE = [
    lambda: {"latency": R.random()}, lambda: {"span": uuid.UUID(int=R.getrandbits(128)).hex[:16]}, lambda: {"ok": True, "retries": R.randint(0, 3)}, lambda: {"engine": "v3.2.1"},
    lambda: {"when": "2026-11-12T13:14:15.161Z", "bytes": R.randint(1, 10**7)}, lambda: {"tags": ["alpha", "beta"]},
]

SENTENCES = {
    "email": ["I've looped in {} on this thread", "Bounce: <{}> mailbox full", "subscriber {} unsubscribed", "who is {}?", "mailto:{}", "From: {}\nSubject: hi", ("de", "Schick es bitte an {}"), ("es", "mándalo a {}"), ("it", "scrivimi a {}"), ("sv", "maila {}")],
    "phone": ["Text me on {}", "Caller ID {} left a voicemail", "my cell is {}, thanks", "tel:{}", "Give Anna a ring on {}", "hotline {} is down", ("de", "Handy: {}"), ("fr", "Tél. {}"), ("es", "llámame al {}"), ("it", "chiamami al {}"), ("nl", "bel {} na vijf uur"), ("pl", "zadzwoń pod {}"), ("sv", "mobil {}"), ("pt", "ligue para {}")],
    "payment_card": ["Use {} to settle invoice 4821", "card ending soon: {}", "PAN {} was tokenised", "customer typed {} into the chat", "Carte bancaire {}"],
    "iban": ["Please wire the salary to {}", "beneficiary IBAN: {}", "mandate for {} was revoked", "Kontonummer {}"],
    "us_ssn": ["background check on {} complete", "Social: {}", "The applicant's SSN ({}) did not match"],
    "uk_nino": ["NINO is {}", "HMRC letter about {}", "her national insurance number, {}, is on the form"],
    "uk_nhs": ["NHS No: {}", "referral for NHS number {}", "(NHS {})"],
    "es_nif": ["con DNI número {}", "NIE: {}", "el titular {} solicita la baja"],
    "it_codice_fiscale": ["CF: {}", "il codice fiscale del paziente è {}", "dipendente {} assunto"],
    "fr_nir": ["NIR : {}", "sécurité sociale {}", "le salarié {} est en congé"],
    "de_steuer_id": ["Steuerliche ID: {}", "Steuer-IdNr. {}", "Mitarbeiter mit Steuer-ID {} angelegt"],
    "in_aadhaar": ["aadhaar: {}", "linked Aadhaar number {} to PAN", "Aadhaar {} OTP sent"],
    "br_cpf": ["cliente {} não encontrado", "CPF: {}", "meu cpf é {} ok"],
    "ca_sin": ["SIN: {}", "employee SIN is {}", "his social insurance no. {}"],
    "au_tfn": ["TFN: {}", "quoted tax file number {} on the form", "ATO has tfn {}"],
    "nl_bsn": ["BSN: {}", "het BSN-nummer {} klopt niet", "burgerservicenummer {}"],
    "pl_pesel": ["Nr PESEL {}", "pesel: {}", "ubezpieczony {}"],
    "se_personnummer": ["Personnr {}", "personnummer: {}", "kund {} har ringt"],
    "street_address": ["Deliver to {} before noon", "Her address is {}", "We moved from {} last month", "pick up at {}", ("de", "Anschrift: {}"), ("fr", "j'habite {}"), ("es", "dirección: {}"), ("it", "spedire a {}"), ("nl", "adres: {}"), ("pl", "mieszkam przy {}"), ("sv", "adress: {}"), ("pt", "endereço: {}")],
    "postcode": ["ZIP: {}", "the post code is {}", "deliver to postcode {}", ("de", "Postleitzahl: {}"), ("fr", "code postal : {}"), ("es", "C.P. {}"), ("pt", "CEP: {}"), ("pl", "kod pocztowy: {}"), ("sv", "postnr {}"), ("it", "CAP: {}"), ("nl", "postcode: {}")],
    "date_of_birth": ["D.O.B. {}", "patient (born {}) was admitted", "birthdate {} on the licence", "DOB: {}", ("de", "geb. {}"), ("fr", "date de naissance : {}"), ("es", "nacido el {}"), ("it", "data di nascita: {}"), ("nl", "geboortedatum: {}"), ("pl", "data urodzenia: {}"), ("sv", "födelsedatum {}"), ("pt", "nasceu em {}")],
    "ip_address": ["{} - - [06/May/2026] GET /", "peer {} reset the connection", "whitelisted {}", "host unreachable: {}"],
    "mac_address": ["DHCPACK to {}", "unknown hardware {}", "bssid {} seen"],
    "url_credentials": ["pip install --index-url https://{}@pypi.example.com/simple", "mongodb+srv://{}@cluster0.example.net/db", "ftp://{}@files.example.com/in.csv"],
    "secret": ["Found {} in .env", "curl -H 'X-Api-Key: {}' https://api", "OPENAI={}", "please revoke {}"],
    "private_key": ["cat id_rsa\n{}", "deploy key:\n{}"],
    "jwt": ["token={}", "Cookie: session={}; Path=/", "bad signature on {}"],
    "password": ["password={} user=bob", "Password: {}", "reset it to {} - that's your new password", "my old password was {}", "temporary password: {}", "changed the password to {}", ("de", "Passwort: {}"), ("fr", "mot de passe : {}"), ("es", "mi contraseña es {}"), ("it", "la password è {}"), ("pt", "a senha é {}"), ("pl", "hasło: {}"), ("sv", "lösenordet är {}")],
    "crypto_wallet": ["pay {} in BTC", "0 confirmations for {}", "my address: {}"],
    "gps_coordinates": ["pinned at {}", "lat/lon: {}", "the truck stopped at coordinates {}", "https://maps.example.com/?q={}", "position {}"],
    "passport": ["passport: {}", "travelling on passport no {}", "Passport number is {}", ("de", "Reisepassnummer: {}"), ("fr", "numéro de passeport : {}"), ("it", "passaporto n. {}")],
    "driver_licence": ["driver licence: {}", "Driver's License No. {}", "licence number {} is suspended", ("de", "Führerschein {}"), ("fr", "permis de conduire {}"), ("nl", "rijbewijs {}")],
}

KEYS = {
    "email": ["user_email", "from", "recipient", "Email", "e_mail", "work-email"],
    "phone": ["cell", "telephone", "PhoneNumber", "whatsapp", "fax", "home_phone", "emergency_phone", ("de", "handy"), ("nl", "telefoon"), ("pl", "telefon"), ("sv", "mobil")],
    "payment_card": ["card", "cardNumber", "debit_card", "payment_card_number", "ccnum"],
    "iban": ["account_iban", "IBAN", "beneficiary"],
    "us_ssn": ["ssn_number", "socialSecurity", "tax_id"], "uk_nino": ["NINO", "nationalInsurance"], "uk_nhs": ["nhs", "nhsNumber"], "es_nif": ["DNI", "documento"],
    "it_codice_fiscale": ["codiceFiscale", "codice fiscale"], "fr_nir": ["numeroSecu", "securite_sociale"], "de_steuer_id": ["SteuerID", "steueridentifikationsnummer"], "in_aadhaar": ["aadhaarNumber", "aadhaar_no"], "br_cpf": ["CPF", "cpf_titular"],
    "ca_sin": ["SIN", "sinNumber"], "au_tfn": ["TFN", "tfn_number"], "nl_bsn": ["BSN", "bsn_nummer"], "pl_pesel": ["PESEL", "numer_pesel"], "se_personnummer": ["personNummer", "personnr"],
    "street_address": ["streetAddress", "billing_address", "addressLine", "mailing_address", "residence", "line1"],
    "postcode": ["postal_code", "zip", "billing_zip", "PostCode"],
    "date_of_birth": ["date_of_birth", "DOB", "birthDate", "born", "bday"],
    "ip_address": ["ip_address", "client", "x-forwarded-for", "peer"], "mac_address": ["macAddress", "bssid", "device_mac"],
    "secret": ["apiKey", "github_token", "access_token", "credentials"], "secret_keyed": ["secret_access_key", "x-api-key", "webhook_secret", "refreshToken", "encryption_key", "session_id"],
    "private_key": ["ssh_key", "key_material"], "jwt": ["bearer", "access_token"], "password": ["pass", "db_password", "passphrase", "currentPassword", "PGPASSWORD", ("pt", "senha"), ("nl", "wachtwoord"), ("pl", "haslo")],
    "crypto_wallet": ["eth_address", "wallet_id", "to"], "gps_coordinates": ["geo", "lat_long", "position", "gps_position"],
    "passport": ["passport_no", "passportNumber", "travel_document"], "driver_licence": ["driving_licence", "licence_no", "driversLicense"],
    "person_name": ["first_name", "lastName", "fullname", "customer_name", "guest_name", "owner_name", "nickname", "given_name", "middleName", "signatory_name", "emergency_contact_name", ("de", "vorname"), ("fr", "prenom"), ("es", "nombre_completo"), ("it", "nome"), ("nl", "voornaam"), ("pl", "imie"), ("sv", "fornamn"), ("pt", "nome_completo")],
}
FILES = {
    "email": ["{}_resume.docx", "contacts-{}.vcf"], "phone": ["call-{}-20260506.wav", "sms {}.txt"], "us_ssn": ["{}-1099.pdf", "SSN {}.png"], "payment_card": ["card_{}_front.jpg"], "iban": ["{}.mt940", "IBAN-{}.pdf"],
    "es_nif": ["{}.pdf", "NIF-{}-anverso.png"], "it_codice_fiscale": ["CF_{}.pdf", "{}-referto.pdf"], "br_cpf": ["comprovante {}.pdf"], "passport": ["Passport {} scan.pdf"], "pl_pesel": ["{}_umowa.pdf"], "uk_nino": ["{}-P45.pdf"],
    "date_of_birth": ["born {}.pdf"], "se_personnummer": ["journal_{}.pdf"], "ip_address": ["{}.pcap"], "mac_address": ["dump-{}.bin"], "de_steuer_id": ["Steuer-ID {}.pdf"], "fr_nir": ["attestation_{}.pdf"], "street_address": ["lease {}.pdf"],
}


def hexes(n):
    return "".join(R.choice("0123456789abcdef") for _ in range(n))


def number(n):
    return str(R.randint(10 ** (n - 1), 10**n - 1))


def not_luhn():
    while True:
        text = R.choice(["4", "51", "37"]) + number(14)
        text = text[:16].ljust(16, "3")
        if sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(text))) % 10:
            return text if R.random() < 0.5 else " ".join(text[i : i + 4] for i in range(0, 16, 4))


def base32(n):
    return "".join(R.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(n))


NEGATIVES = [
    ("guid", lambda: "{" + str(uuid.UUID(int=R.getrandbits(128))).upper() + "}", ["CLSID {}", None], "object"),
    ("bare_guid", lambda: hexes(32), ["run {} finished", None], "run"),
    ("ulid", lambda: "01J" + base32(23), ["message {} delivered", None], "message_id"),
    ("git", lambda: hexes(7), ["fixed in {}", "revert {}"], "commit"),
    ("hash", lambda: "sha512-" + hexes(64), ["integrity {}", None], "integrity"),
    ("timestamp", lambda: f"2026-0{R.randint(1, 9)}-{R.randint(10, 28)} {R.randint(10, 23)}:{R.randint(10, 59)}:{R.randint(10, 59)}.{number(3)}+02:00", ["[{}] DEBUG tick", "expires {}", None], "expires"),
    ("http_date", lambda: f"Tue, {R.randint(10, 28)} May 2026 {R.randint(10, 23)}:{R.randint(10, 59)}:{R.randint(10, 59)} GMT", ["Last-Modified: {}", None], "last_modified"),
    ("epoch", lambda: str(1700000000 + R.randint(0, 10**8)), ["iat {}", "until {}", None], "exp"),
    ("epoch_us", lambda: str(1700000000000000 + R.randint(0, 10**14)), ["t={}", None], "ts_us"),
    ("version", lambda: f"v{R.randint(0, 20)}.{R.randint(0, 40)}.{R.randint(0, 99)}-rc.{R.randint(1, 9)}", ["deploy {}", "tag {} pushed", None], "tag"),
    ("build4", lambda: f"{R.randint(1, 20)}.{R.randint(0, 40)}.{R.randint(0, 9999)}.{R.randint(0, 99)}", ["Edg/{}", "driver version {}"], "build"),
    ("order", lambda: f"#{number(7)}", ["order {} was cancelled", "see ticket {}"], "ticket"),
    ("order_long", lambda: f"{number(3)}-{number(7)}-{number(7)}", ["order {} arrived", None], "order_number"),
    ("po", lambda: f"PO-{number(8)}", ["purchase order {} approved", None], "po_number"),
    ("sku", lambda: f"SKU{number(6)}-{R.choice(['RED', 'M', 'EU'])}", ["low stock for {}", None], "sku"),
    ("not_luhn", not_luhn, ["reference {}", "code {} rejected", None], "serial_number"),
    ("own_key", lambda: f"tenants/t_globex/staging/raw/{uuid.UUID(int=R.getrandbits(128))}/", ["PUT {}", None], "key"),
    ("price", lambda: f"{number(3)},{number(2)} €", ["kostet {}", "Total: {}", None], "price"),
    ("big_price", lambda: f"{R.randint(1, 9)}.{number(3)}.{number(3)},{number(2)}", ["Summe {} EUR", None], "total"),
    ("integer", lambda: number(R.randint(8, 12)), ["{} bytes written", "offset {}", "size={}"], "size"),
    ("duration", lambda: f"PT{number(1)}H{number(2)}M", ["window {}", None], "window"),
    ("user_agent", lambda: f"Chrome/{R.randint(90, 140)}.0.{number(4)}.{number(2)}", ["UA: Mozilla/5.0 (Windows NT 10.0; Win64; x64) {} Safari/537.36", None], "user_agent"),
    ("repository", lambda: f"ssh://git@github.com/acme/{R.choice(['web', 'api'])}.git", ["origin {}", None], "origin"),
    ("retina", lambda: f"banner-{number(2)}@2x.jpg", ["cdn miss {}", None], "asset"),
    ("npm", lambda: f"react@{R.randint(16, 19)}.{R.randint(0, 9)}.{R.randint(0, 9)}", ["bump {}", None], "dependency"),
    ("mention", lambda: "@" + R.choice(["channel", "here", "backend-team"]), ["{} please review", "thanks {}!"], "text"),
    ("isbn", lambda: "978" + number(10), ["ISBN {}", None], "isbn"),
    ("ean", lambda: number(13), ["EAN {} not found", None], "ean"),
    ("password_talk", lambda: R.choice(["is required", "must not be empty", "was reset", "has expired", "is too short", "reset link sent", "policy updated", "is incorrect", "field is missing"]), ["The password {}", "password {}", "Your password {} today"], "text"),
    ("token_talk", lambda: R.choice(["expired", "refreshed", "limit reached", "missing"]), ["token: {}", "api key: {}", "session {}"], "text"),
    ("flag", lambda: R.choice(["true", "false", "0", "1"]), ["password_set={}", "has_token={}", "email_verified={}", "phone_verified={}"], "text"),
    ("tool", lambda: R.choice(["lookup_user", "code_interpreter", "browser.open"]), ["function {} returned", None], "function_name"),
    ("file", lambda: f"IMG_2026{R.randint(10, 12)}{R.randint(10, 28)}_{number(6)}.jpg", ["uploaded {}", None], "file"),
    ("dims", lambda: f"{number(4)} x {number(3)} px", ["viewport {}", None], "viewport"),
    ("tracking", lambda: f"{number(4)} {number(4)} {number(4)}", ["tracking no. {}", None], "tracking_no"),
    ("range", lambda: f"{number(4)}-{number(4)}/{number(5)}", ["Content-Range: bytes {}"], "range"),
    ("date", lambda: f"{R.randint(10, 28)} March 2026", ["the release on {}", "invoice dated {}", None], "date"),
    ("week", lambda: f"2026-W{R.randint(10, 52)}", ["in {} we ship", None], "week"),
    ("percent", lambda: f"{number(2)}.{number(2)} %", ["cpu at {}", None], "cpu"),
    ("color", lambda: f"rgb({number(3)}, {number(2)}, {number(2)})", ["fill {}", None], "fill"),
    ("model", lambda: R.choice(["gemini-1.5-pro-002", "llama-3.1-70b-instruct", "whisper-large-v3"]), ["using {}", None], "model"),
    ("prose", lambda: R.choice(["Will Mark call in the morning? Grant access in May.", "the street was empty and the road was long", "a passport to success", "drive to the park and place your bets", "it took 3 days and 12 hours", "section 12 Main findings"]), ["{}", "note: {}"], "text"),
    ("product_name", lambda: R.choice(["Red Chair", "Acme Cloud", "Standard"]), [None], R.choice(["plan_name", "productName", "service_name"])),
    ("token_count", lambda: number(5), ["max_tokens={}", "{} tokens left", None], "max_tokens"),
    ("k8s", lambda: f"worker-{hexes(8)}-{base32(5).lower()}", ["evicted {}", None], "pod_name"),
    ("arn", lambda: f"arn:aws:lambda:eu-west-1:{number(12)}:function:sync", ["invoked {}", None], "arn"),
    ("time", lambda: f"{R.randint(1, 12)}:{R.randint(10, 59)} PM", ["standup at {}", None], "time"),
    ("math", lambda: f"{number(2)}.{number(4)}, {number(2)}.{number(4)}", ["weights {}", "loss values {}", None], "losses"),
    ("cron", lambda: f"{R.randint(0, 59)} {R.randint(0, 23)} * * 1-5", ["runs {}", None], "schedule"),
    ("phoneish", lambda: f"{number(3)}-{number(4)}", ["part {}", "room {}", None], "part_number"),
    ("csv", lambda: f"{number(2)},{number(3)},{number(4)}", ["id,count,size\n{}\n", "x,y,z\n{}"], "text"),
    ("table", lambda: "Blue Kettle", ["name,price\n{},12.99\n", "name | size\n{} | 12\n", "product\tqty\n{}\t4"], "text"),
    ("address_talk", lambda: R.choice(["10 Downloads", "3 Main Points", "2 Way Sync", "404 Not Found", "5 Star Rating"]), ["we saw {} today", "{}"], "text"),
    ("host", lambda: f"db-{number(2)}.eu-west-1.example.internal", ["connect to {}", None], "host"),
    ("port", lambda: f"localhost:{number(4)}", ["listening on {}", None], "listen"),
    ("mime", lambda: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["type {}", None], "content_type"),
    ("base64", lambda: "iVBORw0KGgoAAAANSUhEUgAA" + hexes(24), ["data:image/png;base64,{}"], "text"),
    ("doi", lambda: f"10.{number(4)}/j.{number(4)}.{number(2)}", ["doi {}", None], "doi"),
    ("coordinates_ui", lambda: f"{number(3)}.5, {number(3)}.25", ["click at {}", None], "cursor"),
]


def negative(_):
    look, make, forms, key = R.choice(NEGATIVES)
    form = R.choice(forms)
    return look, make(), form, key
