"""What a ledger put back from a backup tells again, and its own history refused, does nothing here either."""

from __future__ import annotations

import json
from typing import Any

import pytest

from central_registry.ingest.states import State
from tests.kits.registry_kit import Edge, running


def retold_scraps(edge: Edge, *serials: str) -> None:
    """The line goes on from a backup and tells again that these were found spoiled in the days it lost."""
    before = edge.copy()
    edge.begin(before, "recovered")
    for seq, serial in enumerate(serials, len(before.bodies) + 1):
        place = {"incarnation": before.incarnation, "seq": seq}
        event: dict[str, Any] = {"type": "label_decided", "step": "scrap", "serial": serial, **place}
        event |= {"operator": "示例甲", "reason": "污损", "at": "2026-11-20T09:15:03.120Z"}
        edge.tell("adopted", origin={**place, "hash": f"{seq:064x}"}, event=event)


@pytest.mark.parametrize("known_by", ["label_scanned", "label_decided"])
async def test_a_label_on_its_garment_is_not_scrapped_by_a_ledger_of_before(known_by: str) -> None:
    """Beside it one that only counts as commissioned, where a site has no scan step: that may be found spoiled."""
    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 10)
        worn, printed = edge.serials(2)
        edge.printed([worn, printed])
        counted = edge.serials(1)[0]
        edge.printed([counted], counts_as="commissioned")
        said = {"operator": "示例甲", "text": "", "reason": ""}
        edge.tell(known_by, serial=worn, step="commission", **said)
        await edge.send()
        retold_scraps(edge, worn, printed, counted)
        await edge.send()
        states = await registry.states()
        assert [State(states[one]) for one in (worn, printed, counted)] == [
            State.COMMISSIONED, State.SCRAPPED, State.SCRAPPED
        ]  # fmt: skip
        sums = await registry.rows("SELECT drawn, printed, commissioned, scrapped FROM label_sum")
        assert [tuple(row.values()) for row in sums] == [(3, 0, 1, 2)]
        assert b"adopted" in edge.bodies[-1] and json.loads(edge.bodies[-1])["event"]["serial"] == counted
