"""Every table of the schema with its row of the fence, and what an inspector writes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from central_registry.fence.outside import CASES, EXCHANGE
from central_registry.fence.rows import BOOKS, FORMER, GOODS, ISSUING, PARTIES, Row

ROWS: Mapping[str, Row] = {**PARTIES, **GOODS, **FORMER, **ISSUING, **BOOKS, **CASES, **EXCHANGE}
"""Every table of the schema."""

_CAPTURED = frozenset({"epcis_event", "epcis_code", "epcis_capture", "epcis_use"})
_STOPPED = frozenset({"label_stop", "stopped_label"})

INSPECTED = frozenset({*PARTIES, "sample", "feed_item", "alarm", "place_event", *CASES, *_CAPTURED, *_STOPPED})
"""What an inspector writes: its own people and account, a sample, a suspension, where goods went, what it captures, a
step in a case, a spot check; all else it looks at. Those of its rows that are a firm's own stay the firm's to write."""

VIEWS: Mapping[str, tuple[str, ...]] = {"feed_due": ("ingest", "people"), "promised": ("ingest", "people")}
"""Views, and the roles that read each: with their own eyes (`security_invoker`), so that the fence holds there, too."""
