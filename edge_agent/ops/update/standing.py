"""Which program had the ledger last, whether it has proven itself, and whether the one before it may come back.

The ledger decides, not the installer: whoever put the program there, by `update apply`, dpkg or pip, its first start is
held until its self-check is well, and the old one comes back by a command only while the ledger is as the new one found
it. An older program that wrote behind events it does not know would tell a history that never was (invariant 4).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edge_agent.errors import UpdateError
from edge_agent.ledger.peek import Peek
from edge_agent.ops.update.records import put, read


@dataclass(frozen=True, slots=True)
class Standing:
    """`version` had the ledger last; `confirmed`: it started well once. `before` had it before that, and left it at
    `place` (incarnation, seq and hash; None: there was no ledger yet) with `schema`; empty: nobody known."""

    version: str
    confirmed: bool
    before: str = ""
    place: dict[str, Any] | None = None
    schema: int = 0


def kept(folder: Path) -> Standing | None:
    """What is on record; None: nothing, as before the first start of a program that keeps it."""
    row = read(folder / "standing.json", frozenset(Standing.__slots__))
    return Standing(**row) if row else None


def keep(folder: Path, standing: Standing) -> None:
    """Keeps it. Raises OSError: the disk or the folder does not take it."""
    put(folder / "standing.json", asdict(standing))


def is_known(standing: Standing | None, version: str) -> bool:
    """Whether this program need not prove itself: it did, or nobody has kept a record here yet."""
    return standing is None or (standing.version == version and standing.confirmed)


def started(standing: Standing, version: str, ledger: Peek | None) -> Standing:
    """What is on record once `version` has started and found `ledger`.

    A program that comes back to the ledger it left is what it was; any other has to prove itself. One that was never
    confirmed is passed over: the last confirmed one stays the one to go back to, if nothing was appended meanwhile.
    """
    if standing.version == version:
        return standing
    untouched = standing.before != "" and _place(ledger) == standing.place
    if untouched and standing.before == version:
        return Standing(version, confirmed=True)
    if untouched and not standing.confirmed:
        return replace(standing, version=version)
    return Standing(version, False, standing.version, _place(ledger), ledger.schema if ledger else 0)


def require_return(standing: Standing | None, version: str, ledger: Peek | None) -> str:
    """The version that may come back in the place of `version`: one that never had the ledger has written nothing.

    Raises:
        UpdateError: none is known, the newer one has written into the ledger, or has given it another form.
    """
    if standing is not None and standing.confirmed and standing.version != version:
        return standing.version
    if standing is None or not standing.before:
        raise UpdateError(
            "退回：没有记录更早的版本 · update back: expected a version that ran here before, got none on record; "
            "install the one you want by hand"
        )
    if _place(ledger) != standing.place:
        raise UpdateError(
            f"退回：{standing.version} 已经记过账，不能退回 {standing.before}，请等下一个版本 · update back: expected "
            f"a ledger as {standing.before} left it, got {_events(standing, ledger)} of {standing.version}; an older "
            "program must not write behind them: go on with this one and ask for a newer"
        )
    if ledger is not None and ledger.floor > standing.schema:
        raise UpdateError(
            f"退回：账本的格式已经是新版的 · update back: expected a ledger that schema {standing.schema} may write, "
            f"got one of {ledger.floor}, which {standing.before} does not know; go on with {standing.version}"
        )
    return standing.before


def _place(ledger: Peek | None) -> dict[str, Any] | None:
    return dict(ledger.head.place()) if ledger else None


def _events(standing: Standing, ledger: Peek | None) -> str:
    if standing.place is None or ledger is None or ledger.head.incarnation != standing.place["incarnation"]:
        return "another ledger"
    return f"{ledger.head.seq - standing.place['seq']} events"
