#!/usr/bin/env python3
"""Writes a corpus that shares no template and no value code with the others: audits, chats, media and file names with several values each, five
findings a kilobyte, in thirteen locales. Written from the requirement alone.

    python tests/pii/stranger_g.py --seed 5 --each 40 > g.jsonl
"""
import argparse, base64, hashlib, html, json, random, string, sys, uuid
from urllib.parse import quote

R = random.Random(1)
def ch(x): return R.choice(x)
def p(x): return R.random() < x
def ri(a, b): return R.randint(a, b)
def dg(n): return ''.join(ch('0123456789') for _ in range(n))
def nz(n): return ch('123456789') + dg(n - 1)
def rs(n, a=string.ascii_letters + string.digits):
    while True:
        s = ''.join(ch(a) for _ in range(n))
        if n < 12 or (len(set(s)) > min(n // 3, 9) and any(c.isdigit() for c in s)): return s
def hx(n): return rs(n, '0123456789abcdef')
def up(n): return ''.join(ch('ABCDEFGHJKLMNPRSTUVWXYZ') for _ in range(n))
def uid(): return str(uuid.UUID(int=R.getrandbits(128), version=4))
def grp(s, sizes, sep):
    o, i = [], 0
    for n in sizes: o.append(s[i:i + n]); i += n
    if i < len(s): o.append(s[i:])
    return sep.join(x for x in o if x)

LOCS = ['en_US', 'en_GB', 'de', 'fr', 'es', 'it', 'nl', 'pl', 'sv', 'pt_BR', 'en_IN', 'en_CA', 'en_AU']
def lang(loc): return loc.split('_')[0]
TYPES = ('email phone payment_card iban us_ssn uk_nino uk_nhs es_nif it_codice_fiscale fr_nir de_steuer_id in_aadhaar '
         'br_cpf ca_sin au_tfn nl_bsn pl_pesel se_personnummer street_address postcode date_of_birth ip_address mac_address '
         'url_credentials secret private_key jwt password crypto_wallet gps_coordinates passport driver_licence person_name').split()
HOME = dict(us_ssn='en_US', uk_nino='en_GB', uk_nhs='en_GB', es_nif='es', it_codice_fiscale='it', fr_nir='fr', de_steuer_id='de',
            in_aadhaar='en_IN', br_cpf='pt_BR', ca_sin='en_CA', au_tfn='en_AU', nl_bsn='nl', pl_pesel='pl', se_personnummer='sv')

class Sp:  # a gold span inside a string
    def __init__(s, typ, text, part='plain'): s.typ, s.text, s.part = typ, text, part
class S:   # a string made of plain pieces and spans
    def __init__(s, *segs): s.segs = list(segs)
    def map(s, f):
        return S(*[Sp(x.typ, f(x.text), x.part) if isinstance(x, Sp) else f(x) for x in s.segs])
    def __add__(s, o): return S(*(s.segs + (o.segs if isinstance(o, S) else [o])))
    def __radd__(s, o): return S(o, *s.segs)
class Nm:  # a JSON number that is a span
    def __init__(s, typ, val, part='plain'): s.typ, s.val, s.part = typ, val, part
class V:   # a generated value with its surroundings
    def __init__(s, text, pre='', post='', keys=None, labels=None, strong=True):
        s.text, s.pre, s.post, s.keys, s.labels, s.strong = text, pre, post, keys, labels, strong

# ---------------------------------------------------------------- checksums
def luhn_sum(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        d = int(c)
        if i % 2: d = d * 2 - 9 if d > 4 else d * 2
        t += d
    return t % 10
def luhn_add(s): return s + str((10 - luhn_sum(s + '0')) % 10)
VD = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],
      [5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
VP = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4],[5,8,0,3,7,9,6,1,4,2],[8,9,1,6,0,4,3,5,2,7],[9,4,5,3,1,2,6,8,7,0],
      [4,2,8,6,5,7,3,9,0,1],[2,7,9,3,8,0,6,4,1,5],[7,0,4,6,9,1,3,2,5,8]]
def verhoeff(s):
    for k in range(10):
        c = 0
        for i, d in enumerate(reversed(s + str(k))): c = VD[c][VP[i % 8][int(d)]]
        if c == 0: return s + str(k)
def keccak256(data):
    M = (1 << 64) - 1
    rol = lambda x, n: ((x << n) | (x >> (64 - n))) & M if n else x
    A = [[0] * 5 for _ in range(5)]
    b = bytearray(data) + b'\x01'; b += b'\0' * (-len(b) % 136); b[-1] |= 0x80
    for o in range(0, len(b), 136):
        for i in range(17): A[i % 5][i // 5] ^= int.from_bytes(b[o + 8 * i:o + 8 * i + 8], 'little')
        lf = 1
        for _ in range(24):
            C = [A[x][0] ^ A[x][1] ^ A[x][2] ^ A[x][3] ^ A[x][4] for x in range(5)]
            D = [C[(x - 1) % 5] ^ rol(C[(x + 1) % 5], 1) for x in range(5)]
            A = [[A[x][y] ^ D[x] for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, A[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, A[x][y] = A[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                T = [A[x][y] for x in range(5)]
                for x in range(5): A[x][y] = T[x] ^ (~T[(x + 1) % 5] & M & T[(x + 2) % 5])
            for j in range(7):
                lf = ((lf << 1) ^ ((lf >> 7) * 0x71)) % 256
                if lf & 2: A[0][0] ^= 1 << ((1 << j) - 1)
    return b''.join(A[i % 5][i // 5].to_bytes(8, 'little') for i in range(4))
assert keccak256(b'').hex().startswith('c5d2460186f7233c')
B58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
def b58check(ver):
    b = bytes([ver]) + R.getrandbits(160).to_bytes(20, 'big')
    b += hashlib.sha256(hashlib.sha256(b).digest()).digest()[:4]
    n, o = int.from_bytes(b, 'big'), ''
    while n: n, r = divmod(n, 58); o = B58[r] + o
    return '1' * (len(b) - len(b.lstrip(b'\0'))) + o
def bech32(hrp, ver):
    nb = 20 if ver == 0 else 32
    bits = bin((1 << (nb * 8)) | R.getrandbits(nb * 8))[3:]
    bits += '0' * (-len(bits) % 5)
    data = [ver] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    G = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
    def pm(v):
        c = 1
        for x in v:
            t = c >> 25; c = (c & 0x1ffffff) << 5 ^ x
            for i in range(5): c ^= G[i] if (t >> i) & 1 else 0
        return c
    e = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    k = pm(e + data + [0] * 6) ^ (1 if ver == 0 else 0x2bc830a3)
    cs = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
    return hrp + '1' + ''.join(cs[d] for d in data + [(k >> 5 * (5 - i)) & 31 for i in range(6)])

# ---------------------------------------------------------------- locale data
FIRST = dict(en='Margaret Oliver Harriet Duncan Felicity Trevor Joanna Nigel'.split(), de='Anna Jürgen Katrin Lukas Sabine Matthias Heike Björn'.split(),
    fr='Amélie Guillaume Chloé Mathieu Océane Benoît Sylvie Thierry'.split(), es='Lucía Álvaro Begoña Iñaki Marta Javier Rocío Gonzalo'.split(),
    it='Giulia Lorenzo Chiara Matteo Ginevra Alessio Federica Davide'.split(), nl='Sanne Daan Femke Joost Lieke Bram Marijke Sjoerd'.split(),
    pl='Agnieszka Paweł Małgorzata Krzysztof Zofia Łukasz Joanna Tomasz'.split(), sv='Astrid Göran Elsa Måns Linnéa Åke Sofia Mikael'.split(),
    pt='Beatriz Thiago Larissa João Fernanda Rafael Conceição Caio'.split())
LAST = dict(en='Whitfield Ashworth Pemberton Holloway Sinclair Thackeray Okafor Mulroney'.split(), de='Schmidt Müller Hofmann Weiß Krüger Baumgartner Vogel Schröder'.split(),
    fr='Lefèvre Dubois Moreau Garnier Fournier Rousseau Chevalier Perrin'.split(), es='Fernández Ibáñez Muñoz Ortega Castaño Navarro Zamora Quiroga'.split(),
    it='Esposito Bianchi Ferrara Colombo Marchetti Rinaldi Gallo Conti'.split(), nl='Bakker Visser Dijkstra Hoekstra Mulder Jansen Vermeulen Postma'.split(),
    pl='Kowalska Wiśniewski Zieliński Nowak Dąbrowski Wójcik Szymański Lis'.split(), sv='Lindqvist Öberg Sjöström Nyström Hedlund Åkesson Bergman Wallin'.split(),
    pt='Oliveira Gonçalves Araújo Teixeira Ribeiro Magalhães Pacheco Barros'.split())
FIRST_IN, LAST_IN = 'Priya Rohan Ananya Vikram Deepika Arjun'.split(), 'Sharma Iyer Chatterjee Reddy Deshmukh Nair'.split()
def first(loc): return ch(FIRST_IN if loc == 'en_IN' else FIRST[lang(loc)])
def last(loc): return ch(LAST_IN if loc == 'en_IN' else LAST[lang(loc)])
def asc(s):
    import unicodedata
    s = s.replace('ß', 'ss').replace('ł', 'l').replace('Ł', 'L').replace('ø', 'o')
    return ''.join(c for c in unicodedata.normalize('NFD', s) if ord(c) < 128)
CITY = {'en_US': ['Portland', 'Austin', 'Denver'], 'en_GB': ['Leeds', 'Bristol', 'York'], 'de': ['München', 'Köln', 'Leipzig'], 'fr': ['Lyon', 'Nantes', 'Lille'],
    'es': ['Madrid', 'Bilbao', 'Sevilla'], 'it': ['Torino', 'Bologna', 'Roma'], 'nl': ['Utrecht', 'Leiden', 'Delft'], 'pl': ['Kraków', 'Gdańsk', 'Łódź'],
    'sv': ['Malmö', 'Uppsala', 'Lund'], 'pt_BR': ['Curitiba', 'Recife', 'Campinas'], 'en_IN': ['Pune', 'Bengaluru', 'Chennai'], 'en_CA': ['Halifax', 'Calgary', 'Ottawa'], 'en_AU': ['Perth', 'Hobart', 'Adelaide']}
L = lambda **k: k
LBL = {
 'email': L(en=['email', 'e-mail address'], de=['E-Mail', 'E-Mail-Adresse'], fr=['adresse e-mail', 'courriel'], es=['correo electrónico'], it=['indirizzo e-mail'], nl=['e-mailadres'], pl=['adres e-mail'], sv=['e-postadress'], pt=['e-mail']),
 'phone': L(en=['phone', 'phone number', 'mobile', 'call-back number'], de=['Telefon', 'Handynummer', 'Tel.'], fr=['téléphone', 'Tél.'], es=['teléfono', 'móvil'], it=['telefono', 'cellulare'], nl=['telefoonnummer', 'mobiel'], pl=['telefon', 'tel.'], sv=['telefon', 'mobilnummer'], pt=['telefone', 'celular']),
 'payment_card': L(en=['card number', 'credit card'], de=['Kreditkarte', 'Kartennummer'], fr=['carte bancaire', 'numéro de carte'], es=['tarjeta de crédito'], it=['carta di credito'], nl=['creditcard', 'kaartnummer'], pl=['numer karty'], sv=['kortnummer'], pt=['cartão de crédito']),
 'iban': L(en=['IBAN'], de=['IBAN', 'Kontoverbindung'], fr=['IBAN'], es=['IBAN'], it=['IBAN'], nl=['IBAN', 'rekeningnummer'], pl=['IBAN', 'numer konta'], sv=['IBAN'], pt=['IBAN']),
 'us_ssn': L(en=['SSN', 'social security number', 'Social Security No.']), 'uk_nino': L(en=['National Insurance number', 'NI number', 'NINO']),
 'uk_nhs': L(en=['NHS number', 'NHS no.']), 'es_nif': L(es=['DNI', 'NIF', 'NIE/DNI']), 'it_codice_fiscale': L(it=['codice fiscale', 'C.F.']),
 'fr_nir': L(fr=['numéro de sécurité sociale', 'NIR', 'n° de sécu']), 'de_steuer_id': L(de=['Steuer-ID', 'Steueridentifikationsnummer', 'IdNr.']),
 'in_aadhaar': L(en=['Aadhaar', 'Aadhaar number']), 'br_cpf': L(pt=['CPF']), 'ca_sin': L(en=['SIN', 'social insurance number']),
 'au_tfn': L(en=['TFN', 'tax file number']), 'nl_bsn': L(nl=['BSN', 'burgerservicenummer']), 'pl_pesel': L(pl=['PESEL', 'numer PESEL']), 'se_personnummer': L(sv=['personnummer', 'pers.nr']),
 'date_of_birth': L(en=['date of birth', 'DOB', 'born on'], de=['Geburtsdatum', 'geboren am'], fr=['date de naissance', 'né le', 'née le'], es=['fecha de nacimiento'], it=['data di nascita', 'nata il'], nl=['geboortedatum'], pl=['data urodzenia'], sv=['födelsedatum'], pt=['data de nascimento']),
 'ip_address': L(en=['IP', 'client IP', 'source address'], de=['IP-Adresse'], fr=['adresse IP'], es=['dirección IP'], it=['indirizzo IP'], nl=['IP-adres'], pl=['adres IP'], sv=['IP-adress'], pt=['endereço IP']),
 'mac_address': L(en=['MAC', 'MAC address'], de=['MAC-Adresse'], fr=['adresse MAC'], es=['dirección MAC'], it=['indirizzo MAC'], nl=['MAC-adres'], pl=['adres MAC'], sv=['MAC-adress'], pt=['endereço MAC']),
 'jwt': L(en=['token', 'session token', 'id_token']), 'crypto_wallet': L(en=['wallet', 'wallet address', 'payout address'], de=['Wallet-Adresse'], fr=['adresse du portefeuille'], es=['monedero'], pt=['carteira']),
 'password': L(en=['password', 'pwd', 'passwd', 'temporary password'], de=['Passwort', 'Kennwort'], fr=['mot de passe'], es=['contraseña'], it=['password'], nl=['wachtwoord'], pl=['hasło'], sv=['lösenord'], pt=['senha']),
 'gps_coordinates': L(en=['GPS', 'GPS coordinates', 'location'], de=['GPS-Koordinaten', 'Koordinaten'], fr=['coordonnées GPS'], es=['coordenadas GPS'], it=['coordinate GPS'], nl=['GPS-coördinaten'], pl=['współrzędne GPS'], sv=['GPS-koordinater'], pt=['coordenadas GPS']),
 'passport': L(en=['passport number', 'passport no.', 'passport'], de=['Reisepassnummer', 'Reisepass'], fr=['numéro de passeport', 'passeport n°'], es=['número de pasaporte', 'pasaporte'], it=['numero di passaporto', 'passaporto n.'], nl=['paspoortnummer'], pl=['numer paszportu'], sv=['passnummer'], pt=['número do passaporte']),
 'driver_licence': L(en=["driver's licence", 'driving licence number', 'driver license no.'], de=['Führerscheinnummer', 'Führerschein Nr.'], fr=['numéro de permis de conduire'], es=['número de permiso de conducir'], it=['patente di guida n.', 'numero patente'], nl=['rijbewijsnummer'], pl=['numer prawa jazdy'], sv=['körkortsnummer'], pt=['CNH', 'número da CNH']),
 'postcode': L(en=['postcode', 'ZIP code', 'postal code'], de=['PLZ', 'Postleitzahl'], fr=['code postal'], es=['código postal'], it=['CAP', 'codice postale'], nl=['postcode'], pl=['kod pocztowy'], sv=['postnummer'], pt=['CEP']),
 'street_address': L(en=['address', 'delivery address', 'home address'], de=['Adresse', 'Anschrift', 'Lieferadresse'], fr=['adresse', 'adresse de livraison'], es=['dirección', 'domicilio'], it=['indirizzo', 'residenza'], nl=['adres', 'afleveradres'], pl=['adres', 'adres dostawy'], sv=['adress', 'leveransadress'], pt=['endereço', 'endereço de entrega']),
 'private_key': L(en=['deploy key', 'private key', 'the key file contents']), 'secret': L(en=['token', 'API key', 'the key in use']), 'url_credentials': L(en=['endpoint', 'URL', 'link']), 'person_name': L(en=['name'])}
KEYS = {
 'email': ['email', 'user_email', 'contactEmail', 'reply_to', 'recipient', 'login', 'from', 'e-mail'], 'phone': ['phone', 'phone_number', 'mobile', 'contactPhone', 'tel', 'msisdn', 'fax'],
 'payment_card': ['card_number', 'cardNumber', 'pan', 'credit_card', 'payment_card'], 'iban': ['iban', 'bank_account', 'payout_iban', 'IBAN'], 'us_ssn': ['ssn', 'social_security_number', 'employeeSsn', 'SSN'],
 'uk_nino': ['nino', 'ni_number', 'nationalInsuranceNumber'], 'uk_nhs': ['nhs_number', 'nhsNumber', 'nhs_no'], 'es_nif': ['dni', 'nif', 'nie', 'documento_dni'], 'it_codice_fiscale': ['codice_fiscale', 'codiceFiscale', 'cf'],
 'fr_nir': ['nir', 'numero_securite_sociale', 'nirAssure'], 'de_steuer_id': ['steuer_id', 'steuerId', 'steueridentifikationsnummer'], 'in_aadhaar': ['aadhaar', 'aadhaar_number', 'aadhaarNo'], 'br_cpf': ['cpf', 'cpf_cliente', 'numeroCpf'],
 'ca_sin': ['sin', 'sin_number', 'social_insurance_number', 'socialInsuranceNumber'], 'au_tfn': ['tfn', 'tax_file_number', 'taxFileNumber'], 'nl_bsn': ['bsn', 'burgerservicenummer', 'bsn_nummer'], 'pl_pesel': ['pesel', 'numer_pesel', 'PESEL'],
 'se_personnummer': ['personnummer', 'person_nummer', 'personNummer'], 'street_address': ['street', 'street_address', 'address_line1', 'addressLine1', 'address'], 'postcode': ['postcode', 'postal_code', 'zip', 'zipCode', 'postalCode', 'plz'],
 'date_of_birth': ['date_of_birth', 'dob', 'birthDate', 'dateOfBirth', 'birthday', 'geburtsdatum'], 'ip_address': ['ip', 'client_ip', 'sourceIp', 'remote_addr', 'ipAddress'], 'mac_address': ['mac', 'mac_address', 'device_mac', 'hwaddr'],
 'jwt': ['token', 'id_token', 'session', 'jwt'], 'password': ['password', 'passwd', 'pwd', 'db_password', 'userPassword', 'new_password', 'smtpPass', 'PGPASSWORD', 'admin-password', 'passphrase', 'passwort', 'senha'],
 'crypto_wallet': ['wallet', 'wallet_address', 'payoutAddress', 'btc_address'], 'gps_coordinates': ['gps', 'coordinates', 'gps_position', 'geo', 'latlng'], 'passport': ['passport', 'passport_number', 'passportNo'],
 'driver_licence': ['driver_licence', 'drivers_license', 'driverLicenseNumber', 'driving_licence_no', 'dl_number'], 'private_key': ['private_key', 'pem', 'signing_key', 'notes'], 'secret': ['note', 'value', 'output', 'content'],
 'url_credentials': ['url', 'callback_url', 'href', 'dsn'],
 'person_name': ['name', 'first_name', 'last_name', 'fullName', 'customer_name', 'surname', 'display_name', 'lastName', 'firstName', 'account_holder', 'cardholder_name', 'patientName', 'full_name']}
CAR = L(en=['{L}: {V}', 'My {L} is {V}.', 'Please update the {L} to {V} before Friday.', 'We have {L} {V} on file.', '{L} = {V}', 'for the record ({L}: {V})', 'New {L}: {V}, thanks!', '{L} {V}'],
 de=['{L}: {V}', 'Bitte notieren: {L} {V}.', 'Hier die Angaben, {L}: {V}, danke.', '{L} {V}'], fr=['{L} : {V}', 'Merci de noter : {L} {V}.', 'Voici le détail, {L} {V}, merci.'],
 es=['{L}: {V}', 'Anoten por favor: {L} {V}.', 'Mis datos son: {L} {V}, gracias.'], it=['{L}: {V}', 'Da annotare: {L} {V}.', 'Ecco i dati, {L} {V}, grazie.'], nl=['{L}: {V}', 'Graag noteren: {L} {V}.', 'Gegevens van de klant, {L} {V}, dank.'],
 pl=['{L}: {V}', 'Proszę zapisać: {L} {V}.', 'Dane klienta, {L}: {V}, dziękuję.'], sv=['{L}: {V}', 'Vänligen notera: {L} {V}.', 'Här kommer uppgiften, {L} {V}, tack.'], pt=['{L}: {V}', 'Favor anotar: {L} {V}.', 'Seguem os dados, {L} {V}, obrigado.'])
CAR_TIGHT = ['{L}: {V}', '{L}={V}', '{L} = {V} ', 'set {L}: {V} then retry']       # no trailing punctuation that could belong to a value
CAR_BARE = L(en=['Seen again: {V}', 'Got {V} from the form.', 'See {V} for details'], de=['Siehe {V} im Anhang.'], fr=['Voir {V} dans le dossier.'], es=['Ver {V} en el expediente.'], it=['Vedi {V} in allegato.'], nl=['Zie {V} in de bijlage.'], pl=['Zobacz {V} w załączniku.'], sv=['Se {V} i bilagan.'], pt=['Ver {V} no anexo.'])
FILL = L(en=['Thanks for getting back to us so quickly.', 'The upload finished without errors.', 'Could you check this again tomorrow?', 'Retry was scheduled by the worker.', 'The customer called twice this week.', 'Nothing else changed in the record.'],
 de=['Vielen Dank für die schnelle Antwort.', 'Der Vorgang wurde geprüft.', 'Bitte bis Freitag erledigen.'], fr=['Merci pour votre réponse rapide.', 'Le dossier est en cours de traitement.'], es=['Gracias por la respuesta.', 'El expediente sigue abierto.'],
 it=['Grazie per la risposta.', 'La pratica è in lavorazione.'], nl=['Bedankt voor de snelle reactie.', 'Het dossier is bijgewerkt.'], pl=['Dziękujemy za szybką odpowiedź.', 'Sprawa jest w toku.'], sv=['Tack för snabbt svar.', 'Ärendet är under behandling.'], pt=['Obrigado pela resposta.', 'O processo está em análise.'])

# ---------------------------------------------------------------- value generators: g_<type>(loc) -> V
DOM = dict(en=['example.com', 'northwind.co.uk', 'mail.acme-corp.io', 'outlook.com'], de=['firma.de', 'web.de'], fr=['orange.fr', 'societe.fr'], es=['empresa.es', 'correo.es'], it=['libero.it', 'azienda.it'], nl=['bedrijf.nl', 'ziggo.nl'], pl=['wp.pl', 'firma.com.pl'], sv=['telia.se', 'bolaget.se'], pt=['uol.com.br', 'empresa.com.br'])
def g_email(loc):
    f, l = asc(first(loc)).lower(), asc(last(loc)).lower()
    u = ch([f + '.' + l, f[0] + l, f + '_' + l, f + '+' + ch(['shop', 'news', 'x1']), l + str(ri(1, 99)), f + '-' + l, f + '.' + l[0] + '.' + l, (f + '.' + l).title()])
    return V(u + '@' + ch(DOM[lang(loc)] + ['gmail.com', 'proton.me', 'sub.mail.example.org', 'studio.photography']))
def g_phone(loc):
    n = ''
    if loc in ('en_US', 'en_CA'):
        a, b, c = ch(['415', '212', '617', '503', '305'] if loc == 'en_US' else ['416', '604', '514', '902']), ch('23456789') + ch('023456789') + dg(1), dg(4)
        n = ch([f'({a}) {b}-{c}', f'{a}-{b}-{c}', f'{a}.{b}.{c}', f'+1 {a} {b} {c}', f'+1-{a}-{b}-{c}', f'+1{a}{b}{c}', f'1-{a}-{b}-{c}', f'+1 ({a}) {b}-{c}'])
    elif loc == 'en_GB': x = dg(6); n = ch([f'07{ri(700,999)} {x}', f'+44 7{ri(700,999)} {x}', f'+44 (0)20 7{dg(3)} {dg(4)}', f'020 7{dg(3)} {dg(4)}', f'0161 {nz(3)} {dg(4)}', f'+447{ri(700,999)}{x}'])
    elif loc == 'de': n = ch([f'+49 {ch(["30","89","40"])} {nz(7)}', f'+49 17{ri(0,9)} {nz(7)}', f'017{ri(0,9)} {nz(7)}', f'030/{nz(7)}', f'089 {nz(4)}-{dg(2)}', f'+49 (0)221 {nz(6)}', f'0049 171 {nz(7)}', f'(040) {nz(7)}'])
    elif loc == 'fr': n = ch([f'06 {grp(dg(8),[2]*4," ")}', f'+33 6 {grp(dg(8),[2]*4," ")}', f'01.{grp(nz(8),[2]*4,".")}', f'+33 (0)1 {grp(nz(8),[2]*4," ")}', f'0033 7 {grp(dg(8),[2]*4," ")}', f'07-{grp(dg(8),[2]*4,"-")}'])
    elif loc == 'es': n = ch([f'+34 6{dg(2)} {dg(3)} {dg(3)}', f'6{dg(2)} {dg(3)} {dg(3)}', f'91 {nz(3)} {dg(2)} {dg(2)}', f'+34 91{nz(7)}', f'6{dg(2)}-{dg(3)}-{dg(3)}'])
    elif loc == 'it': n = ch([f'+39 34{ri(0,9)} {nz(7)}', f'34{ri(0,9)} {nz(3)} {dg(4)}', f'+39 06 {nz(8)}', f'02 {nz(4)} {dg(4)}', f'011/{nz(7)}'])
    elif loc == 'nl': n = ch([f'06-{nz(8)}', f'+31 6 {nz(8)}', f'020-{nz(7)}', f'+31 (0)20 {nz(3)} {dg(4)}', f'06 {grp(nz(8),[2]*4," ")}'])
    elif loc == 'pl': n = ch([f'+48 60{ri(0,9)} {dg(3)} {dg(3)}', f'60{ri(0,9)} {dg(3)} {dg(3)}', f'60{ri(0,9)}-{dg(3)}-{dg(3)}', f'+48 22 {nz(3)} {dg(2)} {dg(2)}', f'(22) {nz(3)}-{dg(2)}-{dg(2)}'])
    elif loc == 'sv': n = ch([f'07{ch("0236")}-{nz(3)} {dg(2)} {dg(2)}', f'+46 7{ch("0236")} {nz(3)} {dg(2)} {dg(2)}', f'08-{nz(3)} {dg(3)} {dg(2)}', f'+46 8 {nz(3)} {dg(3)} {dg(2)}'])
    elif loc == 'pt_BR': n = ch([f'(11) 9{nz(4)}-{dg(4)}', f'+55 11 9{nz(4)}-{dg(4)}', f'+55 (21) 9{nz(4)}-{dg(4)}', f'(41) 3{dg(3)}-{dg(4)}', f'+5511 9{nz(8)}'])
    elif loc == 'en_IN': n = ch([f'+91 98{dg(3)} {dg(5)}', f'+91-98{dg(8)}', f'098{dg(3)} {dg(5)}', f'+91 22 {nz(4)} {dg(4)}', f'080-{nz(4)} {dg(4)}'])
    else: n = ch([f'04{dg(2)} {dg(3)} {dg(3)}', f'+61 4{dg(2)} {dg(3)} {dg(3)}', f'(02) 9{dg(3)} {dg(4)}', f'+61 3 9{dg(3)} {dg(4)}'])
    return V(n, strong=n.startswith('+'))
def g_payment_card(loc=None):
    pre, ls = ch([('4', [16, 16, 16, 13, 19]), (str(ri(51, 55)), [16]), (str(ri(2221, 2720)), [16]), (ch(['34', '37']), [15]), (ch(['300', '305', '36', '38']), [14]), ('6011', [16, 19]), ('65', [16]),
        (str(ri(3528, 3589)), [16, 19]), ('62' + dg(2), [16, 17, 18, 19]), (ch(['5018', '5020', '5038', '6304', '6759', '6761', '6762', '6763']), [12, 13, 14, 15, 16, 17, 18, 19]), (str(ri(2200, 2204)), [16])])
    n = ch(ls); c = luhn_add(pre + dg(n - 1 - len(pre))); m = R.random()
    if m < .45: return V(c, strong=n in (15, 16))
    sz = {14: [4, 6, 4], 15: [4, 6, 5]}.get(n, [4, 4, 4, 4])
    return V(grp(c, sz, ' ' if m < .75 else '-'))
IB = dict(de=('DE', 'n18'), en_GB=('GB', 'a4n14'), fr=('FR', 'n10c11n2'), es=('ES', 'n20'), it=('IT', 'a1n10c12'), nl=('NL', 'a4n10'), pl=('PL', 'n24'), sv=('SE', 'n20'), pt_BR=('BR', 'n23a1c1'))
def g_iban(loc):
    cc, f = IB.get(loc) or ch([('BE', 'n12'), ('AT', 'n16'), ('CH', 'n5c12'), ('PT', 'n21'), ('DK', 'n14'), ('NO', 'n11'), ('IE', 'a4n14')])
    b, i = '', 0
    while i < len(f):
        k, j = f[i], i + 1
        while j < len(f) and f[j].isdigit(): j += 1
        n = int(f[i + 1:j]); b += dg(n) if k == 'n' else up(n) if k == 'a' else rs(n, string.digits + 'ABCDEF'); i = j
    k = 98 - int(''.join(str(int(c, 36)) for c in b + cc + '00')) % 97
    s = f'{cc}{k:02d}{b}'
    return V(s if p(.5) else ' '.join(s[i:i + 4] for i in range(0, len(s), 4)))
def weak(plainv, grouped, pg=.6): return V(grouped) if p(pg) else V(plainv, strong=False)
def g_us_ssn(loc=None):
    a = f'{ch([ri(1,665), ri(667,899)]):03d}'; s = a + f'{ri(1,99):02d}' + f'{ri(1,9999):04d}'
    return weak(s, grp(s, [3, 2, 4], '-'), .75)
def g_uk_nino(loc=None):
    while True:
        a = ch('ABCEGHJKLMNOPRSTWXYZ') + ch('ABCEGHJKLMNPRSTWXYZ')
        if a not in ('BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'): break
    s = a + dg(6) + ch('ABCD'); return V(s if p(.4) else grp(s, [2, 2, 2, 2, 1], ' '))
def g_uk_nhs(loc=None):
    while True:
        s = ch('4567') + dg(8); c = 11 - sum((10 - i) * int(x) for i, x in enumerate(s)) % 11
        if c == 10: continue
        s += str(c % 11); return weak(s, grp(s, [3, 3, 4], ' '), .7)
def g_es_nif(loc=None):
    T = 'TRWAGMYFPDXBNJZSQVHLCKE'
    if p(.5): n = dg(8); l = T[int(n) % 23]; return V(n + ch(['', '', '-']) + l)
    x = ri(0, 2); n = dg(7); l = T[int(str(x) + n) % 23]; return V(ch(['{}{}{}', '{}-{}-{}']).format('XYZ'[x], n, l))
ODD = dict(zip('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', [1,0,5,7,9,13,15,17,19,21,1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23]))
def g_it_codice_fiscale(loc=None):
    c = ''.join(ch('BCDFGLMNPRSTVZ') for _ in range(6)); d = ri(1, 28) + (40 if p(.5) else 0)
    s = c + f'{ri(40,99):02d}' + ch('ABCDEHLMPRST') + f'{d:02d}' + ch(['H501', 'F205', 'L219', 'A944', 'D612', 'G273'])
    t = sum(ODD[x] if i % 2 == 0 else int(x, 36) - (10 if x.isalpha() else 0) for i, x in enumerate(s))
    return V(s + chr(65 + t % 26))
def g_fr_nir(loc=None):
    s = ch('12') + f'{ri(30,99):02d}{ri(1,12):02d}{ri(1,19):02d}{ri(1,400):03d}{ri(1,400):03d}'; s += f'{97 - int(s) % 97:02d}'
    return V(grp(s, [1, 2, 2, 2, 3, 3, 2], ' ')) if p(.6) else V(s, strong=False)
def g_de_steuer_id(loc=None):
    d = list('0123456789'); R.shuffle(d); d = d[:9]; d.append(ch(d)); R.shuffle(d)
    while d[0] == '0' or any(d[i] == d[i + 1] for i in range(9)): R.shuffle(d)
    q = 10
    for x in d:
        s = (int(x) + q) % 10 or 10; q = s * 2 % 11
    s = ''.join(d) + str((11 - q) % 10); return weak(s, grp(s, [2, 3, 3, 3], ' '), .5)
def g_in_aadhaar(loc=None): s = verhoeff(ch('23456789') + dg(10)); return weak(s, grp(s, [4, 4, 4], ch(' -') if p(.3) else ' '), .7)
def g_br_cpf(loc=None):
    s = nz(9)
    for n in (10, 11):
        r = sum((n - i) * int(x) for i, x in enumerate(s)) * 10 % 11; s += str(r % 10)
    return weak(s, f'{s[:3]}.{s[3:6]}.{s[6:9]}-{s[9:]}', .7)
def g_ca_sin(loc=None): s = luhn_add(ch('1234567') + dg(7)); return weak(s, grp(s, [3, 3, 3], ch(' -')), .7)
def g_au_tfn(loc=None):
    while True:
        s = nz(9)
        if sum(w * int(x) for w, x in zip([1, 4, 3, 7, 5, 8, 6, 9, 10], s)) % 11 == 0: return weak(s, grp(s, [3, 3, 3], ' '), .7)
def g_nl_bsn(loc=None):
    while True:
        s = nz(9)
        if sum(w * int(x) for w, x in zip([9, 8, 7, 6, 5, 4, 3, 2, -1], s)) % 11 == 0:
            return V(ch([s, s, grp(s, [4, 2, 3], '.'), grp(s, [3, 3, 3], ' ')]), strong=False)
def g_pl_pesel(loc=None):
    s = f'{ri(40,99):02d}{ri(1,12):02d}{ri(1,28):02d}' + dg(4); c = -sum(w * int(x) for w, x in zip([1, 3, 7, 9] * 3, s)) % 10
    return V(s + str(c), strong=False)
def g_se_personnummer(loc=None):
    s = luhn_add(f'{ri(40,99):02d}{ri(1,12):02d}{ri(1,28):02d}' + dg(3)); m = R.random()
    return V(s[:6] + '-' + s[6:]) if m < .5 else V('19' + s[:6] + '-' + s[6:]) if m < .75 else V('19' + s, strong=False)
def g_postcode(loc):
    return V({'en_US': ch([nz(5), nz(5) + '-' + nz(4)]), 'en_GB': ch(['SW1A 1AA', 'M1 4BT', 'EC2V 7HN', 'LS6 2AB', 'BS8 1TH']).replace('2', ch('2346')), 'de': nz(5), 'fr': f'{ri(1,95):02d}{ri(0,99)*10:03d}',
        'es': f'{ri(1,50):02d}{dg(3)}', 'it': ch(['00', '10', '20', '40']) + dg(3), 'nl': nz(4) + ' ' + ch(['AB', 'KL', 'XZ', 'GH']), 'pl': dg(2) + '-' + nz(3), 'sv': nz(3) + ' ' + dg(2), 'pt_BR': nz(5) + '-' + dg(3),
        'en_IN': ch('123456') + dg(5), 'en_CA': ch('ABCEGHJKLMNPRSTVXY') + dg(1) + ch('ABCEGHJK') + ' ' + dg(1) + ch('ABCEGHJK') + dg(1), 'en_AU': ch('23456') + dg(3)}[loc], strong=False)
def g_street_address(loc):
    n = ri(1, 198)
    s = {'en_US': f'{n*7+100} {ch(["Maple", "Sycamore", "Lincoln", "W 14th"])} {ch(["St", "Street", "Avenue", "Blvd", "Drive", "Rd."])}', 'en_GB': f'{n}{ch(["", "", "a"])} {ch(["Church", "Station", "Victoria", "Mill"])} {ch(["Road", "Lane", "Close", "Street"])}',
        'de': ch(['Hauptstraße', 'Lindenweg', 'Goethestr.', 'Am Markt', 'Rosenallee']) + f' {n}{ch(["", "", "b"])}', 'fr': f'{n}{ch(["", " bis"])} {ch(["rue de la République", "avenue Victor Hugo", "boulevard Voltaire", "place du Marché"])}',
        'es': ch(['Calle Mayor', 'C/ Alcalá', 'Avenida de la Constitución', 'Paseo del Prado']) + f'{ch([" ", ", "])}{n}', 'it': ch(['Via Garibaldi', 'Viale Monza', 'Corso Vittorio Emanuele', 'Piazza Dante']) + f'{ch([" ", ", "])}{n}',
        'nl': ch(['Kerkstraat', 'Prinsengracht', 'Dorpsweg', 'Stationsplein']) + f' {n}', 'pl': ch(['ul. Długa', 'ul. Mickiewicza', 'al. Jana Pawła II', 'os. Słoneczne']) + f' {n}{ch(["", "/12"])}', 'sv': ch(['Storgatan', 'Kungsvägen', 'Skolgatan', 'Björkvägen']) + f' {n}',
        'pt_BR': ch(['Rua das Flores', 'Avenida Paulista', 'Travessa do Comércio', 'Alameda Santos']) + f', {n}', 'en_IN': f'{n} {ch(["M.G. Road", "Nehru Street", "Brigade Road", "Park Lane"])}', 'en_CA': f'{n*3} {ch(["Queen", "Rideau", "Bloor"])} {ch(["Street West", "Avenue", "St E", "Crescent"])}',
        'en_AU': f'{n} {ch(["George", "Collins", "Flinders"])} {ch(["Street", "Parade", "Terrace", "St"])}'}[loc]
    return V(s, strong=False)
MON = dict(en='January February March April May June July August September October November December', de='Januar Februar März April Mai Juni Juli August September Oktober November Dezember', fr='janvier février mars avril mai juin juillet août septembre octobre novembre décembre')
def g_date_of_birth(loc):
    y, m, d = ri(1942, 2006), ri(1, 12), ri(1, 28); l = lang(loc); o = [f'{y}-{m:02d}-{d:02d}']
    if loc == 'en_US': o += [f'{m:02d}/{d:02d}/{y}', f'{MON["en"].split()[m-1]} {d}, {y}']
    elif l == 'en': o += [f'{d:02d}/{m:02d}/{y}', f'{d} {MON["en"].split()[m-1]} {y}']
    elif l in ('de', 'pl'): o += [f'{d:02d}.{m:02d}.{y}'] + ([f'{d}. {MON["de"].split()[m-1]} {y}'] if l == 'de' else [])
    elif l == 'nl': o += [f'{d:02d}-{m:02d}-{y}']
    elif l != 'sv': o += [f'{d:02d}/{m:02d}/{y}'] + ([f'{d} {MON["fr"].split()[m-1]} {y}'] if l == 'fr' else [])
    return V(ch(o), strong=False)
def g_ip_address(loc=None):
    if p(.65): return V('.'.join(map(str, [ch([10, 192, 172, 203, 81, 45, 8]), ri(0, 255), ri(0, 255), ri(1, 254)])))
    h = lambda: f'{R.getrandbits(16) | 4096:x}'
    return V(ch([f'2001:db8:{h()}::{h()}', '2a02:' + ':'.join(h() for _ in range(7)), f'fe80::{h()}:{h()}:{h()}:{h()}', f'2607:f8b0:{h()}:{h()}::{ri(1,9)}', f'::ffff:192.168.{ri(0,255)}.{ri(1,254)}', f'FD00:{h().upper()}:{h().upper()}::1']))
def g_mac_address(loc=None):
    h = ch(['00', '3c', 'a4', 'd8', 'f0']) + ''.join(f'{ri(0,255):02x}' for _ in range(5)); pr = [h[i:i + 2] for i in range(0, 12, 2)]
    s = ch([':'.join(pr), ':'.join(pr).upper(), '-'.join(pr).upper(), grp(h, [4, 4, 4], '.')]); return V(s)
def wordpw(): return ch(['hunter2', 'Sommer2023!', 'letmein', 'Tr0ub4dor&3', 'qwerty', 'P@ssw0rd1', 's3cr3t', 'changeme', 'Winter#44', '4711', 'admin', 'iloveyou', 'zaq12wsx', 'K9$vTq2!xL', rs(10), rs(16), rs(8) + '!'])
def g_password(loc): return V(wordpw(), strong=False)
def g_url_credentials(loc=None):
    u, w = ch(['svc', 'admin', 'deploy', 'reader', 'backup_user']), ch(['s3cr3tPw', 'hunter2', 'Zx81qwer', rs(12), rs(20), 'pg-' + rs(6)])
    if p(.5):
        sc, post = ch([('https://', '@git.example.com/team/app.git'), ('postgres://', '@db.internal:5432/orders'), ('mongodb+srv://', '@cluster0.example.net/app'), ('redis://', '@cache.local:6379/0'), ('amqp://', '@mq.example.org/vhost'), ('ftp://', '@files.example.com/in'), ('https://', '@registry.example.io/v2/?page=2')])
        return V(u + ':' + w, sc, post)
    k = ch(['token', 'access_token', 'api_key', 'sig', 'apikey', 'X-Amz-Signature', 'auth_token', 'client_secret', 'refresh_token'])
    v = hx(64) if k == 'X-Amz-Signature' else rs(ri(20, 40))
    return V(v, ch(['https://api.example.com/v1/files?', 'https://cdn.example.net/a/b.mp4?expires=1718000000&', 'http://hooks.example.org/cb?page=2&']) + k + '=', ch(['', '', '&lang=en']))
def g_secret(loc=None):
    A, U, B = string.ascii_letters + string.digits, string.ascii_uppercase + '234567', string.ascii_letters + string.digits + '_-'
    m = R.random()
    if m < .62:
        return V(ch([ch(['AKIA', 'ASIA']) + rs(16, U), 'AIza' + rs(35, B[:-1]), ch(['ghp_', 'gho_', 'ghs_']) + rs(36, A), 'github_pat_' + rs(22, A) + '_' + rs(59, A), f'xoxb-{nz(12)}-{nz(12)}-' + rs(24, A), 'xoxp-' + f'{nz(11)}-{nz(11)}-{nz(12)}-' + hx(32),
            ch(['sk_' + 'live_', 'rk_' + 'live_', 'sk_' + 'test_']) + rs(24, A), 'glpat-' + rs(20, A), 'npm_' + rs(36, A), 'SG.' + rs(22, A) + '.' + rs(43, A), 'sk-ant-api03-' + rs(93, A) + 'AA', 'sk-proj-' + rs(48, A), 'dop_v1_' + hx(64), 'hf_' + rs(34, string.ascii_letters + '23456'), 'shpat_' + hx(32), 'pypi-AgEIcHlwaS5vcmc' + rs(60, A), 'ya29.' + rs(60, A), 'whsec_' + rs(32, A)]))
    if m < .82:
        v, k = ch([(rs(40, A), 'aws_secret_access_key'), (rs(32, A), 'client_secret'), (hx(32), 'api_key'), (hx(40), 'secret_key'), (rs(43, A) + '=', 'webhook_secret'), (rs(28, A), 'apiToken'), (rs(36, A), 'x-api-key'), (rs(30, A), 'access_token'), (hx(64), 'signing_secret')])
        return V(v, keys=[k], labels=[k], strong=False)
    if p(.6): return V(rs(ri(28, 44), A), 'Bearer ', '', ['Authorization', 'authorization'], ['Authorization'], False)
    return V(base64.b64encode((ch(['svc', 'admin']) + ':' + rs(9)).encode()).decode(), 'Basic ', '', ['Authorization', 'Proxy-Authorization'], ['Authorization'], False)
def g_private_key(loc=None):
    k = ch(['EC PRIVATE KEY', 'PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY'])
    b = rs(ri(130, 190), string.ascii_letters + string.digits + '+/') + '=='
    return V(f'-----BEGIN {k}-----\n' + '\n'.join(b[i:i + 64] for i in range(0, len(b), 64)) + f'\n-----END {k}-----')
def b64u(b): return base64.urlsafe_b64encode(b).decode().rstrip('=')
def g_jwt(loc=None):
    h = {'alg': ch(['HS256', 'RS256', 'ES256']), 'typ': 'JWT'}; c = {'sub': f'u{ri(100,9999)}', 'exp': 1700000000 + ri(0, 10**7)}
    j = lambda o: b64u(json.dumps(o, separators=(',', ':')).encode())
    return V(j(h) + '.' + j(c) + '.' + b64u(R.getrandbits(256).to_bytes(32, 'big')))
def g_crypto_wallet(loc=None):
    m = ri(0, 7)
    if m < 5: return V([lambda: b58check(0), lambda: b58check(5), lambda: bech32('bc', 0), lambda: bech32('bc', 1), lambda: ch([b58check(48), b58check(30), b58check(65), bech32('ltc', 0)])][m]())
    a = hx(40)
    if m == 5: return V('0x' + a)
    k = keccak256(a.encode()).hex(); return V('0x' + ''.join(c.upper() if int(k[i], 16) > 7 else c for i, c in enumerate(a)))
def g_gps_coordinates(loc=None):
    la, lo = f'{ch("-") if p(.2) else ""}{ri(30,59)}.{dg(5)}7', f'{ch("-") if p(.3) else ""}{ri(1,130)}.{dg(5)}3'
    return V(ch([f'{la}, {lo}', f'{la},{lo}', f'{la} {lo}', f"{la.strip('-')}° N, {lo.strip('-')}° E"]), strong=False)
def g_passport(loc):
    v = {'en_US': ch([nz(9), ch('AXY') + dg(8)]), 'en_GB': nz(9), 'de': 'C' + rs(8, '0123456789FGHJKLMNPRTVWXYZ'), 'fr': f'{ri(10,25)}{up(2)}{dg(5)}', 'es': up(3) + dg(6), 'it': 'Y' + up(1) + dg(7), 'nl': 'N' + up(1) + 'R' + dg(6), 'pl': up(2) + dg(7), 'sv': nz(8), 'pt_BR': up(2) + dg(6), 'en_IN': ch('JKLMNPRSTZ') + nz(7), 'en_CA': up(2) + dg(6), 'en_AU': ch('NPRE') + dg(7)}[loc]
    return V(v, strong=False)
def g_driver_licence(loc):
    v = {'en_US': ch([up(1) + dg(7), up(1) + f'{dg(3)}-{dg(4)}-{dg(4)}']), 'en_GB': up(5) + nz(1) + f'{ri(1,12):02d}{ri(1,28):02d}' + dg(1) + up(2) + '9' + up(2), 'de': ch('BFJK') + dg(3) + up(3) + dg(1) + up(1) + dg(2), 'fr': nz(12), 'es': up(1) + '-' + nz(8), 'it': 'U1' + up(1) + dg(2) + up(1) + dg(3) + up(1), 'nl': nz(10), 'pl': f'{nz(5)}/{ri(10,23)}/{dg(4)}', 'sv': up(1) + dg(9), 'pt_BR': nz(11), 'en_IN': f'MH{ri(10,49)} {ri(1990,2020)}{dg(7)}', 'en_CA': up(1) + f'{dg(4)}-{dg(5)}-{dg(5)}', 'en_AU': nz(8)}[loc]
    return V(v, strong=False)
def g_person_name(loc):
    k = ch(KEYS['person_name']); f, l = first(loc), last(loc)
    v = f if 'first' in k.lower() else l if k in ('last_name', 'surname', 'lastName') else ch([f'{f} {l}', f'{f} {l}', f'{l}, {f}', f'{f} {up(1)}. {l}'])
    return V(v, keys=[k], strong=False)
GEN = {t: globals()['g_' + t] for t in TYPES}

# ---------------------------------------------------------------- embedding: an item is ('s', S) or ('f', path, value)
PARENT = ['customer', 'user', 'applicant', 'contact', 'employee', 'profile']
def sent(t, v, loc, sp):
    l = lang(loc); labs = v.labels or LBL[t].get(l) or LBL[t]['en']; lab = ch(labs)
    body = v.pre + S(sp) + v.post
    if t == 'private_key': return S(lab + ':\n') + body
    if t in ('password', 'secret', 'jwt', 'url_credentials'): c = ch(CAR_TIGHT if not v.strong or p(.5) else ['Seen in the log: {V}', 'curl {V} returned 200', 'found {V} in the commit'] if t != 'jwt' else ['Cookie: sid={V}; path=/', 'found {V} in the log'])
    elif v.strong and p(.35): c = ch(CAR_BARE[l])
    else: c = ch(CAR[l] if l in LBL[t] else CAR['en'])
    if t == 'street_address':
        pc, city = S(Sp('postcode', g_postcode(loc).text)), ch(CITY[loc])
        body = body + (', ' if loc != 'fr' or p(.5) else ' ') + (S(city + ' ') + pc if loc[:2] == 'en' or loc == 'pt_BR' else pc + (' ' + city))
    pre, post = c.replace('{L}', lab).split('{V}')
    return pre + body + post
LOCAL = {'plz': 'de', 'geburtsdatum': 'de', 'passwort': 'de', 'senha': 'pt_BR'}
def keys(t, loc): return [k for k in KEYS[t] if LOCAL.get(k, loc) == loc]
def field(t, v, loc, sp):
    k = ch(v.keys or keys(t, loc))
    val = v.pre + S(sp) + v.post
    par = ch(PARENT)
    if t in ('street_address', 'postcode') and sp.part == 'plain' and k != 'address':
        if t == 'street_address': return ('f', (par, ch(['address', 'billing_address', 'shippingAddress'])), {k: val, 'city': ch(CITY[loc]), ch(['postal_code', 'postcode']): S(Sp('postcode', g_postcode(loc).text))})
        return ('f', (par, 'address'), {'city': ch(CITY[loc]), k: val})
    if t == 'gps_coordinates' and p(.5) and sp.part == 'plain':
        a, b = ch([('lat', 'lon'), ('latitude', 'longitude'), ('GPSLatitude', 'GPSLongitude')])
        x, y = ri(30, 59) + ri(10001, 99999) / 1e5, ri(2, 120) + ri(10001, 99999) / 1e5; x, y = round(x, 5), round(y, 5)
        w = (lambda z: Nm(t, z)) if p(.6) else (lambda z: S(Sp(t, json.dumps(z))))
        return ('f', (ch(['location', 'exif', 'gps']),), {a: w(x), b: w(y)})
    if t in ('password', 'secret', 'private_key', 'url_credentials', 'jwt', 'ip_address', 'mac_address', 'crypto_wallet'): par = ch(['config', 'request', 'headers', 'env', 'params', 'session_info'])
    return ('f', (par, k), val)
FILES = {'us_ssn': 'W2_{}_2023.pdf', 'email': '{}_cv.pdf', 'iban': 'statement_{}.pdf', 'payment_card': 'chargeback_{}.csv', 'uk_nino': 'P60_{}.pdf', 'es_nif': 'DNI_{}.jpg', 'it_codice_fiscale': 'tessera_{}.png', 'br_cpf': 'comprovante_cpf_{}.pdf', 'in_aadhaar': 'aadhaar_{}_front.jpg', 'se_personnummer': 'personnummer_{}.pdf', 'pl_pesel': 'PESEL_{}.pdf', 'phone': 'voicemail_{}.mp3', 'fr_nir': 'attestation_nir_{}.pdf', 'ca_sin': 'T4_SIN_{}.pdf', 'date_of_birth': 'birth_cert_dob_{}.pdf', 'passport': 'passport_{}_scan.png', 'driver_licence': 'driving_licence_{}.jpg', 'nl_bsn': 'loonstrook_bsn_{}.pdf', 'de_steuer_id': 'steuer_id_{}.pdf', 'uk_nhs': 'nhs_number_{}.pdf', 'au_tfn': 'tfn_{}.pdf'}
def rawprefix(): return f'tenants/{ch(["acme","northwind","t-1042","globex"])}/{ch(["prod","staging","dev"])}/raw/{ch([uid(), "ast_" + hx(12), hx(24)])}/'
def plain_item(t, loc):
    v = GEN[t](loc)
    if t in FILES and p(.15) and not ('/' in v.text or (t == 'phone' and not v.strong)):
        a, b = FILES[t].split('{}')
        return ('f', (ch(['object', 'storage', 'media']), ch(['key', 'path', 'object_key'])), S(Sp('storage_prefix', rawprefix(), 'negative'), a, Sp(t, v.text), b))
    if t in ('person_name',) or p(.5):
        if t == 'password' and p(.15): v.text, v.keys = 'correct horse battery staple', ['passphrase', 'password']
        return field(t, v, loc, Sp(t, v.text))
    return ('s', sent(t, v, loc, Sp(t, v.text)))

# ---------------------------------------------------------------- adversarial
ZW = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff']
DASH, SPC = '\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d', '\u00a0\u2009\u202f\u2007\u3000\u2003'
def ins(s, chars):
    s = list(s)
    for _ in range(ri(1, 3)): s.insert(ri(1, len(s) - 1), ch(chars))
    return ''.join(s)
def pct(s, pr=.15):
    while True:
        o = ''.join(c if (c.isascii() and c.isalnum() and not p(pr)) else ''.join('%%%02X' % b for b in c.encode()) if not (c in '-._~' and p(.5)) else c for c in s)
        if o != s: return o
def ent(s, pr=.15):
    while True:
        o = ''.join(ch([f'&#{ord(c)};', f'&#x{ord(c):x};']) if (not c.isalnum() and c not in ' \n' and p(.85)) or p(pr) else c for c in s)
        if o != s: return o
def fw(s): return ''.join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) <= 0x7e else '\u3000' if c == ' ' else c for c in s)
def mathx(s):
    A, a, d = ch([(0x1D400, 0x1D41A, 0x1D7CE), (0x1D670, 0x1D68A, 0x1D7F6), (0x1D5A0, 0x1D5BA, 0x1D7E2)])
    return ''.join(chr(A + ord(c) - 65) if 'A' <= c <= 'Z' else chr(a + ord(c) - 97) if 'a' <= c <= 'z' else chr(d + int(c)) if c.isascii() and c.isdigit() else c for c in s)
def circ(s): return ''.join('⓪①②③④⑤⑥⑦⑧⑨'[int(c)] if c.isascii() and c.isdigit() else c for c in s)
NUMK = {'payment_card', 'us_ssn', 'phone', 'uk_nhs', 'de_steuer_id', 'in_aadhaar', 'br_cpf', 'ca_sin', 'au_tfn', 'nl_bsn', 'pl_pesel', 'se_personnummer', 'date_of_birth', 'fr_nir', 'password', 'passport', 'postcode', 'gps_coordinates'}
SEPT = {'payment_card', 'us_ssn', 'phone', 'uk_nhs', 'in_aadhaar', 'br_cpf', 'ca_sin', 'au_tfn', 'iban', 'fr_nir', 'uk_nino', 'de_steuer_id'}
INK = set(TYPES) - {'person_name', 'password', 'private_key', 'postcode', 'street_address', 'gps_coordinates'}
def jesc(s): return json.dumps(s, ensure_ascii=False)[1:-1]
def adv_item(t, loc):
    v = GEN[t](loc)
    tech = ['pct', 'html', 'b64', 'b64', 'zw', 'shy', 'nested', 'nested', 'nested2', 'nestedu', 'form']
    if t == 'private_key': tech = ['pct', 'b64', 'nested', 'nested2', 'crlf', 'litn', 'spaces', 'zwhead', 'form']
    else:
        tech += ['fullwidth', 'math']
        if any(c in v.text for c in '-') and t not in ('secret', 'jwt', 'url_credentials', 'password', 'person_name'): tech += ['dash'] * 2
        if ' ' in v.text: tech += ['space'] * 2
        if t in NUMK: tech += ['number'] * 2
        if t in SEPT: tech += ['sep'] * 2
        if t in INK: tech += ['in_key'] * 2
        if t in SEPT and t != 'iban' and t != 'uk_nino' or t in ('pl_pesel', 'nl_bsn'): tech += ['circ']
    k = ch(tech); x = v.text; sp = lambda s: Sp(t, s, 'adversarial')
    lab = ch(v.labels or LBL[t].get(lang(loc)) or LBL[t]['en']); key = ch(v.keys or keys(t, loc))
    ctx = not v.strong
    if k == 'b64':
        whole = v.pre + x + v.post
        if ctx and t != 'person_name': whole = ch([lab + ': ' + whole, json.dumps({key: whole}, ensure_ascii=False)])
        elif t == 'person_name': whole = json.dumps({key: x}, ensure_ascii=False)
        tok = base64.b64encode(whole.encode()).decode() if p(.7) else b64u(whole.encode())
        if len(tok) < 16: tok = base64.b64encode((lab + ': ' + whole).encode()).decode()
        if p(.6): return ('f', (ch(['request', 'message', 'kafka']), ch(['payload', 'body_b64', 'data', 'raw'])), S(sp(tok)))
        return ('s', S(ch(['payload ', 'decoded from ', 'body=']), sp(tok), ch(['', ' (base64)'])))
    if k in ('nested', 'nested2', 'nestedu', 'form'):
        if k == 'form':
            return ('f', (ch(['request', 'http']), ch(['body', 'form', 'query'])), S(ch(['id=3&', 'lang=en&step=2&', '']) + quote(key, safe='') + '=' + quote(v.pre, safe=''), sp(quote(x, safe='')), quote(v.post, safe='') + ch(['', '&submit=1'])))
        body = v.pre + S(sp(x)) + v.post
        if k == 'nestedu':
            m = body.map(jesc)
            for s in m.segs:
                if isinstance(s, Sp):
                    raw = x; s.text = ''.join('\\u%04x' % ord(c) if ord(c) < 0x10000 and (not c.isalnum() or p(.15)) else jesc(c) for c in raw)
        elif k != 'nested' and t in NUMK and x.isdigit() and x[0] != '0' and p(.4): m = None
        else: m = body.map(jesc)
        if m is None: m = '{"' + key + '":' + S(sp(x)) + '}'
        elif p(.3): m = '{"op":"update","items":[{"n":1},{"' + key + '":"' + m + '"}]}'
        else: m = '{"' + ch(PARENT) + '":{"' + key + '":"' + m + '"}}'
        if k == 'nested2': m = '{"level":2,"inner":"' + m.map(jesc) + '"}'
        return ('f', (ch(['request', 'event_data', 'kafka']), ch(['body', 'payload', 'raw'])), m)
    if k == 'number':
        d = ''.join(c for c in x if c.isdigit())
        if t == 'date_of_birth': d = f'{ri(1950,2004)}{ri(1,12):02d}{ri(1,28):02d}'
        if t == 'password': d = nz(ri(4, 8))
        if t == 'passport': d = nz(9)
        if t == 'postcode': d, key = nz(5), ch(['zip', 'postal_code'])
        if t == 'gps_coordinates': key = ch(['lat', 'latitude', 'gps_latitude']); return ('f', (ch(['location', 'gps']), key), Nm(t, round(ri(30, 59) + ri(10001, 99999) / 1e5, 5), 'adversarial'))
        if d.startswith('0') or len(d) < 4: return adv_item(t, loc)
        return ('f', (ch(PARENT), key), Nm(t, int(d), 'adversarial'))
    if k == 'in_key':
        nm = v.pre + S(sp(x)) + v.post
        if ctx: nm = S(lab + ch([': ', '='])) + nm
        return ('f', (ch(['counters', 'by_key', 'index', 'seen']), nm), ri(1, 9))
    if k == 'sep':
        c = ''.join(x for x in x if x.isalnum())
        if t == 'phone':
            if not v.strong: return adv_item(t, loc)
            y = '+' + ch(['.', '-', ' - ', '/']).join([c[:2], c[2:5], c[5:8], c[8:]])
            if loc in ('en_US', 'en_CA'): y = '+' + ch(['.', '/', ' - ']).join([c[:1], c[1:4], c[4:7], c[7:]])
        else:
            s = ch(['.', '-', '_', '  ', '/', ' - ']); sz = {'payment_card': [4, 4, 4, 4, 4], 'us_ssn': [3, 2, 4], 'uk_nhs': [3, 3, 4], 'in_aadhaar': [4, 4, 4], 'br_cpf': [3, 3, 3, 2], 'ca_sin': [3] * 3, 'au_tfn': [3] * 3, 'iban': [4] * 9, 'fr_nir': [1, 2, 2, 2, 3, 3, 2], 'uk_nino': [2, 2, 2, 2, 1], 'de_steuer_id': [2, 3, 3, 3]}[t]
            y = grp(c, sz, s)
        v.strong = False
    elif k == 'pct': y = pct(x, 0 if t == 'private_key' else .15); v.pre, v.post = (quote(v.pre, safe=''), quote(v.post, safe='')) if t == 'url_credentials' else (v.pre, v.post)
    elif k == 'html': y = ent(x)
    elif k == 'zw': y = ins(x, ZW)
    elif k == 'shy': y = ins(x, ['\u00ad'])
    elif k == 'fullwidth': y = fw(x)
    elif k == 'math': y = mathx(x)
    elif k == 'circ': y = circ(x)
    elif k == 'dash': d = ch(DASH); y = x.replace('-', d)
    elif k == 'space': d = ch(SPC); y = x.replace(' ', d)
    elif k == 'crlf': y = x.replace('\n', '\r\n')
    elif k == 'litn': y = x.replace('\n', '\\n')
    elif k == 'spaces': y = x.replace('\n', ' ')
    elif k == 'zwhead': y = x[:8] + ch(ZW) + x[8:]
    if t == 'person_name' or p(.5):
        return field(t, v, loc, sp(y))
    return ('s', sent(t, v, loc, sp(y)))

# ---------------------------------------------------------------- hard negatives: kind -> (generator, keys, sentence templates)
def bad_luhn():
    while True:
        s = ch('4562') + dg(15)
        if luhn_sum(s): return s
def ean():
    while True:
        s = ch(['40', '50', '76', '87', '30']) + dg(10); s += str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(s)) % 10)
        if luhn_sum(s): return s
def isbn():
    s = '978' + ch('013') + dg(8); s += str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(s)) % 10)
    return s if p(.4) else grp(s, [3, 1, 4, 4, 1], '-')
def iso(): return f'20{ri(15,25)}-{ri(1,12):02d}-{ri(1,28):02d}T{ri(0,23):02d}:{ri(0,59):02d}:{ri(0,59):02d}' + ch(['Z', '.123Z', '+02:00', '.482913Z'])
def sv3(): return f'{ri(0,20)}.{ri(0,40)}.{ri(0,30)}'
def bad_iban():
    s = 'DE' + f'{ri(10,98)}' + dg(18)
    return s if int(''.join(str(int(c, 36)) for c in s[4:] + s[:4])) % 97 != 1 else bad_iban()
def fedex():
    while True:
        s = '7' + dg(11)
        if luhn_sum(s) and verhoeff(s[:-1]) != s: return s
def snow():
    while True:
        s = '1' + dg(17)
        if luhn_sum(s): return s
W = lambda *a: (lambda: ch(a))
NEG = {
 'uuid': (uid, ['request_id', 'id', 'correlationId'], ['request {V} done']), 'sha256': (lambda: hx(64), ['sha256', 'checksum', 'digest'], ['digest {V} matches']), 'sha1': (lambda: hx(40), ['commit', 'sha1'], ['at commit {V}']), 'md5': (lambda: hx(32), ['md5', 'etag'], ['md5 {V}']),
 'iso_timestamp': (iso, ['created_at', 'updatedAt', 'password_changed_at', 'expires'], ['started at {V}']), 'semver': (lambda: ch(['', 'v']) + sv3() + ch(['', '-rc.1', '+build.77']), ['version', 'sdk_version'], ['upgraded to {V}']),
 'order_number': (lambda: ch([f'ORD-2024-{dg(7)}', f'#{nz(8)}', f'{nz(3)}-{nz(7)}-{nz(7)}', f'SO{nz(9)}']), ['order_no', 'order_id'], ['order {V} shipped', 'Order number {V}']), 'sku': (lambda: ch([f'SKU-{nz(6)}', f'{up(3)}-{nz(4)}-{up(2)}', f'{nz(3)}-{nz(5)}']), ['sku', 'article'], ['SKU {V} is out of stock']),
 'non_luhn_16': (bad_luhn, ['reference', 'batch_ref', 'meter_id'], ['reference {V}', 'batch {V} closed']), 'storage_prefix': (rawprefix, None, None), 'price': (lambda: ch([f'${ri(1,9999)}.{dg(2)}', f'{ri(1,99)}.{dg(3)},{dg(2)} €', f'£{ri(1,999)}.99', f'R$ {ri(1,99)}.{dg(3)},00', f'{ri(100,99999)}.{dg(2)}']), ['price', 'total', 'amount'], ['total {V} incl. VAT']),
 'plain_int': (lambda: ri(0, 10 ** ri(2, 9)), ['count', 'rows', 'bytes', 'size'], None), 'duration': (lambda: ch([f'{ri(1,900)}ms', f'PT{ri(1,59)}M{ri(1,59)}S', f'{ri(1,9)}h{ri(10,59)}m', f'{ri(0,9):02d}:{ri(0,59):02d}:{ri(0,59):02d}.{dg(3)}']), ['duration', 'elapsed'], ['took {V}']),
 'epoch_ms': (lambda: ri(1600000000000, 1750000000000), ['timestamp', 'ts_ms', 'birthtimeMs'], None), 'git_ssh_url': (W('git@github.com:org/repo.git', 'git@gitlab.com:team/api.git', 'git@github.com:acme/web-ui.git', 'git@bitbucket.org:core/tools.git'), ['remote', 'repo'], ['cloned {V}']),
 'retina_image': (W('icon@2x.png', 'logo@3x.png', 'hero-banner@2x.webp', 'splash@1.5x.jpg'), ['file', 'asset', 'src'], ['missing {V} in bundle']), 'browser_version': (lambda: f'Chrome/{ri(90,130)}.0.{ch(["0.0", f"{nz(4)}.{nz(3)}"])}', ['user_agent', 'client'], ['seen with {V} on Windows']),
 'guid_phone_like': (lambda: f'{nz(8)}-{dg(4)}-4{dg(3)}-8{dg(3)}-{dg(12)}', ['device_guid', 'guid'], ['guid {V}']), 'isbn': (isbn, ['isbn', 'isbn13'], ['ISBN {V}']), 'ean': (ean, ['ean', 'gtin', 'barcode'], ['EAN {V}']),
 'tracking_number': (lambda: ch(['1Z' + up(3) + dg(3) + dg(10), '94001' + dg(17), 'JJD0' + dg(16), f'RR{nz(9)}DE', fedex()]), ['tracking_number', 'trackingNo'], ['tracking number {V}', 'parcel {V} in transit']),
 'model_name': (W('claude-3-5-sonnet-20241022', 'gpt-4o-mini-2024-07-18', 'llama-3.1-70b-instruct', 'whisper-large-v3', 'text-embedding-3-large'), ['model', 'model_name', 'engine'], ['model {V} answered']),
 'tool_name': (W('ripgrep', 'web_search', 'Visual Studio Code', 'ffmpeg', 'docker-compose', 'send_email'), ['tool_name', 'tool', 'toolName'], ['called {V} twice']), 'product_name': (W('Galaxy Tab S9', 'ThinkPad X1 Carbon Gen 11', 'WH-1000XM5', 'iPhone 15 Pro', 'Moka Pot 6'), ['product_name', 'product', 'productName'], ['ordered {V}']),
 'file_name': (W('report_final_v2.pdf', 'IMG_20240115_103455.jpg', 'DSC_0042.NEF', 'budget 2023-Q4.xlsx', 'scan0001.tiff', 'README.md'), ['filename', 'file_name', 'fileName'], ['uploaded {V}']),
 'benign_key': (W('true', 'false', 'none', 'enabled'), ['authenticated', 'passwordless', 'secretary_present', 'tokenized', 'author_verified'], None), 'token_count': (lambda: ri(1, 90000), ['tokens_input', 'tokens_output', 'max_tokens', 'token_count', 'password_length', 'pin_attempts', 'key_size'], None),
 'compass': (W('NNE', 'WSW', 'S', 'NW by N'), ['compass'], None), 'hotel': (W('Grand Plaza', 'Seaview Inn', 'Hotel Astoria'), ['hotel'], None), 'docker_image': (lambda: ch(['nginx', 'postgres', 'ghcr.io/acme/api']) + ':' + sv3(), ['image', 'container'], ['pulled {V}']), 'k8s_pod': (lambda: ch(['api', 'worker', 'ingest']) + '-' + hx(10) + '-' + rs(5, 'bcdfghjklmnpqrstvwxz2456789'), ['pod', 'hostname'], ['pod {V} restarted']),
 'npm_spec': (lambda: ch(['@types/node@', 'react@', '@babel/core@', 'lodash@']) + sv3(), ['package', 'dependency'], ['installed {V}']), 'colour': (lambda: '#' + hx(6), ['color', 'background'], ['painted {V}']), 'resolution': (W('1920x1080', '3840×2160', '1280x720@60', '640x480'), ['resolution', 'viewport'], ['rendered at {V}']),
 'smpte_timecode': (lambda: f'{ri(0,9):02d}:{ri(0,59):02d}:{ri(0,59):02d}:{ri(0,23):02d}', ['timecode', 'tc_in'], ['cut at {V}']), 'bad_ipv4': (lambda: f'{ri(256,999)}.{ri(0,255)}.{ri(300,999)}.{ri(0,255)}', ['build', 'fw'], ['build {V}']), 'bad_iban': (bad_iban, ['ref', 'code'], ['code {V}']),
 'bad_ssn': (lambda: f'{ch(["000", "666"])}-{ri(10,99)}-{dg(4)}', ['part_no', 'ref'], ['part {V}']), 'trace_id': (lambda: hx(32), ['trace_id', 'traceId'], None), 'span_id': (lambda: hx(16), ['span_id', 'parentSpanId'], None), 'traceparent': (lambda: f'00-{hx(32)}-{hx(16)}-01', ['traceparent'], None),
 'arn': (W('arn:aws:s3:::media-prod-raw', 'arn:aws:s3:::logs-eu-west-1', 'arn:aws:lambda:eu-west-1::layer:ffmpeg:7'), ['arn', 'resource'], ['granted on {V}']), 'host_port': (W('localhost:8080', 'db.internal:5432', 'kafka-0.kafka.svc.cluster.local:9092'), ['host', 'endpoint'], ['connected to {V}']),
 'cron': (W('*/5 * * * *', '0 3 * * 1-5', '15 14 1 * *'), ['schedule', 'cron'], None), 'invoice_no': (lambda: ch([f'INV-2023-{dg(5)}', f'RE{nz(8)}', f'2024/{dg(6)}']), ['invoice', 'invoice_no'], ['invoice {V} paid']), 'ticket': (lambda: ch(['PLAT', 'OPS', 'SEC']) + f'-{ri(10,99999)}', ['ticket', 'issue'], ['see {V}']),
 'cas_number': (W('7732-18-5', '64-17-5', '50-78-2', '58-08-2', '7647-14-5'), ['cas', 'substance'], ['CAS {V}']), 'standard': (W('ISO 27001:2022', 'RFC 6901', 'EN 60601-1-2', 'DIN 5008', 'IEEE 802.11ax'), ['standard', 'spec'], ['complies with {V}']), 'masked': (W('****1234', '[REDACTED]', '<redacted>', 'XXX-XX-XXXX', '•••• 4242'), ['display', 'hint'], ['shown as {V}']),
 'time_range': (lambda: f'{ri(7,10):02d}:00-{ri(16,20)}:30', ['opening_hours', 'slot'], ['open {V} daily']), 'year_range': (lambda: f'{ri(1990,2010)}-{ri(2011,2024)}', ['years', 'period'], ['between {V}']), 'release_date': (lambda: f'{ri(1990,2023)}-{ri(1,12):02d}-{ri(1,28):02d}', ['release_date', 'due_date', 'published'], ['released on {V}', 'due {V}']),
 'ulid': (lambda: '01H' + rs(23, '0123456789ABCDEFGHJKMNPQRSTVWXYZ'), ['ulid', 'message_id'], ['message {V} acked']), 'snowflake': (snow, ['snowflake', 'tweet_id'], ['status {V}']), 'code_path': (W('std::vector::iterator', 'crate::db::pool', 'com.example.app.Main', 'fe::ui::Button', 'org.acme.auth.TokenFilter'), ['class', 'symbol'], ['panicked in {V}']),
 'mime': (W('image/jpeg', 'application/vnd.api+json', 'video/mp4; codecs="avc1.42E01E"'), ['mime', 'content_type'], None), 'plain_url': (lambda: ch(['https://docs.example.com/guide/v2?page=3&sort=asc', 'https://cdn.example.net/img/1024x768/a.png', 'https://example.org:8443/healthz']), ['doc_url', 'link'], ['see {V} for docs']),
 'annotation': (W('@Override', '@team-platform', '@media (min-width: 640px)', '@app.route'), ['decorator', 'mention'], ['uses {V} here']), 'bbox': (lambda: f'{ri(0,900)}.{nz(2)}, {ri(0,900)}.{nz(2)}', ['bbox_origin', 'pixel_xy'], ['crop at {V} px']), 'crc': (lambda: '0x' + hx(8).upper(), ['crc32', 'error_code'], ['error {V}']),
 'flight': (W('LH 1234', 'BA286', 'KL0605', 'QF9'), ['flight', 'train'], ['flight {V} delayed']), 'bucket': (W('media-prod-raw', 'logs-eu-west-1', 'acme-thumbnails'), ['bucket_name', 'bucket', 'queue_name'], ['bucket {V} emptied']), 'env_template': (W('${ORDER_REGION}', '{{ .Values.image.tag }}', '$HOME/.cache'), ['template', 'expr'], ['expanded {V}']),
 'uniform_row_id': (lambda: nz(9), ['row_id', 'offset', 'seq'], ['processed row {V}']), 'exif_text': (W('f/2.8 1/250s ISO 200', 'EF 24-70mm f/2.8L II USM', 'Canon EOS R5'), ['lens', 'exposure'], ['shot with {V}']), 'percent': (lambda: f'{ri(0,99)}.{dg(2)}%', ['ratio', 'cpu'], ['cpu at {V}']), 'score': (lambda: round(R.random(), 6), ['score', 'confidence', 'latency_s'], None),
 'room_or_gate': (W('B12', 'Gate A17', 'Room 4.021', 'Rack 12-U34'), ['room', 'gate'], ['moved to {V}']), 'password_prose': (W('password reset required', 'token expired', 'secret rotation due'), ['reason', 'status_text'], None), 'locale_code': (W('en-US,en;q=0.9', 'pt-BR', 'de-CH-1996', 'zh-Hant-TW'), ['accept_language', 'locale_tag'], None)}
def neg_item(k):
    g, keys, tpl = NEG[k]
    v = g()
    if k == 'storage_prefix': return ('f', ('object', ch(['key', 'path'])), S(Sp(k, v, 'negative'), ch(['original.mp4', 'thumb_0001.jpg', 'page-3.png'])))
    if not isinstance(v, str): return ('f', (ch(['stats', 'meta', 'metrics']), ch(keys)), Nm(k, v, 'negative'))
    if tpl and p(.5): a, b = ch(tpl).split('{V}'); return ('s', S(a[:1].upper() + a[1:], Sp(k, v, 'negative'), b + '.' if b else b))
    return ('f', (ch(['stats', 'meta', 'source', 'target']), ch(keys)), S(Sp(k, v, 'negative')))

# ---------------------------------------------------------------- events
def put(ev, path, val):
    """Place val at path, under a fresh sibling when the member is already taken."""
    if len(path) == 1:
        h = path[0]
        while h in ev:
            if isinstance(val, dict) and isinstance(ev[h], dict) and not set(map(str, val)) & set(map(str, ev[h])): ev[h].update(val); return
            ev.setdefault('entries', []).append({h: val}); return
        ev[h] = val; return
    cur = ev.setdefault(path[0], {})
    if not isinstance(cur, dict) or (isinstance(path[1], str) and path[1] in cur):
        d = {}; put(d, path[1:], val); ev.setdefault('entries', []).append({path[0]: d}); return
    put(cur, path[1:], val)
def build(items, loc):
    sents = [i[1] for i in items if i[0] == 's']; fields = [i for i in items if i[0] == 'f']
    l = lang(loc); shape = ch(['audit', 'audit', 'chat', 'chat', 'media', 'file'])
    if sents and shape == 'file': shape = ch(['chat', 'audit'])
    segs = []
    R.shuffle(sents)
    for s in sents:
        if p(.3): segs.append(S(ch(FILL[l])))
        segs.append(s)
    if shape == 'chat' and not segs: segs.append(S(ch(FILL[l])))
    if sents and p(.25): segs.append(S(ch(FILL[l])))
    text, sepc = S(), ch([' ', '\n'] if l == 'en' else [' '])
    for i, s in enumerate(segs):
        if i:
            e = text.segs[-1]; e = e.text if isinstance(e, Sp) else e
            text = text + (sepc if e.rstrip(' ')[-1:] in '.!?' and e else ch(['\n', ' | ', '; ']) if sepc == ' ' else '\n')
        text = text + s
    if shape == 'audit':
        ev = {'event_type': 'audit.' + ch(['login', 'update', 'export', 'delete', 'grant']), 'ts': iso(), 'actor_id': 'usr_' + hx(8), 'outcome': ch(['success', 'denied'])}
        if segs: ev[ch(['message', 'detail', 'reason'])] = text
        if p(.3): ev['service'] = ch(['billing-api', 'iam', 'crm-sync'])
    elif shape == 'chat':
        ev = {'channel': ch(['support', '#ops', 'whatsapp']), 'role': ch(['user', 'assistant', 'agent']), 'sent_at': iso()}
        if p(.5): ev['text'] = text
        else: ev['messages'] = [{'role': 'user', 'content': text}] + ([{'role': 'assistant', 'content': ch(FILL[l])}] if p(.4) else [])
    elif shape == 'media':
        ev = {'asset': {'asset_id': uid(), 'mime': ch(['image/jpeg', 'video/mp4', 'audio/wav']), 'duration_ms': ri(0, 99999)}}
        if segs: ev[ch(['ocr_text', 'transcript', 'caption'])] = text
    else: ev = {'op': ch(['PutObject', 'CopyObject']), 'bucket': 'media-raw', 'size': ri(1000, 9999999)}
    for f in fields: put(ev, f[1], f[2])
    if p(.3): ev['schema'] = ri(1, 4)
    return ev
def render(node, ptr, out):
    if isinstance(node, S):
        t = ''
        for s in node.segs:
            if isinstance(s, Sp): out.append([s.part, s.typ, ptr, False, len(t), len(t) + len(s.text), s.text, None]); t += s.text
            else: t += s
        for o in out:
            if o[7] is None and o[2] == ptr and not o[3]: o[7] = t
        return t
    if isinstance(node, Nm):
        t = json.dumps(node.val); out.append([node.part, node.typ, ptr, False, 0, len(t), t, t]); return node.val
    if isinstance(node, list): return [render(x, f'{ptr}/{i}', out) for i, x in enumerate(node)]
    if isinstance(node, dict):
        r = {}
        for k, v in node.items():
            if isinstance(k, S):
                sub = []; name = render(k, '', sub); q = ptr + '/' + name.replace('~', '~0').replace('/', '~1')
                for o in sub: o[2], o[3], o[7] = q, True, name; out.append(o)
            else: name = k; q = ptr + '/' + k.replace('~', '~0').replace('/', '~1')
            assert name not in r, name
            r[name] = render(v, q, out)
        return r
    return node
def resolve(ev, ptr):
    cur, last_ = ev, None
    for tok in ptr.split('/')[1:]:
        tok = tok.replace('~1', '/').replace('~0', '~'); last_ = tok
        cur = cur[int(tok)] if isinstance(cur, list) else cur[tok]
    return cur, last_

def main():
    global R
    ap = argparse.ArgumentParser(); ap.add_argument('--seed', type=int, default=1); ap.add_argument('--each', type=int, default=40)
    ap.add_argument('--stats', action='store_true'); a = ap.parse_args()
    R = random.Random(a.seed)
    negs = [k for k in NEG for _ in range(a.each)]; R.shuffle(negs)
    groups = []
    for part, fn in (('plain', plain_item), ('adversarial', adv_item)):
        bucket = {l: [] for l in LOCS}
        for t in TYPES:
            for i in range(a.each + 2):
                loc = HOME.get(t) or LOCS[(i + TYPES.index(t)) % len(LOCS)]
                bucket[loc].append((t, fn(t, loc)))
        for loc in LOCS:
            b = bucket[loc]; R.shuffle(b)
            while b:
                n = ch([1, 1, 1, 2, 2, 3, 4, 6, 8]) if part == 'plain' else ch([1, 1, 1, 2, 2, 3])
                groups.append((loc, [x[1] for x in b[:n]])); b = b[n:]
    R.shuffle(groups)
    n_neg = round(len(groups) * 16 / 84); events = []
    per = max(1, round(len(negs) * .30 / n_neg))
    for _ in range(n_neg):
        events.append(build([neg_item(k) for k in negs[:per]], ch(['en_US', 'en_GB', 'de', 'fr']))); negs = negs[per:]
    q, r = divmod(len(negs), len(groups))
    for i, (loc, its) in enumerate(groups):
        n = q + (1 if i < r else 0)
        events.append(build(its + [neg_item(k) for k in negs[:n]], loc)); negs = negs[n:]
    assert not negs
    R.shuffle(events)
    size = gold = pii = 0
    for e in events:
        out = []; ev = render(e, '', out)
        size += len(json.dumps(ev, ensure_ascii=False, separators=(',', ':')).encode()); g = sum(o[0] != 'negative' for o in out); gold += g; pii += g > 0
        back = json.loads(json.dumps(ev))
        for part, typ, ptr, ink, st, en, val, text in out:
            got, name = resolve(back, ptr)
            assert (name if ink else got if isinstance(got, str) else json.dumps(got)) == text, (ptr, text)
            assert text[st:en] == val and en > st and typ and (part == 'negative') != (typ in TYPES), (typ, part)
            print(json.dumps({'part': part, 'type': typ, 'event': ev, 'pointer': ptr, 'in_key': ink, 'text': text, 'key': '', 'start': st, 'end': en}))
    if a.stats: print(f'events {len(events)} pii {pii / len(events):.3f} per KB {gold / size * 1024:.2f}', file=sys.stderr)
if __name__ == '__main__': main()
