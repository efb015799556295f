#!/usr/bin/python3
"""Checks a certificate with nothing of the exchange's own code.

    check_certificate.py FILE KEY

KEY is the exchange's verifier key, or a file that holds one. Needs Python's standard library, and
check_tlog.py beside it for signatures and the tree; written from ledger/README.md. Prints what the
certificate says and ends with 0, else says what is wrong and ends with 1.
"""
import base64
import hashlib
import sys

from check_tlog import Wrong, check_proof, must, read, read_checkpoint, read_key

KINDS = ["", "invention", "utility_model", "design", "software", "trademark", "company_equity",
         "licence_exclusive", "licence_sole", "licence_ordinary"]


def sha256(data):
    return hashlib.sha256(data).digest()


# --- protobuf: as little of it as a record and an entry need ----------------------------------------

def varint(data, at):
    value = shift = 0
    while True:
        must(at < len(data), "a message is cut off")
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """The fields of a message by number; of one that is there several times, the last."""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        wire = tag & 7
        if wire == 0:
            found[tag >> 3], at = varint(data, at)
        elif wire == 1:
            found[tag >> 3], at = data[at:at + 8], at + 8
        else:
            must(wire == 2, "a message has an unknown wire type")
            size, at = varint(data, at)
            must(at + size <= len(data), "a message is cut off")
            found[tag >> 3], at = data[at:at + size], at + size
    return found


# --- the register's map ------------------------------------------------------------------------------

def put(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def bit(key, number):
    if number // 8 >= len(key):
        return number // 8 > len(key)
    return key[number // 8] >> (7 - number % 8) & 1


def inner(number, left, right):
    return sha256(b"\x01" + put(number) + left + right)


def subtree(entries):
    """The hash of the map that holds exactly these, by the definition."""
    if len(entries) == 1:
        (key, value), = entries
        return sha256(b"\x00" + put(len(key)) + key + put(len(value)) + value)
    number = 0
    while bit(entries[0][0], number) == bit(entries[-1][0], number):
        number += 1
    left = [entry for entry in entries if bit(entry[0], number) == 0]
    return inner(number, subtree(left), subtree(entries[len(left):]))


def check_map(root, prefix, entries, proof):
    value, at, limit = subtree(entries), 0, len(prefix) * 8
    while at < len(proof):
        number, at = varint(proof, at)
        must(number < limit and at + 32 <= len(proof), "the map's proof is not of its form")
        sibling, at, limit = proof[at:at + 32], at + 32, number
        value = inner(number, sibling, value) if bit(prefix, number) else inner(number, value, sibling)
    must(value == root, "the entries are not all those that the Seal speaks for")


# --- certificates ------------------------------------------------------------------------------------

def line(text, word):
    head, _, rest = text.partition("\n")
    must(head.startswith(word + " "), "there is no line that begins with " + word)
    return head[len(word) + 1:], rest


def decode(text):
    return base64.b64decode(text, validate=True)


def check_seal(record, as_of):
    """The root that a Seal's record names."""
    request = fields(fields(record)[2])
    must(35 in request, "what was signed is no Seal")
    seal = fields(request[35])
    must(seal.get(1, 0) == as_of, "the Seal is as of another sequence")
    return seal[2]


def check_reports(reports, kind, number):
    """Every report is of its entry on one asset, which entry 0 names."""
    must(reports and reports[0][0] == 0, "entry 0 is missing: the right is not known")
    asset = None
    for entry, report in reports:
        extract = fields(fields(report)[26])
        must(extract.get(4, 0) == entry and extract[1] == 1, "an entry is another one's")
        asset = extract[2] if asset is None else asset
        must(extract[2] == asset, "an entry is of another asset")
    first = fields(fields(reports[0][1])[26])
    must(first[16] == kind and first[18] == number, "entry 0 names another right")


def check(text, key):
    head, text = text.split("\n", 1)
    must(head == "tpx-certificate@v1", "this is no certificate")
    asset, text = line(text, "asset right")
    kind, number = asset.split(" ")
    kind, number = int(kind), number.encode()
    as_of, text = line(text, "as-of")
    reports = []
    while text.startswith("entry "):
        entry, text = line(text, "entry")
        entry, report = entry.split(" ")
        must(not reports or reports[-1][0] < int(entry), "entries are out of order")
        reports.append((int(entry), decode(report)))
    proof, text = line(text, "map-proof")
    seal, text = line(text, "seal")
    must(text.startswith("\n"), "there is no proof of the Seal")
    seal, text = decode(seal), text[1:]
    check_proof(seal, text.encode(), key)
    size = read_checkpoint(text.split("\n\n", 1)[1].encode(), key)[1]
    must(("\nindex %d\n" % (size - 1)) in text, "the Seal is not the last record that was signed")
    root = check_seal(seal, int(as_of))
    check_reports(reports, kind, number)
    prefix = sha256(b"tpx asset\x00" + bytes([kind]) + number)
    entries = [(prefix + entry.to_bytes(8, "big"), sha256(report)) for entry, report in reports]
    check_map(root, prefix, entries, decode(proof))
    return "%s %s, as of %s: %d entries and no others" % (KINDS[kind], number.decode(), as_of, len(reports))


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(check(read(arguments[0]).decode(), read_key(arguments[1])))
    except (Wrong, ValueError, KeyError, IndexError) as wrong:
        print("wrong: %s" % wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
