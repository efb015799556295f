#!/usr/bin/python3
"""Checks a certificate with nothing of the exchange's own code.

    check_certificate.py FILE KEY

KEY is the exchange's first verifier key, or a file that holds it. Needs Python's protobuf with what
`protoc --python_out=DIR proto/tpx.proto` makes (PYTHONPATH=DIR), and check_tlog.py beside it for
hashes, signatures and the tree; written from ledger/README.md. Prints what the certificate says and ends
with 0, else says what is wrong and ends with 1.
"""
import base64
import sys

from check_tlog import (Wrong, check_inclusion, digest, has_signed, key_id, leaf_hash, must, read,
                        read_key)
from google.protobuf.message import DecodeError
from proto import tpx_pb2 as tpx


# --- text ---------------------------------------------------------------------------------------------

def decode(text):
    data = base64.b64decode(text, validate=True)
    must(base64.b64encode(data).decode() == text, "base 64 has another spelling")
    return data


def number(text):
    must(str(int(text)) == text, "a number has another spelling")
    return int(text)


def line(text, word):
    head, newline, rest = text.partition("\n")
    must(newline and head.startswith(word + " "), "there is no line that begins with " + word)
    return head[len(word) + 1:], rest


def record(data):
    """A record, and the request in it."""
    stored = tpx.Record.FromString(data)
    return stored, tpx.Request.FromString(stored.request)


# --- the register's map -------------------------------------------------------------------------------

def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def put(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def bit(key, place):
    return key[place // 8] >> (7 - place % 8) & 1


def inner(place, left, right):
    return digest(b"\x01" + put(place) + left + right)


def subtree(entries):
    """The hash of the map that holds exactly these, by the definition."""
    if len(entries) == 1:
        (key, value), = entries
        return digest(b"\x00" + put(len(key)) + key + put(len(value)) + value)
    place = 0
    while bit(entries[0][0], place) == bit(entries[-1][0], place):
        place += 1
    left = [entry for entry in entries if bit(entry[0], place) == 0]
    return inner(place, subtree(left), subtree(entries[len(left):]))


def check_map(root, prefix, entries, proof):
    value, at, limit = subtree(entries), 0, len(prefix) * 8
    while at < len(proof):
        place, at = varint(proof, at)
        must(place < limit and at + 32 <= len(proof), "the map's proof is not of its form")
        sibling, at, limit = proof[at:at + 32], at + 32, place
        value = inner(place, sibling, value) if bit(prefix, place) else inner(place, value, sibling)
    must(value == root, "the entries are not all those that the Seal speaks for")


# --- who signs ----------------------------------------------------------------------------------------

class Keys:
    """The exchange's keys: since which tree's size and up to which they sign, and who is believed."""

    def __init__(self, origin, first, given):
        self.origin, self.given, self.rows, self.last = origin, given, [], 0
        self.add(first, 0)

    def add(self, key, sequence):
        name = key_id(self.origin, key)
        self.rows.append({"id": name, "key": key, "added": sequence, "revoked": 2**64,
                          "believed": (self.origin, name, key) == self.given})

    def revoke(self, key, sequence):
        for row in self.rows:
            row["revoked"] = sequence if row["key"] == key else row["revoked"]

    def open(self, note):
        """Size and root of a tree, signed by keys in force and by nobody else; whether one of them is
        believed."""
        text, _, lines = note.decode().rpartition("\n\n")
        origin, size, root, end = (text + "\n").split("\n")
        must(origin == self.origin and not end and lines[-1:] == "\n", "a note is not this exchange's")
        size, believed = number(size), False
        for each in lines[:-1].split("\n"):
            dash, signer, signature = each.split(" ")
            signature = decode(signature)
            row = [row for row in self.rows if row["id"] == signature[:4] and signer == origin and
                   row["added"] < size <= row["revoked"]]
            must(dash == "\u2014" and row, "a note is not signed by the key given, nor by one that follows")
            must(has_signed(row[0]["key"], (text + "\n").encode(), signature[4:]), "a signature is wrong")
            believed = believed or row[0]["believed"]
        for row in self.rows:
            row["believed"] = row["believed"] or believed and row["added"] < size
        return size, decode(root), believed


def check_leaf(text, size, root):
    index, leaf, path = text.split(" ")
    path = decode(path)
    hashes = [path[i:i + 32] for i in range(0, len(path), 32)]
    check_inclusion(leaf_hash(decode(leaf)), number(index), size, hashes, root)


def follow_keys(keys, text):
    """Each change of keys: what two operators proposed and approved, under a note that vouches for it."""
    while text.startswith("key-note "):
        note, text = line(text, "key-note")
        proposed, text = line(text, "key-proposed")
        approved, text = line(text, "key-approved")
        proposal = record(decode(proposed.split(" ")[1]))[1]
        stored, approval = record(decode(approved.split(" ")[1]))
        at, since = number(proposed.split(" ")[0]), number(approved.split(" ")[0])
        done = [tpx.Report.FromString(event.message).done for event in stored.event]
        must(approval.approve.proposal == at < since and since > keys.last and
             any(each.act == tpx.ACT_CHECKPOINT_KEY and not each.is_proposal for each in done),
             "a change of the exchange's keys was not approved")
        change, keys.last = proposal.propose.checkpoint_key, since
        keys.revoke(change.key, since) if change.is_revoked else keys.add(change.key, since)
        size, root, _ = keys.open(decode(note))
        check_leaf(proposed, size, root)
        check_leaf(approved, size, root)
    return text


# --- certificates -------------------------------------------------------------------------------------

def asset_id(kind, name):
    """What names an asset in keys, of a certificate's line: a right's kind and number, or a holding's symbol
    and party."""
    if kind == "right":
        kind, name = name.split(" ")
        return bytes([number(kind)]) + name.encode()
    symbol, form, party = name.split(" ")
    party = {"code": str.encode, "identity": bytes.fromhex}[form](party)
    return bytes([0x80, len(symbol)]) + symbol.encode() + party


def entry_id(entry):
    """The same of an entry, each of which names its asset in full."""
    if entry.asset_kind == tpx.ASSET_RIGHT:
        return bytes([entry.right_kind]) + entry.number.encode()
    return bytes([0x80, len(entry.symbol)]) + entry.symbol.encode() + (entry.code.encode() or entry.identity)


def check_issued(issued, serial, as_of, first):
    """The command that asked for this asset's certificate, and was done under this number."""
    index, data, _ = issued.split(" ")
    stored, request = record(decode(data))
    asked = request.deed.certify
    done = [tpx.Report.FromString(event.message).done for event in stored.event]
    must(stored.header.sequence == number(index) < as_of and request.deed.WhichOneof("body") == "certify" and
         (asked.asset_kind, asked.asset, asked.holder) == (first.asset_kind, first.asset, first.holder) and
         any((each.deed, each.id) == (tpx.DEED_CERTIFY, serial) for each in done),
         "it was not asked for under its number")


def check(text, given):
    head, text = text.split("\n", 1)
    must(head == "tpx-certificate@v1", "this is no certificate")
    origin, text = line(text, "origin")
    environment, text = line(text, "environment")
    serial, text = line(text, "number") if text.startswith("number ") else (None, text)
    asset, text = line(text, "asset")
    name = asset_id(*asset.split(" ", 1))
    as_of, text = line(text, "as-of")
    reports = []
    while text.startswith("entry "):
        entry, text = line(text, "entry")
        entry, report = entry.split(" ")
        must(not reports or reports[-1][0] < int(entry), "entries are out of order")
        reports.append((number(entry), decode(report)))
    proof, text = line(text, "map-proof")
    seal, text = line(text, "seal")
    issued, text = line(text, "issued") if serial else (None, text)
    first, text = line(text, "genesis")
    genesis = record(decode(first.split(" ")[1]))[1].genesis
    must((genesis.origin, tpx.Environment.Name(genesis.environment)) ==
         (origin, "ENVIRONMENT_" + environment.upper()) and environment.islower() and
         first.startswith("0 "), "record 0 names another exchange")
    keys = Keys(origin, genesis.checkpoint_key, given)
    text = follow_keys(keys, text)
    _, index, *path = text[1:].split("\n\n", 1)[0].split("\n")
    must(text.startswith("\nc2sp.org/tlog-proof@v1\nindex "), "there is no proof of the Seal")
    size, root, believed = keys.open(text[1:].split("\n\n", 1)[1].encode())
    must(believed and keys.last < size, "no key that follows from the one given signed it")
    check_inclusion(leaf_hash(decode(seal)), number(index[6:]), size, [decode(each) for each in path], root)
    check_leaf(first, size, root)
    if serial:
        check_leaf(issued, size, root)
        check_issued(issued, number(serial), number(as_of), tpx.Report.FromString(reports[0][1]).entry)
    sealed = record(decode(seal))[1].seal
    must(sealed.as_of == number(as_of), "the Seal is as of another sequence")
    must(reports and reports[0][0] == 0, "entry 0 is missing: the asset is not known")
    for at, report in reports:
        entry = tpx.Report.FromString(report).entry
        must(entry.entry == at and entry_id(entry) == name, "an entry is another one's")
    prefix = digest(b"tpx asset\x00" + name)
    entries = [(prefix + entry.to_bytes(8, "big"), digest(report)) for entry, report in reports]
    check_map(sealed.root, prefix, entries, decode(proof))
    return "%s (%s): %s, as of %s: %d entries and no others" % (
        origin, environment, asset, as_of, len(reports))


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(check(read(arguments[0]).decode(), read_key(arguments[1])))
    except (Wrong, DecodeError, ValueError, KeyError, IndexError) as wrong:
        print("wrong: %s" % wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
