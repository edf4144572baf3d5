"""The file of people, badges and tokens: SQLite, since the agent counts wrong PINs in it while a command adds somebody.

Each order opens the file, does one transaction and closes it: there are a few a minute, and who was added or left
counts at once, whichever program did it. A file that is not there names nobody, and is made by the first who is added.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosql

from edge_agent.access import codes
from edge_agent.access.roles import Role, Scope
from edge_agent.clock import Clock, now_utc
from edge_agent.errors import CatalogError, NotFoundError
from edge_agent.files import begin_file, keep_private, make_folder
from edge_agent.model import names
from label_protocol.errors import ConflictError, InputError

_ROOM = files("edge_agent.access")
_Q: Any = aiosql.from_str((_ROOM / "queries.sql").read_text("utf-8"), "sqlite3")
_SCHEMA = (_ROOM / "schema" / "0001_people.sql").read_text("utf-8")
_VERSION = 1
_WAIT_S = 10.0
"""How long one program waits for the other; each holds the file for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of this site; `pin` is a hash. Who left stays, for the events that name them; `name` may be emptied."""

    id: str
    name: str
    role: Role
    pin: str | None
    wrong_pins: int
    locked_until_s: float
    added_at: str
    left_at: str | None
    has_badge: bool

    @property
    def works_here(self) -> bool:
        """Whether this person may still act."""
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class Program:
    """A program that was given a token."""

    id: str
    name: str
    scopes: frozenset[Scope]
    added_at: str
    revoked_at: str | None


class PeopleStore:
    """One file; safe for several programs at once, and for any thread."""

    def __init__(self, path: Path, clock: Clock = now_utc) -> None:
        self.path, self._clock = path, clock

    def named(self) -> bool:
        """Whether anybody was ever added. Raises CatalogError."""
        if not self.path.exists():
            return False
        with self._db() as db:
            return bool(_Q.people_ever(db))

    def people(self) -> Sequence[Person]:
        """Everybody, in the order they came. Raises CatalogError."""
        if not self.path.exists():
            return ()
        with self._db() as db:
            return _people(db)

    def person(self, who: str) -> Person:
        """Somebody who works here, by id or by name. Raises NotFoundError, CatalogError."""
        return _found(self.people(), who)

    def add(self, name: str, role: Role, pin: str | None) -> Person:
        """Somebody new; `pin` is a hash.

        Raises:
            InputError: the name is none, or the first person is no lead.
            ConflictError: somebody who works here has this name, or the text is somebody's id.
            CatalogError: the file cannot be written.
        """
        name = names.person(name, "people: name")
        with self._db(make=True) as db:
            there = _people(db)
            if not there and role is not Role.LEAD:
                raise InputError(
                    f"第一个人必须是班长 · people: expected a lead as the first person, got {role.value}; "
                    "add one with --role lead"
                )
            if any(name in (one.id, one.name) for one in there if one.works_here or one.id == name):
                raise ConflictError(
                    f"已有叫 {name} 的人 · people: expected a name that nobody here has, got {name!r} again; add what "
                    "tells them apart"
                )
            person = codes.new_id("p", os.urandom)
            _Q.add_person(db, person=person, name=name, role=role.value, pin=pin, at=self._clock())
            return _found(_people(db), person)

    def set_pin(self, who: str, pin: str) -> Person:
        """A new PIN, as a hash; what was wrong before is forgiven. Raises as `person`."""
        with self._of(who) as (db, person):
            _Q.set_pin(db, person=person.id, pin=pin)
        return person

    def set_wrong_pins(self, person_id: str, wrong: int, locked_until_s: float = 0) -> None:
        """How many PINs in a row were wrong, and until when (Unix time) this person is not let in. Raises as
        `person`."""
        with self._of(person_id) as (db, person):
            _Q.set_wrong_pins(db, person=person.id, wrong=wrong, until=locked_until_s)

    def new_badge(self, who: str, badge: str) -> Person:
        """Makes this hash the badge of somebody; any earlier one no longer lets in. Raises as `person`."""
        with self._of(who) as (db, person):
            _Q.revoke_badges(db, person=person.id, at=self._clock())
            _Q.add_badge(db, badge=badge, person=person.id, at=self._clock())
        return person

    def revoke_badges(self, who: str) -> Person:
        """Lost, or found by others. Raises as `person`."""
        with self._of(who) as (db, person):
            _Q.revoke_badges(db, person=person.id, at=self._clock())
        return person

    def by_badge(self, badge: str) -> Person | None:
        """Whose badge this hash is; None: nobody's, or revoked, or its person left. Raises CatalogError."""
        if not self.path.exists():
            return None
        with self._db() as db:
            row = _Q.badge(db, badge=badge)
            if row is None or row[1] is not None:
                return None
            return next((one for one in _people(db) if one.id == row[0] and one.works_here), None)

    def leave(self, who: str) -> Person:
        """Somebody works here no more: badge and PIN are void at once.

        Raises:
            NotFoundError, CatalogError: as `person`.
            ConflictError: the last lead who has a badge or could be given one.
        """
        with self._of(who) as (db, person):
            leads = [one for one in _people(db) if one.works_here and one.role is Role.LEAD]
            if [one.id for one in leads] == [person.id]:
                raise ConflictError(
                    f"{person.name} 是最后一个班长，请先加一个 · people: expected another lead to stay, got the last "
                    "one; add one first"
                )
            _Q.leave(db, person=person.id, at=self._clock())
            _Q.revoke_badges(db, person=person.id, at=self._clock())
        return person

    def forget(self, who: str) -> Person:
        """Empties the name of somebody who left; the id stays, because events name it.

        Raises:
            NotFoundError: nobody has this id or name.
            ConflictError: this person still works here.
        """
        with self._db() as db:
            person = next((one for one in _people(db) if who in (one.id, one.name) and not one.works_here), None)
            if person is None:
                person = _found(_people(db), who)
                raise ConflictError(
                    f"{person.name} 还在职，先用 people leave · people: expected somebody who left, got "
                    f"{person.name!r}, who works here; run people leave first"
                )
            _Q.forget(db, person=person.id)
        return person

    def programs(self) -> Sequence[Program]:
        """Every program that was given a token. Raises CatalogError."""
        if not self.path.exists():
            return ()
        with self._db() as db:
            return tuple(Program(i, n, _scopes(s), added, revoked) for i, n, s, added, revoked in _Q.tokens(db))

    def add_program(self, name: str, scopes: frozenset[Scope], token: str) -> Program:
        """A program and its token, as a hash. Raises InputError: no name; CatalogError."""
        name = names.person(name, "tokens: name")
        program, joined = codes.new_id("t", os.urandom), " ".join(sorted(scopes))
        with self._db(make=True) as db:
            _Q.add_token(db, token=token, program=program, name=name, scopes=joined, at=self._clock())
        return next(one for one in self.programs() if one.id == program)

    def by_token(self, token: str) -> tuple[str, frozenset[Scope]] | None:
        """Id and scopes of the program whose token this hash is; None: nobody's, or revoked. Raises CatalogError."""
        if not self.path.exists():
            return None
        with self._db() as db:
            row = _Q.token(db, token=token)
            return None if row is None else (row[0], _scopes(row[1]))

    def revoke_program(self, who: str) -> Program:
        """Its token lets in no more; by id or name. Raises NotFoundError, CatalogError."""
        found = next((one for one in self.programs() if who in (one.id, one.name) and not one.revoked_at), None)
        if found is None:
            raise NotFoundError(f"tokens: expected a program that has a token, got {who!r}; see edge-agent tokens list")
        with self._db() as db:
            _Q.revoke_token(db, program=found.id, at=self._clock())
        return found

    @contextlib.contextmanager
    def _of(self, who: str) -> Iterator[tuple[sqlite3.Connection, Person]]:
        if not self.path.exists():
            raise _nobody(who)
        with self._db() as db:
            yield db, _found(_people(db), who)

    @contextlib.contextmanager
    def _db(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when the block ends, or nothing of it."""
        try:
            if make and not self.path.exists():
                make_folder(self.path.parent)
                with contextlib.suppress(FileExistsError):
                    os.close(begin_file(self.path))
            keep_private(self.path)
            with contextlib.closing(sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA secure_delete = ON")  # a name that is forgotten is in no free page either
                db.execute("BEGIN IMMEDIATE")
                _prepare(db, self.path)
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as cause:
            raise CatalogError(
                f"人员文件不能用 · {self.path}: expected the site's people, got {cause}; check disk and rights, or put "
                "its backup back"
            ) from cause


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    elif version > _VERSION:
        raise CatalogError(
            f"人员文件是更新的版本写的 · {path}: expected version {_VERSION}, got {version}; use the newer agent"
        )


def _people(db: sqlite3.Connection) -> tuple[Person, ...]:
    return tuple(map(_person, _Q.people(db)))


def _person(row: Any) -> Person:
    person, name, role, pin, wrong_pins, locked_until_s, added_at, left_at, has_badge = row
    return Person(person, name, Role(role), pin, wrong_pins, locked_until_s, added_at, left_at, bool(has_badge))


def _found(people: Sequence[Person], who: str) -> Person:
    found = next((one for one in people if one.works_here and who and who in (one.id, one.name)), None)
    if found is None:
        raise _nobody(who)
    return found


def _nobody(who: str) -> NotFoundError:
    return NotFoundError(
        f"没有叫 {who} 的在职人员 · people: expected somebody who works here, got {who!r}; see edge-agent people list"
    )


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(Scope(one) for one in text.split() if one in list(Scope))
