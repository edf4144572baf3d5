"""`[site]`: the factory."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, Strict, field_validator

from edge_agent.config.values import Name, Table

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class SiteTable(Table):
    """The factory. `commission_on`: which step tells the registry that a label is on its garment. `gs1_company_prefix`:
    whose SSCCs cartons are given, and `sscc_block` the digits with which those of this computer begin; `shifts`: when
    they begin."""

    name: Name = "示例服饰"
    commission_on: Literal["print", "scan"] = "scan"
    operator_required: bool = True
    gs1_company_prefix: Annotated[str, Field(pattern=r"^[0-9]{4,12}$")] | None = None
    sscc_block: Annotated[str, Field(pattern=r"^[0-9]{0,10}$")] = ""
    shifts: Annotated[tuple[TimeOfDay, ...], Strict(False), Field(max_length=6)] = ()

    @field_validator("shifts")
    @classmethod
    def _one_after_the_other(cls, shifts: tuple[str, ...]) -> tuple[str, ...]:
        if list(shifts) != sorted(set(shifts)):
            raise ValueError(f"expected times of day, the earliest first, each once (got {', '.join(shifts)})")
        return shifts

    @property
    def shift_times(self) -> tuple[time, ...]:
        """When shifts begin."""
        return tuple(map(time.fromisoformat, self.shifts))
