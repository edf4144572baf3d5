"""What both programs refuse, by whose turn it is; the agent's own errors hang below (`edge_agent/errors.py`). Pure.

A message is one sentence that says what, expected, got, and what to do. Whether a retry is safe is part of the type
(`retry_safe`).
"""

from __future__ import annotations

import errno
from typing import ClassVar


def of_system(cause: OSError) -> str:
    """What the operating system refused, as a message of ours: which file, why, what to do. A time that ran out and a
    connection that ended are `OSError`s too, and no file's."""
    if isinstance(cause, TimeoutError):
        return f"expected an answer in time, got {cause.strerror or 'none'}; try again when less is going on"
    if isinstance(cause, ConnectionError) and not cause.filename:
        return f"expected a connection that lasts, got {cause.strerror or cause}; check that the other side runs"
    place = str(cause.filename) if cause.filename else "this computer"
    return f"{place}: expected to be able to use it, got {cause.strerror or cause}; check path, rights and disk"


def cannot_listen(what: str, host: str, port: int, cause: OSError) -> ConfigError:
    """For a port that is taken, or an address that is not this computer's."""
    got = "a port in use" if cause.errno == errno.EADDRINUSE else str(cause)
    return ConfigError(
        f"{what}: expected to listen on {host}:{port}, got {got}; "
        f"stop the program that has it, or choose another address or port"
    )


class AgentError(Exception):
    """Base of every error this package raises on purpose."""

    retry_safe: ClassVar[bool] = False


class InputError(AgentError):
    """The caller's turn: what was given cannot be taken."""


class RecordError(InputError):
    """A garment record that is not one."""


class CodeError(InputError):
    """A GTIN, lot, serial or Digital Link that its standard refuses."""


class ConfigError(InputError):
    """A configuration file, key or value."""


class ConflictError(InputError):
    """An order that contradicts the state of things."""


class StateError(ConflictError):
    """A move of a serial or a job that the table does not list."""


class LedgerError(AgentError):
    """The ledger file's turn."""


class LedgerDamagedError(LedgerError):
    """Torn, truncated, edited, empty or foreign; the message names the first bad event."""
