"""The image buffer, the settings and the stored graphics of a virtual EPL2 printer.

Painted: GW and GG. Text, bars and lines are taken and not painted: the agent never sends any. Whether a real GW
overwrites what is there or adds ink is unconfirmed; `Settings.overwrites` tries both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from PIL import Image

from edge_agent.virtual_printer.mechanism import Paper

MAX_DOTS = 32_000
INK = 255


@dataclass(slots=True)
class Settings:
    """What stays from label to label. In flash all of it, but what the guide calls cleared by power-up: the harder
    printer (EPL Programming Guide 14245L-003, p. 39, has settings of both kinds). `reference`: the origin, as R moved
    it from where q had put it, into the middle of the head."""

    width_dots: int
    length_dots: int
    handling: str
    gap: bytes = b"24"
    bottom_up: bool = False
    resumes: bool = True
    reports: bool = False
    direct: bool = False
    darkness: int = 10
    speed: int = 4
    overwrites: bool = False
    reference: tuple[int, int] = (0, 0)
    code_page: str = "8,0,001"
    backs_up: bool = True
    key_reprints: bool = False

    def at_power_up(self) -> Settings:
        """These, as a printer is after power-up or reset (p. 147, 157)."""
        return replace(self, resumes=True, reports=False)

    def take(self, name: bytes, params: bytes) -> bool:
        """A command that changes what stays. False: its parameters are not of the form."""
        match name:
            case b"q":
                return self._width(params)
            case b"Q":
                return self._form(params)
            case b"O":
                return self._options(params)
            case b"D" | b"S":
                return self._number(name, params)
            case b"R":
                return self._move(params)
            case b"I":
                self.code_page = params.decode("latin-1")
            case b"JF" | b"JB":
                self.backs_up = name == b"JF"
            case b"ZT" | b"ZB":
                self.bottom_up = name == b"ZB"
            case b"UA" | b"UB":
                self.resumes = name == b"UB"
            case b"US" | b"UT" | b"UN":
                self.reports = name != b"UN"
        return True

    def _width(self, params: bytes) -> bool:
        if not re.fullmatch(rb"\d{1,5}", params):
            return False
        self.width_dots = max(1, min(MAX_DOTS, int(params)))
        self.reference = (0, 0)
        return True

    def _move(self, params: bytes) -> bool:
        if not re.fullmatch(rb"\d{1,5}\s*,\s*\d{1,5}", params):
            return False
        x, y = map(int, params.split(b","))
        self.reference = (x, y)
        return True

    def _form(self, params: bytes) -> bool:
        match = re.fullmatch(rb"(\d{1,5}),(B?\d{1,3})(?:[,+]+\d{1,3})?", params)
        if match is None:
            return False
        self.length_dots, self.gap = max(1, min(MAX_DOTS, int(match[1]))), match[2]
        return True

    def _options(self, params: bytes) -> bool:
        """O says all anew: what is not in it is off."""
        words = params.split(b",") if params else []
        if not all(re.fullmatch(rb"C(\d{1,3}|p)?|D|P|L|S|F[fri]", word) for word in words):
            return False
        self.direct, self.key_reprints = b"D" in words, b"Fr" in words
        self.handling = "peel" if b"P" in words else "cut" if any(word[:1] == b"C" for word in words) else "tear"
        return True

    def _number(self, name: bytes, params: bytes) -> bool:
        if not re.fullmatch(rb"\d{1,2}", params):
            return False
        if name == b"D":
            self.darkness = min(15, int(params))
        else:
            self.speed = int(params)
        return True


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored graphic. `ink` None in a printer that paints nothing."""

    size_bytes: int
    ink: Image.Image | None


@dataclass(slots=True)
class Store:
    """Stored graphics by name; case matters."""

    room_bytes: int
    items: dict[str, Stored] = field(default_factory=dict)
    doomed: str = ""

    @property
    def free_bytes(self) -> int:
        """Room left."""
        return self.room_bytes - sum(item.size_bytes for item in self.items.values())

    def delete(self, name: str) -> None:
        """GK: the first is a question, the second deletes (EPL Programming Guide 14245L-001, p. 105)."""
        if self.doomed == name:
            self.items.pop(name, None)
            self.doomed = ""
        else:
            self.doomed = name


class Canvas:
    """The image buffer; N clears it, and what changes the form does."""

    def __init__(self, settings: Settings, *, blind: bool) -> None:
        self._settings, self._blind = settings, blind
        self._ink: Image.Image | None = None

    def clear(self) -> None:
        """White."""
        self._ink = None

    def graphic(self, params: bytes, data: bytes) -> None:
        """GW: 0 = black."""
        x, y, stride, rows = map(int, params.split(b","))
        if stride and rows and not self._blind:
            self.paint(Image.frombytes("1", (stride * 8, rows), data, "raw", "1;I"), x, y)

    def paint(self, ink: Image.Image, x: int, y: int) -> None:
        """Ink at a place; what lies outside is lost."""
        if self._ink is None:
            self._ink = Image.new("1", self._size)
        x, y = x + self._settings.reference[0], y + self._settings.reference[1]
        if self._settings.overwrites:
            self._ink.paste(ink, (x, y))
        else:
            self._ink.paste(INK, (x, y), ink)

    @property
    def _size(self) -> tuple[int, int]:
        return self._settings.width_dots, self._settings.length_dots

    def paper(self) -> Paper:
        """The label as it is now."""
        endless = self._settings.gap.strip(b"0") == b""
        if self._blind:
            return Paper(*self._size, None, continuous=endless)
        ink = self._ink.copy() if self._ink is not None else Image.new("1", self._size)
        turned = ink.transpose(Image.Transpose.ROTATE_180) if self._settings.bottom_up else ink
        return Paper(*self._size, turned, continuous=endless)
