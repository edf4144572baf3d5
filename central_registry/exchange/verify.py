"""What a program is told of a code, and whether what it was told elsewhere is so. Pure but for the look-up.

The answer is that of the scan page, by the same function; nothing is counted, since a program that checks goods is no
consumer with one in hand. A claim is compared only with a label that the registry calls registered and that is the one
the link says: of any other nobody knows what is on the garment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from central_registry.consumer.finding import Finding
from central_registry.consumer.labels import Labels
from central_registry.consumer.scan import look_up_all
from central_registry.consumer.scan_json import as_json
from central_registry.problems import ProblemError
from garment.certificate import INDICATOR, MOST_TEXT, TABLE, fact_words, normal, stated

MOST_CODES = 1_000
MOST_CLAIMS = 40
_LINK = re.compile(r"https?://[^/?#]*(/[^?#]*)", re.IGNORECASE)
_SPOILS = frozenset({"conflict", "gtin_mismatch", "lot_mismatch", "facts_unreadable", "facts_missing"})
_NOT_TOLD = ("scans", "check_code", "complaint")
"""What is for consumers alone."""

FACTS = frozenset(row.fact for row in TABLE)


@dataclass(frozen=True, slots=True)
class Question:
    """A code as somebody has it, a link or its path, and what is claimed of its garment: fact → value."""

    code: str
    claims: Mapping[str, str] = field(default_factory=dict)


async def verified(labels: Labels, asked: Sequence[Question], *, often_from: int, at: datetime) -> list[dict[str, Any]]:
    """An answer to each, in their order.

    Raises:
        ProblemError: 422 for a claim of what is no fact of a label.
    """
    for one in asked:
        _require_facts(one.claims)
    paths = [path_of(one.code) for one in asked]
    found = await look_up_all(labels, paths, often_from=often_from, at=at)
    return [answer_to(one, finding) for one, finding in zip(asked, found, strict=True)]


def path_of(code: str) -> str:
    """The path of a code's link, as it was sent; '/' for what is none.

    >>> path_of("https://id.example.cn/01/06901234567892/21/S1?x=1")
    '/01/06901234567892/21/S1'
    """
    match = _LINK.fullmatch(code.partition("?")[0].partition("#")[0])
    if match is not None:
        return match[1]
    bare = code.partition("?")[0]
    return f"/{bare.removeprefix('/')}" if bare.removeprefix("/").startswith("01/") else "/"


def code_in(raw: str) -> str:
    """The code behind `/v1/verify/`: a path as it stands, or a whole link that was escaped."""
    return raw if raw.startswith("01/") else unquote(raw)


def answer_to(asked: Question, finding: Finding) -> dict[str, Any]:
    """The scan page's facts, and each claim compared."""
    told = {name: value for name, value in as_json(finding, {}).items() if name not in _NOT_TOLD}
    return {"code": asked.code, **told, "claims": compared(asked.claims, finding)}


def compared(claims: Mapping[str, str], finding: Finding) -> list[dict[str, Any]]:
    """Each claim as `equal`, `differ` or `unknown`; `by` says whose word it was held against: the certificate's, or
    the maker's own on the label."""
    sure = finding.status == "registered" and not _SPOILS & set(finding.warnings)
    label = stated(finding.snapshot) if sure and finding.snapshot else {}
    certified = {one.fact for one in finding.differences}
    by = "certificate" if finding.facts == "confirmed" else "label"
    return [
        {
            "fact": fact,
            **dict(zip(("zh", "en"), fact_words(fact), strict=True)),
            "claimed": claimed,
            "known": label.get(fact),
            "result": "unknown" if fact in certified else _result(fact, claimed, label.get(fact)),
            "by": by if fact in label else None,
        }
        for fact, claimed in claims.items()
    ]


def _result(fact: str, claimed: str, known: str | None) -> str:
    if known is None:
        return "unknown"
    return "equal" if normal(fact, claimed) == normal(fact, known) else "differ"


def _require_facts(claims: Mapping[str, str]) -> None:
    for fact, claimed in claims.items():
        if fact.partition(".")[0] not in FACTS or len(fact) > MOST_TEXT or len(claimed) > MOST_TEXT:
            raise ProblemError(
                "unprocessable",
                f"没有这一项可比对 · claims.{fact[:40]}: expected one of {', '.join(sorted(FACTS))} "
                f"({INDICATOR}… for a graded property), at most {MOST_TEXT} signs; correct its name",
            )
