"""Writes a corpus that shares no template and no value code with `crates/redact/tests/corpus/`, to judge the rules by.

Values come from Faker in thirteen locales, with check digits made here; shapes are chat, audit notes, log lines, CSV and tables,
nested JSON, media metadata and file names. `--set a` and `--set b` have no phrase, key or file name in common. One JSON
line per gold span: part, type, event, pointer, in_key, text (the string at the pointer), key, start and end in characters.

    pip install -r tests/pii/requirements.txt
    python tests/pii/stranger.py --set a --seed 1 --each 60 > a.jsonl
"""

import argparse
import base64
import hashlib
import html
import importlib
import json
import random
import sys
import urllib.parse
from pathlib import Path

import faker

sys.path.insert(0, str(Path(__file__).parent))

LOCALES = "en_US en_GB de_DE fr_FR es_ES it_IT nl_NL pl_PL sv_SE pt_BR en_IN en_CA en_AU".split()
FAKERS = {}
R = random.Random()


def fake(locale):
    if locale not in FAKERS:
        FAKERS[locale] = faker.Faker(locale)
        FAKERS[locale].seed_instance(R.getrandbits(32))
    return FAKERS[locale]


def digits(n, first="123456789"):
    return R.choice(first) + "".join(R.choice("0123456789") for _ in range(n - 1))


def luhn_digit(body):
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(body)))
    return str(-total % 10)


def groups(text, sizes, sep):
    out, at = [], 0
    for size in sizes:
        out.append(text[at : at + size])
        at += size
    return sep.join(out)


def weighted(body, weights):
    return sum(int(d) * w for d, w in zip(body, weights))


def until(make):
    while True:
        made = make()
        if made is not None:
            return made


# ---- values -------------------------------------------------------------------------------------------------------

def email(loc):
    f = fake(loc)
    return R.choice([f.email, f.ascii_company_email, f.ascii_free_email, lambda: f"{f.user_name()}+{R.choice(['news', 'x1', 'shop'])}@{f.domain_name()}",
                     lambda: f.ascii_email().upper() if R.random() < 0.2 else f.ascii_email(), lambda: f"{f.user_name()}@{f.domain_word()}.co.uk"])()


PHONES = {
    "en_US": ["(###) ###-####", "###-###-####", "###.###.####", "+1 ### ### ####", "+1-###-###-####", "+1 (###) ###-####", "1-###-###-####", "+1##########"],
    "en_CA": ["(###) ###-####", "### ### ####", "+1 ###-###-####", "1 ### ### ####"],
    "en_GB": ["07### ######", "+44 7### ######", "020 7### ####", "+44 (0)20 7### ####", "0161 ### ####", "+447#########", "01### ######"],
    "de_DE": ["+49 30 #######", "030/#######", "0151 ########", "+49 (0)89 ######", "+49-171-#######", "0049 40 #######", "0221 / ######"],
    "fr_FR": ["06 ## ## ## ##", "01.##.##.##.##", "+33 6 ## ## ## ##", "+33 (0)1 ## ## ## ##", "+336########", "07-##-##-##-##"],
    "es_ES": ["6## ### ###", "+34 6## ## ## ##", "9# ### ## ##", "+34 9## ### ###", "+346########"],
    "it_IT": ["3## ### ####", "+39 3## #######", "06 #### ####", "+39 02 ########", "+39 3## ### ####"],
    "nl_NL": ["06-########", "+31 6 ########", "020-#######", "06 ## ## ## ##", "+31 (0)20 ### ####", "+316########"],
    "pl_PL": ["5## ### ###", "+48 6## ### ###", "22 ### ## ##", "+48 22 ### ## ##", "+485########"],
    "sv_SE": ["070-### ## ##", "+46 70 ### ## ##", "08-### ### ##", "+46 8 ### ### ##", "+4673#######"],
    "pt_BR": ["(11) 9####-####", "+55 11 9####-####", "(21) ####-####", "+55 (31) 9####-####", "11 9####-####"],
    "en_IN": ["+91 9#### #####", "+91-8#########", "9#### #####", "+91 7### ### ###", "080-########"],
    "en_AU": ["04## ### ###", "+61 4## ### ###", "(02) 9### ####", "+61 2 9### ####", "03 9### ####"],
}


def phone(loc):
    if R.random() < 0.25 and loc in ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES"):
        return until(lambda: (lambda p: p if sum(c.isdigit() for c in p) >= 9 and "x" not in p else None)(fake(loc).phone_number()))
    form = R.choice(PHONES[loc])
    return "".join(R.choice("23456789") if c == "#" else c for c in form)


CARDS = [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16), ("3530", 16), ("36", 14), ("4", 13), ("4", 19), ("62", 16), ("5018", 16)]


def payment_card(_):
    head, length = R.choice(CARDS)
    body = head + "".join(R.choice("0123456789") for _ in range(length - 1 - len(head)))
    number = body + luhn_digit(body)
    if length == 16 and R.random() < 0.55:
        return groups(number, [4] * 4, R.choice(" -."))
    if length == 15 and R.random() < 0.5:
        return groups(number, [4, 6, 5], R.choice(" -"))
    return number


def iban(_):
    country = R.choice([("DE", 18), ("GB", "NWBK" + "#" * 14), ("FR", 23), ("ES", 20), ("IT", "X" + "#" * 22), ("NL", "ABNA" + "#" * 10), ("PL", 24), ("SE", 20), ("AT", 16), ("BE", 12), ("CH", 17), ("PT", 21)])
    body = country[1] if isinstance(country[1], str) else "#" * country[1]
    body = "".join(R.choice("0123456789") if c == "#" else c for c in body)
    value = "".join(str(int(c, 36)) for c in body + country[0] + "00")
    text = f"{country[0]}{98 - int(value) % 97:02d}{body}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)) if R.random() < 0.5 else text


def us_ssn(_):
    area = until(lambda: (lambda a: a if a != 666 else None)(R.randint(1, 899)))
    return R.choice(["{:03d}-{:02d}-{:04d}"] * 4 + ["{:03d} {:02d} {:04d}"]).format(area, R.randint(1, 99), R.randint(1, 9999))


def uk_nino(_):
    head = R.choice("ABCEGHJKLMNPRSTWXYZ") + R.choice("ABCEGHJKLMNPRSTWXYZ")
    if head in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
        head = "AB"
    d = digits(6, "0123456789")
    return R.choice([f"{head}{d}{R.choice('ABCD')}", f"{head} {d[:2]} {d[2:4]} {d[4:]} {R.choice('ABCD')}"])


def uk_nhs(_):
    def make():
        body = digits(9)
        check = 11 - weighted(body, range(10, 1, -1)) % 11
        return None if check == 10 else body + str(check % 11)
    return R.choice([until(make), groups(until(make), [3, 3, 4], " ")])


def es_nif(_):
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if R.random() < 0.4:
        head, n = R.choice("XYZ"), digits(7, "0123456789")
        return head + n + letters[int(str("XYZ".index(head)) + n) % 23]
    n = digits(8)
    return n + R.choice(["", "-"]) + letters[int(n) % 23]


def it_codice_fiscale(_):
    odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
    body = "".join(R.choice("BCDFGLMNPRSTVZ") for _ in range(6)) + f"{R.randint(30, 99)}{R.choice('ABCDEHLMPRST')}{R.randint(1, 28):02d}{R.choice('ABCDEFGHI')}{R.randint(100, 999)}"
    value = lambda c: int(c) if c.isdigit() else ord(c) - 65
    total = sum(odd[value(c)] if i % 2 == 0 else value(c) for i, c in enumerate(body))
    return body + chr(65 + total % 26)


def fr_nir(_):
    body = f"{R.choice('12')}{R.randint(30, 99)}{R.randint(1, 12):02d}{R.randint(1, 95):02d}{R.randint(1, 990):03d}{R.randint(1, 999):03d}"
    key = f"{97 - int(body) % 97:02d}"
    return R.choice([body + key, groups(body, [1, 2, 2, 2, 3, 3], " ") + " " + key])


def de_steuer_id(_):
    def make():
        pool = R.sample("0123456789", 9)
        body = pool + [R.choice(pool)]
        R.shuffle(body)
        if body[0] == "0":
            return None
        product = 10
        for d in body:
            total = (int(d) + product) % 10 or 10
            product = total * 2 % 11
        return "".join(body) + str((11 - product) % 10)
    text = until(make)
    return R.choice([text, groups(text, [2, 3, 3, 3], " ")])


def in_aadhaar(_):
    return groups(until(lambda: (lambda n: n if verhoeff(n) else None)(digits(12, "23456789"))), [4, 4, 4], R.choice([" ", "-", ""]))


D = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
     [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    P.append([P[-1][P[1][i]] for i in range(10)])


def verhoeff(text):
    c = 0
    for i, d in enumerate(reversed(text)):
        c = D[c][P[i % 8][int(d)]]
    return c == 0


def br_cpf(_):
    body = digits(9)
    for n in (9, 10):
        body += str(weighted(body, range(n + 1, 1, -1)) * 10 % 11 % 10)
    return R.choice([body, f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"])


def ca_sin(_):
    body = digits(8, "1234567")
    return groups(body + luhn_digit(body), [3, 3, 3], R.choice([" ", "-", ""]))


def au_tfn(_):
    text = until(lambda: (lambda n: n if weighted(n, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0 else None)(digits(9)))
    return groups(text, [3, 3, 3], R.choice([" ", ""]))


def nl_bsn(_):
    text = until(lambda: (lambda n: n if weighted(n, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0 else None)(digits(9)))
    return R.choice([text, text, groups(text, [4, 2, 3], ".")])


def pl_pesel(_):
    body = f"{R.randint(40, 99)}{R.randint(1, 12):02d}{R.randint(1, 28):02d}{digits(4, '0123456789')}"
    return body + str(-weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def se_personnummer(_):
    body = f"{R.randint(40, 99)}{R.randint(1, 12):02d}{R.randint(1, 28):02d}{digits(3, '0123456789')}"
    text = body + luhn_digit(body)
    return R.choice(["", "19"]) + text[:6] + R.choice(["-", "-", ""]) + text[6:]


def street_address(loc):
    f = fake(loc)
    def make():
        text = f.street_address().split("\n")[0]
        # In these two locales Faker makes up streets that no reader would take for one.
        return text if any(c.isdigit() for c in text) and len(text) > 8 else None
    if loc == "en_IN":
        return f"{R.randint(1, 400)} {R.choice(['MG', 'Nehru', 'Linking', 'Residency', 'Station'])} Road"
    return until(make)


def postcode(loc):
    return fake(loc).postcode()


def date_of_birth(loc):
    d = fake(loc).date_of_birth(minimum_age=18, maximum_age=90)
    forms = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
    if loc.startswith("en"):
        forms += ["%B %d, %Y", "%d %B %Y", "%m/%d/%Y", "%b %d %Y", "%d %b %Y"]
    return d.strftime(R.choice(forms))


def ip_address(_):
    f = fake("en_US")
    return R.choice([f.ipv4_public, f.ipv4_private, f.ipv6])()


def mac_address(_):
    raw = "".join(R.choice("0123456789abcdef") for _ in range(12))
    form = R.choice([":", "-", "."])
    text = groups(raw, [4] * 3, ".") if form == "." else groups(raw, [2] * 6, form)
    return text.upper() if R.random() < 0.5 else text


def url_credentials(_):
    return f"{fake('en_US').user_name()}:{password('en_US').replace('@', 'q').replace('/', 'k').replace('#', 'h').replace('?', 'v').replace(':', 'c')}"


ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def rand(n, alphabet=ALNUM):
    return "".join(R.choice(alphabet) for _ in range(n))


def secret(_):
    return R.choice([lambda: "AKIA" + rand(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), lambda: "AIza" + rand(35), lambda: "ghp_" + rand(36), lambda: "github_pat_" + rand(22) + "_" + rand(59),
                     lambda: f"xoxb-{digits(12)}-{digits(12)}-{rand(24)}", lambda: "sk_live_" + rand(24), lambda: "glpat-" + rand(20), lambda: "sk-proj-" + rand(48),
                     lambda: "npm_" + rand(36), lambda: f"SG.{rand(22)}.{rand(43)}", lambda: "hf_" + rand(34)])()


def secret_keyed(_):
    return R.choice([rand(32), rand(40), rand(64, "0123456789abcdef"), base64.b64encode(R.randbytes(32)).decode()])


def private_key(_):
    body = "\n".join(rand(64, ALNUM + "+/") for _ in range(4))
    kind = R.choice(["RSA ", "EC ", "", "OPENSSH "])
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


def jwt(_):
    part = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
    return ".".join([part({"alg": "HS256", "typ": "JWT"}), part({"sub": digits(6), "exp": 1790000000}), rand(43)])


def password(_):
    f = fake("en_US")
    word = lambda: f.word().capitalize()
    return R.choice([lambda: word() + digits(4), lambda: f.password(length=12, special_chars=True).replace('"', "x").replace("'", "y").replace("<", "z"), lambda: f"{f.word()}-{f.word()}-{digits(2)}",
                     lambda: word() + "!" + digits(3), lambda: f.word() + f.word()])()


def crypto_wallet(_):
    if R.random() < 0.5:
        return "0x" + rand(40, "0123456789abcdefABCDEF")
    raw = b"\0" + R.randbytes(20)
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    n, out = int.from_bytes(raw, "big"), ""
    while n:
        n, r = divmod(n, 58)
        out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[r] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def gps_coordinates(_):
    f = fake("en_US")
    return f"{float(f.latitude()):.{R.randint(4, 6)}f}{R.choice([', ', ',', ' '])}{float(f.longitude()):.{R.randint(4, 6)}f}"


def passport(loc):
    return {"en_US": digits(9), "en_GB": digits(9), "de_DE": "C" + rand(8, "CFGHJKLMNPRTVWXYZ0123456789"), "fr_FR": f"{digits(2)}{rand(2, 'ABCDEF')}{digits(5)}", "en_IN": R.choice("JKLMNPRSZ") + digits(7),
            "en_CA": rand(2, "ABGHJ") + digits(6), "en_AU": R.choice("NPE") + digits(7), "it_IT": "YA" + digits(7)}.get(loc) or "X" + digits(8)


def driver_licence(loc):
    return R.choice([lambda: R.choice("ABDFS") + digits(7), lambda: digits(8), lambda: f"{R.choice('DSW')}{digits(3)}-{digits(4)}-{digits(4)}", lambda: "MORGA" + digits(6) + "SM9IJ"])()


def person_name(loc):
    f = fake(loc)
    return R.choice([lambda: f"{f.first_name()} {f.last_name()}"] * 3 + [f.last_name, f.first_name])()


KINDS = ["email", "phone", "payment_card", "iban", "us_ssn", "uk_nino", "uk_nhs", "es_nif", "it_codice_fiscale", "fr_nir", "de_steuer_id", "in_aadhaar", "br_cpf", "ca_sin", "au_tfn",
         "nl_bsn", "pl_pesel", "se_personnummer", "street_address", "postcode", "date_of_birth", "ip_address", "mac_address", "url_credentials", "secret", "secret_keyed", "private_key", "jwt", "password",
         "crypto_wallet", "gps_coordinates", "passport", "driver_licence", "person_name"]
HOME = {"us_ssn": "en_US", "uk_nino": "en_GB", "uk_nhs": "en_GB", "es_nif": "es_ES", "it_codice_fiscale": "it_IT", "fr_nir": "fr_FR", "de_steuer_id": "de_DE", "in_aadhaar": "en_IN", "br_cpf": "pt_BR",
        "ca_sin": "en_CA", "au_tfn": "en_AU", "nl_bsn": "nl_NL", "pl_pesel": "pl_PL", "se_personnummer": "sv_SE"}


def value(kind, loc):
    # Some of Faker's addresses end in a space.
    return globals()[kind](loc).strip()


# ---- cases --------------------------------------------------------------------------------------------------------

def escape(token):
    return str(token).replace("~", "~0").replace("/", "~1")


def case(part, kind, event, path, start, end, in_key=False):
    node = event
    for token in path if not in_key else path[:-1]:
        node = node[token]
    text = path[-1] if in_key else node if isinstance(node, str) else json.dumps(node)
    key = next((t for t in reversed(path) if isinstance(t, str)), "") if not in_key else ""
    return {"part": part, "type": kind, "event": event, "pointer": "/" + "/".join(escape(t) for t in path), "in_key": in_key, "text": text, "key": key, "start": start, "end": end}


def noise(T):
    return R.choice(T.NOISE)()


def in_text(T, part, kind, text, start, end):
    """Puts a free text somewhere into an event."""
    key = R.choice(T.TEXT_KEYS)
    shape = R.randrange(4)
    extra = noise(T)
    if shape == 0:
        return case(part, kind, {"surface": "chat", "input": {"thread_id": "th_" + rand(8), "role": "user", key: text, **extra}}, ["input", key], start, end)
    if shape == 1:
        return case(part, kind, {"surface": "bossman", "metadata": extra, "output": {"entries": [{"level": "info", key: text}]}}, ["output", "entries", 0, key], start, end)
    if shape == 2:
        return case(part, kind, {"input": {"items": [text, "ok"]}, "metadata": extra}, ["input", "items", 0], start, end)
    return case(part, kind, {"input": {"extra": {"body": {key: text}}}, "output": extra}, ["input", "extra", "body", key], start, end)


def sentence(T, kind, loc):
    own = T.SENTENCES.get(kind, [])
    lang = loc.split("_")[0]
    options = [s for s in own if not isinstance(s, tuple)] + [s for l, s in (t for t in own if isinstance(t, tuple)) if l == lang] * 2
    return R.choice(options) if options else None


def plain(T, kind, loc):
    v = value(kind, loc)
    keys, files = T.KEYS.get(kind, []), T.FILES.get(kind, [])
    lang = loc.split("_")[0]
    keys = [k for k in keys if not isinstance(k, tuple)] + [k for l, k in (t for t in keys if isinstance(t, tuple)) if l == lang]
    ways = (["sentence"] * 4 if T.SENTENCES.get(kind) else []) + (["key"] * 3 + ["line", "csv", "table", "embedded"] if keys else []) + (["file"] if files else [])
    way = R.choice(ways)
    spoken = kind not in ("secret_keyed",)
    name = "secret" if kind == "secret_keyed" else kind
    if way == "sentence" and spoken:
        before, after = sentence(T, kind, loc).split("{}")
        return in_text(T, "plain", name, before + v + after, len(before), len(before) + len(v))
    if way == "file":
        before, after = R.choice(files).split("{}")
        v = v.replace("/", "_").replace(" ", R.choice(["_", "_", " "]))
        key, extra = R.choice(T.FILE_KEYS), noise(T)
        return case("plain", name, {"surface": "media", "input": {"media_type": "image/png", key: before + v + after}, "output": extra}, ["input", key], len(before), len(before) + len(v))
    key = R.choice(keys)
    if kind == "private_key" or way in ("key", "sentence"):
        shape = R.randrange(4)
        extra = noise(T)
        if shape == 0:
            return case("plain", name, {"input": {key: v, **extra}}, ["input", key], 0, len(v))
        holder = R.choice(T.HOLDERS)
        if shape == 1:
            return case("plain", name, {"output": {holder: {"id": "u_" + rand(6), key: v}, **extra}}, ["output", holder, key], 0, len(v))
        if shape == 2:
            return case("plain", name, {"input": {holder + "s": [{"n": 1, **extra}, {key: v}]}}, ["input", holder + "s", 1, key], 0, len(v))
        return case("plain", name, {"input": {"extra": {"data": {holder: {key: [v]}}}}}, ["input", "extra", "data", holder, key, 0], 0, len(v))
    if way == "line":
        form = R.choice(T.LINES)
        quoted = f'"{v}"' if " " in v or R.random() < 0.3 else v
        before, after = form.replace("KEY", key.replace(" ", "_")).split("{}")
        start = len(before) + (1 if quoted != v else 0)
        return in_text(T, "plain", name, before + quoted + after, start, start + len(v))
    if way in ("csv", "table"):
        sep = R.choice([",", ";"]) if way == "csv" else R.choice(["\t", " | "])
        if sep.strip() and sep.strip() in v:
            sep = "\t"
        head, row = ["id", key, "status"], [digits(4), v, "active"]
        if R.random() < 0.5:
            head, row = head[1:], row[1:]
        text = sep.join(head) + "\n"
        start = len(text) + sum(len(c) + len(sep) for c in row[: row.index(v)])
        return in_text(T, "plain", name, text + sep.join(row) + "\n", start, start + len(v))
    inner = json.dumps({"id": digits(5), R.choice(T.HOLDERS): {key: v, "ok": True}}, ensure_ascii=False)
    escaped = json.dumps(v, ensure_ascii=False)[1:-1]
    start = inner.index(escaped, inner.index(json.dumps(key, ensure_ascii=False)) + len(key))
    return in_text(T, "plain", name, inner, start, start + len(escaped))


FULL = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}
EVIDENT = {"email", "payment_card", "iban", "us_ssn", "ip_address", "br_cpf", "es_nif", "secret", "it_codice_fiscale", "uk_nino", "crypto_wallet", "mac_address"}


def sprinkle(text, marks):
    return "".join(c + (R.choice(marks) if R.random() < 0.35 and i + 1 < len(text) else "") for i, c in enumerate(text))


def adversarial(T, kind, loc):
    v = value(kind, loc)
    name = "secret" if kind == "secret_keyed" else kind
    if kind in ("person_name", "secret_keyed") or not T.SENTENCES.get(kind):
        key = R.choice([k for k in T.KEYS[kind] if not isinstance(k, tuple)])
        inner = json.dumps({key: v}, ensure_ascii=R.random() < 0.5)
        how = R.randrange(3)
        if how == 0:
            inner = json.dumps({"body": inner}, ensure_ascii=False)
        elif how == 1:
            inner = base64.b64encode(inner.encode()).decode()
        return in_text(T, "adversarial", name, inner, 0, len(inner)) if how == 1 else whole_value(T, name, inner, json.dumps({key: v}))
    before, after = sentence(T, kind, loc).split("{}")
    how = R.choice(["percent", "entities", "base64", "wide", "zero", "dash", "key", "number", "nested", "space", "twice", "hex", "url", "escape", "whole"])
    hidden = v
    if how == "percent":
        hidden = "".join(f"%{b:02X}" if R.random() < 0.4 or not chr(b).isalnum() else chr(b) for b in v.encode())
    elif how == "entities":
        hidden = "".join(R.choice([f"&#{ord(c)};", f"&#x{ord(c):X};"]) if R.random() < 0.5 or not c.isalnum() else html.escape(c) for c in v)
    elif how == "base64" and kind in EVIDENT:
        hidden = base64.b64encode(v.encode()).decode()
    elif how == "hex" and kind in EVIDENT:
        hidden = v.encode().hex()
    elif how == "base64" or how == "hex":
        text = base64.b64encode((before + v + after).encode()).decode()
        return in_text(T, "adversarial", name, text, 0, len(text))
    elif how == "wide":
        hidden = v.translate(FULL)
    elif how == "zero":
        hidden = sprinkle(v, ["\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060"])
    elif how == "dash":
        hidden = v.replace("-", R.choice("‐‑–—−")).replace(" ", R.choice("\u00a0\u2009\u202f\u3000"))
    elif how == "key" and kind in EVIDENT and kind != "private_key":
        event = {"output": {"by_owner": {v: R.randint(1, 9)}}}
        return case("adversarial", name, event, ["output", "by_owner", v], 0, len(v), True)
    elif how == "number" and v.isdigit() and not v.startswith("0") and len(v) <= 16 and T.KEYS.get(kind):
        key = R.choice([k for k in T.KEYS[kind] if not isinstance(k, tuple)])
        return case("adversarial", name, {"input": {"record": {key: int(v)}}}, ["input", "record", key], 0, len(v))
    elif how == "nested":
        inner = json.dumps({"message": before + v + after}, ensure_ascii=False)
        for _ in range(R.randint(0, 2)):
            inner = json.dumps({"payload": inner}, ensure_ascii=False)
        escaped = v
        while escaped not in inner:
            escaped = json.dumps(escaped, ensure_ascii=False)[1:-1]
            if len(escaped) > 40 * len(v):
                return None
        start = inner.index(escaped)
        return in_text(T, "adversarial", name, inner, start, start + len(escaped))
    elif how == "space":
        hidden = v.replace("-", " ") if "-" in v else v.replace(" ", ".") if kind in ("payment_card", "us_ssn", "phone") else v
        if kind in ("mac_address", "secret", "jwt", "private_key", "password", "url_credentials", "date_of_birth", "email", "ip_address", "gps_coordinates", "street_address"):
            hidden = v
    elif how == "twice":
        hidden = urllib.parse.quote(urllib.parse.quote(v, safe=""), safe="")
    elif how == "url":
        hidden = f"https://{fake('en_US').domain_name()}/cb?ref=1&q=" + urllib.parse.quote(v, safe="") if kind in EVIDENT else urllib.parse.quote_plus(v)
    elif how == "escape":
        hidden = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 and (R.random() < 0.4 or not c.isalnum()) else c for c in v)
    elif how == "whole":
        text = urllib.parse.quote(before + v + after)
        inner = urllib.parse.quote(v)
        start = len(urllib.parse.quote(before))
        return in_text(T, "adversarial", name, text, start, start + len(inner))
    start = len(before) + (hidden.index("&q=") + 3 if hidden.startswith("https://") and how == "url" and kind in EVIDENT else 0)
    return in_text(T, "adversarial", name, before + hidden + after, start, len(before) + len(hidden))


def whole_value(T, name, inner, wanted):
    """The value inside the innermost JSON string."""
    value_text = wanted.split(": ", 1)[1][1:-2]
    for _ in range(6):
        if value_text in inner:
            break
        value_text = json.dumps(value_text, ensure_ascii=False)[1:-1]
    at = inner.rfind(value_text)
    if at < 0:
        text = json.loads(wanted)
        value_text = next(iter(text.values()))
        at = inner.rfind(value_text)
        if at < 0:
            return None
    return in_text(T, "adversarial", name, inner, at, at + len(value_text))


def corpus(T, seed, each):
    R.seed(seed)
    faker.Faker.seed(seed)
    for kind in KINDS:
        for _ in range(each):
            yield plain(T, kind, HOME.get(kind) or R.choice(LOCALES))
        for _ in range(each // 2):
            made = adversarial(T, kind, HOME.get(kind) or R.choice(LOCALES))
            if made:
                yield made
    for _ in range(each * 25):
        look, v, form, key = T.negative(sys.modules[__name__])
        if form is None:
            yield case("negative", look, {"input": {key: v}, "output": noise(T)}, ["input", key], 0, len(str(v)))
        else:
            before, after = form.split("{}")
            yield in_text(T, "negative", look, before + v + after, len(before), len(before) + len(v))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="a", choices=["a", "b"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=60, help="plain cases of each type")
    args = parser.parse_args()
    templates = importlib.import_module(f"stranger_{args.set}")
    for made in corpus(templates, args.seed, args.each):
        print(json.dumps(made, ensure_ascii=False))


if __name__ == "__main__":
    main()
