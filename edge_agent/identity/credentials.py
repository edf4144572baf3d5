"""Who this agent is to the registry: a secret in a file only its user can read, and the machine's fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.files import begin_file, keep_private, make_folder
from label_protocol.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Credentials:
    """What enrolment gave, and the keys of check codes that the registry gave since (`keyring.py`). Neither secret nor
    keys ever enter the ledger, a log or a message."""

    registry: str
    agent: str
    secret: str = field(repr=False)
    check_keys: Mapping[str, Any] | None = field(default=None, repr=False)

    def save(self, path: Path) -> None:
        """Write the file, readable by its owner only (on Windows: by the folder's rights). It is replaced whole: keys
        are added while the agent runs, and a power cut must not cost the secret.

        Raises:
            OSError: the folder or the disk does not take it; the old file is still there.
        """
        make_folder(path.parent)
        beside = path.with_name(path.name + ".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(begin_file(beside), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Credentials | None:
        """The credentials, or None if this agent was never enrolled.

        Raises:
            ConfigError: the file is there and not whole.
        """
        if not path.exists():
            return None
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, OSError) as cause:
            raise ConfigError(f"{path}: expected the agent's credentials, got {cause}; enrol again") from cause


def fingerprint(folder: Path) -> str:
    """SHA-256 over what tells this machine from a copy: its name, its network card and a random file beside the ledger.

    A copied folder on another machine gives another fingerprint, so a clone shows at the first contact.
    """
    make_folder(folder)
    salt = folder / "machine-salt"
    if not salt.exists():
        with os.fdopen(begin_file(salt), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(16))
    keep_private(salt)
    text = f"{platform.node()}|{uuid.getnode():012x}|{salt.read_text(encoding='ascii')}"
    return hashlib.sha256(text.encode()).hexdigest()
