#!/usr/bin/env python3
"""Writes a corpus that shares no template and no value code with the others: what users of a file service and of the engines around it paste
into chats, prompts, tool calls, transcripts, diffs, logs, SQL, XML, vCards, Markdown, shell commands. Written from the requirement alone.

    python tests/pii/stranger_e.py --seed 5 --each 40 > e.jsonl
"""
import argparse, base64, hashlib, html, json, random, re, string, sys, uuid
from urllib.parse import quote

# ---------------------------------------------------------------- marks
O, C = "\ue000", "\ue001"
REG = []
def M(typ, s):
    if typ not in REG:
        REG.append(typ)
    return O + chr(0xE100 + REG.index(typ)) + s + C

class Num:
    def __init__(self, typ, val):
        self.typ, self.val = typ, val

MARK = re.compile(O + "(.)(.*?)" + C, re.S)
def unmark(s):
    out, spans, pos = "", [], 0
    for m in MARK.finditer(s):
        out += s[pos:m.start()]
        spans.append((REG[ord(m.group(1)) - 0xE100], len(out), len(out) + len(m.group(2)), m.group(2)))
        out += m.group(2)
        pos = m.end()
    out += s[pos:]
    assert O not in out and C not in out
    return out, spans
def clean(n, ptr, out):
    if isinstance(n, Num):
        t = json.dumps(n.val)
        out.append((n.typ, ptr, t, 0, len(t), False, t))
        return n.val
    if isinstance(n, str):
        s, sp = unmark(n)
        for (t, a, b, want) in sp:
            out.append((t, ptr, s, a, b, False, want))
        return s
    if isinstance(n, (list, tuple)):
        return [clean(x, f"{ptr}/{i}", out) for i, x in enumerate(n)]
    if isinstance(n, dict):
        d = {}
        for k, v in n.items():
            k2, sp = unmark(k)
            p = ptr + "/" + k2.replace("~", "~0").replace("/", "~1")
            for (t, a, b, want) in sp:
                out.append((t, p, k2, a, b, True, want))
            assert k2 not in d
            d[k2] = clean(v, p, out)
        return d
    return n
def resolve(ev, ptr):
    cur, last = ev, None
    for tok in ptr.split("/")[1:]:
        tok = tok.replace("~1", "/").replace("~0", "~")
        last = tok
        cur = cur[int(tok)] if isinstance(cur, list) else cur[tok]
    return cur, last

# ---------------------------------------------------------------- small helpers
UP, LO, DG = string.ascii_uppercase, string.ascii_lowercase, string.digits
B62 = UP + LO + DG
B64 = B62 + "+/"
HEX = "0123456789abcdef"
def rs(r, alpha, n):
    return "".join(r.choice(alpha) for _ in range(n))
def dg(r, n, nz=False):
    s = rs(r, DG, n)
    return (r.choice("123456789") + s[1:]) if nz else s
def luhn_ok(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        d = int(c)
        if i % 2:
            d = d * 2 - 9 if d > 4 else d * 2
        t += d
    return t % 10 == 0
def luhn_add(s):
    return next(s + c for c in DG if luhn_ok(s + c))
def date(r, y0=1940, y1=2006):
    return r.randint(y0, y1), r.randint(1, 12), r.randint(1, 28)

class Val:
    """pre + core + post; weak = only meaningful under its key; key = key override."""
    def __init__(self, core, pre="", post="", weak=False, key=None, lang=None):
        self.core, self.pre, self.post, self.weak, self.key, self.lang = core, pre, post, weak, key, lang

# ---------------------------------------------------------------- values
FIRST = dict(en="James Olivia Harriet Declan Priya Marcus Siobhan Tyler Grace Wendell", de="Jürgen Anneliese Lukas Käthe Sebastian Ingrid Torsten Mareike Björn Heike",
             fr="Élodie Mathieu Benoît Chloé Thibault Océane Gérard Solène Yannick Maëlle", es="Íñigo María Álvaro Lucía Joaquín Begoña Rubén Ximena Andrés Nuria",
             it="Giovanni Chiara Niccolò Francesca Matteo Ludovica Salvatore Elisa Paolo Ginevra", pt="João Inês Tiago Beatriz Gonçalo Mafalda Vítor Catarina Rui Leonor",
             nl="Sjoerd Femke Bram Liesbeth Joost Annelies Daan Marijke Ruben Saskia", pl="Łukasz Agnieszka Zbigniew Małgorzata Krzysztof Zofia Paweł Katarzyna Michał Ewa",
             sv="Göran Åsa Björn Märta Håkan Linnéa Örjan Frida Per Elsa")
LAST = dict(en="Whitcombe O'Connell Hargreaves Patel Fitzgerald Lockwood Nakamura Abernathy Price Holloway", de="Müller Schröder Weißenberg Krause Böttcher Hoffmann Vogel Lindner Jäger Neumann",
            fr="Lefèvre Dubois Moreau Girard Bénard Chevalier Rousseau Perrin Marchand Fontaine", es="García Fernández Ibáñez Núñez Carrasco Ortega Domínguez Villanueva Rivas Peña",
            it="Rossi Bianchi Esposito Colombo Ricciardi Ferrara Lombardi Marchetti Gallo Conti", pt="Ferreira Gonçalves Carvalho Magalhães Teixeira Antunes Ribeiro Falcão Pinto Moura",
            nl="Jansen Bakker Hoekstra Vermeulen Dijkstra Willems Kuipers Brouwer Postma Visser", pl="Kowalski Wójcik Nowakowska Zieliński Lewandowska Kamiński Szymańska Dąbrowski Mazur Pawlak",
            sv="Lindqvist Åkesson Bergström Sjögren Öhman Nyström Hedlund Ekström Wallin Sandberg")
LANGS = list(FIRST)
TLD = dict(en=["co.uk", "com", "org", "io"], de=["de", "at", "com"], fr=["fr", "com"], es=["es", "com"], it=["it"], pt=["pt", "com.br"], nl=["nl"], pl=["pl", "com.pl"], sv=["se"])
MAILH = dict(en=["gmail.com", "outlook.com", "btinternet.com", "icloud.com", "proton.me"], de=["web.de", "gmx.net", "t-online.de", "posteo.de"], fr=["orange.fr", "laposte.net", "free.fr"],
             es=["telefonica.net", "hotmail.es"], it=["libero.it", "virgilio.it"], pt=["sapo.pt", "uol.com.br"], nl=["ziggo.nl", "xs4all.nl"], pl=["wp.pl", "onet.pl"], sv=["telia.com", "comhem.se"])
def asc(s):
    for a, b in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ß", "ss"), ("ł", "l"), ("Ł", "L"), ("å", "a"), ("Å", "A"), ("Ö", "O"), ("'", "")):
        s = s.replace(a, b)
    import unicodedata
    return unicodedata.normalize("NFKD", s).encode("ascii", "ignore").decode()
def first(r, l): return r.choice(FIRST[l].split())
def last(r, l): return r.choice(LAST[l].split())
def g_email(r, l):
    f, n = asc(first(r, l)).lower(), asc(last(r, l)).lower()
    loc = r.choice([f"{f}.{n}", f"{f[0]}.{n}", f"{f}{r.randint(60, 99)}", f"{n}_{f}", f"{f}.{n}+{r.choice(['shop', 'news', 'files'])}", f"{f}-{n}", f"{f[0]}{n}{r.randint(1, 99)}", f"{f.capitalize()}.{n.capitalize()}"])
    dom = r.choice(MAILH[l]) if r.random() < .5 else r.choice([n + "-partner", "mail." + n, n + "consulting", "kanzlei-" + n, n + "-studio"]) + "." + r.choice(TLD[l])
    return Val(loc + "@" + dom)
def g_phone(r, l):
    d = lambda n: dg(r, n)
    a = "23456789"
    nat = dict(
        en=[f"+1 ({r.choice(a)}{r.choice('0123456789')}{r.choice(a)}) {r.choice(a)}{d(2)}-{d(4)}", f"({r.choice(['415', '212', '617', '303'])}) {r.choice(a)}{d(2)}-{d(4)}", f"+1-{r.choice(['646', '512', '206'])}-{r.choice(a)}{d(2)}-{d(4)}", f"+44 20 7{d(3)} {d(4)}", f"07{r.choice('45789')}{d(2)} {d(6)}", f"+447{r.choice('45789')}{d(8)}", f"{r.choice(['702', '917', '818'])}.{r.choice(a)}{d(2)}.{d(4)}", f"0044 20 8{d(3)} {d(4)}"],
        de=[f"+49 30 {dg(r, 4, 1)}{d(3)}", f"+49 (0)89 {dg(r, 3, 1)} {d(4)}", f"0{r.choice(['151', '160', '171', '176'])} {dg(r, 4, 1)}{d(4)}", f"+49{r.choice(['151', '162', '175'])}{dg(r, 8, 1)}", f"040 / {dg(r, 3, 1)} {d(2)} {d(2)}", f"0221-{dg(r, 7, 1)}", f"0049 171 {dg(r, 7, 1)}"],
        fr=[f"+33 {r.choice('1267')} {d(2)} {d(2)} {d(2)} {d(2)}", f"0{r.choice('1267')} {d(2)} {d(2)} {d(2)} {d(2)}", f"06.{d(2)}.{d(2)}.{d(2)}.{d(2)}", f"+336{d(8)}", f"+33 (0)6 {d(2)} {d(2)} {d(2)} {d(2)}", f"0033 6 {d(2)} {d(2)} {d(2)} {d(2)}"],
        es=[f"+34 6{d(2)} {d(3)} {d(3)}", f"6{d(2)} {d(2)} {d(2)} {d(2)}", f"+34 91 {dg(r, 3, 1)} {d(2)} {d(2)}", f"+346{d(8)}"],
        it=[f"+39 3{r.choice('2348')}{d(1)} {d(7)}", f"+39 06 {dg(r, 4, 1)} {d(4)}", f"3{r.choice('2348')}{d(1)} {d(3)} {d(4)}", f"02-{dg(r, 8, 1)}"],
        pt=[f"+351 9{r.choice('1236')}{d(1)} {d(3)} {d(3)}", f"9{r.choice('1236')}{d(1)} {d(3)} {d(3)}", f"+55 (11) 9{dg(r, 4, 1)}-{d(4)}", f"+55 21 9{dg(r, 4, 1)}-{d(4)}"],
        nl=[f"+31 6 {dg(r, 4, 1)} {d(4)}", f"06-{dg(r, 8, 1)}", f"020 {dg(r, 3, 1)} {d(4)}", f"+316{dg(r, 8, 1)}"],
        pl=[f"+48 {r.choice('5678')}{d(2)} {d(3)} {d(3)}", f"{r.choice('5678')}{d(2)}-{d(3)}-{d(3)}", f"+48 22 {dg(r, 3, 1)} {d(2)} {d(2)}"],
        sv=[f"+46 7{r.choice('0236')} {dg(r, 3, 1)} {d(2)} {d(2)}", f"07{r.choice('0236')}-{dg(r, 3, 1)} {d(2)} {d(2)}", f"08-{dg(r, 3, 1)} {d(3)} {d(2)}", f"+467{r.choice('0236')}{d(7)}"])
    return Val(r.choice(nat[l]))
def grp(s, sizes, sep):
    out, i = [], 0
    for n in sizes:
        if i < len(s):
            out.append(s[i:i + n])
        i += n
    if i < len(s):
        out.append(s[i:])
    return sep.join(out)
def g_card(r, l):
    k = r.randint(0, 11)
    if k < 4: p, n = "4", r.choice([16] * 8 + [13, 19])
    elif k < 6: p, n = r.choice(["51", "52", "53", "54", "55"]), 16
    elif k < 7: p, n = str(r.randint(2221, 2720)), 16
    elif k < 8: p, n = r.choice(["34", "37"]), 15
    elif k < 9: p, n = r.choice(["6011", "65", "644"]), 16
    elif k < 10: p, n = str(r.randint(3528, 3589)), 16
    elif k < 11: p, n = r.choice(["36", "38"]), 14
    else: p, n = "62" + r.choice("1256"), r.choice([16, 17, 19])
    s = luhn_add(p + dg(r, n - 1 - len(p)))
    sep = r.choice(["", " ", "-"])
    if n == 15: s = grp(s, [4, 6, 5], sep)
    elif n == 14: s = grp(s, [4, 6, 4], sep)
    elif n in (16, 19): s = grp(s, [4] * 4, sep)
    return Val(s)

IB = dict(de=["DE:n18"], fr=["FR:n10c11n2"], es=["ES:n20"], it=["IT:a1n10c12"], pt=["PT:n21"], nl=["NL:a4n10"], pl=["PL:n24"], sv=["SE:n20"], en=["GB:a4n14", "IE:a4n14", "CH:n17", "AT:n16", "BE:n12", "LU:n3c13"])
def g_iban(r, l):
    cc, f = r.choice(IB[l]).split(":")
    b = ""
    for t, n in re.findall(r"([nac])(\d+)", f):
        b += rs(r, {"n": DG, "a": UP, "c": UP[:6] + DG * 2}[t], int(n))
    if cc in ("GB", "NL", "IE"):
        b = r.choice({"GB": ["NWBK", "BARC", "MIDL", "LOYD"], "NL": ["ABNA", "INGB", "RABO"], "IE": ["AIBK", "BOFI"]}[cc]) + b[4:]
    num = lambda s: int("".join(str(int(c, 36)) for c in s))
    s = cc + "%02d" % (98 - num(b + cc + "00") % 97) + b
    assert num(s[4:] + s[:4]) % 97 == 1
    return Val(grp(s, [4] * 9, " ") if r.random() < .5 else s)
def g_ssn(r, l):
    a = r.choice([x for x in range(1, 900) if x not in (666, 219, 78)])
    return Val(f"{a:03d}{r.choice('-- ')}{r.randint(1, 99):02d}-{r.randint(1, 9999):04d}".replace(" ", "-") if r.random() < .8 else f"{a:03d}{r.randint(1, 99):02d}{r.randint(1, 9999):04d}")
def g_nino(r, l):
    while True:
        p = r.choice("ABCEGHJKLMNOPRSTWXYZ") + r.choice("ABCEGHJKLMNPRSTWXYZ")
        if p not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"): break
    d, s = dg(r, 6), r.choice("ABCD")
    return Val(r.choice([p + d + s, f"{p} {d[:2]} {d[2:4]} {d[4:]} {s}", f"{p}{d} {s}"]))
def g_nhs(r, l):
    while True:
        b = dg(r, 9, 1)
        c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(b)) % 11
        c = 0 if c == 11 else c
        if c != 10: break
    s = b + str(c)
    return Val(r.choice([s, grp(s, [3, 3, 4], " "), grp(s, [3, 3, 4], "-")]))
def g_nif(r, l):
    L = "TRWAGMYFPDXBNJZSQVHLCKE"
    if r.random() < .6:
        d = dg(r, 8)
        c = L[int(d) % 23]
        return Val(r.choice([d + c, d + "-" + c, f"{d[:2]}.{d[2:5]}.{d[5:]}-{c}", d + " " + c]))
    x, d = r.choice("XYZ"), dg(r, 7)
    c = L[int(str("XYZ".index(x)) + d) % 23]
    return Val(r.choice([x + d + c, f"{x}-{d}-{c}"]))
def g_cf(r, l):
    y, m, d = date(r)
    s = rs(r, "BCDFGLMNPRSTVZ", 3) + rs(r, "BCDFGLMNPRSTVZ", 2) + r.choice("AEIOCRT") + f"{y % 100:02d}" + "ABCDEHLMPRST"[m - 1] + f"{d + r.choice([0, 40]):02d}" + r.choice("ABCDEFGHIL") + dg(r, 3)
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)))
    odd.update(zip(UP, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
    t = sum(odd[c] if i % 2 == 0 else (int(c) if c.isdigit() else UP.index(c)) for i, c in enumerate(s))
    s += UP[t % 26]
    return Val(r.choice([s, s, s.lower() if r.random() < .3 else s, grp(s, [3, 3, 5, 5], " ")]))
def g_nir(r, l):
    dep = r.choice(["75", "13", "69", "33", "59", "06", "2A", "31"])
    b = f"{r.choice('12')}{r.randint(40, 99):02d}{r.randint(1, 12):02d}{dep}{r.randint(1, 480):03d}{r.randint(1, 700):03d}"
    k = 97 - int(b.replace("2A", "19")) % 97
    s = b + f"{k:02d}"
    return Val(r.choice([s, grp(s, [1, 2, 2, 2, 3, 3, 2], " ")]))
def g_steuer(r, l):
    ds = list(DG)
    while True:
        r.shuffle(ds)
        t = ds[:9] + [ds[r.randint(0, 8)]]
        r.shuffle(t)
        s = "".join(t)
        if s[0] != "0" and max(s.count(c) for c in s) == 2: break
    p = 10
    for c in s:
        q = (int(c) + p) % 10 or 10
        p = q * 2 % 11
    k = 11 - p
    s += "0" if k == 10 else str(k)
    return Val(r.choice([s, grp(s, [2, 3, 3, 3], " ")]))

VD = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
VP = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    VP.append([VP[1][x] for x in VP[-1]])
def verhoeff(s):
    c = 0
    for i, x in enumerate(reversed(s)):
        c = VD[c][VP[i % 8][int(x)]]
    return c == 0

assert verhoeff("2363")
def g_aadhaar(r, l):
    b = r.choice("23456789") + dg(r, 10)
    s = next(b + c for c in DG if verhoeff(b + c))
    return Val(r.choice([s, grp(s, [4, 4, 4], " "), grp(s, [4, 4, 4], "-")]))
def g_cpf(r, l):
    s = dg(r, 9)
    for n in (10, 11):
        k = sum(int(c) * (n - i) for i, c in enumerate(s)) * 10 % 11
        s += str(k % 10)
    return Val(r.choice([f"{s[:3]}.{s[3:6]}.{s[6:9]}-{s[9:]}"] * 2 + [s]))
def g_sin(r, l):
    s = luhn_add(r.choice("1234567") + dg(r, 7))
    return Val(r.choice([s, grp(s, [3, 3, 3], " "), grp(s, [3, 3, 3], "-")]))
def wsum(s, w): return sum(int(c) * k for c, k in zip(s, w))
def g_tfn(r, l):
    while True:
        s = dg(r, 9, 1)
        if wsum(s, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0: break
    return Val(r.choice([s, grp(s, [3, 3, 3], " ")]))
def g_bsn(r, l):
    while True:
        s = dg(r, 9, 1)
        if wsum(s, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0: break
    return Val(r.choice([s, s, grp(s, [4, 2, 3], "."), grp(s, [3, 3, 3], " ")]))
def g_pesel(r, l):
    y, m, d = date(r)
    s = f"{y % 100:02d}{m + (20 if y >= 2000 else 0):02d}{d:02d}{dg(r, 4)}"
    return Val(s + str(-wsum(s, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10))
def g_pnr(r, l):
    y, m, d = date(r)
    s = luhn_add(f"{y % 100:02d}{m:02d}{d:02d}{dg(r, 3)}")
    return Val(r.choice([s[:6] + "-" + s[6:], f"{y // 100}{s[:6]}-{s[6:]}", f"{y // 100}{s}", s]))

CITY = dict(en=["London", "Leeds", "Denver", "Austin"], de=["Berlin", "Köln", "Leipzig"], fr=["Lyon", "Nantes", "Paris"], es=["Madrid", "Sevilla"], it=["Torino", "Bologna"], pt=["Lisboa", "Porto"], nl=["Utrecht", "Leiden"], pl=["Kraków", "Gdańsk"], sv=["Uppsala", "Malmö"])
def g_street(r, l):
    n = r.randint(2, 189)
    t = dict(en=[f"{n} {r.choice(['Maple', 'Kingsway', 'Orchard', 'Sunset', 'Willow', 'Chapel'])} {r.choice(['Street', 'Road', 'Avenue', 'Lane', 'Drive', 'Ave', 'Blvd', 'St'])}", f"{n}{r.choice('AB')} {r.choice(['Baker', 'Albert', 'Harley'])} Street", f"{r.randint(1000, 9800)} {r.choice(['NW', 'S', 'E'])} {r.choice(['Lincoln', 'Jefferson', 'Birch'])} {r.choice(['Ave', 'St', 'Blvd'])}"],
             de=[f"{r.choice(['Hauptstraße', 'Lindenallee', 'Goethestr.', 'Am Marktplatz', 'Bahnhofstraße', 'Rosenweg', 'Kastanienweg'])} {n}{r.choice(['', '', 'a', 'b'])}"],
             fr=[f"{n}{r.choice(['', ' bis'])} {r.choice(['rue de la République', 'avenue Jean Jaurès', 'boulevard Voltaire', 'rue des Lilas', 'place du Marché', 'chemin des Vignes'])}"],
             es=[f"{r.choice(['Calle Mayor', 'Avenida de la Constitución', 'C/ Alcalá', 'Paseo del Prado', 'Plaza de España'])}{r.choice([' ', ', '])}{n}"],
             it=[f"{r.choice(['Via Garibaldi', 'Viale dei Mille', 'Piazza Cavour', 'Corso Vittorio Emanuele', 'Via Dante Alighieri'])}{r.choice([' ', ', '])}{n}"],
             pt=[f"{r.choice(['Rua Augusta', 'Avenida da Liberdade', 'Travessa do Carmo', 'Rua das Flores', 'Praça da Alegria'])}{r.choice([' ', ', ', ' nº '])}{n}"],
             nl=[f"{r.choice(['Keizersgracht', 'Dorpsstraat', 'Kerkweg', 'Beethovenlaan', 'Stationsplein'])} {n}{r.choice(['', '-B', 'a'])}"],
             pl=[f"ul. {r.choice(['Marszałkowska', 'Długa', 'Piotrkowska', 'Słoneczna'])} {n}{r.choice(['', '/' + str(r.randint(1, 60))])}", f"al. Jerozolimskie {n}"],
             sv=[f"{r.choice(['Storgatan', 'Kungsvägen', 'Drottninggatan', 'Skolvägen', 'Björkgränd'])} {n}{r.choice(['', ' B'])}"])
    return Val(r.choice(t[l]))
def g_post(r, l):
    d = lambda n: dg(r, n)
    uk = r.choice(["SW1A", "M1", "LS6", "EC2V", "B33", "CR2", "EH3"]) + " " + r.choice(DG) + rs(r, "ABDEFGHJLNPQRSTUWXYZ", 2)
    return Val(dict(en=r.choice([uk, uk, str(r.randint(10001, 99500)), f"{r.randint(10001, 99500)}-{d(4)}", f"K{r.choice(DG)}A {r.choice(DG)}B{r.choice(DG)}"]), de=r.choice("13456789") + d(4), fr=r.choice(["75", "69", "33", "13", "44"]) + "0" + d(2), es=r.choice(["28", "41", "08"]) + d(3),
                    it=r.choice(["10", "20", "40"]) + "1" + d(2), pt=dg(r, 4, 1) + "-" + d(3), nl=dg(r, 4, 1) + r.choice([" ", ""]) + rs(r, "ABCDEGHJKLMNPRTVWXZ", 2), pl=f"{d(2)}-{d(3)}", sv=f"{dg(r, 3, 1)} {d(2)}")[l])

MON = dict(en="January February March April May June July August September October November December", de="Januar Februar März April Mai Juni Juli August September Oktober November Dezember", fr="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
           es="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", it="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", pt="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
           nl="januari februari maart april mei juni juli augustus september oktober november december", pl="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia", sv="januari februari mars april maj juni juli augusti september oktober november december")
def g_dob(r, l):
    y, m, d = date(r)
    mo = MON[l].split()[m - 1]
    lng = dict(en=r.choice([f"{d} {mo} {y}", f"{mo} {d}, {y}"]), de=f"{d}. {mo} {y}", es=f"{d} de {mo} de {y}", pt=f"{d} de {mo} de {y}").get(l, f"{d} {mo} {y}")
    return Val(r.choice([f"{y}-{m:02d}-{d:02d}", f"{d:02d}.{m:02d}.{y}" if l in ("de", "pl") else f"{d:02d}-{m:02d}-{y}" if l in ("nl",) else f"{y}-{m:02d}-{d:02d}" if l == "sv" else f"{d:02d}/{m:02d}/{y}", lng]))
def g_ip(r, l):
    if r.random() < .6:
        return Val(f"{r.choice([10, 34, 81, 85, 91, 172, 178, 185, 192, 203, 212])}.{r.randint(16, 254)}.{r.randint(0, 254)}.{r.randint(1, 254)}")
    h = lambda: "%x" % r.randint(0x10, 0xffff)
    p = r.choice(["2001:db8", "2a02:8109", "2003:e4", "2600:1f18"])
    return Val(r.choice([f"{p}:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}", f"{p}:{h()}::{h()}", f"{p}::{h()}:{h()}", f"fe80::{h()}:{rs(r, HEX, 2)}ff:fe{rs(r, HEX, 2)}:{h()}"]))
def g_mac(r, l):
    b = [r.choice(["00", "3c", "a4", "f0", "b8", "dc"])] + [rs(r, HEX, 2) for _ in range(5)]
    s = r.choice([":".join(b), "-".join(b), ":".join(b), ".".join(b[i] + b[i + 1] for i in (0, 2, 4))])
    return Val(s.upper() if r.random() < .4 else s)

WORDS = ["Sommer", "tiger", "Dragon", "banane", "Winter", "sunshine", "Gitarre", "chocolat", "Futbol", "Krakow", "Rocket", "maple"]
def pw(r):
    return r.choice([lambda: r.choice(WORDS) + str(r.randint(1980, 2025)) + "!", lambda: rs(r, B62, r.randint(9, 14)) + r.choice("!*?_") + rs(r, B62, 3), lambda: r.choice(WORDS).lower() + "_" + r.choice(WORDS).lower() + dg(r, 2), lambda: r.choice(WORDS).replace("o", "0").replace("a", "4").replace("e", "3") + "*" + dg(r, 3), lambda: r.choice(WORDS).lower() + dg(r, 3)])()
def g_password(r, l): return Val(pw(r))
def g_url(r, l):
    host = r.choice(["db01.internal", "files.acme-studio.io", "cache.prod.local", "git.acme-studio.io", "mq.eu-west.acme.cloud"])
    if r.random() < .55:
        sch, port, path = r.choice([("postgres", ":5432", "/assets"), ("https", "", "/acme/render.git"), ("redis", ":6379", "/0"), ("amqp", ":5672", "/media"), ("mongodb+srv", "", "/kpi?retryWrites=true"), ("ftp", "", "/in/2024"), ("mysql", ":3306", "/budget")])
        return Val(r.choice(["svc_media", "deploy", "admin", "jhargreaves", "vector-rw"]) + ":" + rs(r, B62, r.randint(8, 18)), f"{sch}://", f"@{host}{port}{path}")
    k, n, al = r.choice([("access_token", 40, B62), ("token", 32, HEX), ("api_key", 36, B62), ("sig", 43, B62), ("X-Amz-Signature", 64, HEX), ("auth_token", 28, B62), ("client_secret", 34, B62)])
    return Val(rs(r, al, n), f"https://{host}/{r.choice(['v1/assets', 'download', 'cb', 'share'])}?{r.choice(['id=8841&', 'v=2&', ''])}{k}=", r.choice(["", "&page=2", "&expires=900"]))
def g_secret(r, l):
    b = lambda n: rs(r, B62, n)
    up = UP + DG
    k = r.random()
    if k < .62:
        return Val(r.choice(["AKIA" + rs(r, UP + "234567", 16), "ASIA" + rs(r, UP + "234567", 16), "AIza" + rs(r, B62 + "-_", 34) + "k", "ghp_" + b(36), "gho_" + b(36), "github_pat_" + b(22) + "_" + b(59), "glpat-" + b(20), f"xoxb-{dg(r, 12, 1)}-{dg(r, 12, 1)}-{b(24)}", f"xoxp-{dg(r, 12, 1)}-{dg(r, 12, 1)}-{dg(r, 12, 1)}-{rs(r, HEX, 32)}",
                             "sk_live_" + b(24), "rk_live_" + b(24), "sk_test_" + b(24), "whsec_" + b(32), "sk-ant-api03-" + b(93) + "AA", "sk-proj-" + b(48), "npm_" + b(36), "SG." + b(22) + "." + b(43), "hf_" + rs(r, UP + LO, 34), "dop_v1_" + rs(r, HEX, 64), "GOCSPX-" + b(28), "ya29." + b(60), "hvs." + b(90), "shpat_" + rs(r, HEX, 32), "pypi-AgEIcHlwaS5vcmc" + b(80), "dapi" + rs(r, HEX, 32), "lin_api_" + b(40)]))
    if k < .75:
        return Val(r.choice([b(40), rs(r, B64, 54) + "==", rs(r, HEX, 48)]), pre=r.choice(["Bearer ", "Bearer ", "Token "]), weak=True, key="Authorization")
    if k < .8:
        return Val(base64.b64encode(f"{r.choice(['svc', 'ops', 'ci'])}:{pw(r)}".encode()).decode(), pre="Basic ", weak=True, key="Authorization")
    return Val(r.choice([b(32), rs(r, HEX, 40), rs(r, B64, 40), rs(r, B62, 43) + "="]), weak=True)
def g_pem(r, l):
    t = r.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
    lines = [rs(r, B64, 64) for _ in range(r.randint(3, 8))] + [rs(r, B64, 42) + "=="]
    lines[0] = {"RSA": "MIIEpAIBAAKCAQEA", "PRI": "MIIEvQIBADANBgkq", "EC ": "MHcCAQEEIIrY", "OPE": "b3BlbnNzaC1rZXktdjEAAAAA", "ENC": "MIIFHDBOBgkqhkiG", "PGP": "lQOYBGXk"}[t[:3]] + lines[0][24:]
    return Val(f"-----BEGIN {t}-----\n" + ("\n" if t[:3] == "PGP" else "") + "\n".join(lines) + f"\n-----END {t}-----")
def b64u(b): return base64.urlsafe_b64encode(b).decode().rstrip("=")
def g_jwt(r, l):
    h = {"alg": r.choice(["HS256", "RS256", "ES256"]), "typ": "JWT"}
    if r.random() < .4: h["kid"] = rs(r, HEX, 8)
    p = {"sub": f"usr_{dg(r, 5)}", "tenant": "t_demo", "iat": 1700000000 + r.randint(0, 9999999), "exp": 1720000000 + r.randint(0, 999999), "scope": r.choice(["assets:read", "chat:write kpi:read"])}
    j = lambda o: b64u(json.dumps(o, separators=(",", ":")).encode())
    return Val(f"{j(h)}.{j(p)}.{b64u(bytes(r.randrange(256) for _ in range(r.choice([32, 64]))))}")

A58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
def b58c(pl):
    pl += hashlib.sha256(hashlib.sha256(pl).digest()).digest()[:4]
    n, s = int.from_bytes(pl, "big"), ""
    while n:
        n, q = divmod(n, 58)
        s = A58[q] + s
    return "1" * (len(pl) - len(pl.lstrip(b"\0"))) + s
def bech(hrp, ver, prog):
    CH = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{x:08b}" for x in prog)
    bits += "0" * (-len(bits) % 5)
    data = [ver] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    v = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp] + data + [0] * 6
    chk = 1
    for x in v:
        top = chk >> 25
        chk = (chk & 0x1ffffff) << 5 ^ x
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
            chk ^= g if (top >> i) & 1 else 0
    chk ^= 0x2bc830a3 if ver else 1
    return hrp + "1" + "".join(CH[d] for d in data + [(chk >> 5 * (5 - i)) & 31 for i in range(6)])

assert bech("bc", 0, bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
def g_wallet(r, l):
    rb = lambda n: bytes(r.randrange(256) for _ in range(n))
    return Val(r.choice([lambda: b58c(b"\0" + rb(20)), lambda: b58c(b"\5" + rb(20)), lambda: bech("bc", 0, rb(20)), lambda: bech("bc", 1, rb(32)), lambda: "0x" + rb(20).hex(), lambda: "0x" + rb(20).hex(), lambda: bech("ltc", 0, rb(20)), lambda: b58c(b"\x41" + rb(20))])())
def g_gps(r, l):
    la, lo = r.uniform(36, 60), r.uniform(-9, 24)
    p = r.choice([4, 5, 6])
    dms = lambda x, h: f"{int(abs(x))}°{int(abs(x) * 60 % 60):02d}'{abs(x) * 3600 % 60:04.1f}\"{h[0 if x >= 0 else 1]}"
    return Val(r.choice([f"{la:.{p}f}, {lo:.{p}f}"] * 2 + [f"{la:.{p}f},{lo:.{p}f}", dms(la, "NS") + " " + dms(lo, "EW"), f"{la:.4f}° N, {abs(lo):.4f}° {'E' if lo > 0 else 'W'}"]))
def g_passport(r, l):
    d = lambda n: dg(r, n)
    ic = "CFGHJKLMNPRTVWXYZ0123456789"
    return Val(dict(en=r.choice([dg(r, 9, 1), r.choice("AXZE") + d(8)]), de="C" + r.choice("0123FHJ") + rs(r, ic, 6) + r.choice(DG), fr=d(2) + rs(r, UP, 2) + d(5), es=r.choice(["AAB", "PAA", "XDB"]) + d(6), it=r.choice(["YA", "YB", "AA"]) + d(7), pt="C" + r.choice("ABCD") + d(6), nl="N" + rs(r, "PRSTWX", 1) + rs(r, "BCDFGHJKLPRTVX0123456789"[:14] + DG, 6) + r.choice(DG), pl=r.choice(["EA", "EB", "AS"]) + d(7), sv=dg(r, 8, 1))[l])
def g_dl(r, l):
    d = lambda n: dg(r, n)
    uk = r.choice(["MORGA", "HARGR", "PATEL", "FITZG", "LOCKW"]) + f"{r.choice('5678')}{r.randint(1, 12):02d}{r.randint(1, 28):02d}{r.choice(DG)}" + r.choice("JSMW") + r.choice("9AC") + r.choice(DG) + rs(r, UP, 2)
    return Val(dict(en=r.choice([uk, r.choice("ABCDEFNY") + d(7), r.choice("FS") + f"{d(3)}-{d(3)}-{d(2)}-{d(3)}-0"]), de=r.choice("BJNF") + d(2) + rs(r, "0123456789ACEFKLRTX", 6) + r.choice(DG) + r.choice("123"), fr=f"{r.randint(80, 99)}{r.randint(1, 12):02d}{d(8)}", it=rs(r, UP, 2) + d(7) + r.choice(UP), pt="L-" + d(7), nl=dg(r, 10, 1), pl=f"{d(5)}/{r.randint(5, 23):02d}/{d(4)}")[l])
def g_name(r, l): return Val(f"{first(r, l)} {last(r, l)}")

# ---------------------------------------------------------------- labels and keys
def LB(**k): return {a: b.split("|") for a, b in k.items()}

T = {
    "email": (g_email, "email email_address contact_email userEmail e-mail billing_email", LB(en="email|e-mail address", de="E-Mail-Adresse|Mail", fr="adresse e-mail|courriel", es="correo electrónico", it="indirizzo e-mail", pt="e-mail", nl="e-mailadres", pl="adres e-mail", sv="e-postadress")),
    "phone": (g_phone, "phone phone_number mobile tel contactPhone whatsapp fax", LB(en="phone number|mobile|cell", de="Telefonnummer|Handynummer|Tel.", fr="numéro de téléphone|portable|tél.", es="teléfono|móvil", it="numero di telefono|cellulare", pt="telefone|telemóvel", nl="telefoonnummer|mobiel nummer", pl="numer telefonu|tel.", sv="telefonnummer|mobilnummer")),
    "payment_card": (g_card, "card_number cardNumber pan credit_card cc_number", LB(en="card number|credit card", de="Kreditkartennummer|Kartennummer", fr="numéro de carte", es="número de tarjeta", it="numero di carta", pt="número do cartão", nl="creditcardnummer", pl="numer karty", sv="kortnummer")),
    "iban": (g_iban, "iban bank_account payout_iban ibanNumber", LB(en="IBAN", de="IBAN", fr="IBAN", es="IBAN", it="IBAN", pt="IBAN", nl="IBAN", pl="IBAN", sv="IBAN")),
    "us_ssn": (g_ssn, "ssn social_security_number employee_ssn", LB(en="SSN|social security number")),
    "uk_nino": (g_nino, "nino national_insurance_number niNumber", LB(en="NI number|National Insurance number|NINO")),
    "uk_nhs": (g_nhs, "nhs_number nhsNumber patient_nhs_no", LB(en="NHS number|NHS no")),
    "es_nif": (g_nif, "dni nif nie documento_dni", LB(es="DNI|NIF|DNI/NIE", en="DNI|NIE")),
    "it_codice_fiscale": (g_cf, "codice_fiscale codiceFiscale cf_cliente", LB(it="codice fiscale|C.F.", en="codice fiscale")),
    "fr_nir": (g_nir, "nir numero_securite_sociale num_secu", LB(fr="numéro de sécurité sociale|NIR|n° sécu", en="French social security number (NIR)")),
    "de_steuer_id": (g_steuer, "steuer_id steuerId steueridentifikationsnummer idnr", LB(de="Steuer-ID|Steueridentifikationsnummer|steuerliche IdNr.", en="German tax ID (Steuer-ID)")),
    "in_aadhaar": (g_aadhaar, "aadhaar aadhaar_number aadhaarNo", LB(en="Aadhaar number|Aadhaar|aadhaar no")),
    "br_cpf": (g_cpf, "cpf cpf_cliente numero_cpf", LB(pt="CPF|número do CPF", en="CPF")),
    "ca_sin": (g_sin, "sin_number social_insurance_number canadian_sin", LB(en="Social Insurance Number|SIN (Canada)", fr="numéro d'assurance sociale|NAS")),
    "au_tfn": (g_tfn, "tfn tax_file_number taxFileNumber", LB(en="TFN|tax file number")),
    "nl_bsn": (g_bsn, "bsn burgerservicenummer bsn_nummer", LB(nl="BSN|burgerservicenummer", en="BSN")),
    "pl_pesel": (g_pesel, "pesel numer_pesel pesel_klienta", LB(pl="PESEL|numer PESEL", en="PESEL number")),
    "se_personnummer": (g_pnr, "personnummer personal_identity_number_se pnr_se", LB(sv="personnummer|pers.nr", en="Swedish personal number (personnummer)")),
    "street_address": (g_street, "street_address address_line1 street billing_address addressLine1", LB(en="address|home address|street address", de="Adresse|Anschrift|Straße und Hausnummer", fr="adresse|adresse postale", es="dirección|domicilio", it="indirizzo|indirizzo di residenza", pt="morada|endereço", nl="adres|woonadres", pl="adres|adres zamieszkania", sv="adress|hemadress")),
    "postcode": (g_post, "postcode postal_code zip zip_code plz", LB(en="postcode|postal code|ZIP code", de="PLZ|Postleitzahl", fr="code postal", es="código postal", it="CAP|codice postale", pt="código postal", nl="postcode", pl="kod pocztowy", sv="postnummer")),
    "date_of_birth": (g_dob, "date_of_birth dob birth_date birthday dateOfBirth geburtsdatum", LB(en="date of birth|DOB|birthday", de="Geburtsdatum|geboren am", fr="date de naissance|né le", es="fecha de nacimiento", it="data di nascita|nato il", pt="data de nascimento", nl="geboortedatum", pl="data urodzenia", sv="födelsedatum")),
    "ip_address": (g_ip, "client_ip ip remote_addr ip_address sourceIp", LB(en="IP|IP address", de="IP-Adresse", fr="adresse IP", es="dirección IP", it="indirizzo IP", pt="endereço IP", nl="IP-adres", pl="adres IP", sv="IP-adress")),
    "mac_address": (g_mac, "mac mac_address device_mac hwaddr bssid", LB(en="MAC address|MAC", de="MAC-Adresse", fr="adresse MAC", es="dirección MAC", nl="MAC-adres", pl="adres MAC", sv="MAC-adress", it="indirizzo MAC", pt="endereço MAC")),
    "url_credentials": (g_url, "url DATABASE_URL webhook_url remote_url callback", LB(en="URL|link|connection string", de="URL|Link", fr="URL|lien", es="URL|enlace", it="URL|link", pt="URL|link", nl="URL|link", pl="URL|link", sv="URL|länk")),
    "secret": (g_secret, "api_key apiKey client_secret secret_key access_token auth_token webhook_secret signing_secret", LB(en="API key|access token|secret", de="API-Key|Zugriffstoken", fr="clé API|jeton d'accès", es="clave de API|token de acceso", it="chiave API", pt="chave de API", nl="API-sleutel", pl="klucz API", sv="API-nyckel")),
    "private_key": (g_pem, "private_key privateKey ssh_key tls_key signing_key", LB(en="private key|deploy key", de="privater Schlüssel", fr="clé privée", es="clave privada", it="chiave privata", pt="chave privada", nl="privésleutel", pl="klucz prywatny", sv="privat nyckel")),
    "jwt": (g_jwt, "jwt id_token access_token session_token authToken", LB(en="JWT|session token|token", de="Token|JWT", fr="jeton|JWT", es="token JWT", it="token", pt="token", nl="token", pl="token", sv="token")),
    "password": (g_password, "password passwd pwd db_password userPassword passphrase smtp_pass", LB(en="password|pwd", de="Passwort|Kennwort", fr="mot de passe", es="contraseña", it="password", pt="palavra-passe|senha", nl="wachtwoord", pl="hasło", sv="lösenord")),
    "crypto_wallet": (g_wallet, "wallet wallet_address btc_address payout_wallet", LB(en="wallet|wallet address", de="Wallet-Adresse", fr="adresse du portefeuille", es="dirección de la cartera", it="indirizzo wallet", pt="endereço da carteira", nl="walletadres", pl="adres portfela", sv="plånboksadress")),
    "gps_coordinates": (g_gps, "gps gps_position coordinates GPSPosition latlng geo_location", LB(en="GPS|coordinates|GPS position", de="Koordinaten|GPS-Position", fr="coordonnées GPS|position GPS", es="coordenadas", it="coordinate GPS", pt="coordenadas GPS", nl="GPS-coördinaten", pl="współrzędne", sv="koordinater")),
    "passport": (g_passport, "passport_number passport passportNo travel_passport_no", LB(en="passport number|passport no.|passport", de="Reisepassnummer|Reisepass-Nr.", fr="numéro de passeport|passeport n°", es="número de pasaporte|pasaporte", it="numero di passaporto|passaporto n.", pt="número do passaporte", nl="paspoortnummer", pl="numer paszportu", sv="passnummer")),
    "driver_licence": (g_dl, "driver_license driving_licence_number dl_number driverLicenceNo", LB(en="driving licence number|driver's license|DL number", de="Führerscheinnummer|Führerschein-Nr.", fr="numéro de permis de conduire|permis de conduire n°", it="numero di patente|patente di guida n.", pt="número da carta de condução", nl="rijbewijsnummer", pl="numer prawa jazdy")),
    "person_name": (g_name, "full_name fullName customer_name author contact_name first_name last_name cardholder_name patient_name", LB(en="full name", de="Name", fr="nom", es="nombre", it="nome", pt="nome", nl="naam", pl="imię i nazwisko", sv="namn")),
}
STRONG = {"email", "payment_card", "iban", "ip_address", "mac_address", "jwt", "url_credentials", "secret", "private_key", "crypto_wallet", "it_codice_fiscale"}
OPEN_END = {"password", "secret", "jwt", "url_credentials", "private_key"}  # never followed by punctuation in prose

TPL = dict(
    en=["hey, my {L} is {v}, can you update the account?", "Please use this {L}: {v}. The old one stops working on Friday.", "{L}: {v} - thanks!", "As discussed in ticket OPS-1182, {L}: {v}. Rest follows tomorrow.", "sorry, typo earlier. {L} should be {v}"],
    de=["Hallo, {L}: {v}. Bitte im System ändern, danke!", "Könnt ihr das bitte bei Vorgang 4471 eintragen? {L} {v}", "Kurze Korrektur zu gestern, {L} lautet {v}, der Rest bleibt gleich."],
    fr=["Bonjour, {L} : {v}. Merci de mettre à jour le dossier.", "Voici les infos demandées ({L} : {v}) pour le lot 12.", "petite correction, {L} {v}, le reste est bon"],
    es=["Hola, {L}: {v}. ¿Podéis actualizarlo hoy?", "Os paso los datos, {L} {v}, y el resto mañana.", "El cliente escribe: \"{L}: {v}\""],
    it=["Ciao, {L}: {v}. Grazie per l'aggiornamento!", "Ecco i dati richiesti, {L} {v}, il resto domani.", "Correzione: {L} è {v}"],
    pt=["Olá, {L}: {v}. Podem atualizar a ficha?", "Seguem os dados: {L} {v}, obrigado!", "Correção: {L} é {v}"],
    nl=["Hoi, {L}: {v}. Kunnen jullie dit aanpassen?", "Hierbij de gegevens: {L} {v}, alvast bedankt!", "Klein foutje, {L} is {v}"],
    pl=["Dzień dobry, {L}: {v}. Proszę o aktualizację danych.", "Przesyłam dane: {L} {v}, reszta jutro.", "Poprawka: {L} to {v}"],
    sv=["Hej, {L}: {v}. Kan ni uppdatera kontot?", "Här kommer uppgifterna: {L} {v}, tack!", "Rättelse: {L} är {v}"])
TPL_END = dict(
    en=["hi, the {L} is {v} and it expires in 30 days", "use {L}: {v}", "{L}: {v}\nplease delete this message afterwards"], de=["Hier {L}: {v}\nBitte danach löschen.", "{L} lautet {v}"], fr=["{L} : {v}\nMerci de supprimer ce message.", "voici {L} : {v}"], es=["{L}: {v}\nBorra el mensaje después.", "te paso {L}: {v}"],
    it=["{L}: {v}\nCancella il messaggio dopo."], pt=["{L}: {v}\nApaga a mensagem depois."], nl=["{L}: {v}\nGraag daarna verwijderen."], pl=["{L}: {v}\nProszę potem usunąć."], sv=["{L}: {v}\nTa bort meddelandet sen."])
TPL_U = ["can someone check {v} please, it broke in build 2.14.0", "Bitte {v} prüfen, kam gestern so rein", "on a reçu {v} hier soir, c'est normal ?", "saw {v} in the export again", "ayer llegó {v} por el chat", "found this on slide 14: {v}", "reply went to {v} at 14:05"]
ADDR_TPL = dict(en="I moved last week, I now live at {v}, {city}.", de="Ich bin umgezogen, ich wohne jetzt in der Wohnung {v} in {city}.", fr="J'habite désormais au {v}, {city}.", es="Ahora vivo en {v}, {city}.", it="Adesso abito in {v}, {city}.", pt="Agora moro na {v}, {city}.", nl="Ik woon nu op {v}, {city}.", pl="Mieszkam teraz przy {v}, {city}.", sv="Jag bor nu på {v}, {city}.")

# ---------------------------------------------------------------- events
def ulid(r): return "01J" + rs(r, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)
def ts(r): return f"2024-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}T{r.randint(0, 23):02d}:{r.randint(0, 59):02d}:{r.randint(0, 59):02d}Z"
def meta(r, extra=None):
    m = {"tenant_id": "t_demo", "ts": ts(r)}
    for k, v in r.sample([("trace_id", rs(r, HEX, 32)), ("request_id", str(uuid.UUID(int=r.getrandbits(128), version=4))), ("duration_ms", r.randint(3, 4000)), ("model", "gpt-4o-2024-08-06"), ("region", "eu-central-1"), ("event_id", ulid(r)), ("attempt", r.randint(1, 3)), ("schema_version", "1.4.2")], 3):
        m[k] = v
    m.update(extra or {})
    return m
def ev(r, et, surface, inp, out=None, md=None):
    return {"event_type": et, "surface": surface, "input": inp, "output": {"status": r.choice(["ok", "accepted", "queued"])} if out is None else out, "metadata": meta(r, md)}

class Ctx:
    def __init__(s, r, typ, lang, L, K, v, raw=False, strong=False):
        s.r, s.typ, s.lang, s.L, s.K, s.v, s.raw, s.strong = r, typ, lang, L, K, v, raw, strong

    def esc(s): return s.v if s.raw else html.escape(s.v, quote=False)

    def sent(s):
        r = s.r
        if s.typ == "street_address" and r.random() < .4:
            return ADDR_TPL[s.lang].format(v=s.v, city=r.choice(CITY[s.lang]))
        if s.strong and r.random() < .35:
            t = r.choice(TPL_U)
            if s.typ not in OPEN_END or "{v}," not in t:
                return t.format(v=s.v)
        pool = TPL_END if s.typ in OPEN_END else TPL
        t = r.choice(pool[s.lang]).format(L=s.L, v=s.v)
        if s.typ in ("postcode", "street_address") and "{v}" not in t and r.random() < .4:
            t = t.replace(C, C + ", " + r.choice(CITY[s.lang]) if s.typ == "street_address" else C + " " + r.choice(CITY[s.lang]), 1)
        return t

    def line(s): return f"{s.L}{' :' if s.lang == 'fr' else ':'} {s.v}"
def t_chat(c):
    r, s = c.r, c.sent()
    return ev(r, "chat.message", "chat", r.choice([{"message": s}, {"text": s, "channel": "support-eu"}, {"messages": [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": s}]}]))
def t_prompt(c):
    return ev(c.r, "assistant.completion", "assistant", {"prompt": c.r.choice(["Rewrite politely:\n", "Translate to English: ", "Summarise the following in 3 bullets.\n\n"]) + c.sent(), "temperature": 0.2}, {"completion": "Sure, here is a draft.", "token_count": c.r.randint(50, 900)})
def t_reply(c):
    return ev(c.r, "assistant.completion", "assistant", {"prompt": "What did the customer send?"}, {"answer": c.sent(), "finish_reason": "stop"})
def t_transcript(c):
    r = c.r
    return ev(r, "media.transcribed", "media", {"asset_id": ulid(r)}, {"language": c.lang, "segments": [{"start": 0.0, "end": 3.2, "text": "Okay, recording is on."}, {"start": 3.2, "end": 9.8, "text": c.sent()}]})
def t_srt(c):
    return ev(c.r, "media.captioned", "media", {"format": "srt"}, {"captions": f"1\n00:00:01,000 --> 00:00:04,200\n{c.line()}\n\n2\n00:00:04,200 --> 00:00:06,000\n[music]\n"})
def t_ocr(c):
    r = c.r
    return ev(r, "media.ocr", "media", {"key": f"tenants/t_demo/dev/raw/{ulid(r)}/scan_{r.randint(1, 99):03d}.png"}, {"ocr_text": f"{r.choice(['INVOICE', 'FORM 12-B', 'ANTRAG', 'CURRICULUM VITAE'])}\nPage 1 of 2\n{c.line()}\n{r.choice(['Total 1,249.00 EUR', 'Version 3.1', '---'])}", "confidence": 0.93})
def t_exif(c):
    k = c.r.choice(["ImageDescription", "UserComment", "XMP:Description", "ID3:COMM", "IPTC:Caption"])
    return ev(c.r, "asset.metadata_extracted", "storage", {"file": "IMG_2041.jpg"}, {"metadata": {"Make": "Canon", "Model": "EOS R6", "ISO": 400, k: c.line()}})
def t_mail(c):
    g = dict(en=("Hi all,", "Best regards"), de=("Sehr geehrte Damen und Herren,", "Mit freundlichen Grüßen"), fr=("Bonjour,", "Cordialement"), es=("Buenos días:", "Un saludo"), it=("Buongiorno,", "Cordiali saluti"), pt=("Bom dia,", "Cumprimentos"), nl=("Beste collega's,", "Met vriendelijke groet"), pl=("Dzień dobry,", "Pozdrawiam"), sv=("Hej,", "Vänliga hälsningar"))[c.lang]
    body = c.r.choice([f"{g[0]}\n\n{c.sent()}\n\n{g[1]}\nOperations team", f"{g[0]}\n\nsee attachment, 3 pages.\n\n{g[1]}\n--\nStudio Operations | Floor 4\n{c.line()}\n"])
    return ev(c.r, "mail.ingested", "storage", {"subject": "Re: budget Q3", "body": body})
def t_md(c):
    return ev(c.r, "assistant.tool_result", "assistant", {"tool": "render_table"}, {"markdown": f"| Field | Value |\n|---|---|\n| {c.L} | {c.v} |\n| Status | open |\n"})
def t_html(c):
    r = c.r
    h = r.choice([f"<p>{c.L}: <b>{c.esc()}</b></p>", f"<table><tr><th>{c.L}</th><td>{c.esc()}</td></tr><tr><th>Seats</th><td>12</td></tr></table>", f"<div class=\"row\"><span>{c.L}</span> <span>{c.esc()}</span></div>"])
    return ev(r, "dashboard.widget_rendered", "dashboard", {"html": h, "width": 640})
def t_stack(c):
    return ev(c.r, "job.failed", "media", {"job": "ingest"}, {"error": f"Traceback (most recent call last):\n  File \"/srv/app/ingest.py\", line {c.r.randint(10, 400)}, in parse\n    raise ValueError(msg)\nValueError: invalid {c.K}: '{c.v}'"})
def t_file(c):
    ext = c.r.choice(["pdf", "jpg", "docx"])
    lab = re.sub(r"[^\w]+", "-", c.L, flags=re.U).strip("-")
    return ev(c.r, "asset.uploaded", "storage", {"file_name": f"{c.r.choice(['scan', 'HR', 'W2_2023', 'copy'])}_{lab}_{c.v}.{ext}", "size": c.r.randint(1000, 900000), "mime": "application/pdf"})
def fill(r): return dict(r.sample([("locale", "de-DE"), ("plan", "team"), ("seats", r.randint(1, 50)), ("active", True), ("order_id", f"ORD-{dg(r, 6)}"), ("source", "import"), ("updated_at", ts(r))], 2))
def kd(c):
    d = {c.K: c.v}
    d.update(fill(c.r))
    return d
def k_args(c):
    r = c.r
    return ev(r, "assistant.tool_call", "assistant", {"tool": r.choice(["update_customer", "create_ticket", "lookup"]), "arguments": r.choice([kd(c), {"customer": kd(c)}, {"records": [fill(r), kd(c)]}])})
def k_args_str(c):
    return ev(c.r, "assistant.tool_call", "assistant", {"function": {"name": "upsert_contact", "arguments": json.dumps(kd(c), ensure_ascii=False, indent=c.r.choice([None, 2]))}})
def k_diff(c):
    r = c.r
    return ev(r, "audit.changed", r.choice(["audit", "strategy_lock", "kill_switch"]), r.choice([{"before": {c.K: c.v}, "after": {c.K: None}}, {"before": {"seats": 4}, "after": {"seats": 5, c.K: c.v}}, {"changes": [{"field": c.K, "old": None, "new": c.v}]}, {"diff": f"- {c.K}: \n+ {c.K}: {c.v}"}]))
def k_query(c):
    r = c.r
    u = f"/v1/{r.choice(['customers', 'assets', 'search'])}?{r.choice(['', 'page=2&', 'limit=50&'])}{c.K}={c.v}{r.choice(['', '&sort=asc'])}"
    return ev(r, "http.access", "http", r.choice([{"log": f'[{ts(r)}] "GET {u} HTTP/1.1" 200 {r.randint(100, 9000)} "-" "curl/8.4.0"'}, {"method": "GET", "path": u, "status": 200}, {"url": "https://api.acme-studio.io" + u}]))
def k_sql(c):
    r, v = c.r, c.v if c.raw else c.v.replace("'", "''")
    return ev(r, "db.query", "vector", {"statement": r.choice([f"UPDATE customers SET {c.K} = '{v}', seats = 4 WHERE id = 4711", f"SELECT id, plan FROM customers WHERE {c.K} = '{v}' LIMIT 10;", f"INSERT INTO contacts (id, {c.K}, status) VALUES (1042, '{v}', 'new')"]), "rows": 1})
def k_conf(c):
    r, K = c.r, c.K
    s = r.choice([f"service: media\nreplicas: 2\n{K}: {c.v}\nlog_level: info\n", f"service: kpi\ndefaults:\n  {K}: \"{c.v}\"\n  timeout: 30s\n", f"[service]\nname = \"kpi\"\n{K} = \"{c.v}\"\nretries = 3\n", f"LOG_LEVEL=info\n{K.upper().replace('-', '_')}={c.v}\nPORT=8080\n", f"export {K.upper().replace('-', '_')}='{c.v}'"])
    return ev(r, "config.loaded", r.choice(["kill_switch", "strategy_lock", "budget"]), {"snippet": s})
def k_csv(c):
    sp = c.r.choice([";", "\t"] if "," in c.v else [",", ";"])
    return ev(c.r, "import.row", "storage", {"csv": f"id{sp}{c.K}{sp}status{sp}seats\n1042{sp}{c.v}{sp}active{sp}12\n"})
def k_xml(c):
    return ev(c.r, "import.xml", "storage", {"payload": c.r.choice([f"<customer id=\"1042\"><{c.K}>{c.esc()}</{c.K}><plan>team</plan></customer>", f"<?xml version=\"1.0\"?>\n<rec {c.K}='{c.esc()}' seats='4'/>" if '"' in c.v else f"<?xml version=\"1.0\"?>\n<rec {c.K}=\"{c.esc()}\" seats=\"4\"/>"])})
def k_shell(c):
    return ev(c.r, "shell.exec", "media", {"command": c.r.choice([f"curl -X POST https://api.acme-studio.io/v1/users -d '{c.K}={c.v}'", f"./sync --tenant t_demo --{c.K.replace('_', '-')} '{c.v}' --dry-run", f"curl -s -d '{{\"{c.K}\":\"{c.v}\"}}' https://api.acme-studio.io/v1/x"])})
def k_log(c):
    return ev(c.r, "log.line", "http", {"line": f"{ts(c.r)} level=warn msg=\"validation failed\" {c.K}=\"{c.v}\" dur=12ms"})
def k_vcard(c):
    m = {"email": "EMAIL;TYPE=work:", "phone": "TEL;TYPE=cell:", "date_of_birth": "BDAY:", "person_name": "FN:", "street_address": "ADR;TYPE=home:;;", "gps_coordinates": "GEO:geo:"}
    return ev(c.r, "contact.imported", "chat", {"vcard": f"BEGIN:VCARD\nVERSION:4.0\nORG:Acme Studio\n{m[c.typ]}{c.v}{';' + c.r.choice(CITY[c.lang]) + ';;;' if c.typ == 'street_address' else ''}\nEND:VCARD"})
def k_header(c):
    r = c.r
    h = {"jwt": r.choice([("Authorization", "Bearer "), ("Cookie", "theme=dark; session="), ("X-Auth-Token", "")]), "ip_address": ("X-Forwarded-For", ""), "secret": ("X-Api-Key", "")}[c.typ]
    if c.typ == "secret" and c.K == "Authorization": h = ("Authorization", "")
    return ev(r, "http.request", "http", r.choice([{"headers": {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", h[0]: h[1] + c.v}}, {"raw": f"POST /v1/chat HTTP/1.1\r\nHost: api.acme-studio.io\r\n{h[0]}: {h[1]}{c.v}\r\nAccept: */*\r\n"}, {"command": f"curl -H '{h[0]}: {h[1]}{c.v}' https://api.acme-studio.io/v1/kpi"}]))
def k_url(c):
    r = c.r
    return ev(r, "log.line", "http", r.choice([{"command": f"git clone {c.v}"}, {"url": c.v, "status": 200}, {"line": f"{ts(r)} ERROR connect failed: {c.v} (timeout after 30s)"}, {"env": f"PORT=8080\nSERVICE_URL={c.v}\n"}]))
def k_iplog(c):
    r = c.r
    if c.typ == "mac_address":
        return ev(r, "log.line", "http", {"line": r.choice([f"dhcpd: DHCPACK to {c.v} via eth0", f"wlan0: STA {c.v} associated (aid 3)"])})
    return ev(r, "http.access", "http", {"line": r.choice([f'{c.v} - - [10/Oct/2024:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 2326', f"sshd[2211]: Failed publickey for deploy from {c.v} port 51234 ssh2", f"upstream timed out, client: {c.v}, server: api.acme-studio.io"])})
def k_gps(c):
    r = c.r
    return ev(r, "asset.metadata_extracted", "storage", {"file": "IMG_2041.jpg"}, r.choice([{"exif": {"Make": "Apple", "GPSPosition": c.v}}, {"caption": f"shot on location, GPS {c.v}"}, {"xmp": {"location": {"coordinates": c.v}}}]))
def k_name(c):
    r = c.r
    f, n = r.choice([("name", "customer"), ("fullName", "customer"), ("name", "patient"), ("displayName", "user"), ("name", "employee"), ("surname", "guest")])
    o = {n: {f: c.v, "seats": 4}}
    return ev(r, "contact.updated", "chat", r.choice([o, {"id3": {"artist": c.v, "year": 2021}}, {"exif": {"Artist": c.v, "ISO": 200}}, {"pdf": {"Author": c.v, "Pages": 4}}, o, {"payload": json.dumps(o, ensure_ascii=False)}]))
def k_pem(c):
    return ev(c.r, "config.loaded", "strategy_lock", {"snippet": c.r.choice([f"cat > id_key <<'EOF'\n{c.v}\nEOF\nchmod 600 id_key", "tls:\n  key: |\n    " + c.v.replace("\n", "\n    ") + "\n  port: 443\n", f"here is the key\n{c.v}\nlet me know"])})
def k_wallet(c):
    return ev(c.r, "budget.payout", "budget", {"note": f"please send 0.25 to {c.v} before 18:00", "line": "infra"})

TXT = [t_chat, t_chat, t_prompt, t_reply, t_transcript, t_srt, t_ocr, t_exif, t_mail, t_md, t_html]
KEYC = [k_args, k_args, k_args_str, k_diff, k_sql, k_conf, k_csv, k_xml, k_shell, k_log, t_stack]
SPEC = {"email": [k_vcard], "phone": [k_vcard], "date_of_birth": [k_vcard], "person_name": [k_name] * 6 + [k_vcard], "street_address": [k_vcard], "jwt": [k_header] * 4, "secret": [k_header] * 2, "ip_address": [k_header, k_iplog, k_iplog, k_iplog], "mac_address": [k_iplog] * 3, "url_credentials": [k_url] * 5, "gps_coordinates": [k_gps] * 4, "private_key": [k_pem] * 4, "crypto_wallet": [k_wallet] * 2}
FILE_OK = {"email", "us_ssn", "uk_nino", "es_nif", "it_codice_fiscale", "fr_nir", "de_steuer_id", "br_cpf", "passport", "driver_licence", "pl_pesel", "iban", "se_personnummer", "date_of_birth"}
TOK = re.compile(r"[A-Za-z0-9._:@%~-]+")
def carriers(typ, val, raw, hasnl):
    if hasnl:
        return [t_chat, t_prompt, t_reply, k_args, k_args_str, k_diff] + SPEC.get(typ, [])
    if typ == "person_name":
        return [k_args, k_args_str, k_sql, k_conf, k_csv, k_xml, k_log, k_diff] + SPEC[typ]
    if val.weak:
        return (KEYC + [k_header] * 3) if val.key is None else [k_header]
    base = TXT + KEYC + SPEC.get(typ, []) + SPEC.get(typ, [])
    if TOK.fullmatch(val.pre + val.core + val.post) and typ not in ("url_credentials",):
        base = base + [k_query] * 3
        if typ in FILE_OK and not raw: base = base + [t_file] * 2
    return base
def pick(r, typ):
    gen, keys, labels = T[typ]
    lang = r.choice(list(labels))
    if len(labels) == 2 and "en" in labels and r.random() < .4:
        lang = [x for x in labels if x != "en"][0]
    val = gen(r, lang)
    K = val.key or r.choice(keys.split())
    if typ == "person_name":
        if K == "first_name": val.core = val.core.split(" ")[0]
        if K == "last_name": val.core = val.core.split(" ")[-1]
    return lang, val, r.choice(labels[lang]), K
def plain(r, typ):
    lang, val, L, K = pick(r, typ)
    if typ in ("street_address", "postcode") and r.random() < .2:  # both gold
        a, p = M("street_address", g_street(r, lang).core), M("postcode", g_post(r, lang).core)
        ct = r.choice(CITY[lang])
        lab = r.choice(T["street_address"][2][lang])
        s = f"{lab}: {a}, {ct} {p}" if lang == "en" else f"{lab}: {a}, {p} {ct}"
        return ev(r, "chat.message", "chat", r.choice([{"message": s}, {"body": s.replace(", ", "\n", 1)}]))
    if typ == "gps_coordinates" and r.random() < .25:
        la, lo = round(r.uniform(36, 60), 5), round(r.uniform(-9, 24), 5)
        ks = r.choice([("lat", "lng"), ("latitude", "longitude"), ("GPSLatitude", "GPSLongitude")])
        mk = (lambda x: M(typ, str(x))) if r.random() < .5 else (lambda x: Num(typ, x))
        return ev(r, "asset.metadata_extracted", "storage", {"file": "IMG_77.heic"}, {"gps": {ks[0]: mk(la), ks[1]: mk(lo)}})
    fn = r.choice(carriers(typ, val, False, "\n" in val.core))
    return fn(Ctx(r, typ, lang, L, K, val.pre + M(typ, val.core) + val.post, strong=typ in STRONG and not val.weak))

# ---------------------------------------------------------------- adversarial
def a_pct(r, s):
    if r.random() < .5 and quote(s, safe="") != s: return quote(s, safe="")
    return "".join("%%%02X" % b for b in s.encode())
def a_html(r, s):
    if r.random() < .4 and re.search(r"[^A-Za-z0-9]", s): return re.sub(r"[^A-Za-z0-9]", lambda m: f"&#{ord(m.group())};", s)
    f = r.choice(["&#%d;", "&#x%x;", "&#x%X;"])
    return "".join(f % ord(c) for c in s)
def a_full(r, s): return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else ("\u3000" if c == " " else c) for c in s)
def a_ins(r, s, chars):
    ix = sorted(r.sample(range(1, len(s)), min(len(s) - 1, r.randint(1, 4)))) if len(s) > 1 else []
    out, p = "", 0
    for i in ix:
        out += s[p:i] + r.choice(chars)
        p = i
    return out + s[p:]
def a_zw(r, s): return a_ins(r, s, "\u200b\u200c\u200d\u2060\ufeff")
def a_shy(r, s): return a_ins(r, s, "\u00ad")
def a_exo(r, s):
    d, sp = r.choice("\u2010\u2011\u2012\u2013\u2014\u2212"), r.choice("\u00a0\u2009\u202f\u2007\u2003")
    return s.replace("-", d).replace(" ", sp)
def a_uesc(r, s):
    return "".join("\\u%04x" % ord(c) if (r.random() < .3 or not c.isalnum()) else c for c in s)
EXO = {"phone", "payment_card", "iban", "us_ssn", "uk_nino", "uk_nhs", "es_nif", "fr_nir", "de_steuer_id", "in_aadhaar", "br_cpf", "ca_sin", "au_tfn", "se_personnummer", "postcode", "street_address", "date_of_birth", "mac_address", "person_name", "it_codice_fiscale", "gps_coordinates", "nl_bsn"}
NUMT = {"payment_card", "us_ssn", "uk_nhs", "fr_nir", "de_steuer_id", "in_aadhaar", "br_cpf", "ca_sin", "au_tfn", "nl_bsn", "pl_pesel", "se_personnummer", "phone", "date_of_birth", "postcode", "gps_coordinates", "passport", "driver_licence", "password"}
NOKEY = {"password", "person_name", "private_key"}
def adversarial(r, typ):
    ms = ["pct", "html", "b64", "full", "zw", "shy", "nested", "uesc"] + (["exo"] * 2 if typ in EXO else []) + (["num"] if typ in NUMT else []) + ([] if typ in NOKEY else ["key"])
    if typ == "private_key": ms = ["pct", "html", "b64", "nested", "zw", "b64"]
    while True:
        m = r.choice(ms)
        lang, val, L, K = pick(r, typ)
        p, c, q = val.pre, val.core, val.post
        strong = typ in STRONG and not val.weak
        if m == "exo":
            if a_exo(r, c) == c: continue
            c2, tf = a_exo(r, c), None
        elif m == "num":
            if typ == "gps_coordinates":
                K = r.choice(["latitude", "gps_lat", "GPSLatitude"])
                n = round(r.uniform(36, 60), 5)
            elif typ == "password": n = int(dg(r, 8, 1))
            elif typ == "date_of_birth":
                y, mo, d = date(r)
                n = y * 10000 + mo * 100 + d
            else:
                s = re.sub(r"\D", "", c)
                if typ == "phone" and not c.startswith("+") or re.search("[A-Za-z]", c) or "(0)" in c or s[:1] in ("0", "") or len(s) > 16 or (typ == "postcode" and len(s) != 5): continue
                n = int(s)
            return ev(r, "assistant.tool_call", "assistant", {"arguments": r.choice([{K: Num(typ, n), "seats": 3}, {"customer": {K: Num(typ, n), "plan": "team"}}])})
        elif m == "key":
            if val.weak: continue
            k = p + M(typ, c) + q
            par = "by_" + K.lower().replace("-", "_")
            return ev(r, "kpi.grouped", r.choice(["kpi", "dashboard"]), {"group": r.choice([{par: {k: r.randint(1, 90), "other": 4}}, {par: {k: {"count": 3, "last": ts(r)}}}])})
        elif m == "b64":
            enc = r.choice([lambda b: base64.b64encode(b).decode(), b64u])
            if typ == "url_credentials" or r.random() < .5:
                txt = f"{L}: {p}{c}{q}" if typ != "person_name" and not val.weak else json.dumps({K: p + c}, ensure_ascii=False)
                tok = M(typ, enc(txt.encode()))
                return ev(r, "blob.received", "storage", r.choice([{"payload_b64": tok, "encoding": "base64"}, {"data_uri": "data:text/plain;base64," + tok}, {"log": f"body(base64)={tok} len={len(txt)}"}, {"content": tok, "content_encoding": "base64"}]))
            if val.key: continue
            tok = M(typ, enc((p + c + q).encode()))
            return r.choice([k_args, k_diff, k_log])(Ctx(r, typ, lang, L, K, tok, True))
        elif m in ("nested", "uesc"):
            if m == "uesc":
                v = a_uesc(r, p) + M(typ, a_uesc(r, c)) + a_uesc(r, q)
                s = f'{{"{K}":"{v}","seats":4}}'
                return ev(r, "queue.message", "chat", r.choice([{"body": s}, {"payload": s, "attempt": 1}]))
            inner = {K: p + M(typ, c) + q, "seats": 4}
            s = json.dumps({"records": [inner]}, ensure_ascii=False)
            s = json.dumps({"event": "sync", "body": s}, ensure_ascii=False)
            if r.random() < .3: s = json.dumps({"msg": s}, ensure_ascii=False)
            return ev(r, "queue.message", "chat", {"message": s})
        else:
            f = dict(pct=a_pct, html=a_html, full=a_full, zw=a_zw, shy=a_shy)[m]
            if f in (a_zw, a_shy):
                c2 = f(r, c)
            else:
                if m == "full" and not re.search("[!-~]", c): continue
                c2 = f(r, c)
                if typ == "url_credentials" and m in ("pct", "html"): p, q = quote(p, safe="") if m == "pct" else html.escape(p), quote(q, safe="") if m == "pct" else html.escape(q)
        v2 = Val(c2, p, q, val.weak, val.key)
        cs = carriers(typ, v2, True, "\n" in c2)
        if m == "pct" and k_query not in cs and TOK.fullmatch(c2) and typ != "url_credentials" and not val.weak: cs = cs + [k_query] * 4
        if m == "html" and t_html in cs: cs = cs + [t_html, k_xml] * 3
        return r.choice(cs)(Ctx(r, typ, lang, L, K, p + M(typ, c2) + q, True, strong and m in ("zw", "shy")))

# ---------------------------------------------------------------- negatives
def nonluhn(r, n, p=""):
    while True:
        s = p + dg(r, n - len(p), not p)
        if not luhn_ok(s): return s
def isbn(r):
    s = "978" + r.choice("013") + dg(r, 8)
    c = -sum(int(x) * (3 if i % 2 else 1) for i, x in enumerate(s)) % 10
    s += str(c)
    return r.choice([s, f"{s[:3]}-{s[3]}-{s[4:7]}-{s[7:12]}-{s[12]}"])

UA = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "okhttp/4.12.0", "python-requests/2.31.0", "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOARCH#amd64"]
PROSE = ["moved 3 boxes to room 12", "the render took 48 minutes on 16 cores", "we shipped 1200 units in 14 days, 3 came back", "Bitte 25 Stühle in Raum 304 stellen", "La réunion dure 90 minutes, salle 7, étage 2", "Hay 18 tareas abiertas y 4 bloqueadas", "Il file pesa 340 MB e dura 12 minuti", "A versão 4 corrige 17 erros", "Er zijn nog 6 plaatsen vrij in bus 22", "Mamy 150 zgłoszeń i 8 w toku", "Vi flyttar mötet till rum 41 klockan 15", "chapter 11 has 42 figures and 9 tables", "scale from 2 to 6 replicas, then wait 300 seconds", "score 87 out of 100, rank 5 of 2310", "the password field on page 3 is too narrow", "please rotate the API key every 90 days", "the passport office on the second floor opens at 9", "email support is included in 2 of 5 plans", "phone support ends after 30 minutes"]
def N(keys, gen, *sents, struct=True): return keys.split(), gen, sents, struct
def ri(a, b): return lambda r: r.randint(a, b)

NEG = {
    "uuid": N("id request_id correlationId", lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)), "job {v} finished", "see run {v} for details"),
    "ulid": N("event_id asset_id id", ulid, "asset {v} was archived"),
    "hash_sha256": N("sha256 checksum content_hash digest", lambda r: rs(r, HEX, 64), "sha256 mismatch, expected {v}"),
    "hash_md5": N("md5 fingerprint", lambda r: rs(r, HEX, 32), "md5={v} verified"),
    "git_commit": N("commit revision git_sha", lambda r: rs(r, HEX, 40), "reverted commit {v} on main", "deployed {v} to staging"),
    "iso_timestamp": N("created_at updated_at ts expires_at", lambda r: r.choice([ts(r), ts(r)[:-1] + ".123+02:00", ts(r)[:10]]), "last run was {v}", "backup from {v} restored"),
    "version": N("version app_version schema_version", lambda r: f"{r.randint(0, 20)}.{r.randint(0, 40)}.{r.randint(0, 99)}" + r.choice(["", "-rc.1", "+build.77", "-beta.3"]), "upgrade to v{v} first"),
    "version_four_part": N("file_version driver_version assembly_version", lambda r: f"{r.randint(1, 20)}.{r.randint(0, 9)}.{r.randint(300, 9999)}.{r.randint(0, 999)}", "driver version {v} installed"),
    "order_number": N("order_number order_id", lambda r: r.choice([f"ORD-{dg(r, 8)}", f"2024-{dg(r, 6)}", f"SO{dg(r, 9)}", dg(r, 8, 1)]), "order {v} has shipped", "Bestellung {v} wurde storniert"),
    "sku": N("sku article_no", lambda r: f"{rs(r, UP, 3)}-{dg(r, 4)}-{rs(r, UP, 2)}", "SKU {v} is out of stock"),
    "ticket_number": N("ticket issue", lambda r: r.choice([f"OPS-{r.randint(100, 9999)}", f"INC{dg(r, 7)}", f"#{r.randint(1000, 99999)}"]), "fixed in {v}", "siehe Ticket {v}"),
    "invoice_number": N("invoice_no invoice_number", lambda r: f"INV-2024-{dg(r, 5)}", "invoice {v} is overdue"),
    "non_luhn_16": N("batch_no sequence record_no", lambda r: nonluhn(r, 16, r.choice(["4", "5", "", "9"])), "batch {v} was rejected by the parser"),
    "storage_key": N("key storage_key object_key path", lambda r: f"tenants/t_demo/{r.choice(['dev', 'prod'])}/{r.choice(['raw', 'derived'])}/{ulid(r)}/{r.choice(['report.pdf', 'thumb.webp', 'audio.wav', 'index.json'])}", "copied {v} to cold storage"),
    "price": N("price amount total", lambda r: r.choice([f"${r.randint(1, 9999):,}.{dg(r, 2)}", f"{r.randint(1, 999)},{dg(r, 2)} €", round(r.uniform(1, 9999), 2), f"EUR {r.randint(10, 90000)}.00"]), "the quote was {v} per seat", "Gesamt {v} netto"),
    "integer": N("count size rows offset limit bytes", ri(0, 99999999)),
    "duration_ms": N("duration_ms latency elapsed_ms", ri(1, 900000)),
    "duration_text": N("timeout ttl interval", lambda r: r.choice([f"{r.randint(1, 90)}s", f"{r.randint(1, 48)}h{r.randint(1, 59)}m", f"{r.randint(10, 900)}ms", f"00:{r.randint(10, 59)}:{r.randint(10, 59)}"]), "gave up after {v}"),
    "iso_duration": N("duration window ttl", lambda r: r.choice([f"PT{r.randint(1, 59)}M", f"P{r.randint(1, 30)}D", f"PT{r.randint(1, 9)}H{r.randint(1, 59)}M", "P1Y2M10DT2H30M"]), "retention is {v}"),
    "epoch_ms": N("timestamp createdAt ts_ms", lambda r: 1700000000000 + r.randint(0, 40000000000)),
    "epoch_s": N("iat exp ts epoch", lambda r: 1700000000 + r.randint(0, 40000000), "token expires at epoch {v}"),
    "git_remote": N("remote origin repository", lambda r: f"git@{r.choice(['github.com', 'gitlab.com', 'bitbucket.org'])}:{r.choice(['acme', 'org', 'media-lab'])}/{r.choice(['repo', 'render', 'kpi-board'])}.git", "git clone {v}", "origin\t{v} (fetch)"),
    "retina_file": N("file file_name icon", lambda r: f"{r.choice(['icon', 'logo', 'hero', 'avatar', 'splash'])}{r.choice(['', '-dark', '_sm'])}@{r.choice('23')}x.{r.choice(['png', 'webp', 'jpg'])}", "exported {v} from the design file"),
    "npm_package": N("package dependency", lambda r: r.choice(["react@18.3.1", "@types/node@20.14.2", "lodash@4.17.21", "@acme/ui@2.0.0-beta.4", "vite@5.3.1"]), "npm install {v}"),
    "user_agent": N("user_agent userAgent User-Agent", lambda r: r.choice(UA)),
    "isbn": N("isbn isbn13", isbn, "ISBN {v} is out of print"),
    "tracking_number": N("tracking_number tracking", lambda r: r.choice([f"1Z{rs(r, UP + DG, 6)}03{dg(r, 8)}", f"JJD0{dg(r, 16)}", f"RR{dg(r, 9)}DE"]), "parcel {v} is in transit"),
    "colour": N("color background fill", lambda r: r.choice([f"#{rs(r, HEX, 6)}", f"rgb({r.randint(0, 255)}, {r.randint(0, 255)}, {r.randint(0, 255)})", f"hsl({r.randint(0, 359)}, 70%, 45%)", f"#{rs(r, HEX, 8)}"]), "use {v} for the header"),
    "mime_type": N("mime content_type mimeType", lambda r: r.choice(["application/pdf", "image/svg+xml", "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "video/mp4"]), "rejected content type {v}"),
    "trace_id": N("trace_id traceId", lambda r: rs(r, HEX, 32), "trace {v} sampled"),
    "span_id": N("span_id parent_span_id", lambda r: rs(r, HEX, 16)),
    "traceparent": N("traceparent", lambda r: f"00-{rs(r, HEX, 32)}-{rs(r, HEX, 16)}-01"),
    "token_count": N("token_count prompt_tokens completion_tokens max_tokens total_tokens", ri(1, 128000), "used {v} tokens so far"),
    "percentage": N("kpi_value conversion churn_rate", lambda r: r.choice([f"{r.uniform(0, 100):.1f}%", f"+{r.uniform(0, 20):.2f} %", f"{r.randint(1, 99)}%", f"-{r.uniform(0, 20):.1f}%"]), "conversion is at {v} this week", "Churn liegt bei {v} im Q2"),
    "budget_line": N("budget_line line", lambda r: f"{r.choice(['INFRA', 'Marketing', 'Cloud', 'Reise'])}-{r.randint(1000, 9999)}: {r.randint(1, 900)},000 EUR / Q{r.randint(1, 4)}"),
    "cost_centre": N("cost_center cost_centre", lambda r: f"CC-{dg(r, 5)}", "book it on {v} please"),
    "cron": N("cron schedule", lambda r: f"{r.choice(['0', '*/15', '30'])} {r.choice(['*', '2', '4-6'])} {r.choice(['*', '1'])} * {r.choice(['*', '1-5', 'MON'])}", "job runs on {v} now"),
    "file_path": N("path file cwd", lambda r: r.choice([f"/srv/app/releases/2024{r.randint(10, 12)}{r.randint(10, 28)}{r.randint(10, 23)}{r.randint(10, 59)}{r.randint(10, 59)}/main.py", f"/var/log/nginx/access.log.{r.randint(1, 9)}.gz", f"C:\\Program Files\\Acme\\bin\\render{r.randint(1, 9)}.exe", f"./data/part-{dg(r, 5)}.parquet", f"s3://acme-assets/2024/{r.randint(1, 12):02d}/out.bin"]), "no such file: {v}"),
    "model_name": N("model engine", lambda r: r.choice(["gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "text-embedding-3-large", "gemini-1.5-pro-002", "llama-3.1-70b-instruct", "whisper-large-v3", "mistral-large-2407"]), "switched to {v} for drafts"),
    "image_tag": N("image container_image", lambda r: f"{r.choice(['ghcr.io/acme/api', 'registry.acme-studio.io:5000/kpi', 'postgres', 'nginx'])}:{r.choice(['1.27.1-alpine', '16.3', 'v2.14.0', 'sha-' + rs(r, HEX, 7)])}", "rolled back to {v}"),
    "image_digest": N("digest image", lambda r: f"ghcr.io/acme/api@sha256:{rs(r, HEX, 64)}", "pulled {v}"),
    "k8s_name": N("pod deployment", lambda r: f"{r.choice(['api', 'media-worker', 'vector-search'])}-{rs(r, 'bcdf2456789', 10)}-{rs(r, LO + DG, 5)}", "pod {v} was evicted", "kubectl logs {v}"),
    "etag": N("etag ETag", lambda r: r.choice([f'"{rs(r, HEX, 32)}"', f'"{rs(r, HEX, 32)}-{r.randint(2, 40)}"'])),
    "http_date": N("last_modified Date expires", lambda r: f"{r.choice(['Mon', 'Tue', 'Wed', 'Fri'])}, {r.randint(1, 28):02d} {r.choice(['Jan', 'Jun', 'Oct'])} 2024 {r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)} GMT"),
    "prose": N("message text note", lambda r: r.choice(PROSE), struct=False),
    "prose_password": N("message title", lambda r: r.choice(["Password reset is broken on mobile", "How do I change my password?", "Wo kann ich mein Passwort ändern?", "The secret sauce is caching", "token budget exceeded", "Mot de passe oublié : le lien ne marche pas"]), struct=False),
    "key_authenticated": N("authenticated is_authenticated authenticated_count", lambda r: r.choice([1, 0, "yes", "no"])),
    "key_secret_rotation_days": N("secret_rotation_days password_max_age_days key_rotation_hours", ri(1, 365)),
    "key_card_layout": N("card_layout card_style cards_per_row", lambda r: r.choice(["grid", "compact", "two-column", "masonry", 3])),
    "key_name_space": N("name_space namespace", lambda r: r.choice(["media-prod", "kpi", "default", "tenant_core"])),
    "key_phone_model": N("phone_model device_model", lambda r: r.choice(["iPhone 15 Pro", "Pixel 8a", "Galaxy S24", "SM-G991B"])),
    "key_password_flag": N("password_reset_required password_strength password_hash_algorithm", lambda r: r.choice(["argon2id", "strong", "bcrypt", "medium", 3])),
    "key_token_type": N("token_type auth_method grant_type", lambda r: r.choice(["Bearer", "client_credentials", "authorization_code", "refresh_token", "oauth2"])),
    "key_address_type": N("address_type email_status phone_type ip_version", lambda r: r.choice(["billing", "verified", "mobile", "home", 4, 6, "bounced"])),
    "plan_name": N("plan_name tier_name", lambda r: r.choice(["Team Pro Annual", "Starter", "Enterprise Plus", "Studio 25"])),
    "file_name": N("file_name filename", lambda r: r.choice([f"Q{r.randint(1, 4)}_report_v{r.randint(1, 9)}.xlsx", f"IMG_{dg(r, 4)}.HEIC", f"Screenshot 2024-06-{r.randint(10, 28)} at 10.12.33.png", f"invoice_template_{r.randint(1, 99)}.docx"]), "uploaded {v} twice"),
    "tool_name": N("tool_name function_name", lambda r: r.choice(["web_search", "create_ticket", "vector.query", "resize_image"])),
    "city_name": N("city_name city", lambda r: r.choice(sum(CITY.values(), []))),
    "host_name": N("host hostname", lambda r: f"{r.choice(['db', 'cache', 'worker'])}-{r.randint(1, 40):02d}.eu-west-1.internal"),
    "url_plain": N("url link docs", lambda r: f"https://docs.acme-studio.io/{r.choice(['guide', 'api/v2', 'kb'])}/{r.randint(100, 9999)}?lang={r.choice(['de', 'en'])}&page={r.randint(1, 9)}", "docs are at {v}"),
    "arn": N("arn role", lambda r: f"arn:aws:s3:::acme-{r.choice(['assets', 'logs'])}/{r.choice(['raw', 'tmp'])}/*"),
    "dimensions": N("resolution dimensions", lambda r: r.choice(["1920x1080", "3840 × 2160", "210 x 297 mm", f"{r.randint(100, 4000)}x{r.randint(100, 4000)}"]), "resized to {v}"),
    "time_range": N("range timecode", lambda r: f"00:{r.randint(10, 59)}:{r.randint(10, 59)},{dg(r, 3)} --> 01:{r.randint(10, 59)}:{r.randint(10, 59)},{dg(r, 3)}"),
    "phone_like_metric": N("score_history counters", lambda r: f"{r.randint(100, 999)} / {r.randint(100, 999)} / {r.randint(1000, 9999)}"),
    "date_range": N("period quarter_range", lambda r: f"2024-0{r.randint(1, 4)}-01..2024-0{r.randint(5, 9)}-30", "budget period {v} is closed"),
}
def neg_struct(r, t):
    if t == "embedding":
        n = r.randint(4, 12)
        e = [round(r.uniform(-1, 1), 6) or 0.5 for _ in range(n)]
        e = [x if abs(x) > .001 else .0123 for x in e]
        i = r.randrange(n)
        return ev(r, "vector.upsert", "vector", {"embedding": [Num(t, x) if j == i else x for j, x in enumerate(e)], "dim": n})
    if t == "bounding_box":
        b = [r.randint(0, 4000) if r.random() < .5 else round(r.uniform(0.01, 1), 4) for _ in range(4)]
        i = r.randrange(4)
        b[i] = Num(t, b[i])
        return ev(r, "media.detected", "media", {"asset_id": ulid(r)}, {"bbox": b if r.random() < .5 else dict(zip("xywh", b)), "label": "car"})
    if t == "password_policy":
        p = {"min_length": r.randint(8, 20), "max_age_days": r.randint(30, 365), "require_digit": True, "history": r.randint(1, 10)}
        k = r.choice(["min_length", "max_age_days", "history"])
        p[k] = Num(t, p[k])
        return ev(r, "strategy.locked", "strategy_lock", {"password_policy": p})
    if t == "thing_name":
        k, v = r.choice([("plan", "Starter"), ("tool", "web_search"), ("city", "Hamburg"), ("service", "media-worker"), ("dashboard", "Weekly Growth"), ("budget", "Cloud 2025"), ("kpi", "Net Revenue Retention"), ("file", "report.pdf"), ("model", "whisper-large-v3"), ("bucket", "acme-assets"), ("index", "docs-v2")])
        return ev(r, f"{k}.viewed", r.choice(["dashboard", "kpi"]), {k: {"name": M(t, v), "id": r.randint(1, 99)}})
    if t == "kpi_number":
        return ev(r, "kpi.computed", "kpi", {"kpi": "arr"}, {"value": Num(t, round(r.uniform(1, 99999), 3)), "delta_pct": round(r.uniform(.1, 9), 2)})

NSTRUCT = ["embedding", "bounding_box", "password_policy", "thing_name", "kpi_number"]
def negative(r, t):
    if t in NSTRUCT: return neg_struct(r, t)
    keys, gen, sents, struct = NEG[t]
    K, v = r.choice(keys), gen(r)
    et, sf = r.choice([("dashboard.viewed", "dashboard"), ("budget.checked", "budget"), ("kill_switch.armed", "kill_switch"), ("kpi.computed", "kpi"), ("vector.query", "vector"), ("asset.processed", "media"), ("strategy.locked", "strategy_lock"), ("asset.stored", "storage")])
    ms = ["kv"] * 3 + (["sent"] * 4 if sents else []) + (["log", "json", "conf"] if struct else [])
    m = r.choice(ms)
    if m == "kv":
        d = {K: M(t, v) if isinstance(v, str) else Num(t, v)}
        for a, b in fill(r).items(): d.setdefault(a, b)
        return r.choice([lambda: ev(r, et, sf, d), lambda: ev(r, et, sf, {"item": d}), lambda: ev(r, et, sf, {"q": "status"}, {"result": d}), lambda: ev(r, et, sf, {"before": {"x": 1}, "after": d})])()
    mv = M(t, v if isinstance(v, str) else json.dumps(v))
    if m == "sent":
        s = r.choice(sents).format(v=mv)
        return r.choice([lambda: ev(r, "chat.message", "chat", {"message": s}), lambda: ev(r, "assistant.completion", "assistant", {"prompt": s}), lambda: ev(r, et, sf, {"note": s})])()
    if m == "log": return ev(r, "log.line", sf, {"line": f'{ts(r)} level=info msg="done" {K}=' + (f'"{mv}"' if '"' not in mv else mv)})
    if m == "json": return ev(r, "queue.message", sf, {"body": json.dumps({K: mv, "seats": 4}, ensure_ascii=False)})
    return ev(r, "config.loaded", sf, {"snippet": f"service: kpi\n{K}: " + (f'"{mv}"' if '"' not in mv else mv) + "\nreplicas: 2\n"})

# ---------------------------------------------------------------- main
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--each", type=int, default=40)
    a = ap.parse_args()
    for part, types, fn in (("plain", list(T), plain), ("adversarial", list(T), adversarial), ("negative", list(NEG) + NSTRUCT, negative)):
        for t in types:
            r = random.Random(f"{a.seed}/{part}/{t}")
            n = 0
            while n < a.each:
                out = []
                e = clean(fn(r, t), "", out)
                assert out and any(o[0] == t for o in out), (part, t)
                for (typ, ptr, text, s, en, ik, want) in out:
                    val, name = resolve(e, ptr)
                    assert text == (name if ik else val if isinstance(val, str) else json.dumps(val)), (ptr, text)
                    assert text[s:en] == want and en > s and not isinstance(val, bool)
                    if typ == t: n += 1
                    sys.stdout.write(json.dumps({"part": part, "type": typ, "event": e, "pointer": ptr, "in_key": ik, "text": text, "key": "", "start": s, "end": en}, ensure_ascii=False) + "\n")

if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
