"""What a service has had since its start is looked through no more."""

from __future__ import annotations

import subprocess
import sys

_SAID = (
    "import gc; from label_protocol import collector; kept = [[] for _ in range(5_000)]; collector.started(); "
    "print(gc.get_freeze_count() > 5_000, gc.isenabled(), gc.get_threshold()[0])"
)


def test_what_is_there_at_the_start_is_looked_through_no_more() -> None:
    """In a process of its own: what is frozen here would stay so for every other test."""
    said = subprocess.run([sys.executable, "-c", _SAID], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["True", "True", "10000"], "frozen, and cycles made later are still collected"
