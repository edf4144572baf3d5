"""Distributes certificates: of each lot the newest version that was ever approved, as it stands, under the lot's keys.

An agent compares a record with it before it prints; ingest judges by the version in the agent's own history. One that
is suspended or withdrawn says so with its reason; one that another took the place of is distributed no more.
"""

from __future__ import annotations

import json
from typing import Any

from central_registry.db import Connection, sql
from central_registry.distribution.items import EVERYBODY, held, put_all
from central_registry.distribution.keys import Goods, keys_of
from label_protocol.kinds import ItemKind


async def put_certificate(connection: Connection, firm: str, lot_no: str) -> None:
    """Distribute what the certificate of a firm's lot is now; nothing is put where nothing changed. Whoever approves,
    suspends, withdraws or lifts one calls this in the same transaction."""
    goods = Goods(firm, "", lot_no)
    row = await sql.certificate_shown(connection, firm=firm, lot_no=goods.number)
    if row is None:
        return
    items = [_item(key, goods, row) for key in await keys_of(connection, goods)]
    news = [one for one in items if await held(connection, ItemKind.CERTIFICATE, one["quota_key"]) != one]
    if news:
        await put_all(connection, EVERYBODY, news)


def _item(quota_key: str, goods: Goods, row: Any) -> dict[str, Any]:
    stands = row["state"] == "approved"
    return {
        "kind": ItemKind.CERTIFICATE.value,
        "quota_key": quota_key,
        "firm": goods.firm,
        "lot_no": goods.number,
        "version": row["version"],
        "scheme": row["scheme"],
        "valid_from": row["valid_from"].isoformat(),
        "valid_to": None if row["valid_to"] is None else row["valid_to"].isoformat(),
        "facts": json.loads(row["facts"]),
        "sha256": row["sha256"],
        "withdrawn": not stands,
        "reason": "" if stands else row["reason"],
    }
