"""What every printer language promises: bytes in, values out; no clock, no socket, no log.

A language turns art into bytes and replies into values. Which replies a printer can give is its profile's affair.
Implementations pass `tests/edge_agent/printers/test_language_conformance.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, ReportedSettings, Setup
from edge_agent.model.printer import Fault, PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity

T_co = TypeVar("T_co", covariant=True)
Parsed = tuple[T_co, int]
"""A value and the number of bytes it took from the start of the buffer."""

PLAIN = Setup()

MAX_REPLY_BYTES = 65_536
"""No reply of any known printer is longer (a full object list of a Link-OS printer is a few kB)."""


@dataclass(frozen=True, slots=True)
class Query(Generic[T_co]):
    """A question and how its answer is read.

    `parse(buffer)` returns `(value, bytes_used)`, or None for "need more"; it raises `ReplyError` for an answer that
    is complete and not in the language. It may skip noise before the reply; trailing bytes must survive.
    """

    name: str
    request: bytes
    parse: Callable[[bytes], Parsed[T_co] | None]


@dataclass(frozen=True, slots=True)
class Quirks:
    """What distinguishes one model from its language's manual: columns of a profile, never an `if model ==`.

    Args:
        object_overhead_bytes: what the printer's object list shows on top of a stored picture's own size.
        inverted: black and white of bitmaps are swapped (some clones).
        line_end: what ends a command line.
        confirms: the printer answers each label that it printed, and is asked to.
        ribbon: whether it prints with one, as far as is known. False: what a sensor says that has nothing to feel is no
            fault; the preamble sets such a printer to direct thermal.
    """

    object_overhead_bytes: int = 0
    inverted: bool = False
    line_end: bytes = b"\r\n"
    confirms: bool = False
    ribbon: bool | None = None


PLAIN_MODEL = Quirks()


class Stays(StrEnum):
    """How long a printer keeps a mode that somebody set. A power-up that undoes it helps nobody: power stays on."""

    POWER = "power"
    """Until it is switched off, or told otherwise."""
    SAVED = "saved"
    """As POWER, and over power-up too once somebody had it saved (^JUS)."""
    STORED = "stored"
    """Over power-up by itself, or the manual does not say; then it is taken to."""


Says = Callable[[Media, Setup, Quirks], bytes]
"""What a window says of one mode; empty where the site's configuration leaves it open."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One thing that a printer keeps from label to label, and that another program may have left as it liked.

    Args:
        command: as the manual names it.
        zh, en: what it changes; of a mode that is left to the site, why.
        stays: how long.
        source: where the manual says so.
        says: what every window says of it; None: nothing can or should be said.
        left: streams of another program, each of which leaves it as no window of ours wants it. With `says` None: no
            command of ours undoes it, and a printer in it must never look ready. Empty with `says` None: it moves no
            ink and feeds nothing, or only a person at the printer can know the value.
    """

    command: str
    zh: str
    en: str
    stays: Stays
    source: str
    says: Says | None = None
    left: tuple[bytes, ...] = ()


def said_of(modes: Sequence[Mode], media: Media, setup: Setup, quirks: Quirks) -> list[bytes]:
    """What a window says of these modes, in their order, without those of which it says nothing."""
    said = [mode.says(media, setup, quirks) for mode in modes if mode.says is not None]
    return [one for one in said if one]


def always(command: bytes) -> Says:
    """Says the same in every window."""
    return lambda media, setup, quirks: command


@dataclass(frozen=True, slots=True)
class LabelResponse:
    """What a printer says by itself after one label: `fault` None = printed."""

    fault: Fault | None = None


ResponseReader = Callable[[bytes], tuple[tuple[LabelResponse, ...], bytes]]
"""Takes the per-label responses out of what came; returns them and all the rest in its order (answers to questions,
and the beginning of a response whose end has not come yet)."""


class Language(Protocol):
    """One printer language. Every method is pure."""

    name: str
    """Key of the table in `languages/__init__.py`, and what `--language` takes."""

    stores_background: bool
    """Whether run mode exists: the language stores a picture and can prove that it is still there."""

    binary: bool
    """Whether its streams carry raw bytes. A line with XON/XOFF eats 0x11 and 0x13, so there it is refused."""

    def with_quirks(self, quirks: Quirks) -> Language:
        """The same language as one model speaks it. What the language does not have is ignored."""
        ...

    def cancel(self) -> bytes:
        """Drop what is left over in the printer's buffer, half-received formats included; prints nothing new."""
        ...

    @property
    def modes(self) -> tuple[Mode, ...]:
        """What such a printer keeps from label to label: the preamble says those that it can."""
        ...

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """What leads every window: the printer's own reprint off, and each of `modes` as this window wants it,
        whatever another program left. Feeds no label, forgets no stored background; said twice it changes nothing.

        Raises:
            RefusedError: the language cannot do what `setup` asks, or needs what it leaves open.
        """
        ...

    def calibrate(self, setup: Setup) -> bytes:
        """Have the printer find the gaps or marks of its roll; feeds labels. Empty: the language cannot ask for it."""
        ...

    def object_name(self, background: Bitmap) -> str:
        """The name a background is stored under: derived from its content, so another content is another name."""
        ...

    def object_size(self, background: Bitmap) -> int | None:
        """The size in bytes that the printer's object list shows for it; None where a list shows names only."""
        ...

    def store(self, background: Bitmap) -> bytes:
        """Download `background` under `object_name(background)`; volatile where the language has a choice."""
        ...

    def forget(self, names: Sequence[str]) -> bytes:
        """Delete those of the named objects that `object_name` can have made; everybody else's are left alone."""
        ...

    def full_label(self, art: Bitmap) -> bytes:
        """Exactly one physical label that carries every dot."""
        ...

    def run_label(self, background: Bitmap, patches: Sequence[Patch]) -> bytes:
        """Exactly one physical label: the stored background and these patches inline."""
        ...

    @property
    def status_queries(self) -> tuple[Query[PrinterStatus], ...]:
        """The questions that together tell health and idleness; each answer alone may be partial."""
        ...

    @property
    def counter_query(self) -> Query[int | None] | None:
        """Labels since manufacture; None if the language cannot ask. The value None: this model has no counter."""
        ...

    def objects_query(self, names: Sequence[str] = ()) -> Query[Mapping[str, int | None]] | None:
        """Stored object name → size in bytes (None: not told). Some languages ask for `names` only, some list all
        there is; None if the language cannot ask."""
        ...

    @property
    def settings_query(self) -> Query[ReportedSettings] | None:
        """What the printer is set to, for the check before a job; None if the language cannot ask."""
        ...

    @property
    def response_reader(self) -> ResponseReader | None:
        """Reads what the printer says by itself after each label; None unless the quirk `confirms` is set."""
        ...

    @property
    def identity_query(self) -> Query[str] | None:
        """Model and firmware as the printer tells them."""
        ...

    @property
    def identity_queries(self) -> tuple[Query[PrinterIdentity], ...]:
        """The questions that together tell which printer this is, its serial number too where it has a word for it;
        each answer alone may be partial. No label printer prints them."""
        ...
