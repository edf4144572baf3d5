"""The table of scanners that play a keyboard."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge_agent.config.values import Table
from edge_agent.model.scan import ScannerTerms


class ScannerTable(Table):
    """How this site's scanners play their keys. `prefix`: the key that they send before each code, by which a scan is
    certain; empty: they send none, and a scan is told by its speed, `shortest` keys with at most `key_interval_ms`
    between them. Readers of keyboard scanners commonly take 30 ms and 6 keys; two rolled fingers make 30 ms."""

    prefix: Literal["", "F8", "F9", "~"] = ""
    key_interval_ms: Annotated[int, Field(ge=5, le=150)] = 30
    shortest: Annotated[int, Field(ge=4, le=40)] = 6

    @property
    def terms(self) -> ScannerTerms:
        """As a value."""
        return ScannerTerms(self.prefix, self.key_interval_ms, self.shortest)
