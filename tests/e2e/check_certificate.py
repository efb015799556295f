#!/usr/bin/python3
"""Checks a certificate with nothing of the exchange's own code.

    check_certificate.py FILE KEY

KEY is the exchange's first verifier key, or a file that holds one. Needs protobuf with what `protoc
--python_out=DIR proto/tpx.proto` makes (PYTHONPATH=DIR), and check_tlog.py beside it for signatures and the
tree; written from ledger/README.md. Prints what the certificate says, or what is wrong and ends with 1.
"""
import base64
import sys

from check_tlog import (Wrong, check_inclusion, digest, has_signed, key_id, leaf_hash, must, read,
                        read_key)
from google.protobuf.message import DecodeError
from proto import tpx_pb2 as tpx

def decode(text):
    data = base64.b64decode(text, validate=True)
    must(base64.b64encode(data).decode() == text, "base 64 has another spelling")
    return data
def number(text):
    must(str(int(text)) == text, "a number has another spelling")
    return int(text)

def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at
def put(value):
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + put(value >> 7)
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

class Lines:
    """A certificate's lines, each taken by the word that it begins with."""
    def __init__(self, text):
        self.text = text
    def has(self, word):
        return self.text.startswith(word + " ")
    def take(self, word):
        head, newline, rest = self.text.partition("\n")
        must(newline and self.has(word), "there is no line that begins with " + word)
        self.text = rest
        return head[len(word) + 1:]

class Leaf:
    """A record, the request in it, what was done, and its way to a root."""
    def __init__(self, text):
        index, data, path = text.split(" ")
        self.index, self.data, path = number(index), decode(data), decode(path)
        self.path = [path[i:i + 32] for i in range(0, len(path), 32)]
        stored = tpx.Record.FromString(self.data)
        self.request = tpx.Request.FromString(stored.request)
        self.done = [tpx.Report.FromString(event.message).done for event in stored.event]
        must(stored.header.sequence == self.index, "a record stands elsewhere")
    def check(self, size, root):
        check_inclusion(leaf_hash(self.data), self.index, size, self.path, root)

class Keys:
    """The exchange's keys: since which tree's size and up to which they sign, and who is believed."""
    def __init__(self, origin, first, given):
        self.origin, self.given, self.rows, self.last = origin, given, [], 0
        self.add(first, 0)
    def add(self, key, sequence):
        name = key_id(self.origin, key)
        self.rows.append({"id": name, "key": key, "added": sequence, "revoked": 2**64,
                          "believed": (self.origin, name, key) == self.given})
    def open(self, note):
        """Size and root of a tree, signed by keys in force alone; whether one of them is believed."""
        text, _, lines = note.decode().rpartition("\n\n")
        origin, size, root, end = (text + "\n").split("\n")
        must(origin == self.origin and not end and lines[-1:] == "\n", "a note is another exchange's")
        size, believed = number(size), False
        for each in lines[:-1].split("\n"):
            dash, signer, signature = each.split(" ")
            signature = decode(signature)
            row = [row for row in self.rows if row["id"] == signature[:4] and signer == origin and
                   row["added"] < size <= row["revoked"]]
            must(dash == "\u2014" and row, "a note is signed by a key that does not follow")
            must(has_signed(row[0]["key"], (text + "\n").encode(), signature[4:]), "a signature is wrong")
            believed = believed or row[0]["believed"]
        for row in self.rows:
            row["believed"] = row["believed"] or believed and row["added"] < size
        return size, decode(root), believed
    def follow(self, lines):
        """A change of keys: two operators proposed and approved it, under a note that vouches for it."""
        note = decode(lines.take("key-note"))
        proposed, approved = Leaf(lines.take("key-proposed")), Leaf(lines.take("key-approved"))
        must(approved.request.approve.proposal == proposed.index < approved.index > self.last and
             any(each.act == tpx.ACT_CHECKPOINT_KEY and not each.is_proposal for each in approved.done),
             "a change of the exchange's keys was not approved")
        change, self.last = proposed.request.propose.checkpoint_key, approved.index
        if not change.is_revoked:
            self.add(change.key, approved.index)
        for row in self.rows:
            if change.is_revoked and row["key"] == change.key:
                row["revoked"] = approved.index
        size, root, _ = self.open(note)
        proposed.check(size, root)
        approved.check(size, root)

def line_id(kind, name):
    """What names an asset in keys: a right's kind and number, or a holding's symbol and party."""
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

def check(text, given):
    lines = Lines(text)
    must(lines.text.startswith("tpx-certificate@v1\norigin "), "this is no certificate")
    lines.text = lines.text.partition("\n")[2]
    origin, environment = lines.take("origin"), lines.take("environment")
    serial = number(lines.take("number")) if lines.has("number") else None
    asset, as_of, reports = lines.take("asset"), number(lines.take("as-of")), []
    name = line_id(*asset.split(" ", 1))
    while lines.has("entry"):
        at, report = lines.take("entry").split(" ")
        reports.append((number(at), decode(report)))
    proof, seal = decode(lines.take("map-proof")), decode(lines.take("seal"))
    issued = Leaf(lines.take("issued")) if serial else None
    first = Leaf(lines.take("genesis"))
    genesis = first.request.genesis
    must((genesis.origin, {1: "production", 2: "test"}[genesis.environment], first.index) ==
         (origin, environment, 0), "record 0 names another exchange")
    keys = Keys(origin, genesis.checkpoint_key, given)
    while lines.has("key-note"):
        keys.follow(lines)
    head, _, note = lines.text.partition("\n\n")
    blank, form, index, *path = head.split("\n")
    must((blank, form, index[:6]) == ("", "c2sp.org/tlog-proof@v1", "index "), "there is no proof")
    size, root, believed = keys.open(note.encode())
    must(believed and keys.last < size, "no key that follows from the one given signed it")
    check_inclusion(leaf_hash(seal), number(index[6:]), size, [decode(each) for each in path], root)
    first.check(size, root)
    sealed = tpx.Request.FromString(tpx.Record.FromString(seal).request).seal
    must(sealed.as_of == as_of, "the Seal is as of another sequence")
    places, entries = [at for at, _ in reports], [tpx.Report.FromString(each).entry for _, each in reports]
    must(places[:1] == [0] and places == sorted(set(places)), "entry 0 is missing, or the order is wrong")
    must(all(entry.entry == at and entry_id(entry) == name for at, entry in zip(places, entries)),
         "an entry is another one's")
    prefix = digest(b"tpx asset\x00" + name)
    check_map(sealed.root, prefix,
              [(prefix + at.to_bytes(8, "big"), digest(report)) for at, report in reports], proof)
    if serial:
        issued.check(size, root)
        asked = issued.request.deed.certify
        must(issued.index < as_of and issued.request.deed.WhichOneof("body") == "certify" and
             (asked.asset_kind, asked.asset, asked.holder) ==
             (entries[0].asset_kind, entries[0].asset, entries[0].holder) and
             any((each.deed, each.id) == (tpx.DEED_CERTIFY, serial) for each in issued.done),
             "it was not asked for under its number")
    return "%s (%s): %s, as of %d: %d entries and no others" % (
        origin, environment, asset, as_of, len(entries))
def main(arguments):
    try:
        must(len(arguments) == 2, "two arguments are wanted:" + __doc__)
        print(check(read(arguments[0]).decode(), read_key(arguments[1])))
    except (Wrong, DecodeError, ValueError, KeyError, IndexError) as wrong:
        print("wrong: %s" % wrong)
        return 1
    return 0
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
