"""A row of `[[alerts]]`: one robot or program that is told when the line needs somebody."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, model_validator

from edge_agent.config.values import HttpUrl, Table

Event = Literal[
    "printer_fault",
    "doubt",
    "quota_low",
    "disk_low",
    "registry_lost",
    "backup_failed",
    "certificate_ending",
    "lease_ending",
    "issuing_held",
]
EVENTS: tuple[Event, ...] = (
    "printer_fault",
    "doubt",
    "quota_low",
    "disk_low",
    "registry_lost",
    "backup_failed",
    "certificate_ending",
    "lease_ending",
    "issuing_held",
)


class AlertRow(Table):
    """`url` and `secret` are shown nowhere. `quiet`: hours of this computer's own clock in which nothing is sent; what
    came meanwhile is sent at their end. The rest says how long a cause stands before it is told, and how often at most
    anything is."""

    url: Annotated[HttpUrl, Field(repr=False)]
    kind: Literal["generic", "wecom", "dingtalk"] = "generic"
    secret: Annotated[str | None, Field(min_length=1, max_length=200, repr=False)] = None
    events: Annotated[tuple[Event, ...], Strict(False), Field(min_length=1)] = EVENTS
    quiet: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")] = ""
    min_interval_s: Annotated[float, Field(ge=5, le=86_400)] = 60.0
    fault_after_s: Annotated[float, Field(ge=0, le=86_400)] = 120.0
    registry_after_s: Annotated[float, Field(ge=0, le=604_800)] = 3600.0
    private_addresses: bool = False

    @model_validator(mode="after")
    def _fits(self) -> AlertRow:
        if self.secret is not None and self.kind != "dingtalk":
            raise ValueError("expected secret only for kind dingtalk, which signs with it")
        if not self.private_addresses and not self.url.lower().startswith("https://"):
            raise ValueError(
                "expected url to begin with https://, or private_addresses = true for a program of your own"
            )
        return self
