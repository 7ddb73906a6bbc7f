"""Values for `stranger_c.py`: telephones from Google's metadata, identifiers proved by python-stdnum, accounts by schwifty."""

import base64
import hashlib
import ipaddress
import json
import random
import string

import faker
import phonenumbers
import schwifty
from stdnum import luhn
from stdnum.au import tfn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

R = random.Random()
FAKERS = {}
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def fake(*locales):
    locale = R.choice(locales)
    if locale not in FAKERS:
        FAKERS[locale] = faker.Faker(locale)
        FAKERS[locale].seed_instance(R.getrandbits(32))
    return FAKERS[locale]


def some(alphabet, n):
    return "".join(R.choice(alphabet) for _ in range(n))


def digits(n):
    return some("0123456789", n)


def until(make, holds):
    while True:
        value = make()
        if holds(value):
            return value


def grouped(text, sizes, mark):
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at:at + size])
        at += size
    return mark.join(part for part in parts + [text[at:]] if part)


def ascii_name():
    return R.choice("liam noor aoife mateusz ingrid paolo chidi yuki hannah tomas priya lars dolores kwame".split())


def email():
    first, last = ascii_name(), R.choice("okafor lindqvist brennan moreau kowalczyk rossi tanaka vandijk silva iyer".split())
    local = R.choice([f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}{R.randint(1, 99)}", f"{first}+{R.choice(['news', 'x9', 'test'])}",
                      f"{last}-{first}", f"{first}{R.randint(1950, 2009)}", f"{first.title()}.{last.title()}", f"o'{last}"])
    host = R.choice(["fastmail.com", "proton.me", "mail.corp.example.co.uk", "uni-heidelberg.de", "orange.fr", "libero.it", "wp.pl", "telia.se", "uol.com.br",
                     "my-clinic.health", "post.example.museum", "bücher.example", "xn--bcher-kva.example", "MAIL.EXAMPLE.ORG", "a.io"])
    return f"{local}@{host}"


REGIONS = "US GB CA AU DE FR ES IT NL PL SE BR IN NO DK FI PT IE CH AT BE JP MX ZA CZ GR".split()


def phone_of(regions, formats):
    region = R.choice(regions)
    kind = R.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
    sample = phonenumbers.example_number_for_type(region, kind)
    national = str(sample.national_number)

    def varied():
        keep = R.randint(3, 5)
        return phonenumbers.parse(f"+{sample.country_code}{'0' if sample.italian_leading_zero else ''}{national[:keep]}{digits(len(national) - keep)}")
    number = until(varied, phonenumbers.is_valid_number)
    return phonenumbers.format_number(number, R.choice(formats))


F = phonenumbers.PhoneNumberFormat


def phone():
    return phone_of(REGIONS, [F.INTERNATIONAL, F.INTERNATIONAL, F.E164])


def phone_national():
    text = phone_of("US GB CA AU DE FR ES IT NL PL SE BR IN NO DK".split(), [F.NATIONAL])
    return text if R.random() < 0.8 else text.replace(" ", R.choice([".", "-"]))


def card():
    head, length = R.choice([("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16),
                             ("65", 16), ("3528", 16), ("6200", 16), ("62", 19), ("5018", 12), ("6304", 18), ("6759", 17), ("5020", 13)])
    body = head + digits(length - len(head) - 1)
    number = body + luhn.calc_check_digit(body)
    if length == 15:
        return grouped(number, [4, 6, 5], R.choice(["", " ", "-"]))
    return grouped(number, [4] * 4, R.choice(["", "", " ", "-"])) if length != 14 else grouped(number, [4, 6, 4], R.choice(["", " "]))


def iban():
    account = until(lambda: schwifty.IBAN.random(R.choice("DE FR ES IT NL PL SE GB BE AT CH PT IE NO DK FI BR".split()), random=R), lambda found: found.is_valid)
    return R.choice([str(account), account.formatted, account.formatted, grouped(str(account), [4] * 7, "-"), str(account).lower()])


def us_ssn():
    number = until(lambda: digits(9), ssn.is_valid)
    return ssn.format(number) if R.random() < 0.75 else grouped(number, [3, 2], R.choice([" ", ".", ""]))


def uk_nino():
    two = until(lambda: some("ABCEGHJKLMNOPRSTWXYZ", 1) + some("ABCEGHJKLMNPRSTWXYZ", 1), lambda two: two not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"))
    return grouped(two + digits(6) + R.choice("ABCD"), [2, 2, 2, 2], R.choice(["", " ", ""]))


def uk_nhs():
    return grouped(until(lambda: R.choice("4679") + digits(9), nhs.is_valid), [3, 3], R.choice([" ", "-", ""]))


def es_nif():
    if R.random() < 0.6:
        number = digits(8)
        return number + R.choice(["", "-", ""]) + dni.calc_check_digit(number)
    number = R.choice("XYZ") + digits(7)
    return number[0] + R.choice(["", "-"]) + number[1:] + R.choice(["", "-"]) + nie.calc_check_digit(number)


def it_codice_fiscale():
    body = some("BCDFGHLMNPRSTV", 6) + f"{R.randint(0, 99):02}" + R.choice("ABCDEHLMPRST") + f"{R.choice([0, 40]) + R.randint(1, 28):02}" + R.choice("ADFHL") + f"{R.randint(1, 999):03}"
    code = body + codicefiscale.calc_check_digit(body)
    return R.choice([code, code, code.lower(), grouped(code, [3, 3, 5], " ")])


def fr_nir():
    body = R.choice("12") + f"{R.randint(30, 99)}{R.randint(1, 12):02}{R.randint(1, 95):02}{R.randint(1, 990):03}{R.randint(1, 999):03}"
    return grouped(body + nir.calc_check_digits(body), [1, 2, 2, 2, 3, 3], R.choice(["", " "]))


def de_steuer_id():
    number = until(lambda: R.choice("123456789") + digits(10), idnr.is_valid)
    return grouped(number, [2, 3, 3], R.choice(["", " "]))


def in_aadhaar():
    body = R.choice("23456789") + digits(10)
    number = until(lambda: body + digits(1), lambda text: aadhaar.is_valid(text) or text[:4] == text[4:8])
    return grouped(number, [4, 4], R.choice(["", " ", "-"]))


def br_cpf():
    body = digits(9)
    number = body + cpf._calc_check_digits(body)
    return cpf.format(number) if R.random() < 0.7 else number


def ca_sin():
    return grouped(until(lambda: R.choice("1234567") + digits(8), sin.is_valid), [3, 3], R.choice([" ", "-", ""]))


def au_tfn():
    return grouped(until(lambda: R.choice("1234567") + digits(8), tfn.is_valid), [3, 3], R.choice([" ", ""]))


def nl_bsn():
    return grouped(until(lambda: digits(9), bsn.is_valid), [4, 2], R.choice(["", ".", ""]))


def birth():
    return R.randint(1938, 2010), R.randint(1, 12), R.randint(1, 28)


def pl_pesel():
    year, month, day = birth()
    body = f"{year % 100:02}{month + (20 if year >= 2000 else 0):02}{day:02}{digits(4)}"
    return body + pesel.calc_check_digit(body)


def se_personnummer():
    year, month, day = birth()
    body = f"{year % 100:02}{month:02}{day:02}{digits(3)}"
    check = luhn.calc_check_digit(body)
    text = R.choice([f"{year}{body[2:6]}-{body[6:]}{check}", f"{body[:6]}-{body[6:]}{check}", f"{year}{body[2:]}{check}"])
    assert personnummer.is_valid(text)
    return text


def date_of_birth():
    year, month, day = birth()
    name = "January February March April May June July August September October November December".split()[month - 1]
    return R.choice([f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}", f"{month:02}/{day:02}/{year}", f"{day}.{month}.{year}", f"{day} {name} {year}", f"{name} {day}, {year}",
                     f"{day:02}-{name[:3].upper()}-{year}", f"{year}/{month:02}/{day:02}", f"{name[:3]} {day} {year}", f"{year}{month:02}{day:02}"])


ADDRESS_LOCALES = "en_US en_GB en_CA en_AU de_DE fr_FR es_ES it_IT nl_NL pl_PL sv_SE pt_BR en_IN da_DK no_NO pt_PT de_AT fr_CA en_IE es_MX".split()


def street_address():
    return fake(*ADDRESS_LOCALES).street_address().replace("\n", ", ")


def postcode():
    return fake("en_US", "en_GB", "en_CA", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "pt_BR", "en_AU", "en_IN").postcode()


def ip_address():
    four = until(lambda: str(ipaddress.IPv4Address(R.getrandbits(32))), lambda text: text.split(".")[0] not in ("0", "127", "255"))
    six = ipaddress.IPv6Address((R.choice([0x20010DB8, 0x2A000000, 0xFE800000, 0x26064700]) << 96) | (R.getrandbits(64) if R.random() < 0.6 else R.getrandbits(16)))
    return R.choice([four, four, str(six), six.exploded if R.random() < 0.5 else str(six).upper(), f"::ffff:{four}"])


def mac_address():
    text = some(HEX, 12)
    mark = R.choice([":", "-", ":"])
    text = grouped(text, [2] * 6, mark) if R.random() < 0.85 else grouped(text, [4] * 3, ".")
    return text.upper() if R.random() < 0.5 else text


def url_credentials():
    user, word = ascii_name(), some(ALNUM, R.randint(9, 20))
    host = R.choice(["db.internal:5432/app", "git.example.org/team/repo.git", "cache-1:6379/0", "ftp.example.net/in"])
    scheme = R.choice(["postgres", "https", "redis", "mongodb+srv", "ftp", "amqps"])
    return R.choice([(f"{scheme}://", f"{user}:{word}", f"@{host}"), (f"https://api.example.org/v2/items?page=2&access_token=", word + some(ALNUM, 12), "&sort=asc"),
                     ("https://files.example.org/get?id=7&X-Amz-Signature=", some(HEX, 64), ""), ("https://app.example.org/cb#access_token=", some(ALNUM, 40), "&state=1"),
                     ("https://hook.example.org/in?api_key=", some(HEX, 32), ""), ("https://x.blob.example.net/c/f?sv=2024-01-01&sig=", some(ALNUM, 43) + "%3D", "&se=1")])


def secret():
    return R.choice([lambda: "AKIA" + some(string.ascii_uppercase + "234567", 16), lambda: "ASIA" + some(string.ascii_uppercase + "234567", 16), lambda: "AIza" + some(ALNUM + "_-", 35),
                     lambda: "ghp_" + some(ALNUM, 36), lambda: "gho_" + some(ALNUM, 36), lambda: "github_pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59),
                     lambda: f"xoxb-{digits(12)}-{digits(12)}-{some(ALNUM, 24)}", lambda: "xoxp-" + digits(11) + "-" + some(HEX, 32), lambda: "sk_live_" + some(ALNUM, 24),
                     lambda: "rk_test_" + some(ALNUM, 24), lambda: "whsec_" + some(ALNUM, 32), lambda: "glpat-" + some(ALNUM + "_-", 19) + "a", lambda: "npm_" + some(ALNUM, 36),
                     lambda: "pypi-AgEIcHlwaS5vcmc" + some(ALNUM + "-_", 60), lambda: f"SG.{some(ALNUM, 22)}.{some(ALNUM, 43)}", lambda: "sk-proj-" + some(ALNUM, 48), lambda: "sk-ant-api03-" + some(ALNUM, 80) + "AA",
                     lambda: "hf_" + some(string.ascii_letters, 34), lambda: "ya29." + some(ALNUM + "_-", 60), lambda: "dop_v1_" + some(HEX, 64), lambda: "AC" + some(HEX, 32), lambda: "shpat_" + some(HEX, 32),
                     lambda: f"{digits(10)}:AA{some(ALNUM + '_-', 33)}", lambda: "key-" + some(HEX, 32), lambda: "EAAC" + some(ALNUM, 100), lambda: "hvs." + some(ALNUM, 24), lambda: "PMAK-" + some(HEX, 24) + "-" + some(HEX, 34)])()


def high_entropy():
    return R.choice([some(ALNUM, 32), some(HEX, 40), some(ALNUM + "+/", 43) + "=", some(ALNUM + "_-", 27), some(HEX, 64)])


def private_key():
    kind = R.choice(["RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "])
    lines = "\n".join(some(ALNUM + "+/", 64) for _ in range(R.randint(2, 6)))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n{some(ALNUM, 20)}==\n-----END {kind}PRIVATE KEY-----"


def jwt():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
    head = R.choice([{"alg": "HS256", "typ": "JWT"}, {"typ": "JWT", "alg": "RS256"}, {"kid": some(HEX, 8), "alg": "EdDSA"}])
    return ".".join([part(head), part({"sub": digits(6), "iat": 1700000000 + R.randint(0, 9999999)}), some(ALNUM + "_-", R.choice([43, 86, 342]))])


def password():
    return R.choice(["sunshine", "letmein", "Winter2024!", "correct horse battery staple", some(ALNUM + "!#$%*?", R.randint(8, 18)), "p@ss w0rd", "123456", "qwerty", "ПарольДня7", "Zażółć9", "changeme"])


def odd_password():
    return until(lambda: some(ALNUM + "!#$*?", R.randint(8, 14)), lambda text: any(c.isdigit() for c in text) and any(c.isalpha() for c in text) and text[0].isalnum() and text[-1].isalnum())


B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(version, payload):
    raw = version + payload
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = B58[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def bech32(hrp, version, program):
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{byte:08b}" for byte in program)
    data = [version] + [int(bits[at:at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    def polymod(values):
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1FFFFFF) << 5 ^ value
            for i, gen in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
                check ^= gen if top >> i & 1 else 0
        return check
    head = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    mod = polymod(head + data + [0] * 6) ^ (1 if version == 0 else 0x2BC830A3)
    return hrp + "1" + "".join(charset[value] for value in data + [mod >> 5 * (5 - i) & 31 for i in range(6)])


def crypto_wallet():
    body = R.randbytes(20)
    return R.choice([base58check(b"\0", body), base58check(b"\5", body), bech32("bc", 0, body), bech32("bc", 1, R.randbytes(32)), bech32("ltc", 0, body), "0x" + body.hex(), "0x" + body.hex(),
                     base58check(b"\x30", body), base58check(b"\x41", body), base58check(b"\x1e", body)])


def gps():
    lat, lon, n = R.uniform(-60, 68), R.uniform(-170, 170), R.randint(4, 6)
    return R.choice([f"{lat:.{n}f}, {lon:.{n}f}", f"{lat:.{n}f},{lon:.{n}f}", f"{abs(lat):.{n}f}° {'N' if lat > 0 else 'S'}, {abs(lon):.{n}f}° {'E' if lon > 0 else 'W'}",
                     f"{abs(int(lat))}°{R.randint(0, 59)}'{R.uniform(0, 59):.1f}\"{'N' if lat > 0 else 'S'} {abs(int(lon))}°{R.randint(0, 59)}'{R.uniform(0, 59):.1f}\"{'E' if lon > 0 else 'W'}"])


def passport():
    return R.choice([digits(9), some("CFGHJKLMNPRTVWXYZ", 1) + some("0123456789CFGHJKLMNPRTVWXYZ", 8), some(string.ascii_uppercase, 2) + digits(7), f"{digits(2)}{some(string.ascii_uppercase, 2)}{digits(5)}",
                     some(string.ascii_uppercase, 1) + digits(8), some(string.ascii_uppercase, 3) + digits(6)])


def driver_licence():
    up = string.ascii_uppercase
    return R.choice([some(up, 1) + digits(7), some(up, 5) + digits(6) + some(up, 2) + digits(1) + some(up, 2), digits(9), some(up, 1) + digits(12), f"{some(up, 1)}{digits(3)}-{digits(4)}-{digits(4)}", some(up, 2) + digits(7) + some(up, 1), digits(10)])


def person_name():
    person = fake("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "pt_BR", "en_IN", "cs_CZ", "el_GR", "ja_JP", "uk_UA", "tr_TR")
    return R.choice([person.name, person.last_name, person.first_name])()
