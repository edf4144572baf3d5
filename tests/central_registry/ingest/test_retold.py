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


@pytest.mark.parametrize(("worn_in", "expected"), [("printed", State.IN_DOUBT), ("scrapped", State.IN_DOUBT)])
async def test_a_strip_that_its_ledger_refuses_is_left_as_it_was(worn_in: str, expected: State) -> None:
    """One of its labels went onto a garment in the days the backup lost: the ledger takes none of what it says of
    that strip, and neither do the books. Beside it a strip that nobody touched is settled as told."""
    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 20)
        strips = [edge.serials(3), edge.serials(3)]
        windows = [edge.sending(one) for one in strips]
        for window in windows:
            edge.tell("window_in_doubt", window=window, reason="silence", evidence={})
        worn = strips[0][0 if worn_in == "printed" else 2]
        edge.tell("label_scanned", serial=worn, text="", operator="示例甲", step="commission")
        await edge.send()
        retold_strips(edge, windows, strips)
        await edge.send()
        states = await registry.states()
        left = [State(states[one]) for one in strips[0] if one != worn]
        assert (left, State(states[worn])) == ([expected, expected], State.COMMISSIONED)
        settled = [State.PRINTED, State.PRINTED, State.SCRAPPED]
        assert [State(states[one]) for one in strips[1]] == settled
        retold_strips(edge, windows[1:], strips[1:])
        await edge.send()
        states = await registry.states()
        assert [State(states[one]) for one in strips[1]] == settled, "nothing is settled twice"
        sums = await registry.rows("SELECT drawn, printed, in_doubt, commissioned, scrapped FROM label_sum")
        assert [tuple(row.values()) for row in sums] == [(6, 2, 2, 1, 1)]


def retold_strips(edge: Edge, windows: list[str], strips: list[list[str]]) -> None:
    """The line goes on from a backup and tells again how strips were settled there, by their second label."""
    before = edge.copy()
    edge.begin(before, "recovered")
    for seq, (window, serials) in enumerate(zip(windows, strips, strict=True), len(before.bodies) + 1):
        place = {"incarnation": before.incarnation, "seq": seq}
        event: dict[str, Any] = {"type": "window_settled", "window": window, "last": serials[1], "text": "x", **place}
        event |= {"printed": serials[:2], "scrapped": serials[2:], "invalid": [], "operator": "示例甲"}
        edge.tell("adopted", origin={**place, "hash": f"{seq:064x}"}, event=event | {"at": "2026-11-20T09:15:03.120Z"})
