"""Checks a ledger file from docs/ledger-format.md alone, without a line of the product: `ledger_verifier.py FILE`."""

import hashlib
import json
import sqlite3
import sys


def verify(path):
    """None if every chain is whole; else one sentence about the first bad event."""
    db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    lives = db.execute("SELECT incarnation, parent, parent_seq, hex(parent_hash) FROM incarnation").fetchall()
    stored = db.execute("SELECT incarnation, seq, body, hash FROM event ORDER BY incarnation, seq").fetchall()
    db.close()
    hashes, parents = {}, {}
    for life, seq, body, digest in stored:
        event = json.loads(body)
        previous = bytes(32) if seq == 1 else hashes.get((life, seq - 1))
        if previous is None or (event["incarnation"], event["seq"]) != (life, seq):
            return f"{life}: event {seq} follows a gap or names another place"
        if hashlib.sha256(previous + body).digest() != digest:
            return f"{life}: event {seq} does not hash"
        hashes[life, seq] = digest
        if seq == 1:
            parents[life] = event["parent"] or {"incarnation": None, "seq": None, "hash": ""}
    for life, parent, seq, digest in lives:
        if parents.pop(life, None) != {"incarnation": parent, "seq": seq, "hash": digest.lower()}:
            return f"{life}: its first event and the table of incarnations differ"
        if parent and hashes.get((parent, seq), b"").hex() != digest.lower():
            return f"{life}: its parent is not there"
    return f"{next(iter(parents))}: not in the table of incarnations" if parents or not lives else None


if __name__ == "__main__":
    sys.exit(verify(sys.argv[1]))
