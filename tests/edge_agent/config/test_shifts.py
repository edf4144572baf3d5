"""`[site] shifts`: times of day, the earliest first; anything else is told."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import config_from
from label_protocol.errors import ConfigError

SOURCE = Path("agent.toml")


def test_shifts_are_times_of_day() -> None:
    assert config_from({}, SOURCE).site.shift_times == ()
    assert config_from({"site": {"shifts": ["08:00", "20:30"]}}, SOURCE).site.shift_times == (time(8), time(20, 30))


@pytest.mark.parametrize(
    "shifts", [["20:00", "08:00"], ["08:00", "08:00"], ["8:00"], ["24:00"], ["08:60"], [8], "08:00", ["00:00"] * 7]
)
def test_what_is_none_is_refused_by_its_key(shifts: Any) -> None:
    with pytest.raises(ConfigError, match="shifts"):
        config_from({"site": {"shifts": shifts}}, SOURCE)
