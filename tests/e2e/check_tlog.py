#!/usr/bin/python3
"""Checks what an exchange has exported, with nothing of the exchange's own code.

    check_tlog.py log DIR KEY [OLD_CHECKPOINT]   a tiled log, as `tpx ledger export` writes it
    check_tlog.py proof FILE PROOF KEY           one record, as `tpx ledger prove` writes it

KEY is a verifier key ("name+id+base64"), or a file that holds one: its type says whether all is of
SHA-256 and Ed25519, or of SM3 and SM2 (national.py, beside this file). Needs Python's standard
library alone; written from RFC 6962, RFC 8032, RFC 9162 and the C2SP documents signed-note,
tlog-checkpoint, tlog-tiles and tlog-proof. Ends with 0 when all is right, else says what is wrong
and ends with 1.
"""
import base64
import hashlib
import os
import sys

import national

WIDTH = 256  # hashes of a full tile


class Wrong(Exception):
    pass


def must(condition, text):
    if not condition:
        raise Wrong(text)


# --- Ed25519, RFC 8032, 5.1: verification alone, in affine coordinates' projective form ----------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    p = (a[1] - a[0]) * (b[1] - b[0]) % P
    q = (a[1] + a[0]) * (b[1] + b[0]) % P
    r = 2 * a[3] * b[3] * D % P
    s = 2 * a[2] * b[2] % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def x_of(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def point_of(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)


def is_signed(public_key, message, signature):
    a = point_of(public_key)
    r = point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little")
    return same(times(s, BASE), add(r, times(k % ORDER, a)))


# --- which algorithms ---------------------------------------------------------------------------


class Profile:
    """A type of signature (C2SP signed-note), and the hash and the check that go with it."""

    def __init__(self, note_type, key_size, digest, is_signed):
        self.note_type, self.key_size = note_type, key_size
        self.digest, self.is_signed = digest, is_signed


PROFILES = [
    Profile(b"\x01", 32, lambda data: hashlib.sha256(data).digest(), is_signed),
    Profile(b"\xfftpx-sm2-sm3@v1", 33, national.sm3, national.is_signed),
]
profile = PROFILES[0]  # the key's, from read_key() on


def digest(data):
    return profile.digest(data)


def key_id(name, public_key):
    """Of either profile SHA-256's, as signed-note recommends."""
    return hashlib.sha256(name.encode() + b"\n" + profile.note_type + public_key).digest()[:4]


def has_signed(public_key, message, signature):
    return profile.is_signed(public_key, message, signature)


# --- notes and checkpoints ----------------------------------------------------------------------


def read_key(text):
    """The key's name, id and bytes; what is hashed from here on is hashed as its profile does."""
    global profile
    if text.count("+") < 2:
        with open(text) as file:
            text = file.read()
    must(text.count("+") >= 2, "the key is none: name+id+base64")
    name, identifier, rest = text.strip().split("+", 2)
    data = base64.b64decode(rest, validate=True)
    known = [each for each in PROFILES if data.startswith(each.note_type)]
    must(known, "the key is of no type that is known here")
    profile = known[0]
    public_key = data[len(profile.note_type):]
    must(len(public_key) == profile.key_size, "the key has a wrong size")
    of_name = key_id(name, public_key)
    must(of_name.hex() == identifier, "the key's id is not that of its name and bytes")
    return name, of_name, public_key


def open_note(note, key):
    name, identifier, public_key = key
    text, separator, lines = note.rpartition(b"\n\n")
    must(separator and lines.endswith(b"\n"), "the checkpoint is no signed note")
    text += b"\n"
    for line in lines.decode().splitlines():
        dash, signer, encoded = line.split(" ")
        must(dash == "\u2014", "a signature's line does not begin with a dash")
        data = base64.b64decode(encoded, validate=True)
        if signer == name and data[:4] == identifier:
            must(has_signed(public_key, text, data[4:]), "the checkpoint's signature is wrong")
            return text
    raise Wrong("the checkpoint is not signed by the key given")


def read_checkpoint(note, key):
    lines = open_note(note, key).decode().split("\n")
    must(len(lines) >= 4 and lines[0], "the checkpoint has no origin, size and root")
    must(str(int(lines[1])) == lines[1], "the checkpoint's size is no decimal number")
    root = base64.b64decode(lines[2], validate=True)
    must(len(root) == 32, "the checkpoint's root is no hash")
    return lines[0], int(lines[1]), root


# --- the tree, RFC 6962, 2.1 --------------------------------------------------------------------


def leaf_hash(entry):
    return digest(b"\x00" + entry)


def node_hash(left, right):
    return digest(b"\x01" + left + right)


def tree_hash(hashes):
    """The root over these leaves' hashes; complete subtrees are folded as they come."""
    stack = []
    for count, leaf in enumerate(hashes, 1):
        while count % 2 == 0:
            leaf = node_hash(stack.pop(), leaf)
            count //= 2
        stack.append(leaf)
    if not stack:
        return digest(b"")
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def split(count):
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def inclusion_path(leaves, index):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return inclusion_path(leaves[:half], index) + [tree_hash(leaves[half:])]
    return inclusion_path(leaves[half:], index - half) + [tree_hash(leaves[:half])]


def check_inclusion(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    must(index < size, "the proof's index lies outside of its tree")
    at, last, computed = index, size - 1, leaf
    for each in path:
        must(last != 0, "the proof is too long")
        if at & 1 or at == last:
            computed = node_hash(each, computed)
            while at & 1 == 0 and at != 0:
                at >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, each)
        at >>= 1
        last >>= 1
    must(last == 0 and computed == root, "the proof does not lead to the signed root")


def consistency_path(leaves, old_size, is_whole=True):
    """RFC 6962, 2.1.2."""
    if old_size == len(leaves):
        return [] if is_whole else [tree_hash(leaves)]
    half = split(len(leaves))
    if old_size <= half:
        return consistency_path(leaves[:half], old_size, is_whole) + [tree_hash(leaves[half:])]
    return consistency_path(leaves[half:], old_size - half, False) + [tree_hash(leaves[:half])]


def check_consistency(old_size, old_root, size, root, path):
    """RFC 9162, 2.1.4.2."""
    if old_size == size:
        must(not path and old_root == root, "two roots of one size differ")
        return
    if old_size & (old_size - 1) == 0:
        path = [old_root] + path
    must(path, "the proof of consistency is empty")
    at, last = old_size - 1, size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old_computed = computed = path[0]
    for each in path[1:]:
        must(last != 0, "the proof of consistency is too long")
        if at & 1 or at == last:
            old_computed = node_hash(each, old_computed)
            computed = node_hash(each, computed)
            while at & 1 == 0 and at != 0:
                at >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, each)
        at >>= 1
        last >>= 1
    must(old_computed == old_root, "the older checkpoint is not the beginning of this log")
    must(computed == root and last == 0, "the proof of consistency does not lead to the root")


# --- tiles --------------------------------------------------------------------------------------


def tile_path(folder, level, index, width):
    path = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        path = "x%03d/%s" % (index % 1000, path)
    suffix = "" if width == WIDTH else ".p/%d" % width
    return os.path.join(folder, "tile", str(level), path + suffix)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def read_level(folder, level, count):
    """All hashes of a level, from its tiles, the last of which may be partial."""
    hashes = []
    for index in range((count + WIDTH - 1) // WIDTH):
        width = min(WIDTH, count - index * WIDTH)
        data = read(tile_path(folder, level, index, width))
        must(len(data) == width * 32, "tile %d of level %d has the wrong size" % (index, level))
        hashes += [data[i : i + 32] for i in range(0, len(data), 32)]
    return hashes


def read_tiles(folder, size):
    """The leaves' hashes; each level above is compared with what it must be."""
    leaves = below = read_level(folder, 0, size)
    level = 1
    while len(below) >= WIDTH:
        hashes = read_level(folder, level, len(below) // WIDTH)
        for i, each in enumerate(hashes):
            must(
                each == tree_hash(below[i * WIDTH : (i + 1) * WIDTH]),
                "hash %d of level %d is not that of its tile below" % (i, level),
            )
        below = hashes
        level += 1
    return leaves


def check_entries(folder, leaves):
    for index in range((len(leaves) + WIDTH - 1) // WIDTH):
        expected = leaves[index * WIDTH : (index + 1) * WIDTH]
        bundle = read(tile_path(folder, "entries", index, len(expected)))
        at = 0
        for i, leaf in enumerate(expected):
            size = int.from_bytes(bundle[at : at + 2], "big")
            entry = bundle[at + 2 : at + 2 + size]
            must(len(entry) == size, "bundle %d ends within an entry" % index)
            sequence = index * WIDTH + i
            must(leaf_hash(entry) == leaf, "entry %d is not the one that was signed" % sequence)
            at += 2 + size
        must(at == len(bundle), "bundle %d has bytes too many" % index)


def check_log(folder, key, old_note):
    origin, size, root = read_checkpoint(read(os.path.join(folder, "checkpoint")), key)
    leaves = read_tiles(folder, size)
    must(tree_hash(leaves) == root, "the tiles do not lead to the signed root")
    has_entries = os.path.isdir(os.path.join(folder, "tile", "entries"))
    if has_entries:
        check_entries(folder, leaves)
    for index in range(0, size, max(1, size // 16)):
        check_inclusion(leaves[index], index, size, inclusion_path(leaves, index), root)
    if old_note is not None:
        old_origin, old_size, old_root = read_checkpoint(read(old_note), key)
        must(old_origin == origin and 0 < old_size <= size, "the older checkpoint is of another log")
        check_consistency(old_size, old_root, size, root, consistency_path(leaves, old_size))
    print("%s: %d records%s" % (origin, size, ", each one's bytes" if has_entries else ""))


# --- proof files --------------------------------------------------------------------------------


def check_proof(entry, text, key):
    head, separator, note = text.partition(b"\n\n")
    lines = head.decode().split("\n")
    must(separator and lines.pop(0) == "c2sp.org/tlog-proof@v1", "the file is no proof")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    must(lines and lines[0].startswith("index "), "the proof has no index")
    index = int(lines.pop(0)[6:])
    path = [base64.b64decode(line, validate=True) for line in lines]
    origin, size, root = read_checkpoint(note, key)
    check_inclusion(leaf_hash(entry), index, size, path, root)
    print("%s: record %d of %d" % (origin, index, size))


def main(arguments):
    if len(arguments) in (3, 4) and arguments[0] == "log":
        check_log(arguments[1], read_key(arguments[2]), (arguments + [None])[3])
    elif len(arguments) == 4 and arguments[0] == "proof":
        check_proof(read(arguments[1]), read(arguments[2]), read_key(arguments[3]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Wrong, OSError, ValueError) as wrong:
        print("wrong: %s" % wrong, file=sys.stderr)
        sys.exit(1)
