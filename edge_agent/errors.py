"""The one tree of errors, split by whose turn it is.

    AgentError                     base; never raised itself
    ├── InputError                 the caller's turn: data, arguments, orders that cannot be taken
    │   ├── RecordError            a garment record that is not one
    │   ├── TemplateError          a label template that is not one
    │   ├── RenderError            facts that do not fit their slot, or a glyph the font lacks
    │   ├── CodeError              a GTIN, lot, serial or Digital Link the standard refuses
    │   ├── ConfigError            a configuration file or value
    │   ├── AccessError            who asks is not known here, or may not
    │   │   ├── LogInError         nobody has logged in, or badge, PIN or token are not anybody's
    │   │   │   └── PinNeededError the badge is somebody's who logs in with a PIN, too
    │   │   ├── LockedError        too many wrong PINs; carries for how long
    │   │   └── RoleError          this person's role does not do that
    │   │       └── LeadNeededError  a lead may allow it on the spot; carries the action
    │   ├── NotFoundError          a job, window, label, printer or lot nobody knows
    │   ├── ConflictError          an order that contradicts the state of things
    │   │   ├── StateError         a move of a serial or job that the table does not list
    │   │   ├── LotStoppedError    the lot is recalled or suspended
    │   │   ├── FirmNeededError    several firms have such a lot or style; carries them
    │   │   └── IdempotencyError   the same key with another body
    │   └── FindingsError          a rule blocks the label; carries the findings
    ├── IssuingError               the ledger's turn: no serial may be issued now
    │   ├── QuotaError             the lot's allotment is used up, or there is none
    │   ├── CertificateError       the lot's certificate says something else, or no longer stands
    │   └── HeldError              issuing is held until the registry or an operator releases it
    ├── LedgerError                the ledger file's turn
    │   ├── LedgerDamagedError     torn, truncated, edited, empty or foreign; names the first bad event
    │   ├── LedgerBusyError        another process has the file
    │   └── LedgerFullError        the disk did not take the write; nothing acknowledged is lost
    ├── CatalogError               the catalogue file's turn
    ├── OrderBookError             the turn of the file of work orders
    ├── UpdateError                what is offered as an update is not to be trusted, or cannot be had or put in
    ├── PrinterError               the printer's turn
    │   ├── ReplyError             an answer that is not in the printer's language
    │   └── RefusedError           the printer (or its profile) cannot do what was asked
    ├── LinkError                  the wire's turn; bytes may have left: never retry a label on it
    │   ├── LinkDownError          could not connect; nothing was sent
    │   ├── LinkBrokenError        the connection ended or failed
    │   ├── EchoError              what was sent comes back: no answer on this line is a printer's
    │   └── LinkBlockedError       the far side takes no bytes (paper out, buffer full); the link is up
    └── SyncError                  the registry's turn
        ├── RegistryAwayError      no answer; try again later
        │   └── RegistryBusyError  it says when
        └── RegistryRefusedError   an answer that says no; carries the problem document

A message is one sentence that says what, expected, got, and what to do. Whether a retry is safe is part of the
type (`retry_safe`): a `LinkError` after the first byte never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from label_protocol.errors import AgentError, ConfigError, ConflictError, InputError, LedgerError


def reason_of(cause: Exception) -> str:
    """Why a connection failed, without the client library's name for its TLS settings."""
    os_error = getattr(cause, "os_error", None)
    return str(os_error.strerror if os_error is not None and os_error.strerror else cause) or type(cause).__name__


def already_running(place: str, page: str, cause: Exception) -> ConfigError:
    """For a second start: a ledger, or a port, that another process has."""
    return ConfigError(
        f"已在运行（或 {place} 被别的程序占用），请打开 {page}；要重新启动，先停止它 · "
        f"already running: expected {place} to be free, got it taken ({cause}); open {page}, "
        "or stop the program that has it first"
    )


class TemplateError(InputError):
    """A label template that is not one; names file and slot."""


class RenderError(InputError):
    """Facts that do not fit their slot, or a glyph the font lacks; names the slot. `smallest` names the smallest
    built-in label that takes the facts, where one was looked for and found."""

    def __init__(self, message: str, *, smallest: str | None = None) -> None:
        super().__init__(message)
        self.smallest = smallest


class AccessError(InputError):
    """Who asks is not known here, or may not do it; nothing was done."""


class LogInError(AccessError):
    """Nobody has logged in, or badge, PIN or token are not anybody's who works here."""


class PinNeededError(LogInError):
    """The badge is somebody's who logs in with badge and PIN: send both."""


class LockedError(AccessError):
    """Too many wrong PINs: `retry_after_s` seconds long this person is not let in, whatever is entered."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RoleError(AccessError):
    """The role of whoever asks does not do that."""


class LeadNeededError(RoleError):
    """A lead's badge and PIN on the spot let whoever is logged in do it once; `action` is what to allow."""

    def __init__(self, message: str, action: str) -> None:
        super().__init__(message)
        self.action = action


class NotFoundError(InputError):
    """A job, window, label, printer or lot nobody knows."""


class LotStoppedError(ConflictError):
    """Its lot is recalled or suspended: nothing of it may be ordered or go onto a garment."""


class FirmNeededError(ConflictError):
    """Several firms have a lot or a style of this number here; `firms` are they by name, one has to be said."""

    def __init__(self, message: str, firms: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.firms = dict(firms or {})


class IdempotencyError(ConflictError):
    """The same idempotency key with another body."""


class FindingsError(InputError):
    """A rule blocks the label.

    `findings` holds them all, as `garment.finding.Finding`.
    """

    def __init__(self, message: str, findings: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class IssuingError(AgentError):
    """The ledger's turn: no serial may be issued now."""


class QuotaError(IssuingError):
    """The allotment is used up, suspended, or there is none."""


class CertificateError(IssuingError):
    """The certificate of the lot says something else than the labels, or no longer stands."""


class HeldError(IssuingError):
    """Issuing is held until the registry or an operator releases it."""


class LedgerBusyError(LedgerError):
    """Another process has the ledger."""


class LedgerFullError(LedgerError):
    """The disk did not take the write. Nothing acknowledged is lost; nothing was issued."""

    retry_safe = True


class CatalogError(AgentError):
    """The catalogue file's turn."""


class OrderBookError(AgentError):
    """The turn of the file of work orders."""


class UpdateError(AgentError):
    """What is offered as an update is not to be trusted, or cannot be had or put in; the old version is as it was."""


class PrinterError(AgentError):
    """The printer's turn."""


class ReplyError(PrinterError):
    """An answer that is not in the printer's language."""


class RefusedError(PrinterError):
    """The printer, or its profile, cannot do what was asked."""


class LinkError(AgentError):
    """The wire's turn; bytes may have left, so a label is never sent again because of it."""


class LinkDownError(LinkError):
    """Could not connect; nothing was sent."""

    retry_safe = True


class LinkBrokenError(LinkError):
    """The connection ended or failed."""


class EchoError(LinkError):
    """The line says back what is sent on it, so nothing that is heard there is a printer's answer."""


class LinkBlockedError(LinkError):
    """The far side takes no bytes (paper out, buffer full); the link itself is up."""


class SyncError(AgentError):
    """The registry's turn."""


class RegistryAwayError(SyncError):
    """No answer; try again later."""

    retry_safe = True


class RegistryBusyError(RegistryAwayError):
    """It has more to do than it can, and says when to come back: `retry_after_s`."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RegistryRefusedError(SyncError):
    """An answer that says no. `problem` is the RFC 9457 document."""

    def __init__(self, message: str, problem: Mapping[str, Any] | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.problem = dict(problem or {})
        self.status = status
