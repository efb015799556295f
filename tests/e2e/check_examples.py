"""Holds examples to what they say: check_examples.py proto/EXAMPLES.md

Every example in the block of ```bytes is a line `Type: fields` in protobuf's text format, where
`<Type: fields>` stands for the bytes of an encoded message, and below it, indented, its bytes. Both
ways must agree; and no request, report or question may be missing.
"""

import re
import sys

from google.protobuf import text_format
from proto import tpx_pb2 as tpx


def message_of(text):
    """The message of `Type: fields`."""
    inner = re.compile(r"<(\w+: [^<>]*)>")
    while found := inner.search(text):
        encoded = message_of(found[1]).SerializeToString()
        literal = '"' + "".join(f"\\x{byte:02x}" for byte in encoded) + '"'
        text = text[:found.start()] + literal + text[found.end():]
    kind, _, fields = text.partition(":")
    return text_format.Parse(fields, getattr(tpx, kind)())


def examples(path):
    """(line, bytes) of each: a line begins at the margin, goes on by two spaces, its bytes by four."""
    block = re.search(r"^```bytes\n(.*?)^```$", open(path, encoding="utf-8").read(), re.M | re.S)[1]
    line, encoded = "", ""
    for text in block.splitlines():
        if text.startswith("    "):
            encoded += text
        elif text.startswith("  "):
            line += text[1:]
        elif text and not text.startswith("#"):
            line = text
        elif encoded:
            yield line, bytes.fromhex(encoded)
            encoded = ""
    if encoded:
        yield line, bytes.fromhex(encoded)


def bodies(kind, least, most):
    """The bodies that a message's oneof can have, by their numbers."""
    return {field.name for field in getattr(tpx, kind).DESCRIPTOR.oneofs[0].fields
            if least <= field.number <= most}


def kinds(line):
    """(type, body) of the message and of those in it."""
    for text in [line] + re.findall(r"<(\w+: [^<>]*)>", line):
        kind = text.partition(":")[0]
        if kind in ("Request", "Report", "Query"):
            yield kind, message_of(text).WhichOneof("body")


def main(path):
    shown = set()
    count = 0
    for line, encoded in examples(path):
        message = message_of(line)
        assert message.SerializeToString() == encoded, f"{line}\n    {encoded.hex(' ')}"
        assert type(message).FromString(encoded) == message, line
        shown.update(kinds(line))
        count += 1
    for kind, last in ("Request", 19), ("Report", 27), ("Query", 37):
        missing = bodies(kind, 1, last) - {body for of, body in shown if of == kind}
        assert not missing, f"no example of {kind}: {missing}"
    print(f"{count} examples")


if __name__ == "__main__":
    main(sys.argv[1])
