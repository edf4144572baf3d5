"""Holds what is known of a scanned code. Pure: pages and JSON are made of it, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.consumer.beside import Beside
from central_registry.consumer.former_codes import FormerCode
from central_registry.consumer.notices import Firm, Notice
from garment.certificate import Difference

_USABLE = frozenset({"registered", "not_confirmed"})
"""A label as it may be on goods for sale."""

_ABOVE_ALL, _ABOVE_USABLE = ("recalled", "recall_pending", "test"), ("conflict", "suspended")
"""What stands above whatever the label is, and above one as it may be on goods for sale; the gravest first."""


@dataclass(frozen=True, slots=True)
class CheckCodeAnswer:
    """What came of a check code that was typed. `result`: `match`, `mismatch`, `none` (the label has no code),
    `unavailable` (its key or its facts are not here), `malformed`, `later` (too many wrong ones, in `retry_s` seconds).
    `first_at` and `times`: when the right code was first typed, and how often."""

    result: str
    first_at: datetime | None = None
    times: int = 0
    retry_s: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a scanned code; `snapshot` is None if it is not registered or its facts are missing or
    unreadable. `reasons` are those for which a label is not called registered, `differences` its facts that are not
    those of its lot or certificate. `code` and `facts` are the two verdicts in one word each (docs/verdicts.md), ""
    where there is no label; `certificate` is the one it was judged by. `check_code` is the answer to a typed check
    code, None if nobody typed one.

    `notice`: what stands against these goods now. `firm`: for whom codes were issued, None for goods of before firms.
    `became`: what became of a label of a printed roll, by the roll's word beside its agent's (`commissioned`,
    `returned`, `lost`), "" for all others.

    `spoke_at`: when the ledger of the maker's agent last spoke, for a serial it has not told of; None for all others
    and for an agent that never spoke.

    `status`: that of a label, or `product` for a link without a serial (`product` then holds `name`, `brand`, `maker`),
    `unknown`, `mistyped` for what begins as a serial of a known issuer and is none, or `beyond` for a link that goes on
    after its code; `imported` for a code of a former platform (`former` says what was brought of it).
    """

    status: str
    serial: str = ""
    gtin: str = ""
    lot_no: str | None = None
    snapshot_hash: str = ""
    snapshot: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    code: str = ""
    facts: str = ""
    certificate: Beside | None = None
    notice: Notice | None = None
    firm: Firm | None = None
    first_at: datetime | None = None
    times: int = 0
    agent: str = ""
    became: str = ""
    became_at: datetime | None = None
    check_code: CheckCodeAnswer | None = None
    product: Mapping[str, str] | None = None
    former: FormerCode | None = None
    spoke_at: datetime | None = None

    @property
    def headline(self) -> str:
        """The word on top: a recall before all else, two claims to one serial before what one of them says, a stop of
        goods that may be for sale before what their label is."""
        usable = self.status in _USABLE
        above = _ABOVE_ALL if not usable else (*_ABOVE_ALL, *_ABOVE_USABLE)
        return next((kind for kind in above if kind in self.warnings), self.status)

    @property
    def recall_reason(self) -> str | None:
        """Why these goods are recalled; None if they are not."""
        return self.notice.reason if self.notice is not None and self.notice.warning == "recalled" else None

    @property
    def http_status(self) -> int:
        """404 for a code that is not one of ours; one that may yet be reported is no error. 429 for a check code that
        was guessed too often, 422 for one that is none. 400 for a code's link with more behind it."""
        if self.check_code is not None:
            return {"later": 429, "malformed": 422}.get(self.check_code.result, 200)
        return {"unknown": 404, "mistyped": 404, "beyond": 400}.get(self.status, 200)

    @property
    def registered(self) -> bool:
        """Whether the registry holds the label."""
        return bool(self.snapshot_hash)

    @property
    def check_code_key(self) -> str | None:
        """The name of the key of the label's check code; None if it has none."""
        named = (self.snapshot or {}).get("check_code")
        key_id = named.get("key_id") if isinstance(named, Mapping) else None
        return key_id if isinstance(key_id, str) and key_id and "\0" not in key_id else None
