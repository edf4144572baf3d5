"""The table of what is asked for beyond a printer's own proof."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from edge_agent.config.values import Table
from edge_agent.model.job import MOST_WINDOWS_UNSCANNED


class ProofTable(Table):
    """`scan_every`: after so many windows of a job somebody scans a label of the last one before it goes on; 0:
    never."""

    scan_every: Annotated[int, Field(ge=0, le=MOST_WINDOWS_UNSCANNED)] = 0
