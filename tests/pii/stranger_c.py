"""Writes a third corpus from elsewhere: whole events, written without a look at the rules. Values are in `stranger_c_values.py`.

One JSON line per gold span, as in `stranger.py`; several lines may share an event. Four events in five hold personal data.

    pip install -r tests/pii/requirements.txt
    python tests/pii/stranger_c.py --seed 3 --each 100 > c.jsonl
"""

import argparse
import base64
import copy
import html
import json
import re
import sys
import urllib.parse
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import stranger_c_templates as T  # noqa: E402
import stranger_c_values as V  # noqa: E402

R = V.R
WORDS = "harbor lantern quartz meadow falcon cobalt orchid tundra ember nimbus saffron glacier".split()
# What the values' module calls otherwise.
MAKERS = {"payment_card": V.card, "secret_keyed": V.high_entropy, "gps_coordinates": V.gps, "lat": lambda: f"{R.uniform(-60, 68):.5f}", "lon": lambda: f"{R.uniform(-170, 170):.5f}",
          "basic": lambda: base64.b64encode(f"{V.ascii_name()}:{V.some(V.ALNUM, 11)}".encode()).decode()}
# How each is counted in the report.
COUNTED = {"phone_national": "phone", "odd_password": "password", "lat": "gps_coordinates", "lon": "gps_coordinates", "basic": "secret", "secret_keyed": "secret"}


def stamp():
    return f"20{R.randint(19, 26)}-{R.randint(1, 12):02}-{R.randint(1, 28):02}"


def epoch(n):
    return str(R.randint(16 * 10 ** (n - 2), 18 * 10 ** (n - 2)))


def ean13():
    body = R.choice(["40", "50", "87", "30", "978"]).ljust(12, "x").replace("x", "0")[:3] + V.digits(9)
    return body + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body)) % 10)


def no_luhn():
    return V.until(lambda: "4" + V.digits(15), lambda text: not V.luhn.is_valid(text))


HARMLESS = {
    "uuid": lambda: str(uuid.UUID(int=R.getrandbits(128) & ~(0xF000C << 60) | R.choice([4, 7]) << 76 | 8 << 60)), "hex7": lambda: V.some(V.HEX, 7), "hex6": lambda: V.some(V.HEX, 6), "hex16": lambda: V.some(V.HEX, 16),
    "hex32": lambda: V.some(V.HEX, 32), "hex40": lambda: V.some(V.HEX, 40), "hex64": lambda: V.some(V.HEX, 64), "date": stamp, "word": lambda: R.choice(WORDS), "int": lambda: str(R.randint(2, 99999)),
    "iso": lambda: f"{stamp()}T{R.randint(0, 23):02}:{R.randint(0, 59):02}:{R.randint(0, 59):02}{R.choice(['Z', '.123Z', '+02:00', '.000000Z'])}", "int6": lambda: V.digits(6), "float": lambda: f"{R.uniform(0, 400):.{R.randint(1, 6)}f}",
    "semver": lambda: f"{R.randint(0, 20)}.{R.randint(0, 40)}.{R.randint(0, 30)}{R.choice(['', '', '-rc.1', '+build.7'])}", "quad": lambda: f"{R.randint(1, 31)}.{R.randint(0, 9)}.{R.randint(300, 30000)}.{R.randint(300, 9000)}",
    "order": lambda: R.choice([f"ORD-{V.digits(8)}", f"{V.digits(3)}-{V.digits(7)}-{V.digits(7)}", f"#{V.digits(5)}", f"SO{V.digits(9)}"]), "sku": lambda: f"{V.some('ABCDEFGH', 3)}-{V.digits(4)}-{V.some('XLMS', 2)}",
    "noluhn": no_luhn, "epoch_ms": lambda: epoch(13), "epoch_s": lambda: epoch(10), "price": lambda: R.choice(["€ {}", "${}", "{} EUR", "USD {}"]).format(f"{R.randint(1, 9999):,}.{R.randint(0, 99):02}"),
    "iso_duration": lambda: f"PT{R.randint(1, 59)}M{R.randint(1, 59)}S", "clock": lambda: f"{R.randint(0, 23):02}:{R.randint(0, 59):02}:{R.randint(0, 59):02}", "isbn": lambda: "978-3-16-" + V.digits(6) + "-" + V.digits(1), "ean": ean13,
    "agent": lambda: f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{R.randint(90, 140)}.0.{R.randint(0, 6999)}.{R.randint(0, 250)} Safari/537.36", "tracking": lambda: V.some("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16),
    "ulid": lambda: "01" + V.some("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24), "b64text": lambda: base64.b64encode(json.dumps({"after": R.randint(1, 9999), "dir": "desc"}).encode()).decode(),
}
PLACE = re.compile(r"\{(~?)([a-z_0-9]+)\}")


def value(kind):
    made = MAKERS.get(kind) or getattr(V, kind)
    return made()


def fill(text):
    """The text with values in place of `{kind}`, and where each that must go lies."""
    out, spans, at = "", [], 0
    for place in PLACE.finditer(text):
        out += text[at:place.start()]
        harmless, kind = place.groups()
        if harmless:
            out += HARMLESS[kind]()
        elif kind == "url_credentials":
            before, hidden, after = value(kind)
            spans.append((kind, len(out) + len(before), len(out) + len(before) + len(hidden)))
            out += before + hidden + after
        else:
            made = value(kind)
            spans.append((kind, len(out), len(out) + len(made)))
            out += made
        at = place.end()
    return out + text[at:], spans


def filled(tree, path, found):
    if isinstance(tree, dict):
        return {key: filled(inner, [*path, key], found) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [filled(inner, [*path, str(at)], found) for at, inner in enumerate(tree)]
    if not isinstance(tree, str):
        return tree
    text, spans = fill(tree)
    found += [(kind, path, text, start, end) for kind, start, end in spans]
    return text


def case(part, kind, event, path, text, start, end, in_key=False):
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
    return {"part": part, "type": COUNTED.get(kind, kind), "event": event, "pointer": pointer, "in_key": in_key, "text": text, "key": path[-1], "start": start, "end": end}


def emit(part, tree):
    found = []
    event = filled(tree, [], found)
    yield from (case(part, kind, event, path, text, start, end) for kind, path, text, start, end in found)


def nested(key, leaf):
    """`user.mail` is a member of a member."""
    for step in reversed(key.split(".")):
        leaf = {step: leaf}
    return {"input": leaf}


def around(tree):
    """Beside the value, what every event has."""
    tree["output"] = fill(R.choice(['{"id":"{~uuid}"}', "{~iso}", "took {~int} ms", "{~semver}"]))[0]
    tree["input"].setdefault("extra", {"seq": R.randint(1, 10**6), "at": HARMLESS["iso"](), "ok": R.random() < 0.9})
    return tree


def plain(kind):
    places = []
    if kind in T.KEYS:
        places += [lambda: nested(R.choice(T.KEYS[kind]), "{" + kind + "}")] * 3
        places += [lambda: nested(R.choice(T.KEYS[kind]), R.choice([["{" + kind + "}", "{" + kind + "}"], ["{" + kind + "}"]]))]
        places += [lambda: {"input": {"fields": [{R.choice(["name", "key", "field", "label"]): R.choice(T.KEYS[kind]).split(".")[-1], "value": "{" + kind + "}"}]}}]
    if kind in T.SAID:
        wrap = ["{}", "{}", "FYI: {}", "{} — thanks", "[worker-3] {}", "a\tb\t{}", "note ({})", "{}, again"]
        places += [lambda: {"input": {R.choice(["text", "message", "body", "log", "comment", "reason"]): R.choice(wrap).format(R.choice(T.SAID[kind])).format("{" + kind + "}")}}] * 4
    if kind in T.FILED:
        places += [lambda: {"input": {R.choice(["filename", "file", "path", "title", "attachment"]): R.choice(["{}", "uploads/2024/{}", "C:\\docs\\{}"]).format(R.choice(T.FILED[kind])).format("{" + kind + "}")}}]
    return emit("plain", around(R.choice(places)()))


ZERO, DASHES, SPACES = "\u200b\u200c\u200d\u2060\ufeff\u00ad", "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "\u00a0\u2009\u202f\u3000\u2007"
STYLES = [(0x1D400, 0x1D41A, 0x1D7CE), (0x1D5A0, 0x1D5BA, 0x1D7E2), (0x1D670, 0x1D68A, 0x1D7F6)]


def styled(text):
    upper, lower, zero = R.choice(STYLES)
    return "".join(chr(upper + ord(c) - 65) if "A" <= c <= "Z" else chr(lower + ord(c) - 97) if "a" <= c <= "z" else chr(zero + ord(c) - 48) if "0" <= c <= "9" else c for c in text)


def between(text, marks, rate=0.3):
    out = "".join(c + (R.choice(marks) if R.random() < rate else "") for c in text[:-1]) + text[-1]
    return out if out != text else text[:2] + marks[0] + text[2:]


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def entity(text, rate):
    return "".join(R.choice([f"&#{ord(c)};", f"&#x{ord(c):x};", f"&#{ord(c):05};"]) if R.random() < rate or c in "@.-" else c for c in text)


def based(text):
    return R.choice([base64.b64encode, base64.urlsafe_b64encode])(text.encode()).decode().rstrip(R.choice(["", "="]))


HIDE = {
    "percent": lambda v: urllib.parse.quote(v, safe=""), "percent_all": lambda v: "".join(f"%{byte:02x}" for byte in v.encode()), "percent_twice": lambda v: urllib.parse.quote(urllib.parse.quote(v, safe=""), safe=""), "entity": lambda v: entity(v, 0.2),
    "entity_all": lambda v: entity(v, 1), "named": lambda v: v.replace("@", "&commat;").replace(".", "&period;") if "@" in v else html.escape(v), "base64": based, "wide": wide, "zero": lambda v: between(v, ZERO), "soft": lambda v: between(v, "\u00ad", 0.2),
    "dash": lambda v: re.sub("-", lambda _: R.choice(DASHES), v), "space": lambda v: re.sub(" ", lambda _: R.choice(SPACES), v), "style": styled, "wide_zero": lambda v: between(wide(v), ZERO, 0.2),
}
# A separator of another kind between the groups; only where a form with separators is usual.
REGROUP = {"payment_card", "us_ssn", "phone", "uk_nino", "in_aadhaar", "fr_nir", "iban"}
NUMBERS = {"payment_card", "us_ssn", "in_aadhaar", "br_cpf", "nl_bsn", "ca_sin", "au_tfn", "pl_pesel", "uk_nhs", "de_steuer_id", "phone"}
EVIDENT = {"email", "phone", "payment_card", "iban", "us_ssn", "ip_address", "jwt", "crypto_wallet", "mac_address", "it_codice_fiscale"}


def hidden(kind):
    """One event whose value is dressed up, or None where the dress does not fit."""
    how = R.choice([*HIDE, "key", "number", "nested", "separator", "sentence64", "sentence_percent", "nested_value"])
    if kind not in T.SAID and how != "nested_value":
        return None  # A name that nothing announces is no gold.
    said = R.choice(T.SAID.get(kind) or ["{}"])
    before, after = said.split("{}") if kind in T.SAID else ("", "")
    made = V.until(lambda: value(kind), lambda text: len(text) > 4)
    field = R.choice(["text", "message", "note"])
    if how in HIDE:
        dressed = HIDE[how](made)
        if dressed == made:
            return None
        if R.random() < 0.4 and kind in T.KEYS:
            key = R.choice(T.KEYS[kind]).split(".")[-1]
            return case("adversarial", kind, {"input": {key: dressed}}, ["input", key], dressed, 0, len(dressed))
        return case("adversarial", kind, {"input": {field: before + dressed + after}}, ["input", field], before + dressed + after, len(before), len(before) + len(dressed))
    if how == "key" and kind in EVIDENT:
        key = R.choice(["{}", "user:{}", "{}/seen", "by_{}"]).format(made)
        start = key.index(made)
        return case("adversarial", kind, {"input": {"counts": {key: 3}}}, ["input", "counts", key], key, start, start + len(made), in_key=True)
    if how == "number" and kind in NUMBERS:
        bare = re.sub(r"\D", "", made)
        if bare.startswith("0") or len(bare) > 16:
            return None
        key = R.choice(T.KEYS[kind]).split(".")[-1]
        return case("adversarial", kind, {"input": {key: int(bare)}}, ["input", key], bare, 0, len(bare))
    if how in ("nested", "nested_value"):
        inner = {R.choice(T.KEYS[kind]).split(".")[-1]: made} if how == "nested_value" and kind in T.KEYS else {"body": before + made + after}
        text, seen = json.dumps(inner, ensure_ascii=R.random() < 0.5), made
        for layer in range(R.randint(1, 3)):
            text = json.dumps({"payload": text, "n": layer}) if layer else text
        for _ in range(4):
            if seen in text:
                return case("adversarial", kind, {"input": {"raw": text}}, ["input", "raw"], text, text.rindex(seen), text.rindex(seen) + len(seen))
            seen = json.dumps(seen)[1:-1]
        return None
    if how == "separator" and kind in REGROUP:
        dressed = re.sub(r"[ -]", R.choice([".", "/", "_", "  ", " - "]), made)
        return None if dressed == made else case("adversarial", kind, {"input": {field: before + dressed + after}}, ["input", field], before + dressed + after, len(before), len(before) + len(dressed))
    if how in ("sentence64", "sentence_percent"):
        whole = before + made + after
        text = based(whole) if how == "sentence64" else urllib.parse.quote(whole)
        start, end = (0, len(text)) if how == "sentence64" else (len(urllib.parse.quote(before)), len(urllib.parse.quote(before + made)))
        if how == "sentence64":
            # Only the letters that carry the value must go; those around it may.
            start, end = (len(before.encode()) * 4 + 2) // 3 + 1, len((before + made).encode()) * 4 // 3
        return case("adversarial", kind, {"input": {field: text}}, ["input", field], text, start, min(end, len(text)))
    return None


def corpus(seed, each):
    R.seed(seed)
    V.faker.Faker.seed(seed)
    kinds = sorted(set(T.KEYS) | set(T.SAID))
    for kind in kinds:
        for _ in range(each):
            yield from plain(kind)
    for _ in range(each * 2):
        yield from emit("plain", copy.deepcopy(R.choice(T.WHOLE)))
    for kind in (kind for kind in kinds if kind not in ("url_credentials", "password")):
        wanted = each // 2
        while wanted:
            made = hidden(kind)
            if made:
                wanted -= 1
                yield made
    for _ in range(each * 20):
        key, template = R.choice(T.NEGATIVE)
        text = fill(template)[0]
        yield case("negative", f"{key}: {template}", {"input": {key: text}}, ["input", key], text, 0, len(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--each", type=int, default=100, help="plain events of each type")
    args = parser.parse_args()
    for made in corpus(args.seed, args.each):
        print(json.dumps(made, ensure_ascii=False))


if __name__ == "__main__":
    main()
