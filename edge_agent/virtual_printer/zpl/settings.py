"""What a ZPL printer keeps from format to format, and what of it outlives a power cut.

Where the ZPL II Programming Guide (volume 1, 45541L) names a value at power-up, that comes back; everything else comes
back as ^JUS saved it. That ^JUS saves all the rest, units and prefixes among it, is the harder printer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from edge_agent.virtual_printer.zpl.lexer import Command

MAX_DOTS = 32_000
_MEDIA_TYPES = {b"N": "continuous", b"Y": "gap/notch", b"W": "gap/notch", b"M": "mark"}
_HANDLINGS = {b"T": "tear", b"P": "peel", b"C": "cut", b"R": "rewind"}
_SIGNED = re.compile(rb"[+-]?[0-9]{1,9}", re.ASCII)


@dataclass(slots=True)
class Settings:
    """What stays from format to format. `scale`: dots for one unit; `ink_scale`: ^JMB draws each dot twice as large."""

    width_dots: int
    length_dots: int
    handling: str
    dpi: int = 203
    home: tuple[int, int] = (0, 0)
    shift_left: int = 0
    label_top: int = 0
    inverted: bool = False
    mirrored: bool = False
    reversed: bool = False
    right_justified: bool = False
    keeps_picture: bool = False
    scale: float = 1.0
    ink_scale: int = 1
    code_page: str = "0"
    zpl_ii: bool = True
    reprint: bool = True
    darkness: int = 10
    darker: int = 0
    speed_ips: int = 6
    backfeed: str = "N"
    media_type: str = "gap/notch"
    transfer: bool = True

    def at_power_up(self) -> Settings:
        """These, saved, as a printer is after power-up."""
        return replace(
            self,
            reprint=True,
            keeps_picture=False,
            darker=0,
            right_justified=False,
            zpl_ii=True,
            backfeed="N",
        )

    def take(self, command: Command) -> None:
        """Commands that change what stays; others do nothing."""
        name, params = command.name, command.params
        letter = params[:1].upper()
        match name:
            case b"^MT":
                self.transfer = {b"T": True, b"D": False}.get(letter, self.transfer)
            case b"^PW":
                self.width_dots = max(1, min(MAX_DOTS, number(params, 0, self.width_dots)))
            case b"^LL":
                self.length_dots = max(1, min(MAX_DOTS, number(params, 0, self.length_dots)))
            case b"^PR":
                self.speed_ips = max(1, min(14, number(params, 0, self.speed_ips)))
            case b"^MN":
                self.media_type = _MEDIA_TYPES.get(letter, self.media_type)
            case b"^MM":
                self.handling = _HANDLINGS.get(letter, self.handling)
            case b"^JZ":
                self.reprint = letter != b"N"
            case b"^CI":
                self.code_page = params.decode("latin-1")
            case b"^SZ":
                self.zpl_ii = {b"1": False, b"2": True}.get(letter, self.zpl_ii)
            case b"^MD":
                self.darker = signed(params, self.darker)
            case _:
                self._draw_otherwise(name, params, letter)

    def _draw_otherwise(self, name: bytes, params: bytes, letter: bytes) -> None:
        """What changes where and how ink comes."""
        match name:
            case b"^LH":
                self.home = (number(params, 0), number(params, 1))
            case b"^LS":
                self.shift_left = signed(params, self.shift_left)
            case b"^LT":
                self.label_top = signed(params, self.label_top)
            case b"^PO":
                self.inverted = letter == b"I"
            case b"^PM":
                self.mirrored = letter == b"Y"
            case b"^LR":
                self.reversed = letter == b"Y"
            case b"^FW":
                self.right_justified = params.split(b",")[1:2] == [b"1"]
            case b"^MC":
                self.keeps_picture = letter == b"N"
            case b"^JM":
                self.ink_scale = {b"A": 1, b"B": 2}.get(letter, self.ink_scale)
            case b"^MU":
                self._measure(params)

    def _measure(self, params: bytes) -> None:
        """^MUa,b,c: a field's place in dots, inches or millimetres; c/b between two resolutions, 1 where they agree."""
        units = {b"D": 1.0, b"I": float(self.dpi), b"M": self.dpi / 25.4}
        base, wanted = number(params, 1), number(params, 2)
        self.scale = units.get(params[:1].upper(), self.scale) * (wanted / base if base and wanted else 1.0)


def number(params: bytes, at: int, default: int = 0) -> int:
    """Parameter `at` as a number within what any command takes; the default if it is missing or not one."""
    parts = params.split(b",")
    text = parts[at].strip() if at < len(parts) else b""
    return min(int(text), 99_999_999) if re.fullmatch(rb"[0-9]{1,9}", text) else default


def signed(params: bytes, default: int) -> int:
    """The first parameter, which may be below nothing."""
    text = params.split(b",")[0].strip()
    return int(text) if _SIGNED.fullmatch(text) else default
