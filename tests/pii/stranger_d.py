#!/usr/bin/env python3
"""Writes a corpus that shares no template and no value code with the others: some twenty forms of events (audits, chats, EXIF, tickets,
forms, diffs, logs, CSV, OCR, keys as indices), and for each type its own sentences, labels and keys. Written from the requirement alone.

    python tests/pii/stranger_d.py --seed 5 --each 40 > d.jsonl

Values are marked in place with private-use characters while an event is built; the marks survive JSON in strings, and are taken out at the
end to give the offsets.
"""
import argparse, base64, hashlib, json, random, re, string, sys
from urllib.parse import quote

O, S, C = "\ue000", "\ue001", "\ue002"
PARTS = {"p": "plain", "a": "adversarial", "n": "negative"}
DIG, UP, LOW = string.digits, string.ascii_uppercase, string.ascii_lowercase
ALNUM = string.ascii_letters + DIG
HEX = "0123456789abcdef"
B64C = ALNUM + "+/"
B64U = ALNUM + "-_"


def mark(part, typ, v):
    assert v and not any(c in v for c in (O, S, C)), (typ, v)
    return O + part + typ + S + v + C


class Num:
    def __init__(self, value, typ, part):
        self.value, self.typ, self.part = value, typ, part


MARK = re.compile(O + "(.)([^" + S + "]*)" + S + "([^" + C + "]*)" + C, re.S)


def strip(s):
    out, spans, pos, n = [], [], 0, 0
    for m in MARK.finditer(s):
        pre = s[pos:m.start()]
        out.append(pre)
        n += len(pre)
        spans.append((m.group(1), m.group(2), n, n + len(m.group(3)), m.group(3)))
        out.append(m.group(3))
        n += len(m.group(3))
        pos = m.end()
    out.append(s[pos:])
    t = "".join(out)
    assert not any(c in t for c in (O, S, C)), repr(t)
    return t, spans


def esc(k):
    return k.replace("~", "~0").replace("/", "~1")


def walk(x, ptr, rows):
    if isinstance(x, str):
        t, sp = strip(x)
        for p, ty, a, b, v in sp:
            rows.append((p, ty, ptr, False, t, a, b, v))
        return t
    if isinstance(x, Num):
        t = json.dumps(x.value)
        rows.append((x.part, x.typ, ptr, False, t, 0, len(t), t))
        return x.value
    if isinstance(x, dict):
        d = {}
        for k, v in x.items():
            t, sp = strip(k)
            q = ptr + "/" + esc(t)
            assert t not in d, ("duplicate key", t)
            for p, ty, a, b, w in sp:
                rows.append((p, ty, q, True, t, a, b, w))
            d[t] = walk(v, q, rows)
        return d
    if isinstance(x, (list, tuple)):
        return [walk(v, "%s/%d" % (ptr, i), rows) for i, v in enumerate(x)]
    return x


def resolve(ev, ptr):
    cur = ev
    for tok in ptr.split("/")[1:]:
        tok = tok.replace("~1", "/").replace("~0", "~")
        cur = cur[int(tok)] if isinstance(cur, list) else cur[tok]
    return cur


def rs(r, alpha, n):
    return "".join(r.choice(alpha) for _ in range(n))


def mixed(r, alpha, n):
    """Random string that certainly holds upper, lower and digits when the alphabet has them."""
    while True:
        s = rs(r, alpha, n)
        if any(c in DIG for c in s) and (alpha.islower() or any(c.isupper() for c in s) or not any(c.isupper() for c in alpha)) \
                and (any(c.islower() for c in s) or not any(c.islower() for c in alpha)) and s[0] in ALNUM and s[-1] in ALNUM:
            return s


def grp(s, *ns, sep=" "):
    out, i = [], 0
    for n in ns:
        out.append(s[i:i + n])
        i += n
    assert i == len(s), (s, ns)
    return sep.join(out)


# ------------------------------------------------------------------ check digits
def luhn_ok(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        d = int(c)
        if i % 2:
            d = d * 2 - 9 if d > 4 else d * 2
        t += d
    return t % 10 == 0


def luhn_add(s):
    return next(s + d for d in DIG if luhn_ok(s + d))


def iban_mod(s):
    s = s[4:] + s[:4]
    return int("".join(str(int(c, 36)) for c in s)) % 97


IB = {  # country: BBAN pattern (n digits, a letters, c alnum)
    "DE": "n18", "FR": "n10c11n2", "GB": "a4n14", "NL": "a4n10", "ES": "n20", "IT": "a1n10c12", "PL": "n24", "SE": "n20",
    "CH": "n5c12", "BE": "n12", "AT": "n16", "PT": "n21", "IE": "a4n14", "DK": "n14", "NO": "n11", "FI": "n14", "CZ": "n20",
    "LU": "n3c13", "SA": "n2c18", "AE": "n19", "BR": "n23a1c1", "LT": "n16", "GR": "n7c16", "HU": "n24", "RO": "a4c16"}
BANKS = ["NWBK", "BARC", "LOYD", "HBUK", "INGB", "ABNA", "RABO", "AIBK", "BOFI", "RNCB"]


def iban(r):
    cc = r.choice(list(IB))
    b = ""
    for k, n in re.findall(r"([nac])(\d+)", IB[cc]):
        n = int(n)
        b += r.choice(BANKS) if (k, n) == ("a", 4) else rs(r, {"n": DIG, "a": UP, "c": DIG + (UP if r.random() < .3 else "")}[k], n)
    chk = 98 - iban_mod(cc + "00" + b)
    s = "%s%02d%s" % (cc, chk, b)
    assert iban_mod(s) == 1
    return s


CARDS = [("4", 16, 6), ("4", 13, 1), ("4", 19, 1), ("51", 16, 2), ("53", 16, 2), ("55", 16, 2), ("2221", 16, 1), ("2521", 16, 1),
         ("34", 15, 1), ("37", 15, 2), ("6011", 16, 2), ("65", 16, 1), ("36", 14, 2), ("305", 14, 1), ("3530", 16, 1), ("3566", 16, 1),
         ("6759", 18, 1), ("5018", 16, 1), ("6221", 17, 1), ("6250", 19, 1), ("2200", 16, 1)]


def card_digits(r, big=False):
    while True:
        p, n, _ = r.choices(CARDS, [c[2] for c in CARDS])[0]
        s = luhn_add(p + rs(r, DIG, n - 1 - len(p)))
        assert luhn_ok(s) and 13 <= len(s) <= 19
        return s


def v_card(r):
    s = card_digits(r)
    f = r.random()
    if f < .4:
        return s, True
    sep = r.choice([" ", " ", "-"])
    if len(s) == 15:
        return grp(s, 4, 6, 5, sep=sep), True
    if len(s) == 14:
        return grp(s, 4, 6, 4, sep=sep), True
    if len(s) == 16:
        return grp(s, 4, 4, 4, 4, sep=sep), True
    if len(s) == 19:
        return grp(s, 4, 4, 4, 4, 3, sep=sep), True
    return s, True


def v_iban(r):
    s = iban(r)
    f = r.random()
    if f < .45:
        return s, True
    if f < .85:
        return " ".join(s[i:i + 4] for i in range(0, len(s), 4)), True
    if f < .93:
        return "-".join(s[i:i + 4] for i in range(0, len(s), 4)), True
    return s.lower(), True


def v_ssn(r):
    while True:
        a, g, s = r.randint(1, 899), r.randint(1, 99), r.randint(1, 9999)
        if a != 666:
            break
    t = "%03d%02d%04d" % (a, g, s)
    f = r.random()
    if f < .65:
        return grp(t, 3, 2, 4, sep="-"), True
    if f < .8:
        return grp(t, 3, 2, 4, sep=" "), False
    return t, False


def v_nino(r):
    while True:
        a = r.choice("ABCEGHJKLMNOPRSTWXYZ") + r.choice("ABCEGHJKLMNPRSTWXYZ")
        if a not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ") and a[0] != "O":
            break
    d, z = rs(r, DIG, 6), r.choice("ABCD")
    return r.choice([a + d + z, "%s %s %s %s %s" % (a, d[:2], d[2:4], d[4:], z), "%s-%s-%s-%s-%s" % (a, d[:2], d[2:4], d[4:], z),
                     "%s %s %s" % (a, d, z)]), True


def nhs(r):
    while True:
        s = r.choice("4679") + rs(r, DIG, 8)
        c = 11 - sum(int(s[i]) * (10 - i) for i in range(9)) % 11
        c = 0 if c == 11 else c
        if c != 10:
            return s + str(c)


def v_nhs(r):
    s = nhs(r)
    f = r.random()
    if f < .55:
        return grp(s, 3, 3, 4), True
    if f < .7:
        return grp(s, 3, 3, 4, sep="-"), False
    return s, False


def v_esnif(r):
    L = "TRWAGMYFPDXBNJZSQVHLCKE"
    if r.random() < .65:
        d = "%08d" % r.randint(1000000, 99999999)
        z = L[int(d) % 23]
        return r.choice([d + z, d + "-" + z, "%s.%s.%s-%s" % (d[:2], d[2:5], d[5:], z), d + " " + z]), True
    k, d = r.choice("XYZ"), rs(r, DIG, 7)
    z = L[int(str("XYZ".index(k)) + d) % 23]
    return r.choice([k + d + z, "%s-%s-%s" % (k, d, z), k + d + "-" + z]), True


def v_cf(r):
    cons = "BCDFGLMNPRSTVZ"
    day = r.randint(1, 28) + (40 if r.random() < .5 else 0)
    s = rs(r, cons, 6) + "%02d" % r.randint(40, 99) + r.choice("ABCDEHLMPRST") + "%02d" % day + r.choice(
        ["H501", "F205", "L219", "D612", "F839", "A944", "G273", "Z404", "A662", "D969"])
    odd = dict(zip(DIG + UP, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))
    ev = lambda c: int(c) if c in DIG else UP.index(c)
    t = sum(odd[c] if i % 2 == 0 else ev(c) for i, c in enumerate(s))
    s += UP[t % 26]
    return r.choice([s, s, s.lower(), grp(s, 3, 3, 5, 5)]), True


def v_nir(r):
    dept = r.choice(["75", "13", "69", "33", "59", "92", "2A", "2B", "31", "06"])
    s = r.choice("12") + "%02d" % r.randint(30, 99) + "%02d" % r.randint(1, 12) + dept + "%03d" % r.randint(1, 590) + "%03d" % r.randint(1, 900)
    k = 97 - int(s.replace("2A", "19").replace("2B", "18") if dept in ("2A", "2B") else s) % 97
    if dept in ("2A", "2B"):
        k = 97 - int(s[:5] + {"2A": "19", "2B": "18"}[dept] + s[7:]) % 97
    s += "%02d" % k
    return r.choice([s, grp(s, 1, 2, 2, 2, 3, 3, 2), grp(s, 1, 2, 2, 2, 3, 3, 2), s[:13] + " " + s[13:]]), True


def v_steuer(r):
    while True:
        ds = r.sample(DIG, 9)
        ds.append(r.choice(ds))
        r.shuffle(ds)
        s = "".join(ds)
        if s[0] != "0":
            break
    p = 10
    for c in s:
        q = (int(c) + p) % 10 or 10
        p = q * 2 % 11
    s += str((11 - p) % 10)
    return r.choice([(s, False), (grp(s, 2, 3, 3, 3), True), (grp(s, 2, 3, 3, 3), True), (grp(s, 2, 3, 3, 3, sep="-"), False),
                     (grp(s, 2, 3, 3, 3, sep="/"), False)])


VD = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
      [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
      [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
VP = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _i in range(6):
    VP.append([VP[-1][x] for x in VP[1]])


def verhoeff_ok(s):
    c = 0
    for i, ch in enumerate(reversed(s)):
        c = VD[c][VP[i % 8][int(ch)]]
    return c == 0


assert verhoeff_ok("2363")


def v_aadhaar(r):
    b = r.choice("23456789") + rs(r, DIG, 10)
    s = next(b + d for d in DIG if verhoeff_ok(b + d))
    return r.choice([(grp(s, 4, 4, 4), True), (grp(s, 4, 4, 4), True), (grp(s, 4, 4, 4, sep="-"), True), (s, False)])


def cpf_ok(s):
    for n in (9, 10):
        t = sum(int(s[i]) * (n + 1 - i) for i in range(n)) * 10 % 11 % 10
        if t != int(s[n]):
            return False
    return True


def v_cpf(r):
    s = rs(r, DIG, 9)
    for n in (9, 10):
        s += str(sum(int(s[i]) * (n + 1 - i) for i in range(n)) * 10 % 11 % 10)
    assert cpf_ok(s)
    return r.choice([("%s.%s.%s-%s" % (s[:3], s[3:6], s[6:9], s[9:]), True), ("%s.%s.%s-%s" % (s[:3], s[3:6], s[6:9], s[9:]), True), (s, False),
                     (s[:9] + "-" + s[9:], False), ("%s %s %s %s" % (s[:3], s[3:6], s[6:9], s[9:]), False)])


def v_sin(r):
    s = luhn_add(r.choice("1234567") + rs(r, DIG, 7))
    return r.choice([(grp(s, 3, 3, 3), False), (grp(s, 3, 3, 3, sep="-"), False), (s, False)])


def v_tfn(r):
    w = [1, 4, 3, 7, 5, 8, 6, 9, 10]
    while True:
        s = r.choice("12345678") + rs(r, DIG, 8)
        if sum(int(c) * k for c, k in zip(s, w)) % 11 == 0:
            break
    return r.choice([grp(s, 3, 3, 3), grp(s, 3, 3, 3), s, grp(s, 3, 3, 3, sep="-")]), False


def v_bsn(r):
    while True:
        s = rs(r, "123456789", 1) + rs(r, DIG, 8)
        if sum(int(c) * k for c, k in zip(s, [9, 8, 7, 6, 5, 4, 3, 2, -1])) % 11 == 0:
            break
    return r.choice([s, s, grp(s, 4, 2, 3, sep="."), grp(s, 3, 3, 3), grp(s, 4, 2, 3)]), False


def pesel_ok(s):
    return (10 - sum(int(c) * k for c, k in zip(s, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3])) % 10) % 10 == int(s[10])


def v_pesel(r):
    y = r.randint(1938, 2006)
    m = r.randint(1, 12) + (20 if y >= 2000 else 0)
    b = "%02d%02d%02d" % (y % 100, m, r.randint(1, 28)) + rs(r, DIG, 4)
    s = next(b + d for d in DIG if pesel_ok(b + d))
    return r.choice([(s, True), (s, True), (s[:6] + " " + s[6:], False), (s[:6] + "-" + s[6:], False)])


def v_pnr(r):
    y = r.randint(1935, 2006)
    b = luhn_add("%02d%02d%02d" % (y % 100, r.randint(1, 12), r.randint(1, 28)) + rs(r, DIG, 3))
    c = str(y)[:2]
    return r.choice([(b[:6] + "-" + b[6:], True), (b[:6] + "-" + b[6:], True), (c + b[:6] + "-" + b[6:], True), (c + b, False), (b, False)])


# ------------------------------------------------------------------ other values
FN = ["anna", "jonas", "lucia", "pierre", "marek", "ingrid", "priya", "tiago", "sofia", "bram", "oliver", "chloe", "giulia", "hannah", "yuki", "dmitri", "fatima", "noah"]
LN = ["schmidt", "dupont", "garcia", "rossi", "kowalski", "lindqvist", "patel", "oliveira", "devries", "thompson", "nakamura", "ivanova", "okafor", "mccarthy", "haddad", "nguyen"]
DOM = ["gmail.com", "web.de", "orange.fr", "libero.it", "acme-corp.co.uk", "posteo.de", "uol.com.br", "telia.se", "wp.pl", "hotmail.com", "proton.me",
       "mail.university.edu", "kpnmail.nl", "bigpond.net.au", "rogers.ca", "studio.photography", "yahoo.co.in", "example.org"]


def v_email(r):
    f, l, d = r.choice(FN), r.choice(LN), r.choice(DOM)
    loc = r.choice([f + "." + l, f[0] + l, f + "_" + l + str(r.randint(1, 99)), f + "+" + r.choice(["news", "shop", "invoices2024"]), f + "-" + l,
                    f.title() + "." + l.title(), (f[0] + "." + l).upper(), f + str(r.randint(1960, 2004)), "o'" + l if r.random() < .3 else l + "." + f, f])
    if r.random() < .06:
        d = r.choice(["bücher-laden.de", "münchen-mail.de", "café-lune.fr"])
    if loc.isupper():
        d = d.upper()
    return loc + "@" + d, True


def d(r, n, first="123456789"):
    return r.choice(first) + rs(r, DIG, n - 1)


def ph(r):
    us = lambda: (r.choice(["212", "415", "312", "617", "206", "303", "512", "646", "404", "503"]), r.choice("23456789") + r.choice("023456789") + r.choice("023456789"), rs(r, DIG, 4))
    c = r.randint(0, 13)
    if c == 0:
        a, b, e = us()
        return [("+1 %s-%s-%s" % (a, b, e), 1), ("(%s) %s-%s" % (a, b, e), 1), ("%s-%s-%s" % (a, b, e), 1), ("%s.%s.%s" % (a, b, e), 1), ("+1 (%s) %s-%s" % (a, b, e), 1), ("+1" + a + b + e, 1), (a + b + e, 0)]
    if c == 1:
        n = rs(r, DIG, 3)
        m = r.choice(["7911", "7723", "7402", "7850"])
        k = d(r, 6)
        return [("+44 20 7946 0" + n, 1), ("020 7946 0" + n, 1), ("+44 (0)20 7946 0" + n, 1), ("+44 %s %s" % (m, k), 1), ("0%s %s" % (m, k), 1), ("+44%s%s" % (m, k), 1), ("0161 496 0" + n, 1)]
    if c == 2:
        n = d(r, 8)
        return [("+49 151 " + n, 1), ("0151/" + n, 1), ("+49 30 " + n, 1), ("0049 151 " + n, 1), ("030 / " + n[:6], 0), ("+49151" + n, 1), ("0171-" + n[:7], 1), ("+49 (0)89 " + n[:6], 1)]
    if c == 3:
        n = rs(r, DIG, 8)
        g = [n[i:i + 2] for i in (0, 2, 4, 6)]
        return [("+33 6 " + " ".join(g), 1), ("06 " + " ".join(g), 1), ("01." + ".".join(g), 1), ("+336" + n, 1), ("07-" + "-".join(g), 1), ("0033 6 " + " ".join(g), 1)]
    if c == 4:
        n = rs(r, DIG, 8)
        return [("+34 6%s %s %s" % (n[:2], n[2:5], n[5:]), 1), ("6%s %s %s" % (n[:2], n[2:5], n[5:]), 0), ("+34 91 %s %s %s" % (n[:3], n[3:5], n[5:7]), 1), ("+346" + n, 1)]
    if c == 5:
        n = d(r, 7)
        return [("+39 347 %s %s" % (n[:3], n[3:]), 1), ("347 %s" % n, 0), ("+39 06 6982 " + n[:4], 1), ("06 6982 " + n[:4], 0), ("+39347" + n, 1)]
    if c == 6:
        n = d(r, 8)
        return [("+31 6 " + n, 1), ("06-" + n, 1), ("06 %s %s %s %s" % (n[:2], n[2:4], n[4:6], n[6:]), 1), ("020-" + n[:7], 1), ("+316" + n, 1)]
    if c == 7:
        n = rs(r, DIG, 6)
        return [("+48 601 %s %s" % (n[:3], n[3:]), 1), ("601-%s-%s" % (n[:3], n[3:]), 0), ("+48601" + n, 1), ("22 %s %s %s" % ("8" + n[:2], n[2:4], n[4:]), 0)]
    if c == 8:
        n = d(r, 7)
        return [("+46 70 %s %s %s" % (n[:3], n[3:5], n[5:]), 1), ("070-%s %s %s" % (n[:3], n[3:5], n[5:]), 1), ("08-%s %s %s" % (n[:3], n[3:5], n[5:]), 1), ("+4670" + n, 1)]
    if c == 9:
        n = rs(r, DIG, 8)
        return [("+91 98%s %s" % (n[:3], n[3:]), 1), ("098%s-%s" % (n[:3], n[3:]), 0), ("+91-98%s" % n, 1), ("98" + n, 0), ("+91 22 2%s %s" % (n[:3], n[3:7]), 1)]
    if c == 10:
        n = rs(r, DIG, 8)
        return [("+55 11 9%s-%s" % (n[:4], n[4:]), 1), ("(11) 9%s-%s" % (n[:4], n[4:]), 1), ("(21) 2%s-%s" % (n[:3], n[3:7]), 1), ("+55119" + n, 1)]
    if c == 11:
        n = rs(r, DIG, 6)
        return [("+61 412 %s %s" % (n[:3], n[3:]), 1), ("0412 %s %s" % (n[:3], n[3:]), 1), ("(02) 93%s %s" % (n[:2], n[2:]), 1), ("+61412" + n, 1)]
    if c == 12:
        n = rs(r, DIG, 8)
        return [("+81 90-%s-%s" % (n[:4], n[4:]), 1), ("090-%s-%s" % (n[:4], n[4:]), 1), ("03-5%s-%s" % (n[:3], n[3:7]), 1), ("+41 79 %s %s %s" % (n[:3], n[3:5], n[5:7]), 1), ("079 %s %s %s" % (n[:3], n[3:5], n[5:7]), 1)]
    n = d(r, 7)
    return [("+7 (916) %s-%s-%s" % (n[:3], n[3:5], n[5:]), 1), ("8 (916) %s-%s-%s" % (n[:3], n[3:5], n[5:]), 1), ("+86 138 %s %s" % (n[:4], n[3:]), 1), ("+353 87 %s %s" % (n[:3], n[3:]), 1), ("+971 50 %s %s" % (n[:3], n[3:]), 1)]


def v_phone(r):
    v, s = r.choice(ph(r))
    return v, bool(s)


ADDR = [
    ("us", ["1428 Elm Street", "350 Fifth Avenue", "77 Massachusetts Ave", "4059 Mt Lee Drive", "1600 Amphitheatre Parkway", "12 N Main St", "905 Magnolia Blvd", "2210 Oak Hollow Ln"], ["94107", "10118", "02139", "60614-3312", "78704"], ["San Francisco, CA", "New York, NY", "Cambridge, MA", "Chicago, IL", "Austin, TX"]),
    ("gb", ["221B Baker Street", "10 Downing Street", "4 Privet Drive", "17 Kings Road", "83 High Street", "5 St Mary's Close", "29 Acacia Avenue"], ["NW1 6XE", "SW1A 2AA", "M1 1AE", "EH1 1YZ", "CF10 3NP", "B33 8TH"], ["London", "London", "Manchester", "Edinburgh", "Cardiff", "Birmingham"]),
    ("de", ["Hauptstraße 12a", "Lindenstr. 45", "Am Stadtgarten 7", "Goethestraße 103", "Bahnhofstrasse 8", "Kastanienallee 21", "Berliner Platz 3"], ["10115", "80331", "20095", "50667"], ["Berlin", "München", "Hamburg", "Köln"]),
    ("fr", ["12 rue de la Paix", "8 bis avenue Victor Hugo", "45, boulevard Saint-Michel", "3 place Bellecour", "27 chemin des Vignes", "101 rue du Faubourg Saint-Honoré"], ["75002", "69002", "13001", "33000"], ["Paris", "Lyon", "Marseille", "Bordeaux"]),
    ("es", ["Calle de Alcalá 45", "C/ Mayor, 12", "Avenida de la Constitución 3", "Paseo de Gracia 92", "Plaza España 7"], ["28014", "08008", "41001", "46002"], ["Madrid", "Barcelona", "Sevilla", "Valencia"]),
    ("it", ["Via Garibaldi 23", "Corso Vittorio Emanuele II 154", "Piazza Navona 9", "Viale Monza 77", "Via dei Condotti, 5"], ["00186", "20127", "10121", "50123"], ["Roma", "Milano", "Torino", "Firenze"]),
    ("nl", ["Keizersgracht 421", "Dorpsstraat 18", "Prinsengracht 263-II", "Kerkweg 7a", "Stationsplein 45"], ["1016 EK", "1012 AB", "3511LX", "9711 HN"], ["Amsterdam", "Amsterdam", "Utrecht", "Groningen"]),
    ("pl", ["ul. Marszałkowska 84", "ul. Długa 12/4", "al. Jerozolimskie 65", "ul. Piotrkowska 104a"], ["00-514", "31-147", "80-827", "90-926"], ["Warszawa", "Kraków", "Gdańsk", "Łódź"]),
    ("se", ["Storgatan 14", "Drottninggatan 71B", "Vasagatan 3", "Kungsvägen 22"], ["114 55", "411 24", "211 22"], ["Stockholm", "Göteborg", "Malmö"]),
    ("br", ["Rua das Flores, 123", "Av. Paulista, 1578", "Rua Augusta 2203", "Avenida Atlântica, 1702"], ["01310-100", "22021-001", "30130-009"], ["São Paulo", "Rio de Janeiro", "Belo Horizonte"]),
    ("au", ["27 Collins Street", "5/118 Pitt Street", "64 Wattle Crescent", "9 Bondi Road"], ["3000", "2000", "4101", "2026"], ["Melbourne VIC", "Sydney NSW", "Brisbane QLD", "Bondi NSW"]),
    ("ca", ["111 Wellington Street", "2405 Rue Sherbrooke Ouest", "88 Queens Quay W"], ["K1A 0B1", "H3H 1E9", "M5J 0B8"], ["Ottawa, ON", "Montréal, QC", "Toronto, ON"]),
    ("in", ["14 MG Road", "221 Brigade Road", "7 Nehru Nagar Main Road"], ["560001", "400 001", "110011"], ["Bengaluru", "Mumbai", "New Delhi"]),
]


def addr(r):
    loc, st, pc, ci = r.choice(ADDR)
    i = r.randrange(len(pc))
    s = r.choice(st)
    if r.random() < .6:  # vary the house number
        s = re.sub(r"(?<![\d/])\d+", lambda m: str(max(1, int(m.group()) + r.randint(-3, 40))), s, count=1)
    return loc, s, pc[i], ci[i % len(ci)]


def line(loc, s, pc, ci):
    """s and pc may be marked already"""
    if loc in ("us", "au", "ca"):
        return "%s, %s %s" % (s, ci, pc)
    if loc in ("gb", "in"):
        return "%s, %s %s" % (s, ci, pc)
    if loc == "br":
        return "%s, %s, CEP %s" % (s, ci, pc)
    return "%s, %s %s" % (s, pc, ci)


MON = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
MDE = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
MFR = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]
MES = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"]


def dob(r, fmt=None):
    y, m, dd = r.randint(1938, 2007), r.randint(1, 12), r.randint(1, 28)
    F = {"iso": "%04d-%02d-%02d" % (y, m, dd), "dmy/": "%02d/%02d/%04d" % (dd, m, y), "mdy/": "%02d/%02d/%04d" % (m, dd, y), "dmy.": "%02d.%02d.%04d" % (dd, m, y),
         "long": "%d %s %d" % (dd, MON[m - 1], y), "us": "%s %d, %d" % (MON[m - 1], dd, y), "short": "%d %s %d" % (dd, MON[m - 1][:3], y), "dmy-": "%02d-%02d-%04d" % (dd, m, y),
         "ymd/": "%04d/%02d/%02d" % (y, m, dd), "de": "%d. %s %d" % (dd, MDE[m - 1], y), "fr": "%d %s %d" % (dd, MFR[m - 1], y), "es": "%d de %s de %d" % (dd, MES[m - 1], y), "compact": "%04d%02d%02d" % (y, m, dd)}
    return F[fmt] if fmt else F[r.choice(["iso", "iso", "dmy/", "mdy/", "dmy.", "long", "us", "short", "dmy-", "ymd/"])]


def v_dob(r):
    return dob(r), False


def v_ip(r):
    f = r.random()
    if f < .55:
        a = r.choice([(203, 0, 113), (198, 51, 100), (81, 169, 145), (93, 184, 216), (185, 60, 112), (52, 29, 190), (10, 42, 7), (192, 168, 17), (177, 34, 201)])
        return "%d.%d.%d.%d" % (*a, r.randint(2, 254)), True
    h = lambda: "%x" % r.randint(0x10, 0xffff)
    return r.choice([
        "2001:db8:%s:%s::%s" % (h(), h(), h()), "2a02:8109:%s:%s:%s:%s:%s:%s" % (h(), h(), h(), h(), h(), h()), "fe80::%s:%s:%s:%s" % (h(), h(), h(), h()),
        "2A00:1450:4001:%s::200E" % h().upper(), "::ffff:81.169.%d.%d" % (r.randint(1, 254), r.randint(1, 254)), "2001:0db8:0000:0000:0000:ff00:0042:%04x" % r.randint(0x1000, 0xffff), "fd12:3456:789a:1::%s" % h()]), True


def v_mac(r):
    b = [r.choice(["00", "3c", "a4", "f0", "8c", "dc"])] + [rs(r, HEX, 2) for _ in range(5)]
    s = "".join(b)
    if s.isdigit():
        return v_mac(r)
    return r.choice([(":".join(b), True), (":".join(b).upper(), True), ("-".join(b).upper(), True), ("-".join(b), True), (grp(s, 4, 4, 4, sep="."), True), (s.upper(), False)])


def pw(r):
    return r.choice([lambda: r.choice(["Sommer", "Winter", "Liverpool", "Dragon", "Barcelona", "qwerty", "Hunter"]) + str(r.randint(1, 2030)) + r.choice(["!", "#", "$", "", "!!"]),
                     lambda: mixed(r, ALNUM + "!#$%*-_", r.randint(10, 18)), lambda: r.choice(["P@ssw0rd", "S3cr3t", "Tr0ub4dor", "L3tm31n", "c0rrecth0rse"]) + rs(r, DIG, r.randint(2, 4)),
                     lambda: "-".join(rs(r, LOW, 5) for _ in range(3)) + str(r.randint(1, 9)), lambda: r.choice(["Müller", "Ñandú", "Zażółć", "пароль"]) + str(r.randint(10, 9999)),
                     lambda: rs(r, LOW, 4).title() + "." + rs(r, DIG, 4) + "?" + r.choice("xyz")])()


def v_password(r):
    if r.random() < .06:
        return r.choice(["correct horse battery staple", "my dog ate 42 pies", "blue Monday sunrise 7"]), False
    return pw(r), False


def urlpw(r):
    return mixed(r, ALNUM + "-_!", r.randint(9, 16))


def v_urlcred(r):
    t = mixed(r, ALNUM, r.choice([24, 32, 40]))
    host = r.choice(["db-3.internal.acme.io", "files.partner-portal.com", "api.shipfast.eu", "registry.corp.example", "cache.prod.local"])
    u = r.choice(["app", "svc_report", "admin", "deploy", "jkowalski", "etl-user"])
    p = urlpw(r)
    return r.choice([
        ("https://", u + ":" + p, "@" + host + "/exports/daily.csv"), ("postgres://", u + ":" + p, "@" + host + ":5432/orders?sslmode=require"), ("postgresql+psycopg2://", u + ":" + p, "@" + host + "/crm"),
        ("mongodb+srv://", u + ":" + p, "@" + host + "/shop?retryWrites=true"), ("amqp://", u + ":" + p, "@" + host + ":5672/%2Fjobs"), ("ftp://", u + ":" + p, "@" + host + "/in/"),
        ("redis://", u + ":" + p, "@" + host + ":6379/0"), ("mysql://", u + ":" + p, "@" + host + ":3306/billing"), ("https://", "oauth2:" + t, "@gitlab.example.com/group/app.git"),
        ("https://" + host + "/download?file=42&access_token=", t, "&inline=1"), ("https://" + host + "/v2/items?api_key=", t, ""), ("https://" + host + "/hook?token=", t, "&src=crm"),
        ("https://" + host + "/cb?state=ok&refresh_token=", t, ""), ("https://acme-media.s3.eu-west-1.amazonaws.com/raw/clip.mp4?X-Amz-Expires=900&X-Amz-Signature=", rs(r, HEX, 64), ""),
        ("https://" + host + "/login?user_id=17&password=", p.replace("!", "9"), "&lang=de"), ("wss://" + host + "/stream?auth_token=", t, "&v=3"), ("https://" + host + "/feed.xml?client_secret=", t, "&page=2")])


def v_secret(r):
    m = lambda a, n: mixed(r, a, n)
    return r.choice([
        lambda: ("AKIA" + rs(r, UP + "234567", 16), True), lambda: ("ASIA" + rs(r, UP + "234567", 16), True), lambda: (m(B64C, 40), False), lambda: ("AIza" + m(B64U, 35), True),
        lambda: ("ghp_" + m(ALNUM, 36), True), lambda: ("gho_" + m(ALNUM, 36), True), lambda: ("github_pat_" + m(ALNUM, 22) + "_" + m(ALNUM, 59), True), lambda: ("ghs_" + m(ALNUM, 36), True),
        lambda: ("xoxb-%s-%s-%s" % (d(r, 12), d(r, 12), m(ALNUM, 24)), True), lambda: ("xoxp-%s-%s-%s-%s" % (d(r, 12), d(r, 12), d(r, 12), rs(r, HEX, 32)), True),
        lambda: ("xapp-1-A%s-%s-%s" % (m(UP + DIG, 10), d(r, 13), rs(r, HEX, 64)), True),
        lambda: ("sk_live_" + m(ALNUM, 24), True), lambda: ("rk_live_" + m(ALNUM, 24), True), lambda: ("sk_test_" + m(ALNUM, 24), True), lambda: ("whsec_" + m(ALNUM, 32), True),
        lambda: ("SG." + m(B64U, 22) + "." + m(B64U, 43), True), lambda: ("npm_" + m(ALNUM, 36), True), lambda: ("glpat-" + m(ALNUM, 20), True), lambda: ("hf_" + m(ALNUM, 34), True),
        lambda: ("pypi-AgEIcHlwaS5vcmc" + m(B64U, 80), True), lambda: ("sk-proj-" + m(ALNUM, 48), True), lambda: ("sk-ant-api03-" + m(B64U, 93) + "AA", True), lambda: ("dop_v1_" + rs(r, HEX, 64), True),
        lambda: ("shpat_" + rs(r, HEX, 32), True), lambda: ("%s:AA%s" % (d(r, 10), m(B64U, 33)), True), lambda: ("hvs." + m(ALNUM, 24), True), lambda: ("dapi" + rs(r, HEX, 32), False),
        lambda: (m(ALNUM, 32), False), lambda: (rs(r, HEX, 40), False), lambda: (m(B64U, 43), False), lambda: (m(B64C, 43) + "=", False), lambda: (m(LOW + DIG, 28), False)])()


def pem(r):
    k = r.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
    start = {"RSA PRIVATE KEY": "MIIEpAIBAAKCAQEA", "PRIVATE KEY": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "EC PRIVATE KEY": "MHcCAQEEI", "OPENSSH PRIVATE KEY": "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
             "ENCRYPTED PRIVATE KEY": "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkq", "DSA PRIVATE KEY": "MIIBuwIBAAKBgQ", "PGP PRIVATE KEY BLOCK": "lQOYBGNx"}[k]
    n = r.randint(3, 9)
    body = start + rs(r, B64C, 64 * n - len(start) + r.choice([22, 42, 43]))
    body += "=" * (-len(body) % 4)
    nl = r.choice(["\n"] * 5 + ["\r\n"])
    rows = [body[i:i + 64] for i in range(0, len(body), 64)]
    head = ["-----BEGIN %s-----" % k]
    if k.startswith("PGP"):
        head += ["", ]
        rows += ["=" + rs(r, B64C, 4)]
    if k == "RSA PRIVATE KEY" and r.random() < .3:
        head += ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC," + rs(r, HEX, 32).upper(), ""]
    return nl.join(head + rows + ["-----END %s-----" % k])


def v_pem(r):
    s = pem(r)
    f = r.random()
    if f < .12:
        s = s.replace("\r\n", "\n").replace("\n", "\\n")  # env-file style
    elif f < .2:
        s = s.replace("\r\n", "\n").replace("\n", " ")
    return s, True


def b64u(x):
    return base64.urlsafe_b64encode(x if isinstance(x, bytes) else x.encode()).decode().rstrip("=")


def rb(r, n):
    return bytes(r.randrange(256) for _ in range(n))


def v_jwt(r):
    alg = r.choice(["HS256", "RS256", "ES256", "HS512", "EdDSA", "JWE"])
    if alg == "JWE":
        return ".".join([b64u('{"alg":"RSA-OAEP","enc":"A256GCM"}'), b64u(rb(r, 128)), b64u(rb(r, 12)), b64u(rb(r, 60)), b64u(rb(r, 16))]), True
    h = r.choice(['{"alg":"%s","typ":"JWT"}', '{"typ":"JWT","alg":"%s"}', '{"alg":"%s","kid":"k' + rs(r, DIG, 4) + '"}', '{"alg":"%s"}']) % alg
    iat = r.randint(1690000000, 1730000000)
    p = r.choice([{"sub": rs(r, DIG, 8), "iat": iat, "exp": iat + 3600}, {"iss": "https://id.acme.io", "aud": "crm", "sub": "u_" + rs(r, HEX, 8), "exp": iat}, {"uid": r.randint(10, 99999), "scope": "read:orders write:orders", "iat": iat},
                  {"sub": v_email(r)[0], "role": "admin", "exp": iat}])
    n = {"HS256": 32, "RS256": 256, "ES256": 64, "HS512": 64, "EdDSA": 64}[alg]
    return h and ".".join([b64u(h), b64u(json.dumps(p, separators=(",", ":"))), b64u(rb(r, n))]), True


# crypto
def keccak256(data):
    RC = [0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, 0x808B, 0x80000001, 0x8000000080008081, 0x8000000000008009, 0x8A, 0x88, 0x80008009, 0x8000000A, 0x8000808B, 0x800000000000008B,
          0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008]
    M = (1 << 64) - 1
    rol = lambda x, n: ((x << n) | (x >> (64 - n))) & M if n else x
    A = [[0] * 5 for _ in range(5)]
    data = bytearray(data) + b"\x01"
    data += bytes(-len(data) % 136)
    data[-1] |= 0x80
    for off in range(0, len(data), 136):
        for i in range(17):
            A[i % 5][i // 5] ^= int.from_bytes(data[off + 8 * i:off + 8 * i + 8], "little")
        for rc in RC:
            Cc = [A[x][0] ^ A[x][1] ^ A[x][2] ^ A[x][3] ^ A[x][4] for x in range(5)]
            D = [Cc[x - 1] ^ rol(Cc[(x + 1) % 5], 1) for x in range(5)]
            A = [[A[x][y] ^ D[x] for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, A[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, A[x][y] = A[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                T = [A[x][y] for x in range(5)]
                for x in range(5):
                    A[x][y] = T[x] ^ (~T[(x + 1) % 5] & M & T[(x + 2) % 5])
            A[0][0] ^= rc
    return b"".join(A[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


assert keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")
B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
XRPA = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def b58(b, al=B58):
    n, s = int.from_bytes(b, "big"), ""
    while n:
        n, k = divmod(n, 58)
        s = al[k] + s
    return al[0] * (len(b) - len(b.lstrip(b"\0"))) + s


def b58c(b, al=B58):
    return b58(b + hashlib.sha256(hashlib.sha256(b).digest()).digest()[:4], al)


def bech(hrp, data, const=1, ver=None):
    CH = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    acc = bits = 0
    out = [] if ver is None else [ver]
    for b in data:
        acc, bits = (acc << 8) | b, bits + 8
        while bits >= 5:
            bits -= 5
            out.append(acc >> bits & 31)
    if bits:
        out.append(acc << (5 - bits) & 31)

    def pm(vs):
        c = 1
        for v in vs:
            t = c >> 25
            c = (c & 0x1ffffff) << 5 ^ v
            for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
                c ^= g if t >> i & 1 else 0
        return c
    p = pm([ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp] + out + [0] * 6) ^ const
    return hrp + "1" + "".join(CH[x] for x in out + [p >> 5 * (5 - i) & 31 for i in range(6)])


def v_wallet(r):
    def eth():
        h = rb(r, 20).hex()
        k = keccak256(h.encode()).hex()
        return "0x" + "".join(c.upper() if int(q, 16) > 7 else c for c, q in zip(h, k))
    return r.choice([lambda: (b58c(b"\0" + rb(r, 20)), True), lambda: (b58c(b"\5" + rb(r, 20)), True), lambda: (bech("bc", rb(r, 20), ver=0), True), lambda: (bech("bc", rb(r, 32), 0x2bc830a3, 1), True),
                     lambda: (eth(), True), lambda: (eth(), True), lambda: ("0x" + rb(r, 20).hex(), True), lambda: (bech("ltc", rb(r, 20), ver=0), True), lambda: (b58c(b"\x30" + rb(r, 20)), True),
                     lambda: (b58c(b"\x1e" + rb(r, 20)), False), lambda: (b58c(b"\x41" + rb(r, 20)), True), lambda: (b58c(b"\0" + rb(r, 20), XRPA), False), lambda: (b58(rb(r, 32)), False),
                     lambda: (bech("addr", b"\x01" + rb(r, 56)), True)])()


def ll(r):
    a, b = r.choice([(48.85837, 2.294481), (40.748817, -73.985428), (-33.856784, 151.215297), (52.516275, 13.377704), (-22.951916, -43.210487), (35.658581, 139.745438), (59.329323, 18.068581), (41.890251, 12.492373)])
    f = lambda x: float("%.6f" % (x + r.uniform(-.3, .3)))
    return f(a), f(b)


def dms(x, pos, neg, sec=1):
    h = pos if x >= 0 else neg
    x = abs(x)
    return "%d°%02d'%04.1f\"%s" % (int(x), int(x * 60 % 60), x * 3600 % 60 if x * 3600 % 60 < 59.9 else 59.0, h)


def v_gps(r):
    a, b = ll(r)
    return r.choice(["%.6f, %.6f" % (a, b), "%.5f,%.5f" % (a, b), "%.4f %.4f" % (a, b), dms(a, "N", "S") + " " + dms(b, "E", "W"), "%.5f° %s, %.5f° %s" % (abs(a), "N" if a >= 0 else "S", abs(b), "E" if b >= 0 else "W"),
                     "%.5f;%.5f" % (a, b)]), False


def v_passport(r):
    return r.choice([lambda: d(r, 9), lambda: r.choice(UP) + rs(r, DIG, 8), lambda: "C" + rs(r, "CFGHJKLMNPRTVWXYZ" + DIG, 7) + r.choice(DIG), lambda: rs(r, DIG, 2) + rs(r, UP, 2) + rs(r, DIG, 5), lambda: r.choice("JKLMNPRSTZ") + d(r, 7),
                     lambda: "Y" + r.choice("AB") + d(r, 7), lambda: "PA" + r.choice(UP) + d(r, 6), lambda: r.choice(["AB", "GA", "HK"]) + d(r, 6), lambda: "N" + d(r, 7), lambda: "NX" + rs(r, "BCDFHJKLPRTV" + DIG, 5).replace("O", "0") + "2" + r.choice(DIG),
                     lambda: "TK" + d(r, 7), lambda: "Z" + r.choice("SEP") + " " + d(r, 7)])(), False


def v_dl(r):
    def uk():
        s = (r.choice(["MORGAN", "SMITH", "PATEL", "JONES", "FOX", "OKAFOR"]) + "99999")[:5]
        return s + r.choice("5678") + "%02d" % (r.randint(1, 12) + r.choice([0, 50])) + "%02d" % r.randint(1, 28) + r.choice(DIG) + r.choice(UP) + r.choice(UP + "9") + "9" + r.choice(UP) + r.choice(UP)
    return r.choice([uk, uk, lambda: r.choice(UP) + d(r, 7), lambda: d(r, 9), lambda: "%s%s-%s-%s-%s-%s" % (r.choice(UP), d(r, 3), d(r, 3), d(r, 2), d(r, 3), d(r, 1)), lambda: r.choice("ABJN") + rs(r, DIG, 3) + rs(r, "BCDFGHJKLMNPRSTVWXYZ" + DIG, 5) + rs(r, DIG, 2),
                     lambda: d(r, 12), lambda: "MH12 2011%s" % d(r, 7), lambda: "KA-012015%s" % d(r, 7), lambda: "%s%s-%s-%s" % (r.choice(UP), d(r, 4), d(r, 5), d(r, 5)), lambda: "U1" + r.choice(UP) + d(r, 6) + r.choice(UP), lambda: d(r, 10)])(), False


FULL = ["Anna Schmidt", "Jürgen Großmann", "Chloé Lefèvre", "Jean-Baptiste Moreau", "María José García López", "Giulia Rossi", "Bram de Vries", "Agnieszka Wójcik", "Łukasz Żak", "Åsa Lindqvist", "Priya Patel", "João da Silva", "Oliver Thompson", "Siobhán O'Connor",
        "Nguyễn Văn An", "Дмитрий Иванов", "田中 花子", "李小龙", "محمد الأحمد", "Fatima Haddad", "Dr. Hannah Okafor", "Schmidt, Anna", "ANNA SCHMIDT", "Noah K. McCarthy"]
FIRST = ["Anna", "Jürgen", "Chloé", "María José", "Giulia", "Łukasz", "Åsa", "Priya", "João", "Siobhán", "Дмитрий", "花子", "Fatima", "Bram", "Noah", "Anne-Marie"]
LAST = ["Schmidt", "Großmann", "Lefèvre", "García López", "Rossi", "Wójcik", "Lindqvist", "Patel", "da Silva", "O'Connor", "Иванов", "田中", "Haddad", "de Vries", "McCarthy", "Nguyễn"]


# ------------------------------------------------------------------ specs
class Spec:
    def __init__(self, typ, val, keys, labels, sents=(), free=(), special=(), adv=None, text=True, http=True, fname=True, csv=True, num=None, dotend=True, glabel=True):
        self.typ, self.val, self.keys, self.labels, self.sents, self.free, self.special = typ, val, keys, labels, list(sents), list(free), list(special)
        self.adv, self.text, self.http, self.fname, self.csv, self.num, self.dotend, self.glabel = adv, text, http, fname, csv, num, dotend, glabel


ALLADV = ["pct", "html", "b64", "full", "zw", "shy", "exotic", "key", "nest1", "nest2"]
NOEX = [a for a in ALLADV if a != "exotic"]


def T(*x):
    return list(x)


class Skip(Exception):
    pass


class Maker:
    """Draws values of one spec, transforms and marks them."""

    def __init__(self, r, spec, part, tf=None):
        self.r, self.spec, self.part, self.tf = r, spec, part, tf

    def raw(self):
        v = self.spec.val(self.r)
        if len(v) == 3:
            return v[1], True, v[0], v[2]
        return v[0], v[1], "", ""

    def do(self, v, pre="", post=""):
        if self.tf:
            for f in (self.tf,):
                w = f(v)
                if w == v:
                    raise Skip
                if f.__name__ in ("pct", "html"):
                    pre, post = (f(pre) if pre else ""), (f(post) if post else "")
                v = w
        return pre + mark(self.part, self.spec.typ, v) + post

    def m(self, need=None, strong=False):
        """need: a test on the final unmarked text (pre+value+post)"""
        for _ in range(60):
            v, st, pre, post = self.raw()
            if strong and not st:
                continue
            out = self.do(v, pre, post)
            if need is None or need(strip(out)[0]):
                return out
        raise Skip

    def p(self, typ, v):   # a second, plain span of another type
        return mark("p", typ, v)


SAFE = re.compile(r"^[A-Za-z0-9._@:~%\-]+$")
FSAFE = re.compile(r"^[^/\\:?*\"<>|\n\r%&=]+$")
safe = lambda s: bool(SAFE.match(s))


# transforms
def make_tf(name, r):
    mode = r.random()
    if name == "pct":
        def pct(s):
            q = quote(s, safe="")
            if q == s or mode < .35:
                q = "".join("%%%02X" % b for b in s.encode())
            return re.sub("%..", lambda m: m.group().lower(), q) if mode < .1 else q
        return pct
    if name == "html":
        named = {"@": "&commat;", ".": "&period;", "-": "&hyphen;", "+": "&plus;", ":": "&colon;", "ü": "&uuml;", "ß": "&szlig;", "é": "&eacute;", " ": "&nbsp;", "/": "&sol;", "_": "&lowbar;", ",": "&comma;", "=": "&equals;", "'": "&apos;"}

        def html(s):
            if mode < .3:
                return "".join("&#%d;" % ord(c) for c in s)
            if mode < .55:
                return "".join("&#x%x;" % ord(c) for c in s)
            out = "".join(c if c.isascii() and c.isalnum() else named[c] if mode > .8 and c in named else "&#%d;" % ord(c) for c in s)
            return out if out != s else "".join("&#%d;" % ord(c) for c in s)
        return html
    if name == "full":
        def full(s):
            on = (lambda c: c.isdigit()) if mode < .4 and sum(c in DIG for c in s) > 3 else (lambda c: c.isalnum()) if mode < .85 else (lambda c: True)
            return "".join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) <= 0x7e and on(c) else c for c in s)
        return full
    if name in ("zw", "shy"):
        ch = ["\u00ad"] if name == "shy" else r.choice([["\u200b"], ["\u200c", "\u200d"], ["\ufeff"], ["\u2060"], ["\u200b", "\u200d", "\u2060"]])
        seed = r.random()

        def ins(s):
            q = random.Random(seed)
            n = min(len(s) - 1, q.choice([1, 2, 3, 5]))
            if n < 1:
                return s
            for i in sorted(q.sample(range(1, len(s)), n), reverse=True):
                s = s[:i] + q.choice(ch) + s[i:]
            return s
        return ins
    if name == "exotic":
        da, sp = r.choice("‐‑‒–—−﹣－"), r.choice("\u00a0\u2009\u202f\u2007\u3000\u2002\u2003\u2005\u200a")

        def exotic(s):
            return s.replace("-", da).replace(" ", sp)
        return exotic
    raise KeyError(name)


# ------------------------------------------------------------------ envelopes and carriers
def ts(r):
    return "2024-%02d-%02dT%02d:%02d:%02dZ" % (r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), r.randint(0, 59), r.randint(0, 59))


def env(r, body):
    e = {}
    f = r.randint(0, 5)
    if f == 0:
        e = {"ts": ts(r), "level": r.choice(["info", "warn", "debug"]), "service": r.choice(["crm-sync", "billing", "media-ingest", "gateway"])}
    elif f == 1:
        e = {"event": r.choice(["profile.updated", "ticket.created", "file.uploaded", "message.sent"]), "version": 2, "occurred_at": ts(r)}
    elif f == 2:
        e = {"id": "evt_" + rs(r, LOW, 8), "tenant": "t_demo", "env": r.choice(["dev", "prod", "staging"])}
    elif f == 3:
        e = {"seq": r.randint(1, 9000), "source": r.choice(["web", "ios", "android", "batch"])}
    if r.random() < .5:
        return {**e, **{k: v for k, v in body.items()}}
    b = dict(body)
    b.update({k: v for k, v in e.items() if k not in b})
    return b


WRAP = ["Hi team, {s} - please update the record.", "{s}", "Customer wrote:\n{s}\nThanks in advance!", "Hallo, {s} \nViele Grüße vom Support", "Bonjour, {s} \nMerci d'avance", "Agent note > {s} (verified on call)", "{s}\n\n-- sent from mobile",
        "Hola, {s} \nGracias", "[#{n}] {s}", "Fwd: {s} ; see attached"]


def sent(r, sp, mk):
    """a labelled or contextual sentence"""
    pool = []
    v = None
    nosp = (lambda s: " " not in s) if sp.typ == "password" else None
    k = r.random()
    if sp.free and k < .3:
        t = r.choice(sp.free)
        v = mk.m(strong=True, need=nosp)
    elif sp.sents and k < .75 or not sp.glabel:
        t = r.choice(sp.sents)
        v = mk.m(need=nosp)
    else:
        t = r.choice(sp.labels) + r.choice([": {v}", ": {v}", " {v}", " is {v}", "={v}", " - {v}"])
        v = mk.m(need=nosp)
    if not sp.dotend:
        t = re.sub(r"\{v\}[.,!?;)]+", "{v}", t)
    return t.replace("{v}", v)


def para(r, sp, mk):
    return r.choice(WRAP).replace("{n}", str(r.randint(1000, 9999))).replace("{s}", sent(r, sp, mk))


def c_audit(r, sp, mk):
    return {"action": r.choice(["customer.update", "kyc.submit", "account.create"]), "target": {"kind": "customer", r.choice(sp.keys): mk.m()}, "result": "ok"}


def c_chat(r, sp, mk):
    return {"channel": r.choice(["support", "whatsapp", "web-chat"]), "messages": [{"role": "agent", "text": r.choice(["Could you confirm the details?", "How can I help?", "Wie kann ich helfen?"])}, {"role": "user", "text": para(r, sp, mk)}]}


def c_chat1(r, sp, mk):
    return {"type": "chat.message", "room": "r-%d" % r.randint(10, 99), "text": para(r, sp, mk)}


def c_media(r, sp, mk):
    return {"media": {"mime": "image/jpeg", "width": 4032, "height": 3024, "exif": {r.choice(["ImageDescription", "UserComment", "XPComment"]): sent(r, sp, mk), "Orientation": 1}}}


def c_file(r, sp, mk):
    if not sp.fname:
        raise Skip
    slug = r.choice(sp.keys).replace(".", "_")
    v = mk.m(need=lambda s: FSAFE.match(s) and len(s) < 90)
    sep = r.choice(["_", "-", " "])
    return {"upload": {r.choice(["file_name", "filename", "original_name"]): r.choice(["scan_%s%s%s%s", "2024 %s%s%s%s", "%s%s%s%s"]).replace("%s%s%s%s", slug + sep + v).replace("%s", "") + r.choice([".pdf", ".jpg", ".docx"]), "size": r.randint(900, 99999)}}


def c_ticket(r, sp, mk):
    return {"ticket": {"number": r.randint(1000, 99999), "subject": r.choice(["Update my details", "Cannot log in", "Rechnung", "Question about my contract"]), "description": para(r, sp, mk), "priority": "normal", "tags": ["billing", "vip"]}}


def c_form(r, sp, mk):
    if not sp.http:
        raise Skip
    return {"http": {"method": "POST", "path": "/forms/contact", "content_type": "application/x-www-form-urlencoded", "body": "step=2&%s=%s&consent=on" % (r.choice(sp.keys), mk.m(need=safe))}}


def c_fields(r, sp, mk):
    return {"form_id": "signup", "fields": {r.choice(sp.keys): mk.m(), "newsletter": r.random() < .5, "plan": "basic"}}


def c_diff(r, sp, mk):
    return {"entity": "contact", "changes": {r.choice(sp.keys): {r.choice(["old", "before"]): mk.m(), r.choice(["new", "after"]): mk.m()}}}


def c_diff2(r, sp, mk):
    return {"object": "Contact", "op": "update", "diff": [{"field": r.choice(sp.keys), "old_value": None, "new_value": mk.m()}, {"field": "stage", "old_value": "lead", "new_value": "won"}]}


def c_http(r, sp, mk):
    if not sp.http:
        raise Skip
    return {"request": {"method": "GET", "url": "https://api.acme.io/v1/customers?%s=%s&limit=20" % (r.choice(sp.keys), mk.m(need=safe)), "status": 200, "duration_ms": r.randint(3, 900)}}


def c_access(r, sp, mk):
    if not sp.http:
        raise Skip
    return {"log": '%s "GET /lookup?%s=%s HTTP/1.1" 200 %d' % (ts(r), r.choice(sp.keys), mk.m(need=safe), r.randint(100, 9000))}


def jd(r, x):
    s = json.dumps(x, ensure_ascii=False, indent=r.choice([None, None, None, 2]))
    if r.random() < .25:
        s = "".join(c if c.isascii() or c in (O, S, C) else json.dumps(c)[1:-1] for c in s)
    return s


def c_nest(r, sp, mk):
    return {"topic": "crm.events", "payload": jd(r, {"id": r.randint(1, 999), r.choice(sp.keys): mk.m(), "active": True})}


def c_nest2(r, sp, mk):
    inner = jd(r, {r.choice(sp.keys): mk.m(), "ok": True}) if r.random() < .6 else jd(r, {"message": sent(r, sp, mk)})
    return {"queue": "outbox", "body": jd(r, {"attempt": r.randint(1, 5), "payload": inner})}


def c_csv(r, sp, mk):
    if not sp.csv:
        raise Skip
    k = r.choice(sp.keys)
    v = mk.m(need=lambda s: "\n" not in s and '"' not in s and "," not in s and ";" not in s and " " not in s if r.random() < .3 else "\n" not in s and '"' not in s)
    s = strip(v)[0]
    sep = r.choice([",", ";"])
    if "," in s or ";" in s:
        v = '"' + v + '"'
    return {"import": {"format": "csv", "content": sep.join(["row", "created_at", k, "plan"]) + "\n" + sep.join([str(r.randint(1, 400)), "2024-03-0%d" % r.randint(1, 9), v, "pro"])}}


def c_log(r, sp, mk):
    return {"message": "%s INFO [worker-%d] %s" % (ts(r), r.randint(1, 9), sent(r, sp, mk))}


def c_list(r, sp, mk):
    k = r.choice(sp.keys)
    return {"batch": r.randint(1, 99), "records": [{k: mk.m()}, {k: mk.m(), "dup": False}]}


def c_ocr(r, sp, mk):
    if not sp.text:
        raise Skip
    return {"ocr": {"engine": "v4", "confidence": 0.93, "lines": ["ACME GmbH", sent(r, sp, mk), "Page 1 of 2"]}}


def c_deep(r, sp, mk):
    return {"data": {"customer": {"profile": {r.choice(sp.keys): mk.m(), "locale": r.choice(["de-DE", "en-GB", "pt-BR"])}}}}


def c_dot(r, sp, mk):
    return {"labels": {"customer." + r.choice(sp.keys): mk.m(), "region": "eu"}}


CARR = [c_audit, c_chat, c_chat, c_chat1, c_chat1, c_media, c_file, c_ticket, c_ticket, c_form, c_fields, c_diff, c_diff2, c_http, c_access, c_nest, c_csv, c_log, c_list, c_ocr, c_deep, c_dot]
ADVC = [c_audit, c_chat, c_chat1, c_media, c_ticket, c_fields, c_diff, c_log, c_ocr, c_deep, c_nest]


# ---------- special events
def x_auth(r, mk):
    tok = mk.do(r.choice([lambda: mixed(r, ALNUM, 40), lambda: rs(r, HEX, 32), lambda: mixed(r, B64U, 43)])())
    f = r.randint(0, 5)
    if f == 0:
        return {"request": {"method": "GET", "path": "/v1/me", "headers": {"Accept": "application/json", "Authorization": "Bearer " + tok}}}
    if f == 1:
        return {"headers": {"authorization": "Basic " + mk.do(base64.b64encode(("svc:" + pw(r)).encode()).decode())}}
    if f == 2:
        return {"curl": "curl -s -H 'Authorization: Bearer " + tok + "' https://api.acme.io/v1/orders"}
    if f == 3:
        return {"raw": "GET /v1/ping HTTP/1.1\r\nHost: api.acme.io\r\nAuthorization: Token " + tok + "\r\nAccept: */*\r\n\r\n"}
    if f == 4:
        return {"headers": [{"key": "X-Request-Id", "value": "r-77"}, {"key": "X-Api-Key", "value": tok}]}
    return {"request": {"headers": {"X-Api-Key": tok, "Content-Type": "application/json"}}}


def x_env(r, mk):
    return {"stdout": "NODE_ENV=production\nPORT=8080\n" + r.choice(["AWS_SECRET_ACCESS_KEY", "STRIPE_API_KEY", "CLIENT_SECRET", "SESSION_SECRET", "GITHUB_TOKEN"]) + "=" + mk.m() + "\nLOG_LEVEL=info"}


def x_jwt(r, mk):
    f = r.randint(0, 3)
    t = mk.m()
    return [{"headers": {"Authorization": "Bearer " + t}}, {"headers": {"Cookie": "lang=de; session=" + t + "; theme=dark"}}, {"request": {"url": "https://app.acme.io/sso?id_token=" + t + "&state=ok"}}, {"text": "my token is " + t + " and it says expired"}][f]


def x_pem(r, mk):
    return r.choice([lambda: {"config": {"tls": {"cert_file": "/etc/tls/cert.pem", "key_data": mk.m()}}}, lambda: {"message": "pasting my key here:\n" + mk.m() + "\nplease add it to the deploy host"}, lambda: {"stdout": "$ cat id_rsa\n" + mk.m() + "\n$ exit"},
                     lambda: {"type": "service_account", "project_id": "acme-prod", "private_key": mk.m(), "auth_uri": "https://accounts.example.com/o/oauth2/auth"}, lambda: {"yaml": "tls:\n  enabled: true\n  key: |\n" + mk.m()}, lambda: {"diff": {"ssh_key": {"old": None, "new": mk.m()}}}])()


def x_street(r, mk):
    loc, s, pc, ci = addr(r)
    ms, mp = mk.do(s), mk.p("postcode", pc)
    return addr_event(r, loc, ms, mp, ci)


def x_pc(r, mk):
    loc, s, pc, ci = addr(r)
    return addr_event(r, loc, mk.p("street_address", s), mk.do(pc), ci)


def addr_event(r, loc, s, pc, ci):
    l = line(loc, s, pc, ci)
    f = r.randint(0, 9)
    lab = {"de": "Meine neue Adresse: ", "fr": "Mon adresse : ", "es": "Mi dirección es ", "it": "Indirizzo: ", "nl": "Adres: ", "pl": "Adres: ", "se": "Adress: ", "br": "Meu endereço: "}.get(loc, "My new address is ")
    return [{"message": "Please ship it to " + l + "."}, {"text": lab + l}, {"customer": {"address": l}}, {"shipping": {"street": s, "postal_code": pc, "city": ci}}, {"order": {"billing_address": {"address_line1": s, "city": ci, "zip" if loc == "us" else "postcode": pc}}},
            {"ticket": {"body": "I moved last month, I now live at " + l + ", can you change it?"}}, {"csv": "id;address;postcode;city\n7;" + s.replace(";", ",") + ";" + pc + ";" + ci}, {"payload": json.dumps({"delivery_address": l, "express": True}, ensure_ascii=False)},
            {"ocr": {"text": "INVOICE\nBill to address:\n" + l.replace(", ", "\n", 1) + "\nTotal due: 120.00"}}, {"changes": {"address": {"old": l, "new": ""}}}][f]


def x_dob(r, mk):
    f = r.randint(0, 9)
    D = lambda k: mk.do(dob(r, k))
    return [lambda: {"text": "I was born on " + D(r.choice(["long", "us"])) + " in Leeds."}, lambda: {"text": "geboren am " + D(r.choice(["dmy.", "de"])) + " in Köln"}, lambda: {"text": "né le " + D(r.choice(["dmy/", "fr"])) + " à Lyon"}, lambda: {"text": "nacida el " + D(r.choice(["dmy/", "es"])) + " en Madrid"},
            lambda: {"text": "nata il " + D("dmy/") + " a Roma"}, lambda: {"text": "ur. " + D("dmy.") + " w Krakowie, data urodzenia potwierdzona"}, lambda: {"text": "född " + D("iso") + " i Malmö"}, lambda: {"patient": {"birthDate": D("iso"), "gender": "female"}}, lambda: {"kyc": {"dob": D("compact"), "level": 2}}, lambda: {"text": "geboren op " + D("dmy-") + " te Utrecht"}][f]()


def x_gps(r, mk):
    a, b = ll(r)
    f = r.randint(0, 9)
    n = lambda x: Num(x, mk.spec.typ, mk.part)
    if mk.tf:
        f = r.choice([1, 3, 4, 5, 8])
    return [lambda: {"location": {"lat": n(a), "lng": n(b)}, "accuracy_m": 12}, lambda: {"text": "Pin: geo:" + mk.do("%.5f,%.5f" % (a, b))}, lambda: {"geometry": {"type": "Point", "coordinates": [n(b), n(a)]}}, lambda: {"url": "https://maps.example.com/?q=" + mk.do("%.6f,%.6f" % (a, b)) + "&z=15"},
            lambda: {"media": {"mime": "video/mp4", "com.apple.quicktime.location.ISO6709": mk.do("%+08.4f%+09.4f" % (a, b)) + "/"}}, lambda: {"exif": {"GPSLatitude": mk.do(dms(a, "N", "S")), "GPSLongitude": mk.do(dms(b, "E", "W"))}}, lambda: {"device": {"latitude": n(a), "longitude": n(b), "battery": 81}}, lambda: {"gps_latitude": mk.do("%.6f" % a), "gps_longitude": mk.do("%.6f" % b)},
            lambda: {"wkt": "POINT(" + mk.do("%.6f %.6f" % (b, a)) + ")", "layer": "customer_location"}, lambda: {"payload": json.dumps({"x": 1}) + " lat=" + mk.do("%.6f" % a) + " lon=" + mk.do("%.6f" % b)}][f]()


def x_name(r, mk):
    f = r.randint(0, 8)
    a, b, c = r.choice(FIRST), r.choice(LAST), r.choice(FULL)
    D = mk.do
    return [lambda: {"customer": {"first_name": D(a), "last_name": D(b)}}, lambda: {"changes": {"last_name": {"old": D(b), "new": D(r.choice(LAST))}}}, lambda: {"customer.fullName": D(c), "plan": "gold"}, lambda: {"contact": {"givenName": D(a), "familyName": D(b), "lang": "de"}},
            lambda: {"payload": json.dumps({"patient_name": D(c), "ward": "B2"}, ensure_ascii=False)}, lambda: {"card": {"cardholder_name": D(c.upper()), "brand": "visa"}}, lambda: {"person": {"vorname": D(a), "nachname": D(b)}}, lambda: {"cliente": {"nombre": D(a), "apellidos": D(b)}}, lambda: {"attendees": [{"name": D(c), "rsvp": "yes"}, {"name": D(r.choice(FULL)), "rsvp": "no"}]}][f]()


def v_name(r):
    return r.choice(FULL), False


def x_pass(r, mk):
    f = r.randint(0, 7)
    w = pw(r)
    while not SAFE.match(w) or "@" in w or ":" in w or "%" in w:
        w = pw(r)
    if f == 0 and not mk.tf:
        return {"login": "deskphone-12", "password": Num(r.randint(100000, 99999999), mk.spec.typ, mk.part)}
    return [{"auth": {"user_password": mk.do(w), "remember": True}}, {"cmd": "mysqldump --host=db1 --password=" + mk.do(w) + " orders"}, {"changes": {"password": {"old": mk.do(pw(r)), "new": mk.do(pw(r))}}}, {"http": {"body": "login=deskphone-12&password=" + mk.do(w) + "&remember=1"}},
            {"env": "PGHOST=db1\nPGPASSWORD=" + mk.do(w) + "\nPGPORT=5432"}, {"payload": json.dumps({"grant_type": "password", "password": mk.do(pw(r))}, ensure_ascii=False)}, {"yaml": "db:\n  host: db1\n  password: " + mk.do(w) + "\n  pool: 5"}, {"wifi": {"ssid": "Office-5G", "passphrase": mk.do(pw(r))}}][f]


def x_ip(r, mk):
    v4 = lambda: mk.m(need=lambda s: mk.tf or ":" not in s)
    return r.choice([lambda: {"headers": {"X-Forwarded-For": mk.m() + ", " + mk.m()}}, lambda: {"log": mk.m() + ' - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" 200 2326'}, lambda: {"message": "connection from " + v4() + ":52144 closed"}, lambda: {"message": "Failed login from " + mk.m() + " port 22 ssh2"},
                     lambda: {"net": {"src": mk.m(), "dst": mk.m(), "proto": "tcp"}}, lambda: {"url": "http://" + v4() + ":8080/health"}])()


def x_email(r, mk):
    return r.choice([lambda: {"html": '<a href="mailto:' + mk.m() + '">contact</a>'}, lambda: {"headers": {"From": "Support desk <" + mk.m() + ">", "To": mk.m() + ", " + mk.m()}}, lambda: {"path": "/exports/" + mk.m(need=lambda s: mk.tf or safe(s)) + "/2024.zip"}, lambda: {"actor": mk.m(), "action": "login"},
                     lambda: {"message": "invited (" + mk.m() + ") and [" + mk.m() + "] to the board"}, lambda: {"sql": "UPDATE users SET email='" + mk.m(need=lambda s: "'" not in s) + "' WHERE id=7"}])()


SP = {}


def add(*a, **k):
    s = Spec(*a, **k)
    SP[s.typ] = s


add("email", v_email, T("email", "email_address", "contactEmail", "user_email", "e_mail", "reply_to"), T("E-mail", "email", "Mail", "Courriel", "correo electrónico", "E-Mail-Adresse"),
    ["you can write to {v}.", "bitte an {v} senden", "mon adresse est {v}, merci", "cc {v} on the thread"], ["{v}", "ping {v} about it", "the invite went to {v} twice", "{v} bounced again", "contact: {v}."], [x_email], NOEX)
add("phone", v_phone, T("phone", "phone_number", "mobile", "telefon", "contact_phone", "tel", "msisdn", "whatsapp_number"), T("Phone", "Tel.", "Mobile", "Telefon", "Téléphone", "Cell", "Teléfono", "Handy"),
    ["please call me back on phone {v} after 5pm", "my mobile number is {v}.", "ruf mich bitte an: Tel {v}", "mon numéro de téléphone est le {v}", "llámame al teléfono {v}, gracias", "WhatsApp number {v}"], ["call me at {v} tomorrow", "you can reach me on {v}.", "text {v} when you arrive"], [], ALLADV + ["number"], num=lambda r: int(re.sub(r"\D", "", next(v for v in iter(lambda: v_phone(r)[0], None) if v.startswith("+") and "(0)" not in v))))
add("payment_card", v_card, T("card_number", "pan", "creditCard", "cc_number", "card.number", "kreditkarte"), T("Card", "card number", "Credit card", "Kreditkarte", "numéro de carte", "tarjeta", "PAN"),
    ["please charge my card {v} exp 09/27", "my Visa ends soon: {v}, refund it there", "die Kreditkartennummer lautet {v}.", "ma carte bancaire {v} a été refusée"], ["charge {v} for the rest", "I typed {v} and it was declined", "paid with {v}."], [], ALLADV + ["number", "number"], num=lambda r: int(card_digits(r)))
add("iban", v_iban, T("iban", "bank_account", "account_iban", "IBAN", "payout.iban", "kontonummer"), T("IBAN", "IBAN", "bank account", "Bankverbindung", "compte", "Konto"),
    ["refund to IBAN {v} please", "bitte auf {v} überweisen", "le virement part vers {v}.", "SEPA mandate for {v}, signed"], ["transfer it to {v}", "{v} is the account", "my account is {v}."], [], ALLADV)
add("us_ssn", v_ssn, T("ssn", "social_security_number", "ssn_number", "us_ssn", "taxpayer.ssn"), T("SSN", "Social Security Number", "social security no.", "SSN#"),
    ["my SSN is {v}, please verify", "applicant social security number {v} matched", "W-2 shows SSN {v}."], ["identity check with {v} passed", "I gave {v} on the W-9"], [], ALLADV)
add("uk_nino", v_nino, T("nino", "national_insurance_number", "ni_number", "uk_nino"), T("NINO", "National Insurance number", "NI number", "NI no."),
    ["my National Insurance number is {v}.", "P60 shows NI {v}, tax code 1257L", "HMRC quoted {v} in the letter"], ["the payslip says {v}", "use {v} for payroll"], [], ALLADV)
add("uk_nhs", v_nhs, T("nhs_number", "nhsNumber", "nhs_no", "patient.nhs"), T("NHS number", "NHS No", "NHS no.", "NHS"),
    ["patient with NHS number {v} referred", "GP letter, NHS No: {v}, cardiology", "my NHS number is {v}."], [], [], ALLADV)
add("es_nif", v_esnif, T("dni", "nif", "nie", "documento_identidad", "dni_nie"), T("DNI", "NIF", "DNI/NIE", "N.I.F.", "documento de identidad"),
    ["con DNI {v}, solicito la baja", "mi NIF es {v}.", "titular identificado con NIE/DNI {v} en la oficina"], ["el cliente {v} ha firmado", "contrato firmado por {v}, adjunto"], [], ALLADV)
add("it_codice_fiscale", v_cf, T("codice_fiscale", "codiceFiscale", "cf", "fiscal_code"), T("Codice fiscale", "C.F.", "CF", "cod. fisc."),
    ["il mio codice fiscale è {v}.", "intestata a CF {v}, fattura allegata", "tessera sanitaria con codice fiscale {v}"], ["fattura per {v} emessa", "paziente {v} in lista"], [], ALLADV)
add("fr_nir", v_nir, T("nir", "numero_securite_sociale", "num_secu", "insee_nir"), T("NIR", "Numéro de sécurité sociale", "N° de sécu", "n° SS"),
    ["mon numéro de sécurité sociale est le {v}.", "assuré NIR {v}, CPAM de Lyon", "carte Vitale, numéro de sécurité sociale {v}"], ["dossier de l'assuré {v} reçu", "CPAM : {v}, remboursement en cours"], [], ALLADV)
add("de_steuer_id", v_steuer, T("steuer_id", "steuerId", "steueridentifikationsnummer", "idnr", "tax_id_de"), T("Steuer-ID", "Steueridentifikationsnummer", "IdNr.", "Steuer-IdNr."),
    ["meine Steuer-ID lautet {v}.", "Lohnsteuer: Steueridentifikationsnummer {v}, Klasse 1", "Finanzamt fragt nach IdNr. {v}"], [], [], ALLADV)
add("in_aadhaar", v_aadhaar, T("aadhaar", "aadhaar_number", "aadhaarNo", "uidai_aadhaar"), T("Aadhaar", "Aadhaar No", "Aadhaar number", "आधार संख्या"),
    ["my Aadhaar is {v}, kindly verify", "KYC done with Aadhaar number {v}.", "UIDAI Aadhaar {v} linked to account"], [], [], ALLADV)
add("br_cpf", v_cpf, T("cpf", "cpf_cliente", "cpf_number", "titular.cpf"), T("CPF", "CPF nº", "CPF do titular"),
    ["meu CPF é {v}.", "nota fiscal no CPF {v}, obrigado", "inscrito no CPF sob o nº {v}"], ["cliente {v} solicitou estorno", "favor cadastrar {v} no sistema"], [], ALLADV)
add("ca_sin", v_sin, T("sin", "social_insurance_number", "ca_sin", "sin_number", "canadian_sin"), T("SIN", "Social Insurance Number", "NAS", "numéro d'assurance sociale"),
    ["my SIN is {v}, for the T4", "employee social insurance number {v}.", "mon NAS est le {v}"], [], [], ALLADV)
add("au_tfn", v_tfn, T("tfn", "tax_file_number", "au_tfn", "tfnNumber"), T("TFN", "Tax File Number", "tax file no."),
    ["my TFN is {v}.", "super fund needs tax file number {v} by June", "ATO letter quoting TFN {v}, ok"], [], [], ALLADV)
add("nl_bsn", v_bsn, T("bsn", "burgerservicenummer", "bsn_nummer", "nl_bsn"), T("BSN", "Burgerservicenummer", "BSN-nummer", "BSN nr."),
    ["mijn BSN is {v}.", "patiënt met burgerservicenummer {v}, huisarts gebeld", "loonheffing op BSN {v} aangepast"], [], [], ALLADV)
add("pl_pesel", v_pesel, T("pesel", "nr_pesel", "PESEL", "pesel_number"), T("PESEL", "Nr PESEL", "numer PESEL"),
    ["mój PESEL to {v}.", "pacjent, PESEL {v}, skierowanie", "umowa: numer PESEL {v} zgodny"], [], [], ALLADV)
add("se_personnummer", v_pnr, T("personnummer", "person_nr", "personnr", "se_personnummer"), T("Personnummer", "personnr", "pers.nr", "Personnummer"),
    ["mitt personnummer är {v}.", "BankID med personnummer {v}, godkänd", "kund personnr {v} har flyttat"], ["inloggad med BankID som {v}", "kunden {v} ringde om fakturan"], [], ALLADV)
add("street_address", lambda r: (addr(r)[1], False), T("street", "address_line1", "street_address", "addressLine1", "shipping_street", "strasse", "home_address"), T("Address", "Street address", "Anschrift", "Adresse", "Dirección", "Indirizzo", "Home address"),
    ["I live at {v}, second floor", "please deliver it to {v}.", "ich wohne in der Adresse {v}", "j'habite au {v}", "vivo en {v}", "abito in {v}", "the courier went to {v} instead"], [], [x_street, x_street, x_street], ALLADV, http=False)
add("postcode", lambda r: (addr(r)[2], False), T("postcode", "postal_code", "zip", "zip_code", "plz", "postalCode", "code_postal", "cep"), T("Postcode", "ZIP code", "ZIP", "PLZ", "Code postal", "CAP", "CEP", "Postal code"),
    ["my postcode is {v}.", "the zip code is {v}, not the old one", "PLZ {v} liegt im Liefergebiet", "code postal {v}", "código postal {v}"], [], [x_pc, x_pc, x_pc], ALLADV)
add("date_of_birth", v_dob, T("dob", "date_of_birth", "birth_date", "dateOfBirth", "birthday", "geburtsdatum", "data_nascita", "fecha_nacimiento"), T("DOB", "Date of birth", "Geburtsdatum", "Date de naissance", "Fecha de nacimiento", "Data di nascita", "Born", "D.O.B."),
    ["my date of birth is {v}.", "patient born {v}, seen today", "born on {v} according to the ID", "Geburtsdatum laut Ausweis: {v}", "birthday {v}, please correct"], [], [x_dob, x_dob], ALLADV)
add("ip_address", v_ip, T("ip", "client_ip", "remote_addr", "ip_address", "sourceIp", "peer"), T("IP", "client IP", "IP address", "from", "IP-Adresse"),
    ["login from {v} blocked", "request came from {v}, rate limited", "rejected {v} by firewall"], ["{v}", "blocked {v} after 5 attempts", "traceroute to {v} timed out"], [x_ip, x_ip], NOEX)
add("mac_address", v_mac, T("mac", "mac_address", "hw_addr", "bssid", "device_mac", "wifiMac"), T("MAC", "MAC address", "BSSID", "hwaddr", "MAC-Adresse"),
    ["printer with MAC {v} is offline", "DHCP lease for MAC {v} granted", "router MAC address {v}, port 3"], ["dhcpd: DHCPACK to {v} via eth0", "{v} joined the network", "station {v} deauthenticated"], [], ALLADV)
add("url_credentials", v_urlcred, T("url", "dsn", "connection_string", "webhook_url", "database_url", "link", "referer"), T("URL", "DSN", "Link", "connect to", "endpoint"),
    ["the export is at {v} today", "could not connect to {v}", "clone failed: {v}", "callback {v} returned 500"], ["see {v}", "{v}", "open {v} in the browser"], [], ["pct", "html", "b64", "zw", "shy", "key", "nest1", "nest2"], http=False, fname=False, dotend=False)
add("secret", v_secret, T("api_key", "client_secret", "secret_key", "access_token", "auth_token", "apiKey", "webhook_secret", "signing_secret", "secretAccessKey", "refresh_token"), T("api key", "API_KEY", "secret key", "access token", "client_secret", "token"),
    ["my api key: {v} does not work", "use client_secret={v} for sandbox", "export API_TOKEN={v}", "the secret key: {v} was committed by mistake"], ["please rotate {v} today", "found {v} in the repo", "push rejected: {v} leaked"], [x_auth, x_auth, x_env], ALLADV, dotend=False, fname=False, http=True, csv=True)
add("private_key", v_pem, T("private_key", "ssh_key", "pem", "key_material", "tls_key", "signing_key"), T("key", "private key", "PEM", "id_rsa", "Schlüssel"),
    ["here is the key:\n{v}\nthanks", "private key attached inline {v} end", "paste: {v}"], ["{v}", "cat key.pem\n{v}"], [x_pem, x_pem], ALLADV, http=False, fname=False, csv=False, dotend=False)
add("jwt", v_jwt, T("jwt", "id_token", "access_token", "session_token", "bearer", "assertion", "token"), T("JWT", "token", "id_token", "Bearer", "session"),
    ["got 401 with token {v} again", "debugging JWT {v} signature", "the bearer: {v} expired"], ["{v}", "decoded {v} and it is expired", "header was {v}"], [x_jwt, x_jwt], NOEX, fname=False, dotend=False)
add("password", v_password, T("password", "passwd", "pwd", "user_password", "newPassword", "passphrase", "db_password", "passwort", "contraseña", "mot_de_passe"), T("Password", "password", "Passwort", "mot de passe", "contraseña", "wachtwoord", "hasło", "pwd"),
    ["my password is: {v}", "login demo, password: {v} as agreed", "Passwort: {v} bitte ändern", "mot de passe : {v}", "hasło: {v}", "temporary password = {v}"], [], [x_pass, x_pass], ["pct", "html", "b64", "full", "zw", "shy", "nest1", "nest2"], dotend=False, fname=False)
add("crypto_wallet", v_wallet, T("wallet", "wallet_address", "btc_address", "eth_address", "crypto_wallet", "payout_wallet"), T("Wallet", "wallet address", "crypto wallet", "deposit address", "Wallet-Adresse"),
    ["please send the coins to wallet {v}.", "payout to crypto wallet {v} pending", "withdrawal to wallet address {v}, 0.05 coins"], ["send it to {v}", "{v} received 0.4", "the donation goes to {v}."], [], NOEX)
add("gps_coordinates", v_gps, T("gps", "coordinates", "location", "geo", "gps_position", "latlng", "lastKnownLocation"), T("GPS", "coordinates", "Koordinaten", "GPS position", "lat/lon", "location"),
    ["the phone was last seen at GPS {v}", "meet at coordinates {v}.", "photo taken at GPS position {v}, heading north", "my location: {v}"], [], [x_gps, x_gps, x_gps], ALLADV, fname=False)
add("passport", v_passport, T("passport", "passport_number", "passportNo", "passport_no", "reisepass_nr", "numero_pasaporte"), T("Passport", "Passport No", "Passport number", "Reisepassnummer", "N° de passeport", "Pasaporte", "paspoortnummer", "Passaporto n."),
    ["my passport number is {v}.", "travelling on passport {v}, expires 2031", "Reisepass Nr. {v} liegt vor", "passeport n° {v} vérifié", "pasaporte número {v}"], [], [], ALLADV)
add("driver_licence", v_dl, T("driver_licence", "drivers_license", "driving_licence_number", "license_number_driver", "fuehrerschein_nr", "dl_number", "driverLicenseNo"), T("Driving licence", "Driver's license", "Driver license no", "Führerscheinnummer", "Permis de conduire n°", "Driving licence number", "rijbewijsnummer", "Patente di guida n."),
    ["my driving licence number is {v}.", "rental: driver's license {v} checked", "Führerschein Nr. {v} vorgelegt", "permis de conduire n° {v}, valide", "driver licence {v} uploaded"], [], [], ALLADV)
add("person_name", v_name, T("name", "full_name", "fullName", "customer_name", "contact_name", "display_name", "patientName", "recipient_name", "account_holder_name"), T("name",), [], [], [x_name, x_name, x_name], ["pct", "html", "b64", "full", "zw", "shy", "exotic", "nest1", "nest2"], csv=False, fname=False)

NAMEC = [c_audit, c_fields, c_diff, c_diff2, c_nest, c_list, c_deep, c_dot, c_form]
TYPES = list(SP)
assert len(TYPES) == 33


# ------------------------------------------------------------------ negatives
NEG = {}


def bad_digits(v):
    """True when a digit run in v happens to be a valid id of a self-identifying kind"""
    for run in re.findall(r"\d(?:[ \-./]?\d)*", v) + re.findall(r"\d+", v):
        s = re.sub(r"\D", "", run)
        if 13 <= len(s) <= 19 and s[0] in "23456" and luhn_ok(s):
            return True
        if len(s) == 11 and (cpf_ok(s) or pesel_ok(s)):
            return True
        if len(s) == 10 and luhn_ok(s):
            return True
        if len(s) == 12 and verhoeff_ok(s):
            return True
    return False


def neg(name, val, keys, labels, sents=(), special=(), carriers=None, **k):
    def v(r):
        for _ in range(200):
            x = val(r)
            if not bad_digits(x):
                return x, True
        raise Skip
    s = Spec(name, v, keys, labels, sents, [], special, **k)
    s.carr = carriers
    NEG[name] = s


def ulid(r):
    return "01J" + rs(r, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)


def uuid(r):
    return "%s-%s-4%s-%s%s-%s" % (rs(r, HEX, 8), rs(r, HEX, 4), rs(r, HEX, 3), r.choice("89ab"), rs(r, HEX, 3), rs(r, HEX, 12))


def iso(r):
    return r.choice([ts(r), ts(r)[:-1] + ".%03dZ" % r.randint(0, 999), ts(r)[:-1] + "+02:00", ts(r)[:-1].replace("T", " "), ts(r)[:-1] + ".%06d+00:00" % r.randint(0, 999999)])


def date(r):
    y, m, dd = r.choice([2023, 2024, 2025]), r.randint(1, 12), r.randint(1, 28)
    return r.choice(["%d-%02d-%02d" % (y, m, dd), "%02d/%02d/%d" % (dd, m, y), "%02d.%02d.%d" % (dd, m, y), "%d %s %d" % (dd, MON[m - 1], y)])


def nonluhn(r):
    while True:
        s = r.choice(["4", "51", "37", "6011", "8", "9", "1", "62"])
        s += rs(r, DIG, 16 - len(s))
        if not luhn_ok(s):
            return r.choice([s, s, grp(s, 4, 4, 4, 4), grp(s, 4, 4, 4, 4, sep="-")])


def isbn(r):
    if r.random() < .6:
        s = "978" + r.choice("013") + rs(r, DIG, 8)
        s += str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(s)) % 10)
        return r.choice([s, "%s-%s-%s-%s-%s" % (s[:3], s[3], s[4:7], s[7:12], s[12])])
    s = r.choice("01") + rs(r, DIG, 8)
    c = (11 - sum(int(x) * (10 - i) for i, x in enumerate(s)) % 11) % 11
    s += "X" if c == 10 else str(c)
    return r.choice([s, "%s-%s-%s-%s" % (s[0], s[1:4], s[4:9], s[9])])


I = lambda a, b: (lambda r: str(r.randint(a, b)))
neg("uuid", lambda r: r.choice([uuid(r), uuid(r), uuid(r).upper()]), T("id", "request_id", "uuid", "correlation_id", "document_uuid", "device_uuid"), T("request id", "UUID", "job", "correlation id"), ["job {v} finished", "see document {v} for details", "retrying {v} in 5s"])
neg("hash", lambda r: r.choice([rs(r, HEX, 32), rs(r, HEX, 40), rs(r, HEX, 64), "sha256:" + rs(r, HEX, 64), rs(r, HEX, 7)]), T("md5", "sha256", "checksum", "etag", "commit_sha", "digest", "content_hash"), T("sha256", "md5", "commit", "checksum", "digest"), ["image digest {v} pulled", "merged commit {v} to main", "checksum {v} verified"])
neg("iso_timestamp", iso, T("created_at", "updated_at", "timestamp", "occurredAt", "last_login", "expires_at"), T("created at", "timestamp", "at", "expires"), ["backup started {v}", "the job ran at {v}", "token cache refreshed {v}"], http=False)
neg("semver", lambda r: r.choice(["%d.%d.%d", "v%d.%d.%d", "%d.%d.%d-rc.1", "%d.%d.%d+build.77"]) % (r.randint(0, 24), r.randint(0, 40), r.randint(0, 99)), T("version", "app_version", "sdk_version", "min_version", "firmware"), T("version", "release", "upgraded to", "firmware"), ["crash in version {v} only", "upgraded to {v} yesterday", "works since {v}"])
neg("four_part_version", lambda r: r.choice(["10.0.19045.%d" % r.randint(1000, 4999), "17.4.33213.%d" % r.randint(300, 999), "121.0.%d.139" % r.randint(6000, 6999), "4.8.4084.%d" % r.randint(0, 9)]), T("os_version", "driver_version", "file_version", "browser_version"), T("Windows version", "assembly version", "driver version", "build version"), ["running Windows version {v}", "assembly version {v} loaded", "updated driver to version {v}"])
neg("order_number", lambda r: r.choice(["ORD-%d" % r.randint(10000, 999999), "#%d" % r.randint(10000, 99999), "SO%07d" % r.randint(1, 9999999), "PO-%d/%d" % (r.randint(1000, 9999), 2024), "10%06d" % r.randint(0, 999999)]), T("order_id", "order_number", "orderNo", "purchase_order", "bestellnummer"), T("order", "Order no.", "Bestellnummer", "commande", "order number"), ["where is my order {v}?", "refund for order {v} issued", "Bestellung {v} ist angekommen"])
neg("phone_like_order_id", lambda r: r.choice(["ORD-2024-%05d" % r.randint(0, 99999), "INV-2023-%04d-%02d" % (r.randint(0, 9999), r.randint(0, 99)), "TCK-555-%04d" % r.randint(0, 9999), "RMA-%03d-%03d-%04d" % (r.randint(100, 999), r.randint(100, 999), r.randint(0, 9999)), "CASE-%d-%d" % (r.randint(1000, 9999), r.randint(100000, 999999))]), T("order_id", "invoice_id", "case_ref", "rma", "reference"), T("order", "invoice", "reference", "case"), ["order {v} is late", "please check invoice {v} again", "reference {v} closed"])
neg("sku", lambda r: r.choice(["SKU-%s-%03d-BLK" % (rs(r, UP, 3), r.randint(1, 999)), "%s%05d" % (rs(r, UP, 2), r.randint(1, 99999)), "TSHIRT-RED-%d" % r.choice([36, 38, 40]), "%03d.%03d.%02d" % (r.randint(100, 999), r.randint(100, 999), r.randint(10, 99)), "WH-%d-XM5" % r.randint(1000, 9999)]), T("sku", "product_code", "article_no", "item_code", "part_number"), T("SKU", "article", "part no.", "item"), ["article {v} is out of stock", "we need two of SKU {v}", "part {v} does not fit"])
neg("non_luhn_16", nonluhn, T("batch_id", "ledger_ref", "meter_id", "serial", "voucher", "job_id"), T("batch", "ledger reference", "serial", "voucher"), ["batch {v} is done", "serial {v} registered", "voucher {v} already used"])
neg("storage_key", lambda r: r.choice(["tenants/t_demo/dev/raw/%s/report.pdf" % ulid(r), "s3://acme-raw/%d/%02d/%s.parquet" % (2024, r.randint(1, 12), ulid(r)), "tenants/t_%s/prod/derived/%s/thumb_256.webp" % (rs(r, LOW, 4), ulid(r)), "gs://bucket-eu/uploads/%s/original.mov" % uuid(r)]), T("storage_key", "object_key", "path", "blob_path", "s3_key"), T("stored at", "object", "path", "key"), ["uploaded to {v} ok", "object {v} not found", "moved {v} to archive"])
neg("price", lambda r: r.choice(["%d.%02d", "$%d.%02d", "£%d.%02d"]) % (r.randint(1, 2999), r.randint(0, 99)), T("price", "unit_price", "total", "subtotal", "shipping_cost"), T("price", "total", "subtotal", "Preis"), ["it costs {v} per month", "total {v} incl. VAT", "the price went up to {v} again"])
neg("currency_amount", lambda r: r.choice(["€ %d.%03d,%02d" % (r.randint(1, 99), r.randint(0, 999), r.randint(0, 99)), "USD %d,%03d.00" % (r.randint(1, 900), r.randint(0, 999)), "R$ %d,%02d" % (r.randint(1, 999), r.randint(0, 99)), "%d %03d,%02d zł" % (r.randint(1, 9), r.randint(0, 999), r.randint(0, 99)), "¥%d,%03d" % (r.randint(1, 99), r.randint(0, 999)), "%d EUR" % r.randint(1, 99999)]), T("amount", "balance", "amount_due", "betrag", "montant"), T("amount", "balance", "Betrag", "Montant"), ["we paid {v} in March", "the balance is {v} now", "transfer of {v} received"], http=False)
neg("plain_integer", I(1, 9999999), T("count", "quantity", "user_count", "rows", "position", "retries"), T("count", "rows", "attempt", "items"), ["processed {v} rows", "there are {v} items left", "retry {v} scheduled"], num=lambda r: r.randint(1, 9999999))
neg("duration", lambda r: r.choice(["%dms" % r.randint(1, 9999), "%dh%02dm" % (r.randint(1, 9), r.randint(0, 59)), "PT%dM%dS" % (r.randint(1, 59), r.randint(1, 59)), "%02d:%02d:%02d" % (r.randint(0, 9), r.randint(0, 59), r.randint(0, 59)), "%d.%03ds" % (r.randint(0, 9), r.randint(0, 999))]), T("duration", "elapsed", "timeout", "ttl", "call_length"), T("duration", "took", "elapsed", "timeout"), ["the call lasted {v} in total", "finished in {v}", "timeout after {v} reached"])
neg("latency", lambda r: r.choice(["%d.%02d" % (r.randint(0, 999), r.randint(0, 99)), "%d.%03d" % (r.randint(0, 9), r.randint(0, 999)), "%d" % r.randint(1, 5000)]), T("latency_ms", "p99_ms", "rtt", "duration_ms", "response_time"), T("latency", "p99", "rtt avg", "response time"), ["p95 latency {v} ms over 1h", "rtt min/avg {v} ms", "upstream answered after {v} ms"], num=lambda r: round(r.uniform(.1, 4000), 3))
neg("epoch_ms", lambda r: str(r.randint(1690000000000, 1735000000000)), T("ts_ms", "epoch", "created_ms", "timestamp", "exp_ms"), T("ts", "epoch ms", "since", "offset"), ["watermark at {v}", "event time {v} is late", "ts={v} seq=4"], num=lambda r: r.choice([1000, 1]) and next(n for n in iter(lambda: r.randint(1690000000000, 1735000000000), None) if not luhn_ok(str(n))))
neg("git_remote", lambda r: "git@%s:%s/%s.git" % (r.choice(["github.com", "gitlab.com", "bitbucket.org", "git.acme.io"]), r.choice(["org", "acme-corp", "platform", "rust-lang"]), r.choice(["repo", "web-app", "infra", "dotfiles"])), T("remote", "repo_url", "origin", "clone_url", "repository"), T("remote", "origin", "clone", "repo"), ["git clone {v} failed", "pushed to {v} main", "added submodule {v}"])
neg("retina_asset", lambda r: "%s@%dx.%s" % (r.choice(["icon", "logo", "img/header-bg", "btn_close", "assets/splash"]), r.choice([2, 3]), r.choice(["png", "webp", "jpg"])), T("asset", "file_name", "src", "icon", "image"), T("asset", "missing", "file", "loading"), ["404 for {v} on iOS", "replace {v} in the bundle", "compressed {v} by 40"])
neg("package_spec", lambda r: r.choice(["lodash@4.17.%d", "@types/node@20.11.%d", "react-dom@18.2.%d", "serde@1.0.%d"]) % r.randint(0, 30), T("package", "dependency", "module", "crate"), T("package", "installed", "dependency"), ["npm install {v} ok", "{v} has a vulnerability", "bumped to {v} today"])
neg("user_agent_version", lambda r: r.choice(["Chrome/%d.0.0.0" % r.randint(100, 130), "Edg/%d.0.0.0" % r.randint(100, 130), "Safari/537.36", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36" % r.randint(100, 130), "Mozilla/5.0 (iPhone; CPU iPhone OS 17_%d like Mac OS X) AppleWebKit/605.1.15" % r.randint(0, 6), "OPR/106.0.0.0"]), T("user_agent", "browser", "ua", "User-Agent"), T("user agent", "browser", "UA"), ["client uses {v} on desktop", "bug only in {v}", "blocked bot {v}"], http=False)
neg("isbn", isbn, T("isbn", "isbn13", "book_isbn", "ean"), T("ISBN", "ISBN-13", "book ISBN"), ["ordered the book ISBN {v} twice", "ISBN {v} is out of print", "library copy, ISBN {v}"])
neg("tracking_number", lambda r: r.choice(["1Z%s%s" % (rs(r, UP + DIG, 6), rs(r, DIG, 10)), "9400%s" % rs(r, DIG, 18), "RR%sDE" % rs(r, DIG, 9), "JJD%s" % rs(r, DIG, 18), "TBA%s" % rs(r, DIG, 12), "00340434%s" % rs(r, DIG, 12)]), T("tracking_number", "tracking", "shipment_id", "sendungsnummer"), T("tracking number", "Tracking", "Sendungsnummer", "parcel"), ["parcel {v} is stuck in customs", "tracking number {v} shows delivered", "Sendung {v} ist unterwegs"])
neg("hex_colour", lambda r: r.choice(["#" + rs(r, HEX, 6), "#" + rs(r, HEX, 3), "#" + rs(r, HEX, 8).upper(), "0xFF" + rs(r, HEX, 6).upper()]), T("color", "colour", "background", "theme_color", "fill"), T("colour", "color", "background", "Farbe"), ["change the button to {v} please", "brand colour {v} on white", "fill {v} stroke none"], http=False)
neg("mime_type", lambda r: r.choice(["application/pdf", "image/svg+xml", "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "video/mp4", "multipart/form-data", "application/x-www-form-urlencoded"]), T("mime", "content_type", "mimeType", "Content-Type"), T("mime", "content type", "type"), ["unsupported type {v} rejected", "sniffed as {v} by libmagic", "uploaded as {v}"])
neg("trace_id", lambda r: r.choice([rs(r, HEX, 32), rs(r, HEX, 16), "00-%s-%s-01" % (rs(r, HEX, 32), rs(r, HEX, 16)), "Root=1-%s-%s" % (rs(r, HEX, 8), rs(r, HEX, 24))]), T("trace_id", "span_id", "traceparent", "traceId", "x-amzn-trace-id"), T("trace", "span", "trace_id"), ["error in trace {v}", "span {v} took too long", "sampled trace {v}"])
neg("build_number", lambda r: r.choice(["%d" % r.randint(100, 99999), "b%d" % r.randint(1000, 9999), "2024%02d%02d.%d" % (r.randint(1, 12), r.randint(1, 28), r.randint(1, 20)), "22H%d" % r.randint(100, 999), "build-%d-g%s" % (r.randint(100, 999), rs(r, HEX, 7))]), T("build", "build_number", "ci_build", "buildId"), T("build", "CI build", "build no."), ["build {v} failed on main", "deployed build {v} to staging", "fixed since build {v}"])
neg("http_status", lambda r: str(r.choice([200, 201, 204, 301, 304, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503])), T("status", "status_code", "http_status", "code"), T("status", "HTTP", "code"), ["upstream returned {v} twice", "got HTTP {v} from the gateway", "webhook answered {v}"], num=lambda r: r.choice([200, 201, 204, 400, 404, 429, 500, 503]))
neg("port_number", lambda r: str(r.choice([22, 80, 443, 3306, 5432, 6379, 8080, 9090, 27017, r.randint(30000, 65535)])), T("port", "listen_port", "source_port", "dst_port"), T("port", "listening on port", "port"), ["nothing listens on port {v} now", "opened port {v} in the firewall", "bind to port {v} failed"], num=lambda r: r.randint(22, 65535))
neg("file_size", lambda r: r.choice(["%d" % r.randint(1000, 9999999999), "%.1f MB" % r.uniform(.1, 900), "%d KiB" % r.randint(1, 9000), "%dGB" % r.randint(1, 64)]), T("size", "file_size", "bytes", "content_length"), T("size", "bytes", "file size"), ["the upload of {v} bytes timed out", "file size {v} exceeds the limit", "wrote {v} to disk"], num=lambda r: r.randint(100, 99999999), http=False)
neg("percentage", lambda r: r.choice(["%d%%" % r.randint(0, 100), "%.1f%%" % r.uniform(0, 100), "%.2f %%" % r.uniform(0, 100), "%d,%d %%" % (r.randint(0, 99), r.randint(0, 9))]), T("cpu", "discount", "progress", "rate", "vat_rate"), T("CPU", "discount", "progress", "Rabatt"), ["CPU at {v} for ten minutes", "we offer a {v} discount", "progress {v} done"], http=False)
neg("boolean", lambda r: r.choice(["true", "false", "yes", "no", "on", "off"]), T("enabled", "email_verified", "phone_verified", "is_active", "gdpr_consent", "mfa"), T("enabled", "verified", "consent"), ["feature flag set to {v} for all", "opt-in: {v}", "debug={v}"])
neg("enum_word", lambda r: r.choice(["PENDING", "ACTIVE", "in_progress", "CANCELLED", "us-east-1", "eu-central-1", "GET", "read_only", "HIGH", "PREMIUM_PLUS", "SENT_TO_CUSTOMER", "de-DE"]), T("status", "state", "region", "method", "priority", "tier", "locale"), T("state", "status", "tier"), ["moved to {v} by rule 4", "state changed to {v}", "value {v} is allowed"])
neg("pixel_coordinates", lambda r: r.choice(["%d,%d", "%d, %d", "(%d, %d)", "%dx%d"]) % (r.randint(0, 3840), r.randint(0, 2160)), T("cursor", "click_xy", "resolution", "viewport", "crop_origin"), T("cursor", "clicked at", "resolution", "viewport"), ["click at pixel {v} ignored", "screen resolution {v} detected", "bounding box starts at {v} px"], [lambda r, mk: {"ui": {"event": "click", "x": Num(r.randint(0, 1920), "pixel_coordinates", "n"), "y": Num(r.randint(0, 1080), "pixel_coordinates", "n")}}, lambda r, mk: {"bbox": [Num(round(r.uniform(0, 90), 2), "pixel_coordinates", "n"), Num(round(r.uniform(0, 170), 2), "pixel_coordinates", "n"), Num(r.randint(10, 400), "pixel_coordinates", "n"), Num(r.randint(10, 400), "pixel_coordinates", "n")], "label": "invoice_header"}], http=False)
neg("non_birth_date", date, T("due_date", "created_at", "invoice_date", "delivery_date", "start_date", "valid_until", "faellig_am"), T("due date", "invoice date", "delivery", "Fällig am", "échéance", "valid until"), ["the invoice is due on {v} at noon", "appointment moved to {v}", "contract starts {v} as agreed", "Lieferung am {v} geplant"], http=False)
neg("timecode", lambda r: "%02d:%02d:%02d:%02d" % (r.randint(0, 23), r.randint(0, 59), r.randint(0, 59), r.randint(0, 24)), T("timecode", "in_point", "out_point", "smpte"), T("timecode", "cut at", "in"), ["cut at timecode {v} please", "subtitle starts {v} in reel 2", "marker {v} added"])
neg("code_symbol", lambda r: r.choice(["std::string", "Foo::Bar", "app::models::User", "Active::Record", "crate::io::Error", "a::b::c"]), T("symbol", "class", "logger", "frame"), T("symbol", "in", "panic in"), ["panic in {v} at line 40", "undefined symbol {v} in build", "logger {v} set to debug"])
neg("plain_url", lambda r: r.choice(["https://example.com/path?page=%d&sort=asc" % r.randint(1, 9), "https://docs.acme.io/v2/guides/tokens", "https://shop.example/item/%d?color=red&size=m" % r.randint(1, 999), "http://localhost:8080/healthz", "https://cdn.acme.io/a/b/app.%s.js" % rs(r, HEX, 8)]), T("url", "link", "referer", "href"), T("see", "url", "link"), ["documentation at {v} is outdated", "redirected to {v} after login", "open {v} in a browser"], http=False)
AK = [("authenticated", "yes"), ("tokenizer", "cl100k_base"), ("token_type", "Bearer"), ("password_policy", "strong"), ("password_strength", "medium"), ("auth_method", "sso"), ("keyboard", "qwerty"), ("compass", "north-east"), ("passenger", "adult"), ("bypass", "none"), ("secretariat", "Geneva office"), ("authority", "eu-west"), ("cardinality", 12), ("max_tokens", 4096),
      ("token_count", 1532), ("secret_rotation_days", 90), ("has_password", "true"), ("passed", 118), ("ip_version", "4"), ("address_type", "billing"), ("email_status", "bounced"), ("phone_type", "mobile"), ("namespace", "payments"), ("monkey_patch", "enabled"), ("authored_by_bot", "false"), ("tokenized", "false"), ("password_expired", "false"), ("hostname", "web-03"), ("event_name", "page_view"), ("file_name", "summary.pdf"), ("primary_key", "id"), ("sort_key", "created_at"), ("key_count", 7), ("card_type", "debit"), ("wallet_enabled", "no")]


def x_ak(r, mk):
    def one():
        k, v = r.choice(AK)
        if isinstance(v, int):
            return k, Num(v + r.randint(0, 9), "auth_like_key", "n")
        return k, mark("n", "auth_like_key", v)
    a, b = one(), one()
    f = r.randint(0, 5)
    s = lambda x: mark("n", "auth_like_key", str(x.value)) if isinstance(x, Num) else x
    return [{"session": {a[0]: a[1], "region": "eu"}}, {"metrics": {a[0]: a[1]}, "config": {b[0]: b[1]}}, {"payload": json.dumps({a[0]: s(a[1]), "n": 1})}, {"message": "settings loaded: %s=%s" % (a[0], s(a[1]))}, {"model": {"options": {a[0]: a[1]}}}, {"changes": {a[0]: {"old": None, "new": a[1]}}}][f]


neg("auth_like_key", lambda r: "x1", T("x"), T("x"), special=[x_ak], carriers=[])


# ------------------------------------------------------------------ event generators
def plain_event(r, sp, part="p"):
    mk = Maker(r, sp, part)
    if part == "n":
        if sp.special and (sp.carr == [] or r.random() < .25):
            return env2(r, r.choice(sp.special)(r, mk))
        if sp.num and r.random() < .3:
            n = Num(sp.num(r), sp.typ, "n")
            k = r.choice(sp.keys)
            return env2(r, r.choice([{"metrics": {k: n}}, {k: n, "unit": "x"}, {"data": {"items": [{k: n}]}}]))
        c = r.choice(CARR)
        return env2(r, c(r, sp, mk))
    if sp.special and r.random() < .4:
        return env2(r, r.choice(sp.special)(r, mk))
    if sp.typ == "person_name":
        return env2(r, r.choice(NAMEC)(r, sp, mk))
    return env2(r, r.choice(CARR)(r, sp, mk))


def env2(r, body):
    return env(r, body)


def adv_event(r, sp, how):
    if how == "number":
        n = Num(sp.num(r), sp.typ, "a")
        k = r.choice(sp.keys)
        return env2(r, r.choice([{"customer": {k: n, "vip": False}}, {k: n}, {"changes": {k: {"old": None, "new": n}}}, {"rows": [{k: n, "qty": 2}]}]))
    if how == "nest1":
        mk = Maker(r, sp, "a")
        if sp.typ != "person_name" and r.random() < .35:
            return env2(r, {"sqs": {"body": jd(r, {"type": "note", "text": sent(r, sp, mk)})}})
        return env2(r, r.choice([c_nest(r, sp, mk), {"Records": [{"Sns": {"Message": jd(r, {"customer": {r.choice(sp.keys): mk.m()}, "v": 1})}}]}]))
    if how == "nest2":
        mk = Maker(r, sp, "a")
        if sp.typ == "person_name":
            return env2(r, {"queue": "outbox", "body": jd(r, {"attempt": 1, "payload": jd(r, {r.choice(sp.keys): mk.m()})})})
        return env2(r, c_nest2(r, sp, mk))
    if how == "key":
        mk = Maker(r, sp, "a")
        k = r.choice(sp.keys)
        v = mk.m()
        return env2(r, r.choice([{"counts_by_" + k: {v: r.randint(1, 9)}}, {"index": {k: {v: {"hits": r.randint(1, 9), "last": "web"}}}}, {"cache": {k + ":" + v: "hit"}}]))
    if how == "b64":
        mk = Maker(r, sp, "a")
        v, st, pre, post = mk.raw()
        text = pre + v + post
        lab = r.choice(sp.labels)
        keyed = sp.typ in ("person_name", "password")
        if not keyed and (not st or r.random() < .4):
            text = r.choice(["%s: %s", "%s %s", "Please note %s: %s"]).replace("%s", lab, 1).replace("%s", text, 1)
        enc = base64.b64encode if r.random() < .75 else base64.urlsafe_b64encode
        tok = mark("a", sp.typ, enc(text.encode()).decode())
        if keyed:
            k = r.choice(sp.keys)
            return env2(r, r.choice([{"user": {k: tok}}, {"fields": {k: tok, "encoding": "base64"}}, {"payload": json.dumps({k: tok}, ensure_ascii=False)}]))
        return env2(r, r.choice([{"encoding": "base64", "data": tok}, {"body_b64": tok, "isBase64Encoded": True}, {"message": "payload(base64): " + tok}, {"attachment": {"content_type": "text/plain", "content": tok}}, {"user": {r.choice(sp.keys): tok}},
                                 {"url": "data:text/plain;base64," + tok}, {"payload": json.dumps({"enc": "b64", "value": tok}, ensure_ascii=False)}]))
    mk = Maker(r, sp, "a", make_tf(how, r))
    if sp.special and sp.typ not in ("url_credentials",) and r.random() < .3:
        return env2(r, r.choice(sp.special)(r, mk))
    if sp.typ == "person_name":
        return env2(r, r.choice([c_audit, c_fields, c_diff, c_nest, c_list, c_deep])(r, sp, mk))
    pool = ADVC + ([c_http, c_access, c_form, c_http, c_form] if how == "pct" and sp.http else [])
    return env2(r, r.choice(pool)(r, sp, mk))


def emit(ev, out):
    rows = []
    e = walk(ev, "", rows)
    e2 = json.loads(json.dumps(e))
    assert e2 == e
    js = []
    for p, ty, ptr, ik, t, a, b, v in rows:
        assert t[a:b] == v and v, (ty, t, v)
        tgt = resolve(e, ptr)
        if ik:
            assert ptr.rsplit("/", 1)[1] == esc(t)
        else:
            assert (tgt == t) if isinstance(tgt, str) else (json.dumps(tgt) == t and not isinstance(tgt, bool)), (tgt, t)
        assert ty in SP or ty in NEG
        js.append({"part": PARTS[p], "type": ty, "event": e, "pointer": ptr, "in_key": ik, "text": t, "key": "", "start": a, "end": b})
    for j in js:
        out.write(json.dumps(j, ensure_ascii=False) + "\n")
    return rows


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--each", type=int, default=40)
    a = ap.parse_args()
    out = sys.stdout
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")

    def fill(name, part, make, code):
        n, tries, i, seen = 0, 0, 0, set()
        r = random.Random("%d/%s/%s" % (a.seed, part, name))
        while n < a.each:
            tries += 1
            assert tries < 200 * a.each + 2000, ("cannot fill", name, part)
            try:
                ev = make(r, i)
            except Skip:
                if part == "adversarial" and tries % 40 == 39:
                    i += 1
                continue
            key = repr_ev(ev)
            if key in seen:
                continue
            seen.add(key)
            i += 1
            n += sum(1 for x in emit(ev, out) if x[0] == code and x[1] == name)

    for t in TYPES:
        fill(t, "plain", lambda r, i: plain_event(r, SP[t]), "p")
    for t in TYPES:
        adv = SP[t].adv
        fill(t, "adversarial", lambda r, i: adv_event(r, SP[t], adv[i % len(adv)]), "a")
    for t in NEG:
        fill(t, "negative", lambda r, i: plain_event(r, NEG[t], "n"), "n")


def repr_ev(ev):
    return json.dumps(ev, default=lambda o: [o.value, o.typ], sort_keys=True)


if __name__ == "__main__":
    main()
