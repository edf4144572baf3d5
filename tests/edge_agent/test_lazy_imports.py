"""What an agent does not need does not lie in its memory: it has 120 MB for weeks."""

from __future__ import annotations

import subprocess
import sys

UNNEEDED = {
    "asyncpg": "the registry's database, which only the demo starts",
    "cryptography": "certificates of the page",
    "central_registry": "the registry itself",
    "edge_agent.demo.play": "the demo",
    "psutil": "looks for stale databases of the demo",
    "pyipp": "print queues",
    "serial": "serial ports",
    "tuf": "updates of the program",
    "win32print": "print queues of Windows",
}
"""Top of a package → for what alone it is loaded."""


def test_the_command_line_loads_nothing_that_running_does_not_need() -> None:
    told = [sys.executable, "-c", "import sys, edge_agent.cli; print(*sys.modules, sep='\\n')"]
    loaded = set(subprocess.run(told, capture_output=True, check=True, text=True).stdout.split())
    assert "edge_agent.app" in loaded
    assert not loaded & set(UNNEEDED)
