"""Checks a ledger's answers against the published rules, sharing no code with it: the standard library alone.

Reads a JSON object from standard input:

    vkeys         the text of /.well-known/nexus-ledger-key
    checkpoints   signed notes, each to be valid by itself
    inclusions    answers of /nexus/ledger/proof/{event_id}
    consistencies {log, from, to, hashes}, each with "older" and "newer", the signed notes of the two sizes

and says what it checked, or ends with 1 and says what does not hold.

Written from:
    RFC 8032, section 5.1.7 and 6   Ed25519 verification
    RFC 6962, section 2.1           Merkle tree hashes
    RFC 9162, sections 2.1.3.2 and 2.1.4.2, which spell out how to verify the proofs of RFC 6962
    https://c2sp.org/signed-note    notes and vkeys
    https://c2sp.org/tlog-checkpoint
    RFC 8785                        for leaves without floats and with keys in ASCII, where it is sorting and no spaces
"""

import base64
import hashlib
import json
import re
import sys


class DoesNotHold(Exception):
    pass


def need(holds, what):
    if not holds:
        raise DoesNotHold(what)


def decode(text):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise DoesNotHold(f"not base64: {text!r}") from error


# ── Ed25519, RFC 8032 ──

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def point(encoded):
    need(len(encoded) == 32, "a point has 32 bytes")
    y = int.from_bytes(encoded, "little")
    x = recover_x(y & (1 << 255) - 1, y >> 255)
    need(x is not None, "not a point of the curve")
    y &= (1 << 255) - 1
    return (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, p):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, p)
        p = add(p, p)
        scalar >>= 1
    return result


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_holds(public, message, signature):
    need(len(signature) == 64, "a signature has 64 bytes")
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(multiply(s, BASE), add(r, multiply(h, a)))


# ── signed-note, tlog-checkpoint ──


def read_vkeys(text):
    """{(name, key id): public key}"""
    keys = {}
    for line in text.splitlines():
        name, key_id, key = line.split("+", 2)
        key = decode(key)
        need(name and not re.search(r"[\s+]", name), f"no name for a key: {name!r}")
        need(key[0] == 1 and len(key) == 33, "expected an Ed25519 key, type 0x01")
        want = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        need(key_id == want.hex(), f"key id {key_id} is not {want.hex()}")
        keys[name, want] = key[1:]
    need(keys, "no vkeys")
    return keys


def open_checkpoint(note, keys):
    """(origin, size, root, number of known signatures)"""
    text, separator, signatures = note.rpartition("\n\n")
    need(separator and signatures.endswith("\n"), "no signed note")
    text += "\n"
    known = 0
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        need(match, f"no signature line: {line!r}")
        name, blob = match[1], decode(match[2])
        key = keys.get((name, blob[:4]))
        if key is not None:
            need(ed25519_holds(key, text.encode(), blob[4:]), f"the signature of {name} does not hold")
            known += 1
    need(known, "no signature of a known key")
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "a checkpoint has an origin, a size, a root, and no empty line")
    need(re.fullmatch("0|[1-9][0-9]*", lines[1]), f"no size: {lines[1]!r}")
    root = decode(lines[2])
    need(len(root) == 32, "a root has 32 bytes")
    return lines[0], int(lines[1]), root, known


# ── RFC 6962 ──


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_inclusion(index, size, leaf, path):
    """RFC 9162, section 2.1.3.2"""
    need(index < size, "the index is beyond the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        need(sn != 0, "the inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the inclusion proof is too short")
    return r


def check_consistency(first, second, first_root, second_root, path):
    """RFC 9162, section 2.1.4.2"""
    need(first <= second, "the sizes are the wrong way round")
    if first == second:
        need(not path and first_root == second_root, "one size, two roots")
        return
    if first == 0:
        need(not path and first_root == hashlib.sha256(b"").digest(), "the empty tree has one root")
        return
    need(path, "an empty consistency proof")
    if first & (first - 1) == 0:
        path = [first_root, *path]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        need(sn != 0, "the consistency proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "the consistency proof is too short")
    need(fr == first_root, "the proof does not give the older root")
    need(sr == second_root, "the proof does not give the newer root")


# ── The answers ──


def check_leaf(leaf, origin):
    event = json.loads(leaf)
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    need(canonical.encode() == leaf, "the leaf is not in canonical form")
    need("ledger" not in event, "a leaf does not know its place")
    need(origin.split("/")[1:3] == [event["tenant_id"], event["env"]], "the event is of another tenant or environment")


def check_inclusion(answer, keys):
    origin, size, root, _ = open_checkpoint(answer["checkpoint"], keys)
    need((origin, size) == (answer["log"], answer["tree_size"]), "the checkpoint is of another tree")
    leaf = decode(answer["leaf"])
    check_leaf(leaf, origin)
    hashed = leaf_hash(leaf)
    need(hashed.hex() == answer["leaf_hash"], "leaf_hash is not the leaf's")
    path = [decode(each) for each in answer["hashes"]]
    need(root_of_inclusion(answer["seq"], size, hashed, path) == root, "the path does not lead to the signed root")


def check_growth(answer, keys):
    older, newer = (open_checkpoint(answer[which], keys) for which in ("older", "newer"))
    need((older[0], newer[0]) == (answer["log"], answer["log"]), "the checkpoints are of other logs")
    need((older[1], newer[1]) == (answer["from"], answer["to"]), "the checkpoints are of other sizes")
    path = [decode(each) for each in answer["hashes"]]
    check_consistency(answer["from"], answer["to"], older[2], newer[2], path)


def main():
    given = json.load(sys.stdin)
    keys = read_vkeys(given["vkeys"])
    signatures = [open_checkpoint(note, keys)[3] for note in given.get("checkpoints", [])]
    for answer in given.get("inclusions", []):
        check_inclusion(answer, keys)
    for answer in given.get("consistencies", []):
        check_growth(answer, keys)
    done = {kind: len(given.get(kind, [])) for kind in ("checkpoints", "inclusions", "consistencies")}
    print(json.dumps({**done, "signatures": signatures}))


if __name__ == "__main__":
    try:
        main()
    except DoesNotHold as why:
        sys.exit(f"does not hold: {why}")
