"""Media: the labels on a printer's roll, and how a printer is set up for them. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil


@dataclass(frozen=True, slots=True)
class Media:
    """What a window is printed on."""

    dpi: int
    width_dots: int
    height_dots: int
    gap_mm: float = 3.0
    """Between labels; 0 = continuous."""
    continuous: bool = False
    """The label is as long as its content, so it belongs on a roll without gaps, whatever roll a printer has."""

    def dots(self, mm: float) -> int:
        """`mm` in whole dots of this head."""
        return round(mm * self.dpi / 25.4)

    @property
    def width_mm(self) -> float:
        """Rounded up to a tenth, so that no dot falls off at a head's true 8 or 12 dots per millimetre."""
        return ceil(self.width_dots * 254 / self.dpi - 0.01) / 10

    @property
    def height_mm(self) -> float:
        """As `width_mm`."""
        return ceil(self.height_dots * 254 / self.dpi - 0.01) / 10


class Handling(StrEnum):
    """What becomes of a printed label: torn off by hand, peeled and taken one by one, or cut."""

    TEAR = "tear"
    PEEL = "peel"
    CUT = "cut"


class Sensor(StrEnum):
    """What tells the printer where a label begins."""

    GAP = "gap"
    MARK = "mark"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True)
class Setup:
    """How one printer is driven, in every window. None leaves the printer's own setting alone.

    `darkness` is on the printer's own scale (its manual); `ribbon` True = thermal transfer, False = direct thermal.
    `origin_*_mm`: where the printer's own frame begins on the label, as its menu calls label top and left position.
    """

    handling: Handling = Handling.TEAR
    sensor: Sensor = Sensor.GAP
    ribbon: bool | None = None
    darkness: int | None = None
    speed_ips: float | None = None
    origin_right_mm: float = 0.0
    origin_down_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class ReportedSettings:
    """What a printer says it is set to; None: it did not say."""

    width_dots: int | None = None
    length_dots: int | None = None
    darkness: float | None = None
    speed_ips: float | None = None
    sensor: Sensor | None = None
