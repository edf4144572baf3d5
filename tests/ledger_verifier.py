"""Checks a ledger file from docs/ledger-format.md alone; shares no line with the product. `python ledger_verifier.py FILE`"""

import hashlib
import json
import sqlite3
import sys


def verify(path):
    """None if the chain is whole; else one sentence about the first bad event."""
    db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    ends, lives = (
        {},
        db.execute("SELECT incarnation, parent, parent_seq, parent_hash FROM incarnation ORDER BY ordinal").fetchall(),
    )
    for life, parent, parent_seq, parent_hash in lives:
        previous, expected, begun = bytes(32), 1, None
        for seq, body, digest in db.execute(
            "SELECT seq, body, hash FROM event WHERE incarnation = ? ORDER BY seq", (life,)
        ):
            event = json.loads(body)
            if seq != expected or (event["incarnation"], event["seq"]) != (life, seq):
                return f"{life}: event {expected} is missing or misplaced"
            if hashlib.sha256(previous + body).digest() != digest:
                return f"{life}: event {seq} does not hash"
            previous, expected, begun = digest, expected + 1, begun or event
            ends[life, seq] = digest
        origin = (
            begun
            and begun["parent"]
            and (begun["parent"]["incarnation"], begun["parent"]["seq"], bytes.fromhex(begun["parent"]["hash"]))
        )
        if begun is None or origin != ((parent, parent_seq, parent_hash) if parent else None):
            return f"{life}: its first event and the table of incarnations differ"
        if parent and ends.get((parent, parent_seq)) != parent_hash:
            return f"{life}: its parent is not there"
    stored = db.execute("SELECT count(*) FROM event").fetchone()[0]
    db.close()
    return None if stored == len(ends) and lives else f"{stored} events stored, {len(ends)} in a chain"


if __name__ == "__main__":
    sys.exit(verify(sys.argv[1]))
