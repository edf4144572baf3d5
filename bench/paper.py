"""What the engine alone would do: the limit that utilisation is measured against, and what else took the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

PITCH_MM = 320 / 203 * 25.4 + 3.0
"""The label's dots and the gap."""
WINDOW = 8


def label_s(speed_ips: float) -> float:
    """Seconds that the paper of one label takes."""
    return PITCH_MM / 25.4 / speed_ips


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a label took, all in all, and within windows alone (the rest is between windows)."""

    whole_s: float
    within_s: float

    @property
    def between_s(self) -> float:
        """Seconds between two windows that no label takes."""
        return max(0.0, self.whole_s - self.within_s) * WINDOW


def pace(at_s: Sequence[float]) -> Pace:
    """Of the moments at which labels left. Whole windows only, from the first label of one to the first of another, if
    there are as many; a run that ended within its first window has nothing between windows.

    Raises:
        RuntimeError: fewer than two labels.
    """
    if len(at_s) < 2:
        raise RuntimeError(f"pace: expected at least 2 labels, got {len(at_s)}; let it run longer")
    whole = (len(at_s) - 1) // WINDOW * WINDOW or len(at_s) - 1
    inside = [later - early for at, (early, later) in enumerate(pairwise(at_s), 1) if at % WINDOW]
    return Pace((at_s[whole] - at_s[0]) / whole, sum(inside) / len(inside))


def limit(found: Pace, engine_s: float, line_s: float = 0.0) -> str:
    """A sentence: of the time of a label, how much each took, and so which of them is in the way."""
    shares = {
        "the line": line_s / found.whole_s,
        "the paper": engine_s / found.whole_s,
        "looks between labels": max(0.0, found.within_s - max(line_s, engine_s)) / found.whole_s,
        "the time between windows": found.between_s / WINDOW / found.whole_s,
    }
    most = max(shares, key=lambda name: shares[name])
    others = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items() if 0.005 <= share < shares[most])
    rest = f" ({others})" if others else ""
    return f"{most}, {100 * shares[most]:.0f} % of the time{rest}; {found.between_s * 1000:.0f} ms between two windows"
