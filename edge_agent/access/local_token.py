"""The token of this computer's own commands: a file that the service's user alone can read, anew with every start.

Whoever can read it can read the ledger, too. Anew, because a command sends it to whatever listens on the agent's port:
a program that took the port while the agent was down learns a token that no later agent knows.
"""

from __future__ import annotations

import os
from pathlib import Path

from edge_agent.access import codes
from edge_agent.files import begin_file, make_folder, start_of

_MOST_BYTES = 200


def write(path: Path) -> str:
    """A new token in a new file; returns its hash. Raises OSError."""
    secret = codes.new_secret(os.urandom)
    make_folder(path.parent)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(begin_file(beside), "w", encoding="ascii") as file:
        file.write(secret)
    beside.replace(path)
    return codes.digest(secret)


def read(path: Path) -> str:
    """The token; empty: there is none, or it is not for whoever asks."""
    try:
        return start_of(path, _MOST_BYTES).decode("ascii").strip()
    except (OSError, ValueError):
        return ""
