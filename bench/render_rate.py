"""Labels rendered and encoded per second on one core: 60×40 mm, 203 dpi; contenders take turns."""

from __future__ import annotations

from collections.abc import Callable

from bench.bytes_per_label import ZPL, as_peers_take_it, zebrafy
from bench.kit import Row, prepared, rates, serial
from edge_agent.labels.prepare import plan_prepared

DPI = 203


def rows(*, full: bool = False) -> list[Row]:
    """Both modes beside a label that is drawn from nothing, and beside a peer that need only encode."""
    found = rates(contenders())
    ours = [("run mode", "run", "≥ 5"), ("full mode", "full", "")]
    peers = [("from scratch", "each label drawn from nothing"), ("Z64", "zebrafy Z64 of a ready bitmap")]
    return [
        Row(words, found[key], "labels/s", peer, found[name], target=target if name == "from scratch" else "")
        for words, key, target in ours
        for name, peer in peers
    ] + [
        Row(
            "first label of a job: with what all its QR codes share",
            found["first"],
            "labels/s",
            peers[0][1],
            found["from scratch"],
        )
    ]


def contenders() -> dict[str, Callable[[], object]]:
    """Each makes the bytes of one label. Fonts are warm for all. "From scratch" draws everything of one label, its QR
    code with the choice of mask included, and encodes the whole; it keeps nothing for a next one."""
    ready = prepared()
    plan = plan_prepared(ready, DPI)
    drawn = plan.full(serial())
    picture = as_peers_take_it(drawn)

    def run() -> bytes:
        return ZPL.run_label(plan.background, plan.patches(serial()))

    def from_scratch() -> bytes:
        return ZPL.full_label(plan_prepared(ready, DPI).alone(serial()))

    def first() -> bytes:
        fresh = plan_prepared(ready, DPI)
        return ZPL.run_label(fresh.background, fresh.patches(serial()))

    return {
        "run": run,
        "full": lambda: ZPL.full_label(plan.full(serial())),
        "from scratch": from_scratch,
        "first": first,
        "Z64": lambda: zebrafy(picture, "Z64"),
    }
