"""Says for each table who may read and write it, and by which of its columns a row is somebody's. Pure.

One row a table; a table that stands here nowhere is nobody's but the owner's. Policies and grants are made of these
rows (`policies.py`), so a new table needs its row and no SQL of its own. `ingest` passes the fence, since COPY does not
work under it and a conflict must never be judged by what somebody may see: its grants alone bound it. `reader` sees
what a scan page may say to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

READ = "SELECT"
ADD = "SELECT, INSERT"
WRITE = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"
NOTHING = ""

AT_DOOR = "(SELECT fence_at_door())"
EVERYBODY = "true"
"""No fence for reading: what is public, or what is unique over all parties and must be seen to be refused."""


@dataclass(frozen=True, slots=True)
class Row:
    """`people`, `ingest`, `reader`: what the role is granted. `sees`: the rows of a person's party; `writes`: those it
    may change, where that is less; `becomes`: what such a row may be afterwards, and `adds`: those it may insert, where
    these are other rules; `shows`: the rows that `reader` sees."""

    people: str
    ingest: str = NOTHING
    reader: str = NOTHING
    sees: str = EVERYBODY
    writes: str = ""
    becomes: str = ""
    adds: str = ""
    shows: str = EVERYBODY


def of_party(*columns: str) -> str:
    """The column names a party whose rows the asker's party may see: itself, and those that it admitted."""
    return _any(f"{column} = ANY ((SELECT fence_parties())::text[])" for column in columns)


def of_staff(*columns: str) -> str:
    """As `of_party`, of people and what they did: an inspector looks at parties' goods, not at who works there."""
    own = _any(f"{column} = (SELECT fence_party())" for column in columns)
    return f"({own} OR ({of_party(*columns)}) AND (SELECT fence_kind()) IS DISTINCT FROM 'inspector')"


def of_goods(column: str = "firm") -> str:
    """A firm whose goods they may look at: theirs, and for a lab those that its associations admitted."""
    return f"{column} = ANY ((SELECT fence_goods())::text[])"


def of_agent(column: str = "agent") -> str:
    """An agent that is theirs, or prints for them."""
    return f"{column} = ANY ((SELECT fence_agents())::text[])"


def of_own_agent(column: str = "agent") -> str:
    """An agent that is theirs; not one that prints for them among others."""
    return f"{column} = ANY ((SELECT fence_own_agents())::text[])"


def of_key(table: str, column: str = "quota_key") -> str:
    """A quota key of a firm whose rows they see."""
    return within("quota_key", f"quota_key = {table}.{column}")


def within(table: str, condition: str) -> str:
    """There is a row of another table, seen through that table's own fence."""
    return f"EXISTS (SELECT FROM {table} seen WHERE seen.{condition})"


def _any(parts: Iterable[str]) -> str:
    return " OR ".join(parts)


def _of_person(table: str) -> str:
    """Of somebody of a party that is theirs: who sees every person, as the operator does, is not meant."""
    return within("person", f"person = {table}.person AND {of_staff('seen.party')}")


_MAKERS = "(SELECT fence_kind()) IN ('association', 'operator')"
_MEMBERS = "(association = (SELECT fence_party()) OR party = (SELECT fence_party()))"
_UNCLAIMED = "(party = (SELECT fence_party()) OR NOT fence_claimed(party))"
_PUBLIC_KINDS = "kind IN ('operator', 'association', 'lab', 'inspector')"

PARTIES: Mapping[str, Row] = {
    # what a licence says is public; an association finds a firm by its USCC before it admits it, a lab reads whose lot
    # it inspected
    "party": Row(
        WRITE, READ, READ,
        sees=f"{of_goods('party')} OR {_PUBLIC_KINDS} OR {_MAKERS} OR {AT_DOOR} OR "
        f"{within('agent_firm', 'firm = party.party')} OR {within('agent', 'owner = party.party')}",
        writes=of_staff("party"),
        adds=_MAKERS,
    ),
    # a code is part of every quota key, and unique: who mints one must see that it is taken
    "party_code": Row(ADD, READ, adds=f"{_MAKERS} AND {of_party('party')}"),
    # whoever is here already says themselves to whom they belong; either side may end it
    "membership": Row(
        WRITE, READ, sees=f"{of_party('association', 'party')} OR {of_goods('party')}",
        writes=_MEMBERS, becomes=f"{_MEMBERS} AND (ended_at IS NOT NULL OR {_UNCLAIMED})",
        adds=f"{_MEMBERS} AND {_UNCLAIMED}",
    ),
    "membership_end": Row(WRITE, READ, sees=of_party("association", "party"), writes=_MEMBERS),
    "party_setting": Row(ALL, READ, sees=f"{of_party('party')} OR {AT_DOOR}", writes=of_staff("party")),
    # the first status is written before anybody has admitted the party
    "party_status": Row(
        ADD, READ, READ,
        sees=f"{of_party('party')} OR {within('party', 'party = party_status.party AND seen.' + _PUBLIC_KINDS)}",
        adds=f"{_MAKERS} AND ({of_party('party')} OR n = 1 AND by_party = (SELECT fence_party()))",
    ),
    "appeal": Row(WRITE, sees=of_staff("party")),
    # whether anybody is there to tell two machines of one identity apart; nobody's password, phone or name
    "person": Row(WRITE, "SELECT (person, party, roles, left_at)", sees=f"{of_staff('party')} OR {AT_DOOR}"),
    "person_name": Row(ALL, sees=within("person", "person = person_name.person"), writes=_of_person("person_name")),
    # unique over all parties; it holds a random id and no name
    "login": Row(ADD),
    "login_stranger": Row(WRITE, sees=AT_DOOR),
    "person_session": Row(ALL, sees=f"{_of_person('person_session')} OR {AT_DOOR}"),
    "audit": Row(
        ADD, sees=of_staff("party", "concerns"), adds=f"party = (SELECT fence_party()) OR {AT_DOOR}"
    ),
    # the end of the audit stands there, which the operator's acts move, too
    "meta": Row(WRITE, WRITE, sees="key <> 'seal'", adds="true"),
    # whether a stop that a scan page shows still waits for a second person; nobody who asked or decided
    "decision": Row(
        WRITE, ADD, "SELECT (about, act, asked, outcome, made_at)",
        sees=f"{of_party('party', 'concerns')} OR maker = (SELECT fence_person())",
        writes=f"{of_staff('party', 'concerns')} OR maker = (SELECT fence_person())",
        # a lab asks for what it measured of firms that are not its own
        adds=f"{of_party('party', 'concerns')} OR maker = (SELECT fence_person()) AND {of_goods('concerns')}",
        shows="act IN ('suspend', 'recall')",
    ),
}  # fmt: skip
"""Who is here, and what they did."""

GOODS: Mapping[str, Row] = {
    "style": Row(ALL, WRITE, READ, sees=of_goods(), writes=of_party("firm")),
    # a GTIN is one firm's: whoever takes another's is told whose it is
    "trade_item": Row(ALL, WRITE, READ, writes=of_party("firm")),
    "lot": Row(ALL, WRITE, READ, sees=of_goods(), writes=of_party("firm")),
    "sample": Row(ALL, sees=of_party("firm", "lab")),
    "report": Row(ALL, READ, sees=of_party("firm", "lab", "filed_by")),
    "kept_file": Row(
        ADD, sees=f"person = (SELECT fence_person()) OR {within('report', 'file_hash = kept_file.file_hash')}",
        adds="true",
    ),
    "certificate": Row(
        WRITE, READ, READ, sees=of_party("firm", "lab"), shows="state NOT IN ('filed', 'rejected')"
    ),
    "certificate_move": Row(
        ADD, READ, READ,
        sees=within(
            "certificate",
            "firm = certificate_move.firm AND seen.lot_no = certificate_move.lot_no "
            "AND seen.version = certificate_move.version",
        ),
    ),
    # goods of 'unassigned', which any association may find to be its firms'
    "goods_doubt": Row(ALL, WRITE, sees="(SELECT fence_kind()) = 'association'"),
    "issuing_limit": Row(ALL, READ, sees=of_party("firm", "association")),
}  # fmt: skip
"""What is owned by whom, and what was inspected."""

_BROUGHT_FOR = within(
    "membership",
    "association = former_import.association AND seen.party = (SELECT fence_party()) AND seen.ended_at IS NULL",
)

FORMER: Mapping[str, Row] = {
    # a firm sees of which import its rows are
    "former_import": Row(
        ADD, READ, READ,
        sees=f"{of_party('association')} OR (SELECT fence_kind()) = 'firm' AND {_BROUGHT_FOR}",
        writes=of_party("association"),
    ),
    "former_row": Row(WRITE, READ, READ, sees=of_party("firm")),
    "former_serial": Row(WRITE, READ, READ, sees=of_party("firm")),
}  # fmt: skip
"""What came from the platform that an association had before."""

_FED_GOODS = f"kind IN ('lot', 'style') AND {of_goods('fence_firm_of(body)')}"
_FED_GOODS_OWN = f"kind IN ('lot', 'style') AND {of_party('fence_firm_of(body)')}"
"""Lots and styles as agents are fed them, whose place among everybody's is no quota key."""

_STOPS_OTHERS = "(SELECT fence_kind()) IS DISTINCT FROM 'firm'"
_NO_INSPECTOR = "(SELECT fence_kind()) IS DISTINCT FROM 'inspector'"

ISSUING: Mapping[str, Row] = {
    "quota_key": Row(WRITE, WRITE, READ, sees=of_party("firm")),
    "agent": Row(
        WRITE, WRITE, READ, sees=of_agent(), writes=of_own_agent(), adds=of_party("owner", "association")
    ),
    "issuer": Row(ADD, READ, READ, adds="true"),
    "agent_firm": Row(
        ALL, READ, READ, sees=f"{of_party('firm')} OR {of_own_agent()}", writes=of_party("firm"), adds=of_party("firm")
    ),
    "code_order": Row(
        WRITE, READ,
        sees=f"{of_party('firm', 'association')} OR {of_own_agent()}",
        writes=of_party("firm", "association"),
    ),
    "code_order_check": Row(WRITE, sees=within("code_order", "code_order = code_order_check.code_order")),
    "lease": Row(WRITE, WRITE, READ, sees=f"{of_key('lease')} OR {of_own_agent()}", writes=of_key("lease")),
    "allotment_move": Row(
        ADD, ADD, sees=f"{of_key('allotment_move')} OR {of_own_agent()}", adds=of_key("allotment_move")
    ),
    "allotment_override": Row(ADD, READ, sees=of_key("allotment_override")),
    "roll": Row(WRITE, sees=of_party("firm", "association")),
    "roll_label": Row(WRITE, READ, READ, sees=within("roll", "roll = roll_label.roll")),
    "roll_part": Row(ADD, sees=within("roll", "roll = roll_part.roll")),
    # what a stranger claims of a serial is seen by whose it is; the look past the fence is `place_trail` alone
    "place_event": Row(
        ADD, ADD,
        sees=f"{of_party('party', 'to_party')} OR "
        f"{within('serial', 'issuer = left(place_event.unit, 3) AND seen.serial = place_event.unit')}",
        adds="party = (SELECT fence_party())",
    ),
    # which labels are stopped a scan says to anybody; who chose them, and by what, it does not
    "label_stop": Row(
        WRITE, READ, "SELECT (stop, kind, state, made_at, reason)",
        sees=of_party("firm"),
        writes=f"{of_party('firm')} AND {_STOPS_OTHERS} AND (kind = 'suspension' OR {_NO_INSPECTOR})",
    ),
    "stopped_label": Row(
        ADD, READ, READ,
        sees=within("label_stop", "stop = stopped_label.stop"),
        adds=f"{_STOPS_OTHERS} AND {within('label_stop', 'stop = stopped_label.stop')}",
    ),
    "feed_item": Row(
        WRITE, WRITE, READ,
        sees=f"{_FED_GOODS} OR {of_key('feed_item', 'key')} OR {of_own_agent()}",
        writes=f"({_FED_GOODS_OWN} OR {of_key('feed_item', 'key')}) AND "
        "(kind = 'suspension' OR (SELECT fence_kind()) IS DISTINCT FROM 'inspector')",
        shows="agent = '*'",
    ),
    "feed_shown": Row(READ, ALL, sees=of_own_agent()),
}  # fmt: skip
"""Codes: who may have how many, and what agents are sent."""

BOOKS: Mapping[str, Row] = {
    # which of two machines goes on is a person's word
    "incarnation": Row(WRITE, WRITE, sees=of_agent(), writes=of_own_agent()),
    "edge_words": Row(READ, ADD, sees=of_own_agent()),
    "retold": Row(NOTHING, ADD),
    # the facts on a label, named by their own hash: whoever holds the label reads them
    "snapshot": Row(READ, ADD, READ),
    "drawing": Row(WRITE, WRITE, READ, sees=f"{of_key('drawing')} OR {of_own_agent()}"),
    "serial": Row(WRITE, WRITE, READ, sees=within("drawing", "draw = serial.draw")),
    "conflict": Row(READ, WRITE, READ, sees=f"{of_own_agent()} OR {of_own_agent('held_by')}"),
    "quota_use": Row(WRITE, WRITE, sees=f"{of_key('quota_use')} OR {of_own_agent()}"),
    "entitlement": Row(WRITE, WRITE, sees=f"{of_key('entitlement')} OR {of_own_agent()}"),
    "held_lot": Row(NOTHING, WRITE),
    "fed_body": Row(NOTHING, WRITE),
    "fed_body_day": Row(NOTHING, WRITE),
    "held_certificate": Row(READ, WRITE, READ, sees=f"{of_key('held_certificate')} OR {of_own_agent()}"),
    "label_sum": Row(WRITE, WRITE, sees=f"{of_key('label_sum')} OR {of_own_agent()}"),
    "told_decision": Row(WRITE, READ, READ, sees=within("drawing", "draw = told_decision.draw")),
    "alarm": Row(
        WRITE,
        WRITE,
        WRITE,
        sees=f"{of_agent()} OR agent = '*' AND ({_MAKERS} OR {AT_DOOR}) OR agent = '@' || (SELECT fence_party())",
        adds="true",
    ),
    # a first time and a count, which each scan page shows
    "scan": Row(READ, READ, WRITE),
    "check_try": Row(NOTHING, WRITE),
    "check_key": Row(NOTHING, ADD),
    "migration": Row(NOTHING),
}
"""What agents told, what scans counted, the registry's own secrets."""
