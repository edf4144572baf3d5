"""Orders of faults: how they are written, when they act, how they end."""

from __future__ import annotations

import pytest

from edge_agent.virtual_printer import FAULT_HELP
from edge_agent.virtual_printer.faults import KINDS, FaultBoard, FaultOrder, Phase, parse_fault
from label_protocol.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("ribbon-out@5", FaultOrder("ribbon-out", 5, 0)),
        ("head-open", FaultOrder("head-open", None, 0)),
        ("slow-replies", FaultOrder("slow-replies", None, 500)),
        ("slow-replies:80", FaultOrder("slow-replies", None, 80)),
        ("power-cut@3:200", FaultOrder("power-cut", 3, 200)),
    ],
)
def test_orders_are_read(text: str, order: FaultOrder) -> None:
    assert parse_fault(text) == order


@pytest.mark.parametrize(
    "text", ["", "fire", "ribbon-out@", "ribbon-out@-1", "ribbon-out@٣", "ribbon-out:9", "a b", "@5"]
)
def test_what_is_no_order_is_refused_with_the_names(text: str) -> None:
    with pytest.raises(ConfigError, match="fault"):
        parse_fault(text)


def test_every_kind_is_explained_in_both_languages() -> None:
    assert [usage.split("@")[0] for usage, _, _ in FAULT_HELP] == list(KINDS)
    assert all(zh and en and not zh.isascii() and en.isascii() for _, zh, en in FAULT_HELP)


def test_an_order_comes_due_once_at_its_label_or_later() -> None:
    board = FaultBoard()
    board.waiting = [parse_fault("ribbon-out@3"), parse_fault("feed-key@3"), parse_fault("head-open@9")]
    assert board.due(2, Phase.DURING) == []
    assert [str(order) for order in board.due(4, Phase.DURING)] == ["ribbon-out@3"]
    assert board.due(4, Phase.DURING) == []
    assert [str(order) for order in board.waiting] == ["feed-key@3", "head-open@9"]


def test_withdrawn_orders_do_not_come_and_active_ones_end() -> None:
    board = FaultBoard()
    board.waiting = [parse_fault("ribbon-out@3")]
    board.active = {"silence": 0, "pause": 0}
    assert board.stopped
    assert board.withdraw(KINDS) == {"silence", "pause"}
    assert (board.waiting, board.active, board.stopped) == ([], {}, False)


def test_ending_a_fault_leaves_its_waiting_orders() -> None:
    board = FaultBoard()
    board.waiting = [parse_fault("power-cut@9")]
    board.active = {"power-cut": 50, "silence": 0}
    assert board.end({"power-cut", "unplug"}) == {"power-cut"}
    assert ([str(order) for order in board.waiting], board.active) == (["power-cut@9"], {"silence": 0})


@pytest.mark.parametrize("name", KINDS)
def test_the_head_stands_still_in_these_alone(name: str) -> None:
    board = FaultBoard()
    board.active = {name: 0}
    halting = {"media-out", "ribbon-out", "head-open", "paper-jam", "cutter-jam", "head-hot", "pause", "power-cut"}
    assert board.stopped is (name in halting)
