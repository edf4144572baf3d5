"""What a registry holds of its agents' words, event by event; and an older dump of it."""

from __future__ import annotations

from typing import Any

from central_registry.agents.words import hashes_of, pack, unpack

_ROWS = (
    "SELECT w.* FROM edge_words w JOIN incarnation i USING (agent, incarnation) "
    "WHERE $1 = '' OR w.agent = $1 ORDER BY w.agent, i.ordinal, w.last_seq"
)


async def told(pool: Any, agent: str = "") -> list[dict[str, Any]]:
    """Every event of the agent, or of all, in the order of their ledgers: `{agent, incarnation, seq, hash, body}`."""
    return [event for row in await pool.fetch(_ROWS, agent) for event in _events(row)]


async def forget_after(pool: Any, agent: str, seq: int) -> None:
    """As if no event after that number had ever come."""
    for row in await pool.fetch("SELECT * FROM edge_words WHERE agent = $1 AND last_seq > $2", agent, seq):
        where = agent, row["incarnation"], row["last_seq"]
        kept = [event["body"] for event in _events(row) if event["seq"] <= seq]
        await pool.execute("DELETE FROM edge_words WHERE agent = $1 AND incarnation = $2 AND last_seq = $3", *where)
        if kept:
            await pool.execute(
                "INSERT INTO edge_words (first_seq, last_seq, agent, incarnation, before, words) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                row["first_seq"], seq, agent, row["incarnation"], row["before"], pack(kept),
            )  # fmt: skip
    for event in await told(pool, agent):
        if event["seq"] == seq:
            values = agent, event["incarnation"], seq, event["hash"]
            await pool.execute(
                "UPDATE incarnation SET seq = $3, hash = $4 WHERE agent = $1 AND incarnation = $2", *values
            )


def _events(row: Any) -> list[dict[str, Any]]:
    bodies = unpack(row["words"])
    hashes = hashes_of(row["before"], bodies)
    named = {"agent": row["agent"], "incarnation": row["incarnation"]}
    return [
        {**named, "seq": seq, "hash": digest, "body": body}
        for seq, (digest, body) in enumerate(zip(hashes, bodies, strict=True), row["first_seq"])
    ]
