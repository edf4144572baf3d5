"""One thing that an agent is set to, as people read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """`key`: where it stands in `agent.toml`, such as `[printing] window_labels`; `value`: in words, or as it stands
    there."""

    key: str
    zh: str
    en: str
    value: str
