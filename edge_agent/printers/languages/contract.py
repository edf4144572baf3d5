"""What every printer language promises: bytes in, values out; no clock, no socket, no log.

A language turns art into bytes and replies into values. Which replies a printer can give is its profile's affair.
Implementations pass `tests/test_language_conformance.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from edge_agent.model import Bitmap, Media, Patch, PrinterStatus

T_co = TypeVar("T_co", covariant=True)
Parsed = tuple[T_co, int]
"""A value and the number of bytes it took from the start of the buffer."""

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


class Language(Protocol):
    """One printer language. Every method is pure."""

    name: str
    """Key of the table in `languages/__init__.py`, and what `--language` takes."""

    stores_background: bool
    """Whether run mode exists: the language stores a picture in RAM and can prove that it is still there."""

    def cancel(self) -> bytes:
        """Drop what is left over in the printer's buffer, half-received formats included; prints nothing new."""
        ...

    def preamble(self, media: Media) -> bytes:
        """What leads every window: the printer's own reprint off, size, origin, sensor. Feeds no label."""
        ...

    def object_name(self, background: Bitmap) -> str:
        """The name a background is stored under: derived from its content, so another content is another name."""
        ...

    def object_size(self, background: Bitmap) -> int:
        """The size in bytes that the printer's object list shows for it."""
        ...

    def with_object_overhead(self, extra_bytes: int) -> Language:
        """The same language for a printer whose object list shows `extra_bytes` more than a bitmap's own (profile)."""
        ...

    def store(self, background: Bitmap) -> bytes:
        """Download `background` into volatile memory under `object_name(background)`. Never into flash."""
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

    @property
    def objects_query(self) -> Query[Mapping[str, int]] | None:
        """Stored object name → size in bytes; None if the language cannot ask."""
        ...

    @property
    def identity_query(self) -> Query[str] | None:
        """Model and firmware as the printer tells them."""
        ...
