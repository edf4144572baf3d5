"""The parts of the benchmarks that reckon. What they measure is not tested: a figure below its target is a figure."""

from __future__ import annotations

import importlib
from itertools import accumulate
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import drivers, paper
from bench.kit import Row
from bench.printers import stamps

VECTORS = Path(__file__).parent / "vectors"


def test_a_pace_tells_windows_from_what_is_between_them() -> None:
    gaps = ([1.0] * 7 + [3.0]) * 2
    found = paper.pace([0.0, *accumulate(gaps)])
    assert found == paper.Pace(20.0 / 16, 1.0)
    assert found.between_s == pytest.approx(2.0)


def test_a_pace_without_a_whole_window_has_nothing_between_windows() -> None:
    assert paper.pace([0.0, 2.0, 4.0]) == paper.Pace(2.0, 2.0)


def test_one_label_is_no_pace() -> None:
    with pytest.raises(RuntimeError, match="at least 2 labels, got 1"):
        paper.pace([0.0])


@pytest.mark.parametrize(
    ("found", "line_s", "most"),
    [
        (paper.Pace(1.0, 1.0), 0.2, "the paper, 90 %"),
        (paper.Pace(2.0, 2.0), 1.9, "the line, 95 %"),
        (paper.Pace(4.0, 1.0), 0.5, "the time between windows, 75 %"),
        (paper.Pace(4.0, 4.0), 0.5, "looks between labels, 78 %"),
    ],
)
def test_what_takes_most_of_the_time_is_what_limits(found: paper.Pace, line_s: float, most: str) -> None:
    assert paper.limit(found, 0.9, line_s).startswith(most)


def test_the_page_names_what_limits_below_the_table() -> None:
    rows = [Row("one", 1.0, "s", "two", 2.0, "less", limit="the disk"), Row("three", 1.0, "s", "four", 1.0)]
    assert bench.limits(rows) == "What limits:\n\n- one: the disk"
    assert not bench.limits(rows[1:])


def test_every_section_is_a_module_with_rows() -> None:
    for name in bench.SECTIONS:
        assert callable(importlib.import_module(f"bench.{name}").rows)


def test_a_tape_that_does_not_exist_yet_has_no_labels(tmp_path: Path) -> None:
    assert stamps(tmp_path) == []


@pytest.mark.skipif(drivers.ppds() is None, reason="no CUPS filter here")
@pytest.mark.parametrize("language", drivers.PPDS)
def test_the_raster_given_to_cups_is_the_one_of_the_vectors(language: str) -> None:
    folder = drivers.ppds()
    assert folder is not None
    made = drivers.cups(folder / drivers.PPDS[language], drivers.their_picture(), 203)
    assert made == (VECTORS / f"cups_{language}_203.bin").read_bytes()
