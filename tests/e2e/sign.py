"""Signs a mandate with a public library, as proto/README.md ("Signing a deed") says, and sends it.

    sign.py ENDPOINT SERVER_KEY SESSION KEYFILE ALGORITHMS SECRET PARTY_KEY PRINCIPAL AGENT

ALGORITHMS is international, or national: then signs with SM2 (national.py, beside this file). SECRET
is the party's key in hex. Sends the deed twice, the second time with another amount than was
signed; prints the mandate's number, and then why the second was refused.
"""

import hashlib
import sys
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import national
from client import Client, tpx


def load_key(path):
    words = [line.split() for line in open(path, encoding="ascii")]
    keys = {word[0]: word[1] for word in words if len(word) == 2}
    return keys["tpx-curve-public"], keys["tpx-curve-secret"]


def signed_bytes(origin, signature, deed):
    name = deed.WhichOneof("body")
    kind = deed.DESCRIPTOR.fields_by_name[name].number
    return (b"tpx deed v1\0" + origin.encode() + b"\0" + signature.party_key.to_bytes(4, "big")
            + signature.serial.to_bytes(8, "big") + signature.expires.to_bytes(8, "big")
            + kind.to_bytes(4, "big") + getattr(deed, name).SerializeToString())


SIGN = {
    "international": lambda secret, data: Ed25519PrivateKey.from_private_bytes(secret).sign(data),
    "national": national.sign,
}


def main(endpoint, server_key, session, key_file, algorithms, secret, party_key, principal, agent):
    client = Client(endpoint, server_key, load_key(key_file), int(session))
    client.log_on()
    deed = tpx.Deed(grant_mandate=tpx.GrantMandate(
        principal=int(principal), agent=int(agent), scope=tpx.MANDATE_PLEDGE, limit_amount=1000,
        until=20991231, document=hashlib.sha256(b"a power of attorney").digest()))
    signature = deed.signature.add(
        party_key=int(party_key), serial=time.time_ns() // 1000,
        expires=time.time_ns() + 3600 * 10**9)
    signature.bytes = SIGN[algorithms](
        bytes.fromhex(secret), signed_bytes(client.logged_on.origin, signature, deed))
    print(client.answers(client.send(dict(deed=deed)))[0].done.id)
    deed.grant_mandate.limit_amount += 1
    number = client.send(dict(deed=deed))
    client.answers(number)
    refused = client.refused[number]
    print(tpx.Reason.Name(refused.reason), refused.field)
    client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
