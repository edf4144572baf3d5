"""One ZPL format into ink, from nothing but its own bytes and what is stored.

Painted: ^GF (hex, run lengths, ZB64, binary) and ^XG, black over what is there. Text and bar codes move paper but are
not painted: the agent never sends any. As in a printer, a graphic that cannot be read, and a recalled object that is
not there, are left out, and the label still comes.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from PIL import Image, ImageChops

from edge_agent.errors import RefusedError
from edge_agent.printers.languages import graphics
from edge_agent.virtual_printer.mechanism import Paper
from edge_agent.virtual_printer.zpl.lexer import Command
from edge_agent.virtual_printer.zpl.settings import Settings, number

INK = 255
"""Pillow's one in mode "1"; a 1 would be stored as 1 and come out of an inversion as white."""
_PAINTING = (b"^GF", b"^XG", b"^IM", b"^IL", b"^FD", b"^FV", b"^SN", b"^GB", b"^GC", b"^GD", b"^GE", b"^GS")
_GF = re.compile(rb"([ABCabc]),(\d{1,8}),(\d{1,8}),(\d{1,5}),(.*)", re.DOTALL)
_DG = re.compile(rb"([^,]{0,24}),(\d{1,8}),(\d{1,5}),(.*)", re.DOTALL)
_MAX_GRAPHIC_BYTES = 4_194_304


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored graphic. `mask` None in a printer that paints nothing."""

    size_bytes: int
    mask: Image.Image | None


@dataclass(slots=True)
class Store:
    """R: and what is in it; names as `R:NAME.GRF`."""

    room_bytes: int
    items: dict[str, Stored] = field(default_factory=dict)

    def put(self, name: str, item: Stored) -> bool:
        """False if there is no room; the object of that name then stays as it was."""
        used = self.free_bytes + (self.items[name].size_bytes if name in self.items else 0)
        if item.size_bytes > used:
            return False
        self.items[name] = item
        return True

    @property
    def free_bytes(self) -> int:
        """Room left."""
        return self.room_bytes - sum(item.size_bytes for item in self.items.values())

    def matching(self, pattern: str) -> list[str]:
        """Names that match `R:*.GRF`."""
        return fnmatch.filter(self.items, pattern)


def object_path(text: bytes, extension: str = "GRF") -> str:
    """`LOGO` → `R:LOGO.GRF`; drive and extension have defaults."""
    name = text.decode("latin-1").strip().upper()
    drive, colon, rest = name.rpartition(":")
    stem, dot, ext = rest.partition(".")
    return f"{drive if colon else 'R'}:{stem or 'UNKNOWN'}.{ext if dot else extension}"


def download(params: bytes, *, blind: bool) -> tuple[str, Stored]:
    """The parameters of ~DG.

    Raises:
        RefusedError: not of the form, too large, or its data cannot be read.
    """
    match = _DG.fullmatch(params)
    if match is None:
        raise RefusedError(f"~DG: expected name,bytes,bytes per row,data; got {params[:40]!r}; dropped")
    total, stride = int(match[2]), int(match[3])
    rows = _rows(match[4].strip(), total, stride)
    return object_path(match[1]), Stored(total, None if blind else _mask(rows, stride))


def _rows(data: bytes, total: int, stride: int) -> bytes:
    if not 0 < total <= _MAX_GRAPHIC_BYTES or not stride or total % stride:
        raise RefusedError(f"graphic: expected whole rows, got {total} bytes in rows of {stride}; dropped")
    return graphics.decode(data, total, stride)


def _mask(rows: bytes, stride: int) -> Image.Image:
    return Image.frombytes("1", (stride * 8, len(rows) // stride), rows)


def field_mask(params: bytes) -> Image.Image:
    """The graphic of a ^GF.

    Raises:
        RefusedError: as `download`.
    """
    match = _GF.fullmatch(params)
    if match is None:
        raise RefusedError(f"^GF: expected kind,bytes,bytes,bytes per row,data; got {params[:40]!r}; dropped")
    total, stride = int(match[3]), int(match[4])
    if match[1] in b"Aa":
        return _mask(_rows(match[5].strip(), total, stride), stride)
    if match[1] in b"Cc" or len(match[5]) != total or not stride or total % stride:
        raise RefusedError(f"^GF{match[1]!r}: expected {total} bytes of whole rows, got {len(match[5])}; dropped")
    return _mask(match[5], stride)


class Canvas:
    """Executes the painting commands of one format. `kept` is the picture that ^MCN left of the label before."""

    def __init__(self, settings: Settings, store: Store, kept: Image.Image | None, *, blind: bool) -> None:
        self._settings, self._store, self._blind = settings, store, blind
        self._kept = kept
        self._origin = (0, 0)
        self._stamps: list[tuple[Image.Image, tuple[int, int]]] = []
        self.copies = 1
        self.has_field = False

    def take(self, command: Command) -> None:
        """One command; unknown ones do nothing. A printer in ZPL makes labels of ZPL II, and cannot draw them."""
        name, params = command.name, command.params
        if name in (b"^FO", b"^FT"):
            self._origin = (number(params, 0), number(params, 1))
        elif name == b"^PQ":
            self.copies = max(1, min(99_999_999, number(params, 0, 1)))
        elif name in _PAINTING or (name.startswith(b"^B") and name != b"^BY"):
            self.has_field = True
            if not self._blind and self._settings.zpl_ii:
                self._paint(name, params)

    def _paint(self, name: bytes, params: bytes) -> None:
        mask = None
        if name == b"^GF":
            try:
                mask = field_mask(params)
            except RefusedError:
                return
        elif name == b"^XG":
            mask = self._recalled(params)
        if mask is not None:
            mask = _times(mask, self._settings.ink_scale, self._settings.ink_scale)
            self._stamps.append((mask, self._place(mask.width)))

    def _place(self, width: int) -> tuple[int, int]:
        """Where a field of this width comes to lie."""
        put = self._settings
        factor = put.scale * put.ink_scale
        x, y = (round((field + home) * factor) for field, home in zip(self._origin, put.home, strict=True))
        return x - put.shift_left - width * put.right_justified, y + put.label_top

    def _recalled(self, params: bytes) -> Image.Image | None:
        stored = self._store.items.get(object_path(params.split(b",")[0]))
        if stored is None or stored.mask is None:
            return None
        mx, my = (max(1, min(10, number(params, at, 1))) for at in (1, 2))
        return _times(stored.mask, mx, my)

    def picture(self) -> Image.Image | None:
        """All that is drawn, before the label is turned."""
        if self._blind:
            return None
        ink = Image.new("1", (self._settings.width_dots, self._settings.length_dots))
        if self._kept is not None:
            ink.paste(self._kept, (0, 0))
        for mask, where in self._stamps:
            if self._settings.reversed:
                layer = Image.new("1", ink.size)
                layer.paste(INK, where, mask)
                ink = ImageChops.logical_xor(ink, layer)
            else:
                ink.paste(INK, where, mask)
        return ink

    def paper(self, picture: Image.Image | None) -> Paper:
        """The finished label."""
        width, height = self._settings.width_dots, self._settings.length_dots
        endless = self._settings.media_type == "continuous"
        if picture is None:
            return Paper(width, height, None, continuous=endless)
        ink = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if self._settings.mirrored else picture
        turned = ink.transpose(Image.Transpose.ROTATE_180) if self._settings.inverted else ink
        return Paper(width, height, turned, continuous=endless)


def _times(mask: Image.Image, mx: int, my: int) -> Image.Image:
    """A graphic, each dot so many times as wide and high."""
    if (mx, my) == (1, 1):
        return mask
    return mask.resize((mask.width * mx, mask.height * my), Image.Resampling.NEAREST)
