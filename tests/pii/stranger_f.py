#!/usr/bin/env python3
"""Writes a corpus that shares no template and no value code with the others: how people in some thirty countries write values and name them, in
keys with their prefixes and suffixes, forms, lists, tables, file names, signatures. Written from the requirement alone.

    python tests/pii/stranger_f.py --seed 5 --each 40 > f.jsonl
"""
import argparse, base64, hashlib, html, json, random, re, string, urllib.parse
R = random.Random(1)
D, U, LO = string.digits, string.ascii_uppercase, string.ascii_lowercase
def ch(x): return R.choice(x)
def rs(al, n): return ''.join(R.choice(al) for _ in range(n))
def dg(n, nz=False): return (rs('123456789', 1) + rs(D, n - 1)) if nz else rs(D, n)
def p(x): return R.random() < x
def pat(s):
    """9=digit A=upper a=lower X=upper alnum h=hex, 1=nonzero; others literal; backslash escapes."""
    o, i = [], 0
    m = {'9': D, 'A': U, 'a': LO, 'X': U + D, 'h': '0123456789abcdef', '1': '123456789'}
    while i < len(s):
        c = s[i]
        if c == '\\': i += 1; o.append(s[i])
        else: o.append(ch(m[c]) if c in m else c)
        i += 1
    return ''.join(o)
def grp(s, sizes, sep):
    o, i = [], 0
    for n in sizes: o.append(s[i:i + n]); i += n
    if i < len(s): o.append(s[i:])
    return sep.join(x for x in o if x)
# ---------- check digits
def luhn_ok(s):
    t = 0
    for i, c in enumerate(reversed(s)):
        d = int(c)
        if i % 2: d = d * 2 - 9 if d > 4 else d * 2
        t += d
    return t % 10 == 0
def luhn(b): return next(b + c for c in D if luhn_ok(b + c))
VD = [[0,1,2,3,4,5,6,7,8,9],[1,2,3,4,0,6,7,8,9,5],[2,3,4,0,1,7,8,9,5,6],[3,4,0,1,2,8,9,5,6,7],[4,0,1,2,3,9,5,6,7,8],
      [5,9,8,7,6,0,4,3,2,1],[6,5,9,8,7,1,0,4,3,2],[7,6,5,9,8,2,1,0,4,3],[8,7,6,5,9,3,2,1,0,4],[9,8,7,6,5,4,3,2,1,0]]
VP = [[0,1,2,3,4,5,6,7,8,9],[1,5,7,6,2,8,3,0,9,4]]
for _i in range(2, 8): VP.append([VP[_i-1][VP[1][j]] for j in range(10)])
def verh_ok(s):
    c = 0
    for i, x in enumerate(reversed(s)): c = VD[c][VP[i % 8][int(x)]]
    return c == 0
B58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
XRPA = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz'
def b58(b, al=B58):
    n, o = int.from_bytes(b, 'big'), ''
    while n: n, r = divmod(n, 58); o = al[r] + o
    return al[0] * (len(b) - len(b.lstrip(b'\0'))) + o
def b58c(b, al=B58): return b58(b + hashlib.sha256(hashlib.sha256(b).digest()).digest()[:4], al)
def rb(n): return bytes(R.randrange(256) for _ in range(n))
BC = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
def polymod(v):
    c = 1
    for x in v:
        t = c >> 25; c = (c & 0x1ffffff) << 5 ^ x
        for i, g in enumerate([0x3b6a57b2,0x26508e6d,0x1ea119fa,0x3d4233dd,0x2a1462b3]): c ^= g if t >> i & 1 else 0
    return c
def bech(hrp, ver, prog):
    d, acc, bits = ([ver] if ver is not None else []), 0, 0
    for b in prog:
        acc = acc << 8 | b; bits += 8
        while bits >= 5: bits -= 5; d.append(acc >> bits & 31)
    if bits: d.append(acc << (5 - bits) & 31)
    k = 0x2bc830a3 if ver else 1
    m = polymod([ord(x) >> 5 for x in hrp] + [0] + [ord(x) & 31 for x in hrp] + d + [0] * 6) ^ k
    return hrp + '1' + ''.join(BC[x] for x in d + [m >> 5 * (5 - i) & 31 for i in range(6)])
def keccak256(data):
    M = (1 << 64) - 1; rol = lambda x, n: (x << n | x >> (64 - n)) & M if n else x
    A = [[0] * 5 for _ in range(5)]
    q = bytearray(data + b'\x01' + b'\0' * (135 - len(data) % 136)); q[-1] |= 0x80
    for o in range(0, len(q), 136):
        for i in range(17): A[i % 5][i // 5] ^= int.from_bytes(q[o + 8*i:o + 8*i + 8], 'little')
        l = 1
        for _ in range(24):
            C = [A[x][0] ^ A[x][1] ^ A[x][2] ^ A[x][3] ^ A[x][4] for x in range(5)]
            for x in range(5):
                d = C[(x-1) % 5] ^ rol(C[(x+1) % 5], 1)
                for y in range(5): A[x][y] ^= d
            x, y, cur = 1, 0, A[1][0]
            for t in range(24):
                x, y = y, (2*x + 3*y) % 5
                cur, A[x][y] = A[x][y], rol(cur, (t+1)*(t+2)//2 % 64)
            for y in range(5):
                T = [A[x][y] for x in range(5)]
                for x in range(5): A[x][y] = T[x] ^ (~T[(x+1) % 5] & M & T[(x+2) % 5])
            for j in range(7):
                l = (l << 1 ^ (l >> 7) * 0x171) % 256
                if l & 2: A[0][0] ^= 1 << ((1 << j) - 1)
    return b''.join(A[i % 5][i // 5].to_bytes(8, 'little') for i in range(4))
assert keccak256(b'').hex().startswith('c5d2460186f7233c')
# ---------- name stock
FN = {'en': 'Olivia Harry Amelia Jack Priya Marcus Chloe Tyrone Siobhan Aroha', 'de': 'Jürgen Annika Matthias Sabine Lukas Heike Björn Käthe',
 'fr': 'Élodie Thibault Maëlys Jean-Luc Océane Gaspard', 'es': 'Íñigo Lucía Ximena Joaquín Guadalupe Álvaro', 'it': 'Giulia Matteo Chiara Niccolò Donatella',
 'pt': 'João Beatriz Thiago Conceição Rafaela', 'nl': 'Sanne Joost Femke Maarten Liesbeth', 'pl': 'Agnieszka Łukasz Małgorzata Wojciech Zofia',
 'sv': 'Åsa Gustav Linnéa Mårten', 'no': 'Øyvind Ingrid Håkon Sigrid', 'da': 'Søren Mette Rasmus Kirsten', 'fi': 'Päivi Mikko Aino Jukka'}
LN = {'en': "Whitcombe O'Leary Ferncastle Okafor Deshpande Tanner-Hughes McAllister Ngata", 'de': 'Müllerschön Größinger Wiedenfels Schwarzkopp Häberle', 'fr': "Lefèvre-Martel Desroches Beaugrand d'Aubigny Châtelet",
 'es': 'Muñoz Ibarrola Quintanilla Peñalver Zúñiga', 'it': "Brambillasca D'Ambrosio Fiorentelli Lo Cascio".replace('Lo Cascio', 'Cascione'), 'pt': 'Gonçalves Albuquerque Magalhães Figueiró', 'nl': 'Hoogendijk Brouwersma Vermeulenburg',
 'pl': 'Wiśniewiecki Szczepańska Brzęczyk Kowalewicz', 'sv': 'Björkstrand Åkerlöv Lindqvister', 'no': 'Skjæveland Bjørnstadmo Haugerud', 'da': 'Østergårdsen Kjærbøl Thorupsen', 'fi': 'Hämälöinen Korpiselkä Virtasalo'}
FN = {k: v.split() for k, v in FN.items()}; LN = {k: v.split() for k, v in LN.items()}
LANGS = list(FN)
def V(mid, lang='en', pre='', post=''): return (pre, mid, post, lang)
def asc(s):
    import unicodedata
    s = s.replace('ß', 'ss').replace('ø', 'o').replace('Ø', 'O').replace('æ', 'ae').replace('Æ', 'Ae').replace('ł', 'l').replace('Ł', 'L')
    return re.sub(r'[^A-Za-z\-]', '', unicodedata.normalize('NFKD', s))
CO = 'northgale brightmoor kesselwerk tulipanova veldhaven sonnbach altamirez fjordlyst lumicare medivanta paylanes hrwise'.split()
def g_email():
    l = ch(LANGS); f, n = asc(ch(FN[l])).lower(), asc(ch(LN[l])).lower()
    loc = ch([f + '.' + n, f[0] + n, n + '.' + f, f + '_' + n + str(R.randrange(99)), f + str(R.randrange(1960, 2006)), f + '+' + ch(['hr', 'bank', 'news', 'test1']), f + '-' + n, f[0] + '.' + n[0] + '.' + n, (f + '.' + n).upper(), f.capitalize() + '.' + n.capitalize(), 'x' + dg(6), n + '.' + f + '.ext', "o'" + n])
    dom = ch([ch(CO) + ch(['.com', '.co.uk', '.de', '.at', '.ch', '.fr', '.be', '.es', '.com.mx', '.it', '.pt', '.com.br', '.nl', '.pl', '.se', '.no', '.dk', '.fi', '.in', '.com.au', '.co.nz', '.ca', '.health', '.io', '.bank']),
        ch(['gmail.com', 'web.de', 'gmx.at', 'bluewin.ch', 'orange.fr', 'libero.it', 'wp.pl', 'telia.se', 'outlook.com', 'uol.com.br', 'rediffmail.com', 'bigpond.com']), 'mail.' + ch(CO) + '.org', 'hr.eu.' + ch(CO) + '.com', 'bücher' + ch(CO) + '.de', 'xn--' + ch(CO) + '-9ya.ch'])
    return V(loc + '@' + (dom.upper() if loc.isupper() else dom), l, pre='mailto:' if p(.06) else '')
PH = [('en', '+1 (212) 555-0199|+1-415-1\\9\\9-9999|(1\\0\\7) 199-9999|4\\1\\5.199.9999|\\1-6\\4\\6-199-9999|+1416199\\99999|+1 613 199 9999 ext. 999'),
 ('en', '+44 7\\7\\0\\0 900999|07\\9\\1\\1 199999|020 7199 9999|+44 (0)20 7199 9999|0161 499 9999|+447\\4\\0\\0199999|0044 7\\8\\0\\0 199999'),
 ('de', '+49 30 19999999|030/19999999|0\\1\\7\\1-1999999|+49 (0)89 199999-99|0049 \\15\\1 19999999|+43 664 1999999|0660 1999999|+41 79 199 99 99|07\\9 199 99 99|+41 (0)44 199 99 99'),
 ('fr', '06 19 99 99 99|+33 6 19 99 99 99|01.49.99.99.99|+33(0)149999999|0033 7 19 99 99 99|+32 4\\7\\0 99 99 99|0475/99.99.99|+32 2 199 99 99'),
 ('es', '+34 6\\1\\2 199 999|6\\1\\2 99 99 99|\\9\\1 199 99 99|+52 55 1999 9999|+52 \\1 33 1999 9999|(55) 1999-9999'),
 ('it', '+39 3\\4\\7 1999999|3\\3\\8 199 9999|02 1999 9999|+39 06 1999999'), ('pt', '+351 \\9\\1\\2 199 999|2\\1\\3 199 999|+55 11 \\99199-9999|(21) \\99199-9999|+55 (31) 3199-9999|0\\11 \\99199 9999'),
 ('nl', '+31 6 19999999|06-19999999|020-1999999|+31 (0)10 199 99 99'), ('pl', '+48 6\\0\\1 199 999|5\\0\\2-199-999|(22) 199 99 99|48 22 199 99 99'),
 ('sv', '+46 70 199 99 99|070-199 99 99|08-199 999 99'), ('no', '+47 419 99 999|\\9\\1\\2 99 999|+47 22 19 99 99'), ('da', '+45 21 99 99 99|31 99 99 99|+4521999999'), ('fi', '+358 40 199 9999|050 1999999|0\\9 199 9999'),
 ('en', '+91 \\98199 99999|0\\98199-99999|+91-22-2199 9999|+61 4\\1\\2 199 999|0\\4\\1\\2 199 999|(02) \\9199 9999|+64 21 199 9999|027 199 9999|+64-9-199 9999')]
def g_phone():
    l, s = ch(PH); f = ch(s.split('|'))
    return V(pat(re.sub(r'^(\+|00)(1|4[1-9]|35[18]|3[1-469]|5[25]|6[14]|91|48)', lambda m: m[1] + ''.join('\\' + c for c in m[2]), f)), l)
def g_payment_card():
    pre, n = ch([('4', 16), ('4', 16), (str(R.randrange(51, 56)), 16), (str(R.randrange(2221, 2720)), 16), ('37', 15), ('34', 15), ('6011', 16), ('65', 16), ('36', 14), ('3528', 16), ('6759', 16), ('62', 16)])
    s = luhn(pre + dg(n - len(pre) - 1)); sep = ch(['', '', ' ', '-', ' ', '.'])
    return V(grp(s, [4, 6, 5] if n == 15 else [4, 6, 4] if n == 14 else [4] * 4, sep) if sep else s, ch(LANGS))
IB = {'DE': ('999999999999999999', 'de'), 'GB': ('AAAA99999999999999', 'en'), 'FR': ('9999999999XXXXXXXXXXX99', 'fr'), 'ES': ('9' * 20, 'es'), 'IT': ('A9999999999XXXXXXXXXXXX', 'it'), 'NL': ('AAAA9999999999', 'nl'), 'BE': ('', 'nl'), 'AT': ('9' * 16, 'de'),
 'CH': ('99999XXXXXXXXXXXX', 'de'), 'PT': ('9' * 21, 'pt'), 'PL': ('9' * 24, 'pl'), 'SE': ('9' * 20, 'sv'), 'NO': ('9' * 11, 'no'), 'DK': ('9' * 14, 'da'), 'FI': ('9' * 14, 'fi'), 'IE': ('AAAA99999999999999', 'en'), 'LU': ('999XXXXXXXXXXXXX', 'fr')}
def g_iban():
    c = ch(list(IB)); b, l = IB[c]
    if c == 'BE': x = dg(10, True); b = x + '%02d' % (int(x) % 97 or 97)
    else: b = pat(b)
    k = 98 - int(''.join(str(int(z, 36)) for z in b + c + '00')) % 97
    s = '%s%02d%s' % (c, k, b); f = ch(['s', 's', 'c', 'c', 'l', '-'])
    if f == 'l': s = s.lower()
    return V({'s': grp(s, [4] * 8, ' '), '-': grp(s, [4] * 8, '-')}.get(f, s), l)
def g_us_ssn():
    a = R.randrange(1, 899)
    if a == 666: a = 667
    return V(ch(['-', '-', '-', ' ', '']).join(['%03d' % a, '%02d' % R.randrange(1, 100), '%04d' % R.randrange(1, 10000)]))
def g_uk_nino():
    while True:
        a = ch('ABCEGHJKLMNOPRSTWXYZ') + ch('ABCEGHJKLMNPRSTWXYZ')
        if a not in 'BG GB NK KN TN NT ZZ'.split(): break
    s = a + dg(6) + ch('ABCD')
    return V(ch([s, grp(s, [2, 2, 2, 2, 1], ' '), grp(s, [2, 6, 1], ' '), grp(s, [2, 2, 2, 2, 1], '-'), s.lower()]))
def g_uk_nhs():
    while True:
        b = ch('4679') + dg(8); c = 11 - sum(int(x) * (10 - i) for i, x in enumerate(b)) % 11
        if c != 10: break
    return V(grp(b + str(c % 11), [3, 3, 4], ch([' ', ' ', '-', ''])))
def g_es_nif():
    T = 'TRWAGMYFPDXBNJZSQVHLCKE'
    if p(.3): z = R.randrange(3); b = dg(7); c = T[int(str(z) + b) % 23]; s = ['XYZ'[z], b, c]
    else: b = dg(8); s = [b, T[int(b) % 23]]
    return V(ch([''.join(s), ''.join(s), '-'.join(s), ' '.join(s), ''.join(s).lower(), (b[:2] + '.' + b[2:5] + '.' + b[5:] + '-' + s[1]) if len(s) == 2 else ''.join(s)]), 'es')
def g_it_cf():
    O = dict(zip('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', [1,0,5,7,9,13,15,17,19,21,1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23]))
    con = 'BCDFGLMNPRSTVZ'
    s = rs(con, 6) + dg(2) + ch('ABCDEHLMPRST') + '%02d' % (R.randrange(1, 29) + ch([0, 40])) + ch('ABCDEFGHIL') + '%03d' % R.randrange(1, 990)
    s += U[sum(O[x] if i % 2 == 0 else (int(x) if x.isdigit() else U.index(x)) for i, x in enumerate(s)) % 26]
    return V(ch([s, s, s.lower(), grp(s, [3, 3, 5, 5], ' '), grp(s, [6, 5, 5], '-')]), 'it')
def g_fr_nir():
    b = ch('12') + '%02d%02d' % (R.randrange(40, 100), R.randrange(1, 13)) + '%02d' % R.randrange(21, 96) + '%03d%03d' % (R.randrange(1, 900), R.randrange(1, 900))
    s = b + '%02d' % (97 - int(b) % 97)
    return V(ch([s, s, grp(s, [1, 2, 2, 2, 3, 3, 2], ' '), grp(s, [13, 2], ' '), grp(s, [1, 2, 2, 2, 3, 3, 2], '.'), grp(s, [1, 2, 2, 2, 3, 3, 2], '-')]), 'fr')
def g_de_sid():
    while True:
        ds = R.sample(D, 9); ds.insert(R.randrange(1, 10), ch(ds)); b = ''.join(ds)
        if b[0] != '0': break
    q = 10
    for c in b: m = (int(c) + q) % 10 or 10; q = m * 2 % 11
    s = b + str((11 - q) % 10)
    return V(ch([s, s, grp(s, [2, 3, 3, 3], ' '), grp(s, [2, 3, 3, 3], '/') if p(.3) else s]), 'de')
def g_aadhaar():
    b = ch('23456789') + dg(10); s = next(b + c for c in D if verh_ok(b + c)); return V(grp(s, [4, 4, 4], ch([' ', ' ', '-', ''])))
def g_cpf():
    b = dg(9, True)
    for n in (10, 11): b += str(sum(int(x) * (n - i) for i, x in enumerate(b)) * 10 % 11 % 10)
    return V(ch([b, b[:3] + '.' + b[3:6] + '.' + b[6:9] + '-' + b[9:], b[:3] + '.' + b[3:6] + '.' + b[6:9] + '-' + b[9:], grp(b, [9, 2], '-')]), 'pt')
def g_sin(): return V(grp(luhn(ch('1234567') + dg(7)), [3, 3, 3], ch([' ', '-', ''])), ch(['en', 'en', 'fr']))
def g_tfn():
    while True:
        s = dg(9, True)
        if sum(int(x) * w for x, w in zip(s, [1,4,3,7,5,8,6,9,10])) % 11 == 0: return V(grp(s, [3, 3, 3], ch([' ', ' ', '', '-'])))
def g_bsn():
    while True:
        s = dg(9, True)
        if sum(int(x) * w for x, w in zip(s, [9,8,7,6,5,4,3,2,-1])) % 11 == 0: return V(ch([s, s, grp(s, [4, 2, 3], '.'), grp(s, [3, 3, 3], ' ')]), 'nl')
def g_pesel():
    y = R.randrange(1940, 2008); b = '%02d%02d%02d' % (y % 100, R.randrange(1, 13) + (20 if y > 1999 else 0), R.randrange(1, 29)) + dg(4)
    return V(b + str(-sum(int(x) * w for x, w in zip(b, [1,3,7,9,1,3,7,9,1,3])) % 10), 'pl')
def g_pnr():
    y = R.randrange(1940, 2006); s = luhn('%02d%02d%02d' % (y % 100, R.randrange(1, 13), R.randrange(1, 29)) + dg(3)); c = str(y // 100)
    return V(ch([s[:6] + '-' + s[6:], c + s[:6] + '-' + s[6:], c + s, c + s[:6] + ' ' + s[6:]]), 'sv')
def g_street():
    n = str(R.randrange(1, 240))
    l, s, c = ch([('en', n + ' ' + ch(['Larkfield', 'Old Mill', 'Harbour View', 'St. Brannock']) + ' ' + ch(['Road', 'Rd', 'Lane', 'Close', 'Crescent', 'Ave', 'Street', 'Gardens']), 'Leeds'),
     ('en', n + '4 ' + ch(['Maple Ridge', 'W. Juniper', 'NE Alder', 'Cottonwood']) + ' ' + ch(['Blvd', 'Drive', 'Ct', 'St', 'Avenue', 'Pkwy', 'Ln']) + ch(['', ', Apt 4B', ' #12', ', Suite 300', ' Unit 7']), 'Denver'), ('en', 'Flat ' + ch('2579') + ', ' + n + ' ' + ch(['Peverel Street', 'Ashdown Terrace']), 'Bristol'),
     ('de', ch(['Lindenstraße', 'Hauptstr.', 'Am Mühlbach', 'Kastanienallee', 'Schillerplatz', 'Bahnhofgasse', 'Seeweg']) + ' ' + n + ch(['', 'a', ' b', '/3/12']), 'Graz'), ('fr', n + ch(['', ' bis', ' ter', ',']) + ' ' + ch(['rue des Tilleuls', 'avenue du Général Morvan', 'bd Saint-Aubert', 'chemin des Vignes', 'place de la Fontaine', 'impasse du Lavoir']), 'Lyon'),
     ('es', ch(['Calle de los Olmos', 'C/ Almendro', 'Avda. del Puerto', 'Paseo de las Acacias', 'Plaza del Molino']) + ch([', ', ' ', ' nº ']) + n + ch(['', ', 3º B', ', 2-1', ' Int. 4']), 'Sevilla'), ('it', ch(['Via dei Glicini', "Viale dell'Olmo", 'Corso Ferrandi', 'Piazza San Rocco', 'V.le Mazzantini']) + ch([', ', ' ', ' n. ']) + n, 'Torino'),
     ('pt', ch(['Rua das Acácias', 'Av. Dom Henrique', 'Travessa do Poço', 'R. Sete Colinas', 'Alameda dos Ipês']) + ch([', ', ', nº ']) + n + ch(['', ', apto 52', ', 3º Esq.']), 'Porto'), ('nl', ch(['Lindelaan', 'Kerkstraat', 'Molenweg', 'Oude Gracht', 'Wilgenplein']) + ' ' + n + ch(['', '-III', ' bus 4', 'A']), 'Utrecht'),
     ('pl', ch(['ul. Lipowa', 'al. Dębowa', 'os. Słoneczne', 'ul. Gen. Borowskiego']) + ' ' + n + ch(['', '/14', ' m. 5', 'A']), 'Gdynia'), ('sv', ch(['Björkvägen', 'Storgatan', 'Lövstigen']) + ' ' + n + ch(['', ' B', ', lgh 1102']), 'Umeå'), ('no', ch(['Granveien', 'Kirkegata', 'Solbakken allé']) + ' ' + n + ch(['', 'B']), 'Bergen'),
     ('da', ch(['Bøgevej', 'Nørre Allé', 'Lærkegade']) + ' ' + n + ch(['', ', 2. tv', ', st. th']), 'Odense'), ('fi', ch(['Koivutie', 'Mäntykatu', 'Rantapolku']) + ' ' + n + ch(['', ' A 12', ' as. 3']), 'Turku'), ('en', ch(['Flat 302, ', 'H.No. 12-4, ', '']) + n + ', ' + ch(['MG Lines Road', '4th Cross Street', 'Neem Marg']), 'Pune'), ('en', ch(['7/', 'Unit 3, ', '']) + n + ' ' + ch(['Wattle Parade', 'Kauri Street', 'Banksia Cct']), 'Hobart')])
    return V(s, l, post=', ' + c if p(.2) else '')
PC = [('en', '99999'), ('en', '99999-9999'), ('en', 'A19 9AA'), ('en', 'AA19 9AA'), ('en', 'AA9A 9AA'), ('en', 'A19AA'), ('en', 'K1A 9A9'), ('en', 'V9A9A9'), ('en', '1999'), ('en', '199999'), ('en', '199 999'), ('de', '99999'), ('de', 'D-99999'), ('de', 'A-1999'), ('de', 'CH-1999'), ('de', '1999'), ('fr', '75999'), ('fr', 'F-69999'), ('fr', 'B-1999'), ('es', '28999'), ('es', '0\\6999'), ('it', '29999'), ('it', 'I-00199'), ('pt', '1999-999'), ('pt', '19999-999'), ('pt', '01999999'), ('nl', '1999 AA'), ('nl', '1999AA'), ('nl', '1999 aa'), ('pl', '99-999'), ('sv', '199 99'), ('sv', 'SE-199 99'), ('no', '0199'), ('no', 'NO-1999'), ('da', '1999'), ('da', 'DK-1999'), ('fi', '00199'), ('fi', 'FI-20199')]
def g_postcode():
    l, s = ch(PC)
    s = re.sub(r'^(K(?=1A)|V|D-|A-|CH-|F-|B-|I-|SE-|NO-|DK-|FI-)', lambda m: ''.join('\\' + c if c in '9AaXh1' else c for c in m[0]), s)
    out = pat(s)
    if re.match(r'A+\d', s):  # UK: real areas, legal inward letters
        out = ch('BEGLMNSW' if s[1] != 'A' else ['SW', 'EC', 'LS', 'EH', 'CF', 'BT', 'NG', 'OX'] if s[3] != 'A' else ['SW', 'EC', 'WC', 'SE']) + re.sub(r'^[A-Z]+', '', out)[:-2] + rs('ABDEFGHJLNPQRSTUWXYZ', 2)
    elif s[0] == 'K' or s.endswith('V9A9A9') or s.endswith('9A9A9'): out = ''.join(ch('ABCEGHJKLMNPRSTVXY') if c.isalpha() and n else c for n, c in enumerate(out))
    return V(out, l)
MO = {'en': 'January February March April May June July August September October November December', 'de': 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember', 'fr': 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre', 'es': 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre', 'it': 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre', 'pt': 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro', 'nl': 'januari februari maart april mei juni juli augustus september oktober november december', 'pl': 'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia', 'sv': 'januari februari mars april maj juni juli augusti september oktober november december', 'no': 'januar februar mars april mai juni juli august september oktober november desember', 'da': 'januar februar marts april maj juni juli august september oktober november december', 'fi': 'tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta'}
MO = {k: v.split() for k, v in MO.items()}
def datestr(l, y0, y1):
    y, m, d = R.randrange(y0, y1), R.randrange(1, 13), R.randrange(1, 29); M = MO[l][m-1]
    f = ['%04d-%02d-%02d' % (y, m, d)] * 3 + ['%02d.%02d.%04d' % (d, m, y), '%02d/%02d/%04d' % (d, m, y), '%d.%d.%d' % (d, m, y), '%02d-%02d-%04d' % (d, m, y), '%04d/%02d/%02d' % (y, m, d), '%04d%02d%02d' % (y, m, d), '%04d-%02d-%02dT00:00:00Z' % (y, m, d), '%02d/%02d/%02d' % (d, m, y % 100)]
    if l == 'en': f += ['%s %d, %d' % (M, d, y), '%d %s %d' % (d, M, y), '%02d-%s-%d' % (d, M[:3].upper(), y), '%s %d, %d' % (M[:3], d, y), '%d%s %s %d' % (d, 'th' if 3 < d < 21 else {1: 'st', 2: 'nd', 3: 'rd'}.get(d % 10, 'th'), M, y), '%d/%d/%d' % (m, d, y)]
    elif l in ('de', 'no', 'da', 'fi'): f += ['%d. %s %d' % (d, M, y)] * 3
    elif l in ('es', 'pt'): f += ['%d de %s de %d' % (d, M, y)] * 3
    else: f += ['%d %s %d' % (d, M, y)] * 3
    return ch(f)
def g_dob(): l = ch(LANGS); return V(datestr(l, 1938, 2012), l)
def pubv4(): return '%d.%d.%d.%d' % (ch([81, 93, 109, 151, 185, 194, 212, 24, 71, 98, 62, 41, 122]), R.randrange(1, 255), R.randrange(256), R.randrange(1, 255))
def g_ip():
    k = R.randrange(8); h = lambda: '%x' % R.randrange(1, 65536)
    if k < 4: return V(pubv4(), 'en', post=ch(['', '', ':' + dg(5, 1)[:4]]))
    if k == 4: return V(ch(['10.%d.%d.%d', '172.16.%d.%d' if 0 else '10.%d.%d.%d']) % tuple(R.randrange(1, 255) for _ in '123'))
    if k == 5: return V('2a02:' + ':'.join('%04x' % R.randrange(65536) for _ in range(7)))
    if k == 6: return V('2a01:' + h() + ':' + h() + '::' + ch([h(), h() + ':' + h()]))
    return V(ch(['::ffff:' + pubv4(), 'fe80::' + ':'.join(h() for _ in range(4)), '2A00:' + h().upper() + '::' + h().upper()]))
def g_mac():
    s = ch(['3c', 'a4', '00', 'd8', 'f0']) + rs('0123456789abcdef', 10); f = ch([':', ':', '-', '.', 'b'])
    s = grp(s, [4] * 3, '.') if f == '.' else s if f == 'b' else grp(s, [2] * 6, f)
    return V(s.upper() if p(.5) else s)
def pw(): return ch([ch(['Sommer', 'Verano', 'Tiger', 'Lisboa', 'Pancake', 'Motdp', 'Kraków', 'Blåbær']) + str(R.randrange(10, 2030)) + ch('!#$%*?'), rs(string.ascii_letters + D + '!#%*_-+', R.randrange(9, 18)) + ch(D), rs(LO, 5) + ch('-_') + rs(U, 3) + dg(3), 'P@ss' + rs(LO, 3) + dg(3), rs(LO, 4) + '.' + rs(LO, 5) + '.' + dg(2), rs(string.ascii_letters, 10) + dg(2), ch(['zebra', 'mango', 'falke', 'lapin']) + ch(['kettle', 'wolke', 'nuage']) + dg(2)])
def g_password(): return V(pw(), ch(LANGS))
def tok(n, al=string.ascii_letters + D): return rs(al, n)
def g_urlc():
    us, ps = ch(['svc_app', 'admin', 'hr.sync', 'root', 'deploy', 'report_ro', 'sftpuser']), ch([tok(12), 'p%40' + tok(8), rs(LO, 6) + dg(3), tok(20), 'S3cr-' + tok(6)])
    h = ch(['db01', 'pg.internal', 'redis-7', 'mq.eu', 'ftp', 'nexus']) + '.' + ch(CO) + ch(['.com', '.net', '.io'])
    if p(.72):
        return V(us + ':' + ps, 'en', ch(['postgres', 'postgresql', 'mysql', 'mongodb+srv', 'redis', 'rediss', 'amqp', 'amqps', 'ftp', 'sftp', 'https', 'http', 'smtp', 'ldap', 'jdbc:postgresql', 'mssql+pyodbc', 'git+https', 'socks5']) + '://', '@' + h + ch([':5432/hr', '/payroll', ':6379/0', '/', '', '/repo.git', '/data?sslmode=require']))
    return V(tok(R.randrange(28, 44)), 'en', 'https://' + h + '/' + ch(['v2/files', 'cb', 'export.csv', 'api/claims']) + ch(['?', '?page=2&']) + ch(['access_token', 'token', 'api_key', 'apikey', 'sig', 'auth_token', 'client_secret', 'X-Amz-Signature']) + '=', ch(['', '&lang=en']))
H = '0123456789abcdef'; AN = string.ascii_letters + D
def known_secret():
    return ch([lambda: 'ghp_' + tok(36), lambda: 'github_' + 'pat_' + tok(22) + '_' + tok(59), lambda: 'glpat-' + tok(20), lambda: 'xoxb-' + dg(12, 1) + '-' + dg(12, 1) + '-' + tok(24), lambda: ch(['sk_live_', 'rk_live_', 'sk_test_']) + tok(24), lambda: 'AKIA' + tok(16, U + '234567'), lambda: 'AIza' + tok(35), lambda: 'SG.' + tok(22) + '.' + tok(43), lambda: 'npm_' + tok(36), lambda: 'hf_' + tok(34, string.ascii_letters), lambda: 'dop_v1_' + tok(64, H), lambda: 'shpat_' + tok(32, H), lambda: 'sk-ant-api03-' + tok(93) + 'AA', lambda: 'sk-proj-' + tok(48), lambda: 'whsec_' + tok(32), lambda: 'hvs.' + tok(90), lambda: 'dckr_pat_' + tok(27), lambda: 'glsa_' + tok(32) + '_' + tok(8, H), lambda: 'ya29.a0' + tok(80), lambda: 'pypi-AgEIcHlwaS5vcmc' + tok(70), lambda: 'gho_' + tok(36), lambda: 'lin_api_' + tok(40), lambda: 'NRAK-' + tok(27, U + D), lambda: 'PMAK-' + tok(24, H) + '-' + tok(34, H), lambda: 'AGE-SECRET-KEY-1' + tok(58, BC.upper())])()
def g_secret():
    if p(.5): return V(known_secret(), 'KNOWN')
    return V(ch([lambda: tok(32, H), lambda: tok(64, H), lambda: tok(40), lambda: base64.b64encode(rb(32)).decode(), lambda: tok(24) + '-' + tok(8), lambda: base64.urlsafe_b64encode(rb(24)).decode(), lambda: tok(20)])(), ch(LANGS))
def g_pk():
    kind = ch(['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'DSA PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'])
    b = base64.b64encode(rb(R.randrange(90, 240))).decode(); nl = ch(['\n', '\n', '\r\n']); d = '-' * 5
    hd = {'PGP PRIVATE KEY BLOCK': nl, 'RSA PRIVATE KEY': ch(['', 'Proc-Type: 4,ENCRYPTED' + nl + 'DEK-Info: AES-256-CBC,' + tok(32, H).upper() + nl + nl])}.get(kind, '')
    return V(d + 'BEGIN ' + kind + d + nl + hd + nl.join(b[i:i + 64] for i in range(0, len(b), 64)) + nl + d + 'END ' + kind + d)
def g_jwt():
    e = lambda o: base64.urlsafe_b64encode(json.dumps(o, separators=(',', ':')).encode()).decode().rstrip('=')
    return V('.'.join([e(ch([{'alg': 'HS256', 'typ': 'JWT'}, {'alg': 'RS256', 'kid': tok(8)}, {'typ': 'JWT', 'alg': 'ES256'}])), e({'sub': dg(6), 'iat': R.randrange(1690000000, 1760000000), 'scope': ch(['read', 'hr:write'])}), base64.urlsafe_b64encode(rb(ch([32, 64]))).decode().rstrip('=')]))
def g_crypto():
    k = R.randrange(9)
    if k == 0: return V(b58c(b'\x00' + rb(20)))
    if k == 1: return V(b58c(b'\x05' + rb(20)))
    if k == 2: return V(bech('bc', 0, rb(ch([20, 32]))))
    if k == 3: return V(bech('bc', 1, rb(32)))
    if k == 4: return V(b58c(b'\x41' + rb(20)))
    if k == 5: return V(ch([b58c(b'\x30' + rb(20)), b58c(b'\x1e' + rb(20)), bech('ltc', 0, rb(20))]))
    if k == 6: return V(b58c(b'\x00' + rb(20), XRPA))
    a = tok(40, H); hh = keccak256(a.encode()).hex()
    return V('0x' + ''.join(c.upper() if int(hh[i], 16) > 7 else c for i, c in enumerate(a))) if k == 7 else V('0x' + a, 'WEAK')
def latlon():
    n = ch([4, 5, 6]); return '%.*f' % (n, R.uniform(-43, 68)), '%.*f' % (n, R.uniform(-120, 150))
def g_gps():
    a, b = latlon(); A, B = abs(float(a)), abs(float(b)); ns, ew = 'NS'[a[0] == '-'], 'EW'[b[0] == '-']
    dms = lambda x, s, c, q="'", qq='"': '%d°%02d%s%04.1f%s%s' % (int(x), int(x % 1 * 60), q, x * 60 % 1 * 59.9, qq, c)
    return ch([lambda: V(a + ', ' + b), lambda: V(a + ',' + b), lambda: V(a + ' ' + b), lambda: V(dms(A, 0, ns) + ' ' + dms(B, 0, ew)), lambda: V(dms(A, 0, ns, '′', '″') + ', ' + dms(B, 0, ew, '′', '″')), lambda: V('%.4f° %s, %.4f° %s' % (A, ns, B, ew)), lambda: V(b + ' ' + a, 'en', 'POINT(', ')'), lambda: V(a + ',' + b, 'en', 'geo:'), lambda: V(a + ',' + b, 'en', 'https://maps.google.com/?q='), lambda: V(a + ';' + b), lambda: V(ns + ' %d° %.3f' % (int(A), A % 1 * 60) + ' ' + ew + ' %d° %.3f' % (int(B), B % 1 * 60)), lambda: V('(' + a + ', ' + b + ')')])()
def g_passport():
    l, s = ch([('en', '199999999|A99999999'), ('en', '199999999'), ('de', 'C\\1X99XX99|CXX9X9X99|P9999999|X9999999'), ('fr', '99AA99999|EA999999'), ('es', 'AAA999999|G99999999'), ('it', 'YA9999999|AA9999999'), ('pt', 'C999999|FA999999|AA999999'), ('nl', 'NXX9X9XX9'), ('pl', 'EA9999999|AA 9999999'), ('sv', '19999999|AA9999999'), ('no', '19999999|CCC999999'), ('da', '299999999'), ('fi', 'PA9999999|FA9999999'), ('en', 'K9999999|Z 9999999'), ('en', 'PA9999999|N9999999'), ('en', 'LA999999'), ('en', 'GA999999|AA 999 999')])
    return V(pat(ch(s.split('|'))), l)
def g_dl():
    nm = rs('BCDFGMPRSTW', 1) + rs('AEIO', 1) + rs('LMNRS', 3)
    uk = nm + dg(1) + '%02d' % (R.randrange(1, 13) + ch([0, 50])) + '%02d' % R.randrange(1, 29) + dg(1) + rs('ABCEJMR', 2) + '9' + rs('ABGHLRSTV', 2)
    l, s = ch([('en', uk), ('en', grp(uk, [5, 6, 5], ' ')), ('en', pat('A9999999')), ('en', pat('199 999 999')), ('en', pat('A999-999-99-999-9')), ('en', pat('19999999')), ('en', pat('A1999-99999-99999')), ('en', pat('KA\\0\\1 20\\1\\19999999'.replace('KA', 'K\\A'))), ('en', pat('DL-14\\20\\1\\199999\\99')), ('en', pat('AA999999')), ('de', pat('B999AAX9X99')), ('de', pat('X999XXX9X99')), ('fr', pat('199999999999')), ('it', pat('U\\1X999999A')), ('it', pat('AA9999999A')), ('nl', pat('5999999999')), ('pl', pat('99999/99/9999')), ('pt', pat('19999999999')), ('pt', pat('P-999999 9')), ('no', pat('99 99 999999 9')), ('da', pat('19999999')), ('fi', pat('999999-999A')), ('de', pat('19999999'))])
    return V(s, l)
def g_person():
    l = ch(LANGS); return V('?', l)
# ---------- keys and labels:  lang -> "key key" ; labels separated by |
SPEC = {
 'email': (g_email, {'en': 'email email_address e_mail mail contact_email reply_to recipient login_email work_email personal_email mail_to', 'de': 'email_adresse mailadresse e_mail_privat', 'fr': 'courriel adresse_mail adresse_email', 'es': 'correo correo_electronico', 'it': 'posta_elettronica indirizzo_email', 'pt': 'correio_eletronico email_contato', 'nl': 'e_mailadres mailadres', 'pl': 'adres_email poczta', 'sv': 'epost e_postadress', 'no': 'epost epostadresse', 'da': 'mailadresse email_adresse', 'fi': 'sahkoposti sähköposti'},
  {'en': 'Email|E-mail|Email address|Mail|Contact email', 'de': 'E-Mail|E-Mail-Adresse|Mailadresse', 'fr': 'Courriel|Adresse e-mail|Mél', 'es': 'Correo|Correo electrónico', 'it': 'E-mail|Posta elettronica', 'pt': 'E-mail|Correio eletrónico', 'nl': 'E-mailadres', 'pl': 'Adres e-mail', 'sv': 'E-post|E-postadress', 'no': 'E-postadresse', 'da': 'Mailadresse', 'fi': 'Sähköposti'}, 'P'),
 'phone': (g_phone, {'en': 'phone phone_number mobile mobile_phone cell cell_phone telephone tel home_phone work_phone contact_number fax phone_no msisdn whatsapp_number emergency_contact_phone', 'de': 'telefon telefonnummer handy handynummer mobilnummer rufnummer', 'fr': 'telephone numero_telephone portable tel_portable gsm', 'es': 'telefono numero_telefono movil celular', 'it': 'telefono cellulare numero_telefono', 'pt': 'telefone celular telemovel', 'nl': 'telefoonnummer mobiel', 'pl': 'telefon numer_telefonu komorka', 'sv': 'telefonnummer mobilnummer', 'no': 'telefonnummer mobil', 'da': 'telefonnummer mobilnummer', 'fi': 'puhelin puhelinnumero'},
  {'en': 'Phone|Mobile|Cell|Tel.|Telephone|Phone number|Contact no.|Emergency contact phone|Call me on|Fax', 'de': 'Telefon|Tel.|Handy|Mobil|Rufnummer|Telefonnummer', 'fr': 'Tél.|Téléphone|Portable|GSM', 'es': 'Teléfono|Móvil|Celular|Tfno.', 'it': 'Telefono|Cellulare|Cell.', 'pt': 'Telefone|Celular|Telemóvel', 'nl': 'Telefoonnummer|Mobiel|Tel.', 'pl': 'Telefon|Nr telefonu|Tel. kom.', 'sv': 'Telefon|Mobilnummer', 'no': 'Telefon|Mobil|Tlf.', 'da': 'Telefon|Tlf.|Mobilnummer', 'fi': 'Puhelin|Puh.|Puhelinnumero'}, 'P'),
 'payment_card': (g_payment_card, {'en': 'card_number card_no credit_card cc_number pan payment_card_number debit_card credit_card_number cardholder_pan', 'de': 'kartennummer kreditkarte kreditkartennummer', 'fr': 'numero_carte carte_bancaire', 'es': 'numero_tarjeta tarjeta_credito', 'it': 'numero_carta carta_credito', 'pt': 'numero_cartao cartao_credito', 'nl': 'kaartnummer creditcardnummer', 'pl': 'numer_karty', 'sv': 'kortnummer', 'no': 'kortnummer', 'da': 'kortnummer', 'fi': 'kortin_numero'},
  {'en': 'Card number|Credit card|Card no.|Debit card|PAN|Visa/MC', 'de': 'Kartennummer|Kreditkarte', 'fr': 'N° de carte|Carte bancaire', 'es': 'Número de tarjeta|Tarjeta', 'it': 'Numero carta|Carta di credito', 'pt': 'Número do cartão|Cartão', 'nl': 'Kaartnummer|Creditcard', 'pl': 'Numer karty', 'sv': 'Kortnummer', 'no': 'Kortnummer', 'da': 'Kortnummer', 'fi': 'Kortin numero'}, 'P'),
 'iban': (g_iban, {'en': 'iban iban_number bank_account_iban payout_iban account_iban beneficiary_iban', 'de': 'iban kontonummer_iban bankverbindung', 'fr': 'iban compte_iban', 'es': 'iban cuenta_iban', 'nl': 'iban rekeningnummer', 'pl': 'iban numer_konta'}, {'en': 'IBAN|Bank account (IBAN)|Account', 'de': 'IBAN|Bankverbindung|Konto (IBAN)', 'fr': 'IBAN|Compte', 'es': 'IBAN|Cuenta', 'it': 'IBAN|Coordinate bancarie', 'nl': 'IBAN|Rekeningnummer', 'pl': 'IBAN|Nr konta', 'sv': 'IBAN', 'no': 'IBAN', 'da': 'IBAN', 'fi': 'IBAN|Tilinumero', 'pt': 'IBAN'}, 'P'),
 'us_ssn': (g_us_ssn, {'en': 'ssn social_security_number social_security_no us_ssn taxpayer_ssn soc_sec_no socialSecurity'}, {'en': 'SSN|Social Security Number|Social Security No.|SSN#|Soc. Sec. #|SS number'}, 'P'),
 'uk_nino': (g_uk_nino, {'en': 'nino national_insurance_number ni_number national_insurance_no ni_no uk_nino nat_ins_number'}, {'en': 'NI number|National Insurance number|NINO|National Insurance No.|NI no.'}, 'P'),
 'uk_nhs': (g_uk_nhs, {'en': 'nhs_number nhs_no nhs uk_nhs_number nhs_id'}, {'en': 'NHS number|NHS No.|NHS no|NHS Number|NHS #'}, 'P'),
 'es_nif': (g_es_nif, {'en': 'nif dni nie spanish_tax_id', 'es': 'nif dni nie documento_identidad numero_dni dni_nie'}, {'en': 'NIF|DNI|NIE', 'es': 'NIF|DNI|NIE|DNI/NIE|N.I.F.|Documento de identidad'}, 'P'),
 'it_codice_fiscale': (g_it_cf, {'en': 'codice_fiscale italian_tax_code fiscal_code cf', 'it': 'codice_fiscale cod_fiscale cod_fisc'}, {'en': 'Codice fiscale|Fiscal code|Italian tax code', 'it': 'Codice fiscale|C.F.|Cod. Fisc.|CF'}, 'P'),
 'fr_nir': (g_fr_nir, {'en': 'nir french_ssn fr_nir', 'fr': 'nir numero_securite_sociale num_secu no_secu numero_ss nss'}, {'en': 'NIR|French social security no.', 'fr': 'NIR|Numéro de sécurité sociale|N° sécu|N° Sécurité sociale|N° SS'}, 'P'),
 'de_steuer_id': (g_de_sid, {'en': 'german_tax_id steuer_id tax_identification_number tax_id', 'de': 'steuer_id steuerid steuer_identifikationsnummer idnr steuerliche_identifikationsnummer'}, {'en': 'German tax ID|Steuer-ID', 'de': 'Steuer-ID|Steuer-IdNr.|IdNr.|Steueridentifikationsnummer|Steuerliche Identifikationsnummer|St-ID'}, 'P'),
 'in_aadhaar': (g_aadhaar, {'en': 'aadhaar aadhaar_number aadhar aadhar_no aadhaar_no uidai_number aadhaar_card'}, {'en': 'Aadhaar|Aadhaar No.|Aadhar number|Aadhaar card|UIDAI'}, 'P'),
 'br_cpf': (g_cpf, {'en': 'cpf cpf_number', 'pt': 'cpf numero_cpf cpf_titular nr_cpf'}, {'en': 'CPF|CPF number', 'pt': 'CPF|CPF nº|Número do CPF|CPF/MF'}, 'P'),
 'ca_sin': (g_sin, {'en': 'sin sin_number social_insurance_number social_insurance_no', 'fr': 'nas numero_assurance_sociale'}, {'en': 'SIN|Social Insurance Number|SIN #', 'fr': "NAS|Numéro d'assurance sociale"}, 'P'),
 'au_tfn': (g_tfn, {'en': 'tfn tax_file_number tfn_number tax_file_no'}, {'en': 'TFN|Tax File Number|Tax file no.'}, 'P'),
 'nl_bsn': (g_bsn, {'en': 'bsn bsn_number', 'nl': 'bsn burgerservicenummer bsn_nummer sofinummer'}, {'en': 'BSN|Dutch BSN', 'nl': 'BSN|Burgerservicenummer|BSN-nummer|Sofinummer'}, 'P'),
 'pl_pesel': (g_pesel, {'en': 'pesel pesel_number', 'pl': 'pesel numer_pesel nr_pesel'}, {'en': 'PESEL|PESEL number', 'pl': 'PESEL|Numer PESEL|Nr PESEL'}, 'P'),
 'se_personnummer': (g_pnr, {'en': 'personnummer swedish_personal_number personal_identity_number', 'sv': 'personnummer pnr person_nr'}, {'en': 'Personnummer|Swedish personal identity number', 'sv': 'Personnummer|Pers.nr|Personnr|Person-nr'}, 'P'),
 'street_address': (g_street, {'en': 'address street street_address address_line_1 address_line1 home_address mailing_address shipping_address billing_address residential_address addr street_line', 'de': 'adresse anschrift strasse straße wohnadresse', 'fr': 'adresse rue adresse_postale adresse_domicile', 'es': 'direccion calle domicilio', 'it': 'indirizzo via residenza', 'pt': 'endereco morada logradouro', 'nl': 'adres straat woonadres', 'pl': 'adres ulica adres_zamieszkania', 'sv': 'adress gatuadress', 'no': 'adresse gateadresse', 'da': 'adresse vejnavn', 'fi': 'osoite katuosoite'},
  {'en': 'Address|Street address|Home address|Address line 1|Mailing address|Residential address', 'de': 'Adresse|Anschrift|Straße|Wohnadresse', 'fr': 'Adresse|Adresse postale|Domicile', 'es': 'Dirección|Domicilio', 'it': 'Indirizzo|Residenza', 'pt': 'Endereço|Morada', 'nl': 'Adres|Woonadres', 'pl': 'Adres|Adres zamieszkania', 'sv': 'Adress|Gatuadress', 'no': 'Adresse', 'da': 'Adresse', 'fi': 'Osoite|Katuosoite'}, 'P'),
 'postcode': (g_postcode, {'en': 'postcode postal_code zip zip_code zipcode post_code pin_code', 'de': 'plz postleitzahl', 'fr': 'code_postal cp', 'es': 'codigo_postal cod_postal', 'it': 'cap codice_postale', 'pt': 'cep codigo_postal', 'nl': 'postcode', 'pl': 'kod_pocztowy', 'sv': 'postnummer', 'no': 'postnummer postnr', 'da': 'postnummer postnr', 'fi': 'postinumero'},
  {'en': 'Postcode|ZIP|Zip code|Postal code|PIN code', 'de': 'PLZ|Postleitzahl', 'fr': 'Code postal|CP', 'es': 'Código postal|C.P.', 'it': 'CAP', 'pt': 'CEP|Código postal', 'nl': 'Postcode', 'pl': 'Kod pocztowy', 'sv': 'Postnummer', 'no': 'Postnummer|Postnr.', 'da': 'Postnr.|Postnummer', 'fi': 'Postinumero'}, 'P'),
 'date_of_birth': (g_dob, {'en': 'dob date_of_birth birth_date birthdate birthday born_on birth_dt born d_o_b', 'de': 'geburtsdatum geb_datum geboren_am', 'fr': 'date_de_naissance date_naissance ne_le', 'es': 'fecha_nacimiento fecha_de_nacimiento fec_nac', 'it': 'data_di_nascita data_nascita', 'pt': 'data_nascimento data_de_nascimento dt_nasc', 'nl': 'geboortedatum geb_dat', 'pl': 'data_urodzenia', 'sv': 'födelsedatum fodelsedatum', 'no': 'fødselsdato fodselsdato', 'da': 'fødselsdato foedselsdato', 'fi': 'syntymäaika syntymaaika'},
  {'en': 'DOB|D.O.B.|Date of birth|Birth date|Born|Born on|Birthday', 'de': 'Geburtsdatum|geb.|geboren am|Geb.-Datum', 'fr': 'Date de naissance|Né(e) le|Née le', 'es': 'Fecha de nacimiento|F. nac.', 'it': 'Data di nascita|Nato il|nata il', 'pt': 'Data de nascimento|Nascido em', 'nl': 'Geboortedatum|Geb.', 'pl': 'Data urodzenia|ur.', 'sv': 'Födelsedatum|Född', 'no': 'Fødselsdato|Født', 'da': 'Fødselsdato|Født', 'fi': 'Syntymäaika|Synt.'}, 'P'),
 'ip_address': (g_ip, {'en': 'ip ip_address client_ip remote_addr source_ip src_ip remote_ip x_forwarded_for peer_ip last_login_ip ipv6 host_ip user_ip', 'de': 'ip_adresse', 'fr': 'adresse_ip', 'es': 'direccion_ip', 'it': 'indirizzo_ip'}, {'en': 'IP|IP address|Client IP|Remote address|Login from IP', 'de': 'IP-Adresse', 'fr': 'Adresse IP', 'es': 'Dirección IP', 'it': 'Indirizzo IP', 'pt': 'Endereço IP', 'nl': 'IP-adres', 'sv': 'IP-adress'}, 'N'),
 'mac_address': (g_mac, {'en': 'mac mac_address device_mac hw_addr wifi_mac ethernet_mac bssid hardware_address', 'de': 'mac_adresse', 'fr': 'adresse_mac'}, {'en': 'MAC|MAC address|Wi-Fi MAC|Hardware address|BSSID', 'de': 'MAC-Adresse', 'fr': 'Adresse MAC'}, 'N'),
 'url_credentials': (g_urlc, {'en': 'database_url dsn connection_string url endpoint proxy_url redis_url broker_url callback_url repo_url jdbc_url'}, {'en': 'Connection string|DSN|Database URL|URL|Proxy|Link'}, 'N'),
 'secret': (g_secret, {'en': 'api_key client_secret secret secret_key access_token auth_token refresh_token webhook_secret signing_key encryption_key x_api_key private_token aws_secret_access_key shared_secret session_token bearer_token app_secret hmac_key', 'de': 'api_schluessel geheimschluessel', 'fr': 'cle_api cle_secrete', 'es': 'clave_api clave_secreta', 'it': 'chiave_api', 'pt': 'chave_api chave_secreta', 'nl': 'api_sleutel'}, {'en': 'API key|Client secret|Secret key|Access token|Auth token|Webhook secret|Signing secret', 'de': 'API-Schlüssel', 'fr': 'Clé API', 'es': 'Clave API', 'it': 'Chiave API', 'pt': 'Chave de API', 'nl': 'API-sleutel'}, 'S'),
 'private_key': (g_pk, {'en': 'private_key ssh_key pem rsa_key tls_key signing_key_pem id_rsa key_material'}, {'en': 'Private key|SSH key|PEM|Key file'}, 'S'),
 'jwt': (g_jwt, {'en': 'jwt token id_token access_token authorization session_jwt bearer refresh_token'}, {'en': 'JWT|Token|ID token|Bearer token'}, 'S'),
 'password': (g_password, {'en': 'password passwd pwd pass passphrase user_password db_password smtp_password temp_password passcode root_pw', 'de': 'passwort kennwort', 'fr': 'mot_de_passe mdp', 'es': 'contraseña contrasena clave_acceso', 'it': 'parola_chiave password_utente', 'pt': 'senha palavra_passe', 'nl': 'wachtwoord', 'pl': 'haslo hasło', 'sv': 'losenord lösenord', 'no': 'passord', 'da': 'adgangskode kodeord', 'fi': 'salasana'}, {'en': 'Password|Pwd|Passphrase|Temporary password', 'de': 'Passwort|Kennwort', 'fr': 'Mot de passe|MDP', 'es': 'Contraseña', 'it': 'Password', 'pt': 'Senha|Palavra-passe', 'nl': 'Wachtwoord', 'pl': 'Hasło', 'sv': 'Lösenord', 'no': 'Passord', 'da': 'Adgangskode', 'fi': 'Salasana'}, 'S'),
 'crypto_wallet': (g_crypto, {'en': 'wallet wallet_address btc_address eth_address crypto_wallet payout_wallet bitcoin_address crypto_address eth_wallet deposit_address'}, {'en': 'Wallet|Wallet address|BTC wallet|ETH wallet|Crypto wallet|Bitcoin address'}, 'N'),
 'gps_coordinates': (g_gps, {'en': 'gps gps_coordinates coordinates location_gps geo_point lat_lng latlon last_position geo_location coords', 'de': 'koordinaten gps_koordinaten', 'fr': 'coordonnees_gps', 'es': 'coordenadas', 'it': 'coordinate_gps'}, {'en': 'GPS|Coordinates|GPS coordinates|Lat/Long|Geo position|Coords', 'de': 'Koordinaten|GPS-Koordinaten', 'fr': 'Coordonnées GPS', 'es': 'Coordenadas'}, 'P'),
 'passport': (g_passport, {'en': 'passport passport_number passport_no travel_document_number passport_num', 'de': 'reisepass reisepassnummer passnummer pass_nr', 'fr': 'passeport numero_passeport', 'es': 'pasaporte numero_pasaporte', 'it': 'passaporto numero_passaporto', 'pt': 'passaporte numero_passaporte', 'nl': 'paspoort paspoortnummer', 'pl': 'paszport numer_paszportu', 'sv': 'passnummer', 'no': 'passnummer', 'da': 'pasnummer', 'fi': 'passin_numero'}, {'en': 'Passport|Passport No.|Passport number|Passport #', 'de': 'Reisepass|Reisepassnummer|Pass-Nr.', 'fr': 'Passeport|N° de passeport', 'es': 'Pasaporte|Nº de pasaporte', 'it': 'Passaporto|Numero passaporto', 'pt': 'Passaporte', 'nl': 'Paspoortnummer', 'pl': 'Nr paszportu|Paszport', 'sv': 'Passnummer', 'no': 'Passnummer', 'da': 'Pasnummer', 'fi': 'Passin numero'}, 'P'),
 'driver_licence': (g_dl, {'en': 'driver_licence driver_license drivers_license driving_licence driving_licence_number dl_number license_number_driver driver_license_no dl_no', 'de': 'fuehrerschein führerscheinnummer fuehrerschein_nr', 'fr': 'permis_de_conduire numero_permis', 'es': 'permiso_conducir licencia_conducir', 'it': 'patente numero_patente', 'pt': 'cnh carta_conducao', 'nl': 'rijbewijs rijbewijsnummer', 'pl': 'prawo_jazdy', 'sv': 'korkort körkortsnummer', 'no': 'forerkort førerkortnummer', 'da': 'korekort kørekortnummer', 'fi': 'ajokortti ajokortin_numero'}, {'en': "Driver's license|Driving licence|DL number|Driver licence no.|Driving licence number|Driver's license #", 'de': 'Führerschein|Führerschein-Nr.|Führerscheinnummer', 'fr': 'Permis de conduire|N° de permis', 'it': 'Patente|Patente di guida', 'pt': 'CNH|Carta de condução', 'nl': 'Rijbewijsnummer', 'pl': 'Nr prawa jazdy|Prawo jazdy', 'no': 'Førerkortnummer', 'da': 'Kørekortnummer', 'fi': 'Ajokortin numero'}, 'P'),
 'person_name': (g_person, {'en': 'first_name:f last_name:l full_name surname:l given_name:f family_name:l middle_name:f patient_name customer_name employee_name cardholder_name next_of_kin_name emergency_contact_name account_holder display_name maiden_name:l legal_name_person:x beneficiary_name forename:f preferred_name:f', 'de': 'vorname:f nachname:l familienname:l kontoinhaber', 'fr': 'prenom:f nom_de_famille:l nom_complet', 'es': 'apellidos:l apellido:l nombre_completo', 'it': 'cognome:l nome_completo', 'pt': 'sobrenome:l nome_completo', 'nl': 'voornaam:f achternaam:l', 'pl': 'imie:f nazwisko:l', 'sv': 'förnamn:f efternamn:l', 'no': 'fornavn:f etternavn:l', 'da': 'fornavn:f efternavn:l', 'fi': 'etunimi:f sukunimi:l'}, {'en': '-'}, 'P')}
TYPES = list(SPEC)
PRE = {'P': 'primary_ secondary_ patient_ customer_ employee_ emergency_contact_ spouse_ guardian_ new_ old_ applicant_ member_ user_'.split(), 'N': 'last_ primary_ device_ new_ default_'.split(), 'S': 'admin_ db_ user_ new_ old_ stripe_ prod_ service_'.split()}
def pick(d, l): return d[l] if l in d and p(.65) else d['en'] if p(.75) or l not in d else d[l]
def style(k):
    ws = k.split('_'); camel = ws[0] + ''.join(w.capitalize() for w in ws[1:])
    return ch([k, k, k, camel, camel, '-'.join(ws), camel[0].upper() + camel[1:], k.upper(), ' '.join(w.capitalize() for w in ws)])
def key_for(t, v, plain=False):
    """-> (key, value) value may be filled for names"""
    k = ch(pick(SPEC[t][1], v[3] if v[3] in LANGS else 'en').split())
    if t == 'person_name':
        k, _, kind = k.partition(':'); l = v[3]; f, n = ch(FN[l]), ch(LN[l])
        if kind == 'x': k = 'full_name'; kind = ''
        nm = f if kind == 'f' else n if kind == 'l' else ch([f + ' ' + n, n + ', ' + f, f + ' ' + ch(U) + '. ' + n, f + ' ' + n.upper(), ' '.join(R.sample(FN[l], 2)) + ' ' + n])
        v = V(nm.upper() if p(.08) else nm.lower() if p(.04) else nm, l)
    b = k
    if not plain:
        if p(.3): k = ch(PRE[SPEC[t][3]]) + k
        if p(.2): k += ch(['_1', '_2', '_raw', '_value', '_old', '_new', '_alt'])
    return style(k), v, b
def label_for(t, l): return ch(pick(SPEC[t][2], l if l in LANGS else 'en').split('|'))
SENT = {'en': ['Hi, my {l} is {v}, please update it.', 'Caller confirmed {l} {v} and asked for a copy.', 'I think the {l} on file is wrong, it should be {v}', 'Please use {l}: {v} (as agreed).', 'The {l} is {v}. Thanks!', 'customer gave {l} "{v}" during the chat', 'changed {l} from (empty) to {v}', 'we have {l} = {v} on record'],
 'de': ['Hallo, {l}: {v} bitte ändern.', '{l} lautet {v}, danke.', 'Im System steht {l} {v}.', 'Bitte hinterlegen Sie {l} „{v}“.'], 'fr': ['Bonjour, {l} : {v}, merci de corriger.', 'Mon/ma {l} est {v}.', '{l} « {v} » à mettre à jour'], 'es': ['Hola, mi {l} es {v}, gracias.', '{l}: {v} según el cliente'], 'it': ['Buongiorno, {l}: {v}, grazie.', 'Il mio {l} è {v}.'], 'pt': ['Olá, {l}: {v}, por favor atualizar.', 'O meu {l} é {v}.'],
 'nl': ['Hallo, mijn {l} is {v}.', '{l}: {v} graag aanpassen'], 'pl': ['Dzień dobry, {l}: {v}, proszę o zmianę.', 'Mój {l} to {v}.'], 'sv': ['Hej, mitt {l} är {v}.'], 'no': ['Hei, {l} er {v}.'], 'da': ['Hej, min {l} er {v}.'], 'fi': ['Hei, {l} on {v}.']}
PWS = ['my password is {v}', 'the temp password is "{v}"', 'Password reset, new password: {v}', 'use pwd {v} to log in', 'Mein Passwort lautet {v}', 'Das Kennwort ist "{v}"', 'mon mot de passe est {v}', 'mi contraseña es {v}', 'la password è {v}', 'a minha senha é {v}', 'mijn wachtwoord is {v}', 'moje hasło to {v}', 'mitt lösenord är {v}', 'passordet mitt er {v}', 'min adgangskode er {v}', 'salasanani on {v}']
NEU = {'email': ['Contact {v} for onboarding', 'Invite sent to {v}', 'cc: {v}; bounce 550', '<{v}> unsubscribed', 'CV ({v}).pdf'], 'phone': ['Please call {v} after 5pm', 'SMS to {v} delivered', 'Ring me on {v} tomorrow'], 'payment_card': ['charge failed for {v} (do_not_honor)', 'paid with {v} yesterday'], 'iban': ['transfer to {v} rejected', 'SEPA mandate for {v} signed'], 'us_ssn': ['W-2 for {v} re-issued'], 'uk_nino': ['payroll row {v} skipped'], 'es_nif': ['titular {v} dado de alta'], 'it_codice_fiscale': ['assistito {v} registrato'], 'fr_nir': ['assuré {v} transmis'], 'in_aadhaar': ['eKYC done for {v}'], 'br_cpf': ['titular {v} bloqueado'], 'ip_address': ['login from {v} succeeded', 'blocked {v} after 5 tries', 'connection reset by {v}'], 'mac_address': ['DHCP lease for {v}', 'assoc {v} on wlan0'], 'url_credentials': ['dial {v} failed', 'cloning from {v}', 'using {v} as backend'], 'secret': ['curl -H "Authorization: Bearer {v}"', 'oops, committed {v} to the repo', 'rotate {v} asap'], 'private_key': ['found in repo:\n{v}\nplease rotate', '{v}'], 'jwt': ['Authorization: Bearer {v}', 'decoded {v} ok', 'Cookie: sid={v}; Path=/'], 'crypto_wallet': ['sent 0.2 to wallet {v}', 'payout wallet {v} saved']}
GROUPED = {'us_ssn': r'\d{3}-\d\d-\d{4}', 'in_aadhaar': r'\d{4} \d{4} \d{4}', 'br_cpf': r'.*\..*-', 'fr_nir': r'\d( \d+){6}', 'phone': r'\+', 'mac_address': r'.*[:\-.]'}
def ins(tpl, v):
    a, b = tpl.split('{v}', 1); return (a + v[0], v[1], v[2] + b)
def full(v): return v[0] + v[1] + v[2]
def wrap(leaf):
    i = R.randrange(1, 99)
    return ch([lambda: ({'level': ch(['info', 'warn', 'debug']), 'msg': leaf}, ['msg']), lambda: ({'comment': leaf, 'status': 'open'}, ['comment']), lambda: ({'event': 'ticket.updated', 'data': {'body': leaf, 'seq': i}}, ['data', 'body']), lambda: ({'messages': [{'role': 'system', 'content': 'You are helpful.'}, {'role': 'user', 'content': leaf}]}, ['messages', 1, 'content']), lambda: ({'note': leaf}, ['note']), lambda: ({'lines': ['start', leaf, 'end']}, ['lines', 1]), lambda: ({'service': ch(['hr-api', 'claims', 'ledger']), 'message': leaf, 'attempt': i}, ['message']), lambda: ({'args': {'input': {'text': leaf}}, 'ok': True}, ['args', 'input', 'text']), lambda: ({'payload': {'description': leaf}}, ['payload', 'description'])])()
def wrapkey(k, leaf, cat='P'):
    par = ch(['patient', 'customer', 'employee', 'profile', 'member', 'applicant', 'claimant', 'kunde', 'paciente']) if cat == 'P' else ch(['config', 'settings', 'request', 'device', 'env', 'conn'])
    return ch([lambda: ({k: leaf}, [k]), lambda: ({par: {k: leaf, 'status': 'active'}}, [par, k]), lambda: ({par + '.' + k: leaf}, [par + '.' + k]), lambda: ({'data': {par: {k: leaf}}}, ['data', par, k]), lambda: ({'records': [{'n': 1}, {k: leaf, 'plan': 'basic'}]}, ['records', 1, k]), lambda: ({'audit': {'before': {k: None}, 'after': {k: leaf}}}, ['audit', 'after', k]), lambda: ({'action': 'update', 'changes': {k: {'from': None, 'to': leaf}}}, ['changes', k, 'to']), lambda: ({'before': {k: leaf}, 'after': {k: ''}}, ['before', k]), lambda: ({k: [leaf]}, [k, 0]), lambda: ({'tool': 'upsert', 'args': {k: leaf, 'dry_run': False}}, ['args', k])])()
def out(part, t, ev, path, triple, in_key=False):
    text = ''.join(triple[:3]); s, e = len(triple[0]), len(triple[0]) + len(triple[1])
    assert text[s:e] == triple[1] and triple[1]
    ptr = ''.join('/' + str(x).replace('~', '~0').replace('/', '~1') for x in path)
    cur = par = ev
    for tk in ptr.split('/')[1:]:
        tk = tk.replace('~1', '/').replace('~0', '~'); par = cur; cur = cur[int(tk)] if isinstance(cur, list) else cur[tk]
    if in_key: assert isinstance(par, dict) and text in par
    else: assert (cur if isinstance(cur, str) else json.dumps(cur)) == text, (cur, text)
    print(json.dumps({'part': part, 'type': t, 'event': ev, 'pointer': ptr, 'in_key': in_key, 'text': text, 'key': '', 'start': s, 'end': e}, ensure_ascii=False))
LABT = ['{l}: {v}', '{l}: {v}', '{l} : {v}', '{l}\t{v}', '**{l}:** {v}', '{l} = {v}', '{l}.....: {v}', '{l}:\n{v}', '| {l} | {v} |', '<b>{l}</b>: {v}', '{l} – {v}', '{l} (required): {v}', 'Form A\nStatus: new\n{l}: {v}\nPlan: basic', '{l}: {v}; status: ok']
FILEOK = set('iban us_ssn uk_nino uk_nhs es_nif it_codice_fiscale de_steuer_id br_cpf pl_pesel se_personnummer passport driver_licence ca_sin fr_nir'.split())
def fld(base): return base.replace('_', ' ')
def gen_plain(t):
    while True:
        v = SPEC[t][0](); l = v[3]; st = R.choices(['key', 'label', 'sent', 'bullet', 'sig', 'file', 'csv', 'kv', 'field', 'neutral', 'named'], [30, 14, 14, 6, 5, 5, 9, 9, 4, 9, 3])[0]
        lab = label_for(t, l); oneline = '\n' not in v[1]
        if t == 'person_name' and st not in ('key', 'csv', 'kv'): continue
        if st == 'key':
            k, v, _ = key_for(t, v)
            if t == 'password' and p(.1): v = V(' '.join(R.sample('correct violet anchor pretzel jigsaw monsoon'.split(), 4)))
            if t == 'gps_coordinates' and p(.25): k, v = style(ch(['latitude', 'lat', 'gps_lat', 'home_latitude', 'location_lat'])), V(latlon()[0])
            if t in ('secret', 'jwt') and p(.1): k, v = ch(['Authorization', 'authorization']), (ch(['Bearer ', 'bearer ']),) + v[1:]
            ev, path = wrapkey(k, full(v), SPEC[t][3]); out('plain', t, ev, path, v); return
        if st in ('label', 'bullet', 'sent', 'sig'):
            if st == 'label': tpl = ch(LABT).replace('{l}', lab)
            elif st == 'bullet': tpl = ch(['Checklist\n- Status: open\n- {l}: {v}\n- Plan: gold', '• Dept: Payroll\n• {l}: {v}\n• Shift: late', '1. Step: intake\n2. {l} – {v}\n3. Done: no', '* {l}: {v}\n* Reviewed: yes']).replace('{l}', lab)
            elif st == 'sent':
                if t == 'password': tpl = ch(PWS)
                elif t == 'private_key': tpl = 'Here is the private key:\n{v}\nthanks'
                else:
                    lg = l if l in SPEC[t][2] and l in SENT and p(.6) else 'en'; lab = ch(SPEC[t][2][lg].split('|'))
                    tpl = ch(SENT[lg]).replace('{l}', lab if lg == 'de' or lab[:2].isupper() or '.' in lab[:3] else lab[0].lower() + lab[1:])
            else:
                if t not in ('email', 'phone', 'street_address'): continue
                tpl = ch(['Kind regards\nHR Shared Services\n{l}: {v}\n', 'Mit freundlichen Grüßen\nPersonalabteilung\n{l}: {v}', 'Cordialement,\nService Paie\n{l} : {v}', 'Best,\n--\nClaims Team | {l} {v} | Mon-Fri'] + (['Regards\nT {v}\nClaims Desk', 'M: {v} | Payroll'] if t == 'phone' else []) + (['Saludos\nE: {v}'] if t == 'email' else [])).replace('{l}', lab)
            tr = ins(tpl, v); ev, path = wrap(''.join(tr)); out('plain', t, ev, path, tr); return
        if st == 'neutral':
            if t not in NEU or (t == 'secret' and l != 'KNOWN') or (t in GROUPED and not re.match(GROUPED[t], v[1])) or (t == 'phone' and not v[1].startswith('+')): continue
            tr = ins(ch(NEU[t]), v); ev, path = wrap(''.join(tr)); out('plain', t, ev, path, tr); return
        if st == 'named':
            if not oneline: continue
            tr = ins(ch(['{l} updated to {v}', '[{l}] {v}', 'old {l}: n/a / new {l}: {v}', '{l}="{v}"', "{l} '{v}' is invalid"]).replace('{l}', lab), v); ev, path = wrap(''.join(tr)); out('plain', t, ev, path, tr); return
        k, v, base = key_for(t, v)
        fv = full(v)
        if not oneline: continue
        if st == 'file':
            if t not in FILEOK or re.search(r'[ /]', fv): continue
            tr = ins(base + ch(['_', '-', ' ']) + '{v}' + ch(['.pdf', '_scan.png', '.jpg', ' (1).pdf', '_2024.tiff']), v)
            k2 = ch(['filename', 'attachment', 'file']); out('plain', t, {k2: ''.join(tr), 'bytes': 20133}, [k2], tr); return
        if st == 'csv':
            d = ch([',', ';', '\t', '|']); q = '"' if d in fv or p(.1) else ''
            if '"' in fv: continue
            tr = ins(d.join(['id', 'status', k, 'plan']) + '\n' + d.join(['1', 'active', q + '{v}' + q, 'basic']) + ch(['', '\n']), v)
        elif st == 'kv':
            if '"' in fv: continue
            k = k.replace(' ', '_'); q = '"' if ' ' in fv or p(.2) else ''
            tr = ins('op=' + ch(['update', 'create', 'sync']) + ' ' + k + '=' + q + '{v}' + q + ' result=ok took=' + str(R.randrange(2, 90)) + 'ms', v)
        else:
            ev = {'changes': [{'field': k, 'old_value': None, 'new_value': fv}]} if p(.5) else {'answers': [{'label': lab, 'value': fv}]}
            path = ['changes', 0, 'new_value'] if 'changes' in ev else ['answers', 0, 'value']; out('plain', t, ev, path, v); return
        ev, path = wrap(''.join(tr)); out('plain', t, ev, path, tr); return
# ---------- adversarial
ZW = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad']
def zw(s):
    z = ch(ZW); n = ch([1, 2, 3]); o = list(s)
    for _ in range(n): o.insert(R.randrange(1, len(o)), z)
    return ''.join(o)
def fw(s): return ''.join(chr(ord(c) + 0xFEE0) if '!' <= c <= '~' else c for c in s)
def dash(s):
    d, sp = ch('‐‑–—−－﹣'), ch('\u00a0\u2009\u202f\u2007\u3000\u2002'); return s.replace('-', d).replace(' ', sp)
def pct(s):
    q = urllib.parse.quote(s, safe=''); return q if q != s and p(.5) else ''.join('%%%02X' % b for b in s.encode())
def ent(s):
    k = R.randrange(3)
    if k == 0: return ''.join('&#%d;' % ord(c) for c in s)
    if k == 1: return ''.join('&#x%x;' % ord(c) for c in s)
    o = ''.join({'@': '&#64;', '.': '&#46;', '-': '&#45;', ' ': '&nbsp;', ':': '&colon;', '/': '&sol;', "'": '&#39;', '"': '&quot;', '°': '&deg;', '+': '&plus;'}.get(c, c) for c in s)
    return o if o != s else ''.join('&#%d;' % ord(c) for c in s)
def b64(s): b = s.encode(); return base64.b64encode(b).decode() if p(.7) else base64.urlsafe_b64encode(b).decode().rstrip('=')
NUMT = set('phone payment_card us_ssn uk_nhs fr_nir de_steuer_id in_aadhaar br_cpf ca_sin au_tfn nl_bsn pl_pesel se_personnummer postcode date_of_birth passport driver_licence gps_coordinates password'.split())
def gen_adv(t):
    while True:
        st = ch(['pct', 'ent', 'b64', 'fw', 'zw', 'dash', 'key', 'num', 'nest', 'nest2'])
        v = SPEC[t][0](); k, v, base = key_for(t, v, plain=p(.6)); cat = SPEC[t][3]; lab = label_for(t, v[3]); fv = full(v)
        nolabel = t in ('person_name', 'password')
        if t == 'private_key' and st in ('fw', 'dash'): continue
        if st in ('fw', 'zw', 'dash'):
            f = {'fw': fw, 'zw': zw, 'dash': dash}[st]; m = f(v[1])
            if m == v[1]: continue
            v2 = (fw(v[0]), m, fw(v[2]), v[3]) if st == 'fw' and t == 'url_credentials' and p(.5) else (v[0], m, v[2], v[3])
            if p(.55) or nolabel: ev, path = wrapkey(k, full(v2), cat); out('adversarial', t, ev, path, v2)
            else: tr = ins(ch(LABT + SENT['en'][:4]).replace('{l}', lab), v2); ev, path = wrap(''.join(tr)); out('adversarial', t, ev, path, tr)
            return
        if st in ('pct', 'ent'):
            m = V((pct if st == 'pct' else ent)(fv), v[3])
            if p(.4): ev, path = wrapkey(k, m[1], cat); out('adversarial', t, ev, path, m); return
            kk = k.replace(' ', '_')
            tpl = ch(['GET /v1/search?page=2&' + kk + '={v}&sort=asc', '/form?' + kk + '={v}', 'https://app.' + ch(CO) + '.io/edit?' + kk + '={v}#top', kk + '={v}']) if st == 'pct' else ch(['<tr><th>{l}</th><td>{v}</td></tr>', '<p>{l}: {v}</p>', '<li><b>{l}:</b> {v}</li>']).replace('{l}', k if nolabel else lab)
            tr = ins(tpl, m); ev, path = wrap(''.join(tr)); out('adversarial', t, ev, path, tr); return
        if st == 'b64':
            c = R.randrange(3)
            if c == 0 and len(fv) > 5: m = V(b64(fv)); ev, path = wrapkey(k, m[1], cat); out('adversarial', t, ev, path, m); return
            inner = json.dumps({k: fv}, ensure_ascii=False) if nolabel or p(.5) else lab + ': ' + fv
            tr = ins(ch(['{v}', 'payload={v}', 'body (base64): {v}', 'data:text/plain;base64,{v}']), V(b64(inner))); k2 = ch(['payload', 'body', 'blob', 'raw', 'data']); out('adversarial', t, {k2: ''.join(tr), 'encoding': 'base64'}, [k2], tr); return
        if st == 'key':
            par = style(ch([base + 's', 'by_' + base, base + '_map', base, base + '_index', base + '_list'])); leaf = ch([{'status': 'sent'}, 1, 'ok', True, ['a']])
            ev, path = ch([({par: {fv: leaf}}, [par, fv]), ({'cache': {par: {fv: leaf, 'total': 2}}}, ['cache', par, fv])]); out('adversarial', t, ev, path, v, True); return
        if st == 'num':
            if t not in NUMT: continue
            if t == 'gps_coordinates': k = style(ch(['lat', 'latitude', 'lng', 'longitude', 'lon', 'gps_lat'])); n = float(latlon()[0])
            elif t == 'password': n = int(dg(R.randrange(6, 10), True))
            elif t == 'date_of_birth': n = int('%d%02d%02d' % (R.randrange(1940, 2010), R.randrange(1, 13), R.randrange(1, 29)))
            else:
                s = re.sub(r'[ .\-()+/]', '', v[1])
                if not s.isdigit() or s[0] == '0' or len(s) > 18 or (t == 'postcode' and len(s) < 4): continue
                n = int(s)
            ev, path = wrapkey(k, n, cat); out('adversarial', t, ev, path, V(json.dumps(n))); return
        ea = p(.25); esc = lambda s: json.dumps(s, ensure_ascii=ea)[1:-1]
        o = ch(['{%s: "\0"}', '{"ok": true, %s: "\0", "n": 3}', '{"data": {%s: "\0"}}', '[{%s:"\0"}]']) % json.dumps(k, ensure_ascii=ea); a, b = o.split('\0')
        tr = (a + esc(v[0]), esc(v[1]), esc(v[2]) + b)
        if st == 'nest2': tr = ('{"body":"' + esc(tr[0]), esc(tr[1]), esc(tr[2]) + '"}')
        elif p(.3): tr = (ch(['POST body: ', 'response 200 ', 'args=']) + tr[0], tr[1], tr[2])
        ev, path = wrap(''.join(tr)); out('adversarial', t, ev, path, tr); return
# ---------- hard negatives: name -> (value fn, keys, sentences)
def ri(a, b): return R.randrange(a, b + 1)
def nonluhn(n, pre=''):
    while True:
        s = pre + dg(n - len(pre), not pre)
        if not luhn_ok(s): return s
def isbn(): b = '978' + dg(9); s = b + str(-sum(int(x) * (3 if i % 2 else 1) for i, x in enumerate(b)) % 10); return ch([s, s[:3] + '-' + s[3] + '-' + s[4:8] + '-' + s[8:12] + '-' + s[12]])
def gtin():
    b = ch(['400', '501', '761', '841']) + dg(9); return b + str(-sum(int(x) * (3 if i % 2 else 1) for i, x in enumerate(b)) % 10)
def fdate(): return datestr(ch(LANGS), 2015, 2027)
def N(fn, keys, sents=''): return (fn, keys.split(), [s for s in sents.split('|') if s])
NEG = {
 'uuid': N(lambda: pat('hhhhhhhh-hhhh-4hhh-') + ch('89ab') + pat('hhh-hhhhhhhhhhhh'), 'id request_id trace_id correlationId', 'request {v} finished|trace={v}'),
 'sha256': N(lambda: tok(64, H), 'sha256 checksum digest content_hash', 'sha256 {v} verified'), 'git_sha': N(lambda: tok(ch([7, 40]), H), 'commit git_sha revision', 'deployed commit {v}'), 'md5': N(lambda: tok(32, H), 'md5 etag file_md5', 'md5={v}'),
 'iso_timestamp': N(lambda: '20%02d-%02d-%02dT%02d:%02d:%02d' % (ri(20, 26), ri(1, 12), ri(1, 28), ri(0, 23), ri(0, 59), ri(0, 59)) + ch(['Z', '+02:00', '.123Z']), 'timestamp created_at updatedAt ts', 'started at {v}'),
 'version': N(lambda: ch(['v', '']) + '%d.%d.%d' % (ri(0, 20), ri(0, 40), ri(0, 99)) + ch(['', '-rc.1', '+build.7', '.%d' % ri(1, 9)]), 'version app_version sdkVersion release', 'upgraded to version {v}'),
 'order_number': N(lambda: ch(['ORD-', 'PO-', '#', 'SO']) + dg(ch([6, 8])), 'order_number order_id po_number', 'Order {v} shipped|Bestellung {v} versandt'), 'sku': N(lambda: pat('AAA-9999-AA'), 'sku item_code', 'SKU {v} out of stock'), 'ticket': N(lambda: ch(['HR-', 'INC', 'JIRA-', 'CS-']) + dg(5, 1), 'ticket ticket_id issue_key', 'see ticket {v}'),
 'invoice_number': N(lambda: ch(['INV-2024-', 'RE-', 'FAC/24/', 'F2025-']) + dg(5), 'invoice_number invoice_no rechnungsnummer', 'Invoice {v} is overdue|Rechnung {v} bezahlt'), 'claim_number': N(lambda: 'CLM' + dg(7), 'claim_number claim_ref', 'Claim {v} approved'), 'policy_number': N(lambda: pat('POL-AA-999999'), 'policy_number', 'Policy {v} renewed'),
 'non_luhn_16': N(lambda: nonluhn(16), 'batch_ref sequence meter_reading_id', 'batch {v} processed'), 'storage_key': N(lambda: 'tenants/t_demo/' + ch(['dev', 'prod']) + '/raw/01J' + tok(23, '0123456789ABCDEFGHJKMNPQRSTVWXYZ') + '/' + ch(['report.pdf', 'scan.tiff', 'export.csv']), 'storage_key object_key path', 'wrote {v}'), 'ulid': N(lambda: '01J' + tok(23, '0123456789ABCDEFGHJKMNPQRSTVWXYZ'), 'run_id event_id', 'run {v} done'),
 'price': N(lambda: ch(['$%d.99', '€%d,50', '%d,00 €', 'CHF %d.–', '£%d', 'R$ %d,90', 'US$%d', '%d zł', '%d kr', '₹%d,000', 'A$%d.00', 'MXN %d.00', 'EUR %d.000,00']) % ri(2, 999), 'price amount total gesamtbetrag', 'Total {v} incl. VAT|Der Preis beträgt {v}'),
 'duration': N(lambda: ch(['%dms', '%d s', '%dh', 'PT%dM', '%d min', '%d Tage', '%d jours', 'P%dD']) % ri(1, 300), 'duration took timeout', 'took {v}'), 'epoch_ms': N(lambda: ri(1600000000000, 1790000000000), 'ts epoch_ms created_ms'), 'epoch_s': N(lambda: ri(1600000000, 1790000000), 'iat exp ts_sec'), 'git_remote': N(lambda: 'git@' + ch(['github.com', 'gitlab.com']) + ':' + ch(CO) + '/' + ch(['api', 'web-app', 'infra']) + '.git', 'remote origin repo', 'cloned {v}'),
 'retina_icon': N(lambda: ch(['icon', 'logo', 'avatar-default', 'btn_save']) + '@' + ch('23') + 'x.' + ch(['png', 'webp']), 'asset file image', 'missing asset {v}'), 'npm_scope': N(lambda: '@' + ch(CO) + '/' + ch(['ui', 'core']) + '@%d.%d.%d' % (ri(1, 9), ri(0, 9), ri(0, 20)), 'package dep', 'installed {v}'), 'user_agent': N(lambda: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.%d Safari/537.36' % (ri(90, 140), ri(1000, 7000), ri(10, 200)), 'user_agent ua'),
 'isbn': N(isbn, 'isbn isbn13', 'ISBN {v} ordered'), 'gtin': N(gtin, 'gtin ean barcode', 'EAN {v} scanned'), 'tracking_number': N(lambda: ch([pat('\\1Z' + '999AA9' + '9999999999'), pat('RR999999999') + 'DE', 'JJD' + dg(18)]), 'tracking_number shipment', 'Tracking {v} in transit'), 'flight': N(lambda: ch(['LH', 'BA', 'AF', 'KL', 'QF', 'DL']) + ch(['', ' ']) + str(ri(10, 2999)), 'flight flight_no', 'Flight {v} delayed'),
 'room': N(lambda: ch(['Room %d', 'Raum %d', 'Floor %d', '%d. OG', 'Salle %d', 'Ward %d']) % ri(1, 420), 'room location_room ward', 'Meeting in {v}'), 'icd10': N(lambda: ch('CEFIJKMN') + dg(2) + '.' + dg(1), 'icd10 diagnosis_code', 'coded as {v}'), 'loinc': N(lambda: dg(4, 1) + '-' + dg(1), 'loinc loinc_code', 'LOINC {v} mapped'), 'atc': N(lambda: ch('ABCJN') + '0' + ch('123456') + ch('ABC') + ch('AEX') + dg(2), 'atc atc_code', 'ATC {v}'),
 'lab_value': N(lambda: ch(['%d mmol/L', 'HbA1c %d %%', '%d mg/dL', '%d/80 mmHg', '%d U/L', '%d bpm']) % ri(40, 180), 'result lab_value observation', 'Result: {v}'), 'dosage': N(lambda: ch(['%d mg', '%d mg 1-0-1', '%d ml/h', '2x%d mg daily', '%d µg']) % ri(5, 850), 'dosage dose', 'Take {v}'), 'percentage': N(lambda: ch(['%d%%', '%d,5 %%', '%d.25%%']) % ri(0, 99), 'rate progress', 'CPU at {v}'), 'ratio': N(lambda: '%d:%d' % (ri(1, 21), ri(1, 16)), 'ratio aspect_ratio', 'ratio {v}'),
 'score': N(lambda: ch(['%d/10', '%d/100', '%d out of 5']) % ri(1, 5), 'score rating', 'rated {v}'), 'opening_hours': N(lambda: ch(['Mon-Fri %02d:00-18:00', 'Mo–Fr %d–18 Uhr', 'Lun-Ven %dh-18h', 'Sat %d am - 2 pm']) % ri(7, 11), 'opening_hours hours', 'Open {v}'), 'invoice_date': N(fdate, 'invoice_date due_date rechnungsdatum date_facture', 'Invoice date: {v}|Due {v}|Fällig am {v}'), 'hired_on': N(fdate, 'hired_on start_date contract_end eintrittsdatum', 'Hired on {v}|Contract ends {v}'), 'appointment_date': N(fdate, 'appointment_date discharge_date last_login', 'Appointment on {v}'),
 'company_name': N(lambda: ch(CO).capitalize() + ' ' + ch(['GmbH', 'Ltd', 'Inc.', 'S.p.A.', 'AB', 'Oy', 'B.V.', 'SARL', 'Pty Ltd', 'Sp. z o.o.', 'Lda']), 'company company_name vendor organisation_name employer_company'), 'product_name': N(lambda: ch(['PayFlow', 'CareDesk', 'ShiftBoard', 'LedgerLite']) + ' ' + ch(['Pro', 'Enterprise', '2024', 'Mini']), 'product_name product', 'bought {v}'), 'job_title': N(lambda: ch(['Senior Payroll Analyst', 'Staff Nurse', 'Leiter Einkauf', 'Chargée de recrutement', 'Data Engineer II']), 'job_title position role', 'hiring a {v}'),
 'department': N(lambda: ch(['Human Resources', 'Radiology', 'Finanzbuchhaltung', 'Comptabilité', 'Kundenservice']), 'department department_name cost_center_name', 'moved to {v}'), 'locale': N(lambda: ch(['en-GB', 'de_AT', 'fr-CH', 'pt-BR', 'nb-NO', 'fi']), 'locale lang language', 'locale {v}'), 'timezone': N(lambda: ch(['Europe/Zurich', 'America/Sao_Paulo', 'UTC+05:30', 'Australia/Hobart']), 'timezone tz', 'tz is {v}'), 'currency_code': N(lambda: ch(['EUR', 'CHF', 'NOK', 'BRL', 'INR', 'NZD']), 'currency currency_code', 'charged in {v}'), 'country_code': N(lambda: ch(['DE', 'AT', 'GB', 'BRA', 'IND']), 'country country_code nationality_code'),
 'enum': N(lambda: ch(['PENDING_REVIEW', 'active', 'FULL_TIME', 'on-leave', 'ABGELEHNT']), 'status state employment_type', 'state -> {v}'), 'boolean': N(lambda: p(.5), 'enabled is_active consent'), 'colour': N(lambda: ch(['#' + tok(6, H), '#' + tok(3, H).upper(), 'rgb(12, 34, 56)', 'hsl(200 50% 40%)']), 'color colour background', 'set colour {v}'), 'mime': N(lambda: ch(['application/pdf', 'text/csv; charset=utf-8', 'image/svg+xml', 'application/vnd.ms-excel']), 'content_type mime', 'type {v}'), 'error_code': N(lambda: ch(['E', 'ERR_', 'ORA-', 'SQLSTATE ', '0x8007']) + dg(4), 'error_code code', 'failed with {v}'),
 'http_status': N(lambda: ch([200, 201, 301, 400, 401, 403, 404, 422, 500, 503]), 'status http_status status_code'), 'port': N(lambda: ri(1024, 65535), 'port listen_port'), 'host_port': N(lambda: 'localhost:%d' % ri(1024, 65535), 'host upstream', 'listening on {v}'), 'file_size': N(lambda: '%d %s' % (ri(1, 999), ch(['KB', 'MiB', 'GB', 'bytes', 'Mo'])), 'size file_size', 'uploaded {v}'), 'screen_size': N(lambda: ch(['1920x1080', '390×844', '2560 x 1440', '15.6"']), 'screen viewport', 'screen {v}'), 'cron': N(lambda: '%d %d * * %s' % (ri(0, 59), ri(0, 23), ch(['1-5', '*', 'MON'])), 'cron schedule', 'cron "{v}"'),
 'regex': N(lambda: ch([r'^\d{3}-\d{2}-\d{4}$', r'[A-Z]{2}\d{6}[A-D]', r'^[\w.+-]+@[\w-]+\.\w+$', r'^\+?\d{7,15}$']), 'pattern regex validation', 'must match {v}'), 'math': N(lambda: '%d * (%d + %d) = %d' % (ri(2, 9), ri(10, 99), ri(10, 99), ri(100, 999)), 'expr formula', 'computed {v}'), 'sports': N(lambda: ch(['%d-%d', '%d:%d']) % (ri(0, 6), ri(0, 6)), 'final_score match_result', 'Team won {v}'), 'iso_standard': N(lambda: ch(['ISO 9001:2015', 'ISO/IEC 27001:2022', 'DIN EN 60601-1', 'IEC 62304:2006', 'RFC 7519']), 'standard norm', 'certified to {v}'), 'law': N(lambda: ch(['GDPR Art. 6', 'DSGVO Art. 6 Abs. 1', '§ 203 StGB', '45 CFR 164.512', 'LGPD art. 7', 'Art. L1221-1']), 'legal_basis law', 'under {v}'), 'page_range': N(lambda: ch(['pp. %d-%d', 'S. %d–%d', 'pages %d to %d']) % (ri(1, 99), ri(100, 300)), 'pages', 'see {v}'),
 'authenticated': N(lambda: p(.5), 'authenticated is_authenticated'), 'password_policy': N(lambda: ri(6, 30), 'password_min_length password_max_age_days password_attempts'), 'password_flag': N(lambda: p(.5), 'password_reset_required has_password password_expired'), 'token_budget': N(lambda: ri(256, 128000), 'token_budget max_tokens prompt_tokens token_count'), 'plan_name': N(lambda: ch(['Gold Plus', 'Basic', 'Family 500', 'Team Annual']), 'name_of_plan plan_name tier_name'), 'phone_verified': N(lambda: p(.5), 'phone_verified email_verified has_phone mfa_sms'), 'address_count': N(lambda: ri(0, 9), 'address_count email_count passport_pages'), 'card_type': N(lambda: ch(['visa', 'mastercard', 'girocard', 'amex']), 'card_type card_brand'), 'secret_name': N(lambda: ch(['prod/db/main', 'stripe-webhook', 'payroll-signing']), 'secret_name key_alias'), 'env_ref': N(lambda: ch(['${DB_PASSWORD}', '{{ user.email }}', '$SMTP_HOST', '<phone>', '[REDACTED]', '********']), 'template value placeholder', 'resolved {v}'),
 'ip_like_version': N(lambda: '%d.%d.%d.%d' % (ri(0, 9), ri(0, 9), ri(0, 9), ri(300, 9000)), 'build file_version', 'build {v}'), 'clock': N(lambda: '%02d:%02d' % (ri(0, 23), ri(0, 59)), 'time start_time', 'shift starts {v}'), 'quantity': N(lambda: ri(1, 99999), 'quantity rows count'), 'temperature': N(lambda: '%d.%d °C' % (ri(35, 40), ri(0, 9)), 'temp body_temp', 'measured {v}'), 'model_name': N(lambda: ch(['gpt-4o-2024-08-06', 'claude-3-5-sonnet-20241022', 'ThinkPad T14 Gen 3', 'DS-7204']), 'model device_model', 'using {v}'), 'css_class': N(lambda: ch(['btn-primary--lg', 'mt-4 px-2', 'grid-cols-12']), 'class css'), 'java_class': N(lambda: 'com.' + ch(CO) + '.hr.' + ch(['UserService', 'ClaimMapper']) + '.java:%d' % ri(10, 900), 'logger at', 'at {v}'), 'url_plain': N(lambda: 'https://docs.' + ch(CO) + '.io/' + ch(['guide', 'api']) + '/v%d' % ri(1, 4), 'docs_url link', 'see {v}'), 'year': N(lambda: ri(1999, 2027), 'year fiscal_year'), 'quarter': N(lambda: ch(['Q3 2024', 'FY2025', 'KW 32/2024', 'H1-25']), 'period quarter', 'report for {v}'), 'cost_center': N(lambda: ch(['CC-', 'KST ']) + dg(5, 1), 'cost_center kostenstelle', 'booked on {v}'),
}
def gen_neg(n):
    fn, keys, sents = NEG[n]; val = fn()
    if sents and isinstance(val, str) and p(.45): tr = ins(ch(sents), V(val)); ev, path = wrap(''.join(tr)); out('negative', n, ev, path, tr); return
    k = ch(keys); k = style(k) if p(.4) else k
    ev, path = ch([({k: val}, [k]), ({'data': {k: val}}, ['data', k]), ({'items': [{k: val}]}, ['items', 0, k]), ({'before': {k: None}, 'after': {k: val}}, ['after', k]), ({'job': 'sync', 'meta': {k: val, 'ok': True}}, ['meta', k])])
    out('negative', n, ev, path, V(val if isinstance(val, str) else json.dumps(val)))
def main():
    ap = argparse.ArgumentParser(); ap.add_argument('--seed', type=int, default=1); ap.add_argument('--each', type=int, default=40); a = ap.parse_args()
    R.seed(a.seed)
    for t in TYPES:
        for _ in range(a.each): gen_plain(t)
        for _ in range(a.each): gen_adv(t)
    for n in NEG:
        for _ in range(a.each): gen_neg(n)
if __name__ == '__main__': main()
