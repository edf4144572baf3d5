"""Takes a complaint from anybody, and lets who has its word read on and appeal. Nobody logs in.

The fence knows these people as those at the door; which case is theirs is said by its number and its word together,
and the answer to a wrong word is the one to a wrong number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.cases.numbers import new_number, new_word, read_number, word_hash
from central_registry.cases.photos import Photo
from central_registry.cases.steps import MOVES, SEEN_BY_COMPLAINANT, About, CaseState, Step, due, forgotten_on
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.actor import UNASSIGNED
from central_registry.parties.door import fence_out
from central_registry.problems import ProblemError

PHOTOS_BYTES_MOST = 4 << 30
"""Of all cases together: some ten thousand photos."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What a serial is of; a serial that nobody told of is of nobody."""

    serial: str
    quota_key: str = ""
    firm: str = UNASSIGNED
    lot_no: str = ""
    style_no: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """`contact` may be ''."""

    about: About
    words: str
    bought: str = ""
    contact: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Filed:
    """`word` is shown once."""

    number: str
    word: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as its complainant sees it; `said`: rows of `{step, said, at}`."""

    number: str
    state: CaseState
    about: About
    made_at: datetime
    due_at: datetime | None
    said: Sequence[Mapping[str, Any]]

    @property
    def may_appeal(self) -> bool:
        """Whether an answer stands that can be appealed."""
        return (self.state, Step.APPEAL) in MOVES


async def goods_of(scans: Pool, serial: str) -> Goods:
    """What the registry knows of a serial, asked as a scan is."""
    row = await sql.goods_of_serial(scans, serial=serial)
    return Goods(serial, **row) if row else Goods(serial)


async def file(
    pool: Pool, goods: Goods, complaint: Complaint, at: datetime, *, photos_most: int = PHOTOS_BYTES_MOST
) -> Filed:
    """Take a complaint in.

    Raises:
        ProblemError: 409 if it has photos and there is no more room for any.
    """
    word = new_word()

    async def work(connection: Connection) -> Filed:
        await fence_out(connection)
        if complaint.photos:
            await _require_room(connection, complaint.photos, photos_most)
        made = Filed(new_number(), word)  # drawn again with each try: the number may be taken
        await _keep(connection, made, goods, complaint, at)
        return made

    return await in_transaction(pool, work)


async def _require_room(connection: Connection, photos: Sequence[Photo], most: int) -> None:
    held: int = await sql.photo_bytes(connection)
    if held + sum(len(one.body) for one in photos) > most:
        raise ProblemError(
            "refused",
            "暂时收不下照片，请不附照片再提交 · photos: expected room for them, got none; send it without photos",
            field="photos",
        )


async def _keep(connection: Connection, made: Filed, goods: Goods, complaint: Complaint, at: datetime) -> None:
    state = CaseState.RECEIVED
    await sql.add_complaint(
        connection, complaint=made.number, word_hash=word_hash(made.word), serial=goods.serial,
        quota_key=goods.quota_key, firm=goods.firm, lot_no=goods.lot_no, style_no=goods.style_no,
        about=complaint.about.value, words=complaint.words, bought=complaint.bought, photos=len(complaint.photos),
        state=state.value, made_at=at, due_at=due(state, at), delete_on=forgotten_on(at),
    )  # fmt: skip
    if complaint.contact:
        await sql.add_complaint_contact(connection, complaint=made.number, contact=complaint.contact)
    for n, one in enumerate(complaint.photos, 1):
        await sql.add_complaint_photo(connection, complaint=made.number, n=n, file_hash=one.file_hash, body=one.body)


async def read(pool: Pool, number: str, word: str) -> Seen:
    """The case of that number and word.

    Raises:
        ProblemError: 404, the same for a number that is none's and for a word that is not its.
    """

    async def work(connection: Connection) -> Seen:
        await fence_out(connection)
        return await _seen(connection, await _theirs(connection, number, word))

    return await in_transaction(pool, work)


async def appeal(pool: Pool, number: str, word: str, said: str, at: datetime) -> Seen:
    """Say that the answer will not do.

    Raises:
        ProblemError: 404 as `read`; 409 where no answer stands; 422 without a reason.
    """
    if not said.strip():
        raise ProblemError("unprocessable", "请写明理由 · said: expected a reason, got none", field="said")

    async def work(connection: Connection) -> Seen:
        await fence_out(connection)
        row = await sql.complaint_locked(connection, complaint=(await _theirs(connection, number, word))["complaint"])
        after = MOVES.get((CaseState(row["state"]), Step.APPEAL))
        if after is None:
            raise ProblemError(
                "refused", "现在没有可以申诉的答复 · appeal: expected an answer that stands, got none; read its state"
            )
        moved = {**row, "state": after.value, "due_at": due(after, at), "delete_on": forgotten_on(at)}
        await sql.move_complaint(connection, **{name: moved[name] for name in MOVED})
        await sql.add_complaint_step(
            connection, complaint=row["complaint"], step=Step.APPEAL.value, said=said.strip(), at=at, person="",
            by_party="",
        )  # fmt: skip
        return await _seen(connection, moved)

    return await in_transaction(pool, work)


MOVED = ("complaint", "state", "due_at", "taken_by", "firm_asked", "answered_by", "closed_at", "delete_on")
"""What a step may change, and of which case."""


async def _theirs(connection: Connection, number: str, word: str) -> Mapping[str, Any]:
    found = read_number(number)
    row = await sql.complaint_of_word(connection, complaint=found, word_hash=word_hash(word)) if found else None
    if row is None:
        raise ProblemError(
            "not-found",
            "编号或查询码不对 · complaint: expected a number and its word, got another pair; correct them",
            field="word",
        )
    return dict(row)


async def _seen(connection: Connection, row: Mapping[str, Any]) -> Seen:
    steps = [dict(one) async for one in sql.complaint_steps(connection, complaint=row["complaint"])]
    said = [one for one in steps if Step(one["step"]) in SEEN_BY_COMPLAINANT]
    state, about = CaseState(row["state"]), About(row["about"])
    return Seen(row["complaint"], state, about, row["made_at"], row["due_at"], said)
