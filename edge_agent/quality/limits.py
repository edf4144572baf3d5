"""Each row names a measure of a symbol and the least values that are worth 4, 3, 2 and 1; below the last it is worth 0.

Names are those of ISO/IEC 15415. Its text was not at hand: values marked C2 are read in what makers of verifiers and
readers publish of it, values marked `ours` are ours. Nothing here replaces a verifier: there is no lens, no lamp and no
calibrated aperture, the symbol's place is known instead of found, and axial and grid nonuniformity, which a printer
that prints whole dots does not have, are not measured.

Sources: V1 Cognex DataMan 475 reference manual, grading standards; V2 Omron V430 user's manual Z392, symbol quality
output; V3 Omron V440-F user manual, 8-30 (aperture 80 % of a module, the lowest grade is the overall grade); V4 Cognex
VisionPro and Siemens SIMATIC MV440 manuals (print growth has no grade).
"""

from __future__ import annotations

from dataclasses import dataclass

PASS = 1.5
"""Least overall grade that retail asks of a symbol (C); whole grades here, so 2."""

APERTURE_MODULES = 0.8
"""Diameter of the spot a module is judged by, as a share of its width (V3)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its least values for 4, 3, 2 and 1 as shares of 1, what they rest on, and where they are from."""

    key: str
    zh: str
    en: str
    least: tuple[float, float, float, float]
    status: str
    source: str

    def grade(self, value: float) -> int:
        """The whole grade, 4 to 0, of a value."""
        return sum(value >= least - 1e-9 for least in self.least)


CONTRAST = Measure("contrast", "符号反差", "symbol contrast", (0.70, 0.55, 0.40, 0.20), "C2", "V1")
MODULATION = Measure(
    "modulation", "调制比（最差模块）", "modulation, worst module", (0.50, 0.40, 0.30, 0.20), "C2", "V1"
)
FIXED = Measure("fixed", "固有图形", "fixed patterns", (1.0, 0.98, 0.95, 0.90), "ours", "")
QUIET = Measure("quiet", "空白区（最差模块）", "quiet zone, worst module", MODULATION.least, "ours", "limits of V1")
UNUSED = Measure("unused", "未使用纠错", "unused error correction", (0.62, 0.50, 0.37, 0.25), "C2", "V1, V2")
MEASURES = (CONTRAST, MODULATION, FIXED, QUIET, UNUSED)
