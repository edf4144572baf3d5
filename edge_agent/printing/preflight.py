"""Before the first label of a job: what will be printed against what is known of the printer. Pure.

A finding is a sentence for the operator, no refusal: half of what is compared is what a printer says of itself, and
some printers say it badly. What is not told is not compared, so a printer that is silent has no findings, and no
praise.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Protocol

from edge_agent.messages import preflight as words
from edge_agent.messages.text import Words
from edge_agent.model.media import Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import PrinterStatus

WIDTH_TOLERANCE_MM = 1.0
"""One byte of dots at 203 dpi: printers round the width to whole bytes, and TSPL takes it in tenths of a millimetre."""

LENGTH_UNDER_MM = 1.0
"""A measured label may come out short by what the sensor's edge is worth."""

LENGTH_OVER_MM = 2.0
"""On top of label and gap. ~HS `dddd` is "label length"; whether a measured one includes the gap is unconfirmed, so
both readings are taken for right, and 2 mm more for the calibration. The next usual roll is 5 mm off or more."""

SPEED_TOLERANCE_IPS = 0.25
"""Half of the finest step in any table of speeds (0.5 in/s: EPL Programming Guide 14245L-001 p. 142, S)."""

DARKNESS_TOLERANCE = 0.5
"""Settings are whole numbers on every scale; printers that keep tenths may answer with them."""


class Traits(Protocol):
    """What preflight has to know of a model; a `Profile` is one."""

    @property
    def width_dots(self) -> int | None:
        """Length of the head's line at `dpi`; None: unknown."""
        ...

    @property
    def dpi(self) -> int:
        """Resolution."""
        ...

    @property
    def speeds_ips(self) -> tuple[float, ...]:
        """Speeds it can print at; empty: unknown."""
        ...


def check(
    media: Media,
    setup: Setup,
    traits: Traits,
    status: PrinterStatus,
    reported: ReportedSettings | None = None,
    *,
    roll_gap_mm: float | None = None,
) -> tuple[Words, ...]:
    """What does not fit, worst first; empty if nothing is known to be wrong.

    Args:
        media: what one row prints: with labels across, the whole row of them.
        setup: what the preamble has set.
        status: read after the preamble; its label length is compared if the printer told one.
        reported: the printer's settings, read after the preamble; None: it was not asked or did not answer.
        roll_gap_mm: what the printer's row says of the roll on it, 0 = continuous; None: nothing.
    """
    told = reported or ReportedSettings()
    length_dots = status.label_length_dots if told.length_dots is None else told.length_dots
    return (
        *_roll(media, roll_gap_mm),
        *_resolution(media, traits),
        *_head(media, traits),
        *_sensor(media, setup, told),
        *_length(media, length_dots),
        *_width(media, told),
        *_model_speed(setup, traits),
        *_speed(setup, told),
        *_darkness(setup, told),
    )


def _roll(media: Media, gap_mm: float | None) -> Iterator[Words]:
    """A label as long as its content drifts over gaps; one of a fixed length has nothing to find its edge by."""
    if gap_mm is None or media.continuous == (gap_mm <= 0):
        return
    gaps, none = words.GAPS, words.SENSORS[Sensor.CONTINUOUS]
    yield words.differs(words.ROLL, *((none, gaps) if media.continuous else (gaps, none)))


def _resolution(media: Media, traits: Traits) -> Iterator[Words]:
    """Only of a model whose head is known: there the width is counted at the row's dpi, and another dpi makes it wrong.
    A row that knows no head only presumes its dpi, and `dpi` in agent.toml is there to correct it."""
    if traits.width_dots is not None and media.dpi != traits.dpi:
        yield words.differs(words.RESOLUTION, f"{traits.dpi} dpi", f"{media.dpi} dpi")


def _head(media: Media, traits: Traits) -> Iterator[Words]:
    if traits.width_dots is not None and media.width_dots > traits.width_dots:
        most, got = (f"{dots} dots ({_mm(dots, media.dpi)} mm)" for dots in (traits.width_dots, media.width_dots))
        yield words.differs(words.HEAD, f"≤ {most}", got)


def _sensor(media: Media, setup: Setup, told: ReportedSettings) -> Iterator[Words]:
    wanted = Sensor.CONTINUOUS if media.gap_mm <= 0 else setup.sensor
    if told.sensor is not None and told.sensor is not wanted:
        yield words.differs(words.SENSOR, words.SENSORS[wanted], words.SENSORS[told.sensor])


def _length(media: Media, length_dots: int | None) -> Iterator[Words]:
    """0 is what printers say before they have measured."""
    if not length_dots:
        return
    least = media.height_dots - _dots(LENGTH_UNDER_MM, media.dpi)
    most = _measured(media.height_dots, media.dpi) + _dots(media.gap_mm + LENGTH_OVER_MM, media.dpi)
    if not least <= length_dots <= most:
        fits = f"{_mm(least, media.dpi)}–{_mm(most, media.dpi)} mm"
        yield words.differs(words.LENGTH, fits, f"{_mm(length_dots, media.dpi)} mm")


def _width(media: Media, told: ReportedSettings) -> Iterator[Words]:
    if told.width_dots is None:
        return
    if abs(told.width_dots - media.width_dots) > _dots(WIDTH_TOLERANCE_MM, media.dpi):
        wanted, got = (f"{_mm(dots, media.dpi)} mm" for dots in (media.width_dots, told.width_dots))
        yield words.differs(words.WIDTH, wanted, got)


def _model_speed(setup: Setup, traits: Traits) -> Iterator[Words]:
    if setup.speed_ips is not None and traits.speeds_ips and setup.speed_ips not in traits.speeds_ips:
        speeds = ", ".join(f"{speed:g}" for speed in traits.speeds_ips)
        yield words.differs(words.MODEL_SPEED, f"{speeds} in/s", f"{setup.speed_ips:g} in/s")


def _speed(setup: Setup, told: ReportedSettings) -> Iterator[Words]:
    if _apart(setup.speed_ips, told.speed_ips, SPEED_TOLERANCE_IPS):
        yield words.differs(words.SPEED, f"{setup.speed_ips:g} in/s", f"{told.speed_ips:g} in/s")


def _darkness(setup: Setup, told: ReportedSettings) -> Iterator[Words]:
    if _apart(setup.darkness, told.darkness, DARKNESS_TOLERANCE):
        yield words.differs(words.DARKNESS, f"{setup.darkness:g}", f"{told.darkness:g}")


def _apart(wanted: float | None, got: float | None, tolerance: float) -> bool:
    return wanted is not None and got is not None and abs(wanted - got) > tolerance


def _measured(dots: int, dpi: int) -> int:
    """What a printer measures for a label rendered `dots` long: heads have whole dots per millimetre (~HI: 6, 8, 12,
    24), so one of "300 dpi" has 304.8, and finds 1800 dots on the 150 mm that were rendered as 1772."""
    return ceil(dots * round(dpi / 25.4) * 25.4 / dpi)


def _dots(mm: float, dpi: int) -> int:
    return round(mm * dpi / 25.4)


def _mm(dots: int, dpi: int) -> str:
    return f"{dots * 25.4 / dpi:.1f}"
