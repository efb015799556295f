"""A bank and its pledges, in Python: asked at the endpoint query, as proto/README.md says.

    bank.py QUERY SERVER_KEY KEY_FILE CODE

prints a line for each entry that is pledged to the firm with this code and in force, and then how
many changes of the register have named it since the first record. The rows are reports, byte for
byte as in the ledger; a certificate proves them.
"""

import sys

from market import Asker
from proto import tpx_pb2 as tpx


def entries(asker, **query):
    """Every row of a question about the register, over all pages: (role, Extract)."""
    for answer in asker.pages(**query):
        for row in answer.registered:
            yield row.role, tpx.Report.FromString(row.report).entry


def asset(entry):
    """What an entry's asset is called outside."""
    if entry.asset_kind == tpx.ASSET_RIGHT:
        return f"{tpx.RightKind.Name(entry.right_kind)} {entry.number}"
    return f"{entry.symbol} of {entry.code or entry.identity.hex()}"


def portfolio(asker, code):
    """Prints it; returns how many entries there were."""
    count = 0
    for _, entry in entries(asker, party_entries=tpx.PartyEntriesQuery(
            code=code, role=tpx.ENTRY_ROLE_PLEDGEE, is_in_force=True)):
        print(f"{asset(entry)}: {entry.quantity} since {getattr(entry, 'from')}")
        count += 1
    return count


def owned(asker, code):
    """Names of the rights that a firm owns."""
    return [asset(entry) for _, entry in entries(asker, party_entries=tpx.PartyEntriesQuery(
        code=code, role=tpx.ENTRY_ROLE_OWNER)) if entry.kind == tpx.ENTRY_ASSET]


def main(endpoint, server_key, key_file, code):
    words = [line.split() for line in open(key_file, encoding="ascii")]
    keys = {word[0]: word[1] for word in words if len(word) == 2}
    asker = Asker(endpoint, server_key, (keys["tpx-curve-public"], keys["tpx-curve-secret"]))
    print(f"{portfolio(asker, code)} pledged to {code}")
    print(f"{len(owned(asker, code))} owned by it")
    changes = sum(1 for _ in entries(asker, register_changes=tpx.RegisterChangesQuery()))
    print(f"{changes} changes in the register so far")
    asker.close()


if __name__ == "__main__":
    main(*sys.argv[1:5])
