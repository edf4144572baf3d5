"""Lets parties in: associations by the operator; firms, labs and the others by an association. One row for each USCC,
whoever admits it and under whatever name."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from central_registry.db import Connection, Pool, sql
from central_registry.parties.actor import Actor, PartyKind, PartyStatus, Role
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.parties.joining import ask_to_join
from central_registry.parties.people import ROLES_OF, NewPerson, Word, line, put_person
from central_registry.problems import ProblemError
from label_protocol.codes import uscc
from label_protocol.codes.serial import ALPHABET

CODE_LENGTH = 4
"""Of a firm's code in quota keys: a million, by chance: they do not tell how many firms there are."""

_FIRST_ROLES: frozenset[Role] = frozenset({Role.OFFICER, Role.APPROVER, Role.LAB, Role.INSPECTOR, Role.IT})
"""A party's first officer is what the party does, until there are more people; cut down to what fits its kind."""

ADMITTED = frozenset(PartyKind) - {PartyKind.OPERATOR, PartyKind.ASSOCIATION}
"""What an association admits."""


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party as it is written down: `uscc` as on its licence (ignored for a sandbox, which is no company); the officer
    is its first person. `reason` and `evidence` stand behind its first status, which is `status` where one is brought
    along."""

    kind: PartyKind
    uscc: str
    name: str
    officer_login: str = ""
    officer_name: str = ""
    officer_contact: str = ""
    short_name: str = ""
    address: str = ""
    contact: str = ""
    sandbox: bool = False
    candidate: bool = False
    reason: str = ""
    evidence: str = ""
    status: PartyStatus | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """`party`: its USCC; `code`: of a firm, in quota keys, '' for others; `known_as`: the name under which it was here
    before, '' if it is new; `officer`: what its first officer gets, None if it has one; `waits`: the question that an
    officer of its own has to answer first, '' if it is admitted."""

    party: str
    code: str
    known_as: str
    officer: Word | None
    waits: str = ""


async def make_association(pool: Pool, actor: Actor, new: NewParty, at: datetime) -> Admitted:
    """Make an association with its first officer.

    Raises:
        ProblemError: 403; 409 if the USCC is here already; 422 for what no association can be.
    """

    async def work(connection: Connection) -> tuple[Admitted, Entry]:
        party = require_uscc(new.uscc)
        if await sql.party_row(connection, party=party) is not None:
            raise ProblemError("refused", f"已经登记过 · {party}: expected a new party, got one that is here")
        await put_party(connection, party, new, actor, at)
        officer = await _first_officer(connection, party, new, actor, at)
        return Admitted(party, "", "", officer), Entry("make_association", party, new.name, party)

    return await acting(pool, actor, Act.MAKE_ASSOCIATION, work, at)


async def admit(pool: Pool, actor: Actor, new: NewParty, at: datetime) -> Admitted:
    """Admit a party to the actor's association. One that is here already is the same row, with its name, its people and
    its status: an officer of its own has to say yes first, and until then the association sees nothing of it.

    Raises:
        ProblemError: 403; 409 if it is admitted or asked already, is here as something else, or has nobody who could be
            asked; 422 for what no party can be.
    """

    async def work(connection: Connection) -> tuple[Admitted, Entry]:
        _require_admitted(new.kind)
        party = _sandbox_name() if new.sandbox else require_uscc(new.uscc)
        known_as = await _known_as(connection, party, new.kind)
        if not known_as:
            await put_party(connection, party, new, actor, at)
        if not await _joined(connection, actor, party, at):
            name = await ask_to_join(connection, actor, party, new.reason, at)
            return Admitted(party, "", known_as, None, name), Entry("ask_to_join", party, new.reason.strip(), party)
        code = await firm_code(connection, party) if new.kind is PartyKind.FIRM else ""
        officer = None
        if not await sql.count_officers(connection, party=party):
            officer = await _first_officer(connection, party, new, actor, at)
        return Admitted(party, code, known_as, officer), Entry("admit", party, f"{new.kind} {new.name}", party)

    return await acting(pool, actor, Act.ADMIT, work, at)


def require_uscc(text: str) -> str:
    """The code as it is kept. Raises ProblemError (422): no 统一社会信用代码, or its check digit is another."""
    code = text.strip().upper()
    if uscc.is_uscc(code):
        return code
    right = uscc.check_character(code[:-1]) if len(code) == uscc.LENGTH else None
    got = f"{code[:30]!r}, whose last character would be {right}" if right else f"{code[:30]!r}"
    raise ProblemError(
        "unprocessable",
        f"统一社会信用代码不对 · USCC (GB 32100): expected {uscc.LENGTH} characters with a right last one, got {got}; "
        "read it again off the licence",
    )


async def put_party(connection: Connection, party: str, new: NewParty, actor: Actor, at: datetime) -> None:
    """The rows of a new party: itself and its first status. Raises ProblemError (422) without a name."""
    await sql.add_party(
        connection,
        party=party,
        kind=new.kind.value,
        name=line("名称 name", new.name),
        short_name=new.short_name.strip(),
        address=new.address.strip(),
        contact=new.contact.strip(),
        sandbox=new.sandbox,
        at=at,
        made_by=actor.person,
    )
    await sql.add_status(
        connection,
        party=party,
        n=1,
        status=new.status or (PartyStatus.CANDIDATE if new.candidate else PartyStatus.ACTIVE),
        reason=new.reason.strip() or "准入 admitted",
        evidence=new.evidence.strip(),
        effective_on=at.date(),
        provisional=False,
        at=at,
        person=actor.person,
        by_party=actor.party,
    )


async def firm_code(connection: Connection, party: str) -> str:
    """The firm's code, minted when it is first asked for, and never another's."""
    while (found := await sql.party_code_of(connection, party=party)) is None:
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        await sql.mint_party_code(connection, code=drawn, party=party)
    return str(found)


async def _first_officer(connection: Connection, party: str, new: NewParty, actor: Actor, at: datetime) -> Word:
    roles = _FIRST_ROLES & ROLES_OF[new.kind]
    person = NewPerson(new.officer_login, new.officer_name, roles, new.officer_contact)
    return await put_person(connection, party, new.kind, person, actor.person, at)


async def _known_as(connection: Connection, party: str, kind: PartyKind) -> str:
    row = await sql.party_row(connection, party=party)
    if row is None:
        return ""
    if row["kind"] != kind:
        raise ProblemError(
            "refused",
            f"这个代码已登记为另一类主体 · {party}: expected a new party or a {kind}, got {row['name']}, here as a "
            f"{row['kind']}; one licence is one party",
        )
    return str(row["name"])


async def _joined(connection: Connection, actor: Actor, party: str, at: datetime) -> bool:
    """Whether the actor's association has the party now; if not, an officer of the party has to be asked. A member that
    nobody works for yet is admitted again, to name its first officer.

    Raises:
        ProblemError: 409; it has it already, or another has it and there is nobody to ask.
    """
    of = {"association": actor.party, "party": party}
    mine, staffed = await sql.is_member(connection, **of), await sql.has_officer(connection, party=party)
    if mine and staffed:
        raise ProblemError(
            "refused", f"本协会已经准入 · {party}: expected one that is not admitted yet, got one that is"
        )
    claimed = not mine and await sql.is_claimed(connection, party=party)
    if claimed and not staffed:
        raise ProblemError(
            "refused",
            f"由另一协会准入，还没有管理员，没人能答复 · {party}: expected one whose officer can say yes, got one "
            "without people; ask the association that admitted it to admit it again with an officer",
        )
    if not mine and not claimed:
        await sql.add_member(connection, **of, at=at, person=actor.person)
    return not claimed


def _sandbox_name() -> str:
    """A name that no licence bears: `SANDBOX` and a number in eleven digits, as long as a USCC."""
    return f"SANDBOX{secrets.randbelow(10**11):011d}"


def _require_admitted(kind: PartyKind) -> None:
    if kind not in ADMITTED:
        raise ProblemError(
            "unprocessable", f"协会不能准入这类主体 · kind: expected one of {', '.join(sorted(ADMITTED))}, got {kind}"
        )
