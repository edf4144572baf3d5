"""The check before a job: each finding has a case that raises it, one just inside that does not, and its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.media import Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import Health, PrinterStatus
from edge_agent.printers.profiles import profile
from edge_agent.printing.preflight import check

MEDIA = Media(203, 480, 320, 3.0)
"""60 × 40 mm."""

MODEL = replace(profile("zpl-203"), speeds_ips=(2.0, 3.0, 4.0))
UNKNOWN = profile("zpl-unknown")
SETUP = Setup(darkness=15, speed_ips=3.0)
WELL = PrinterStatus(Health.OK, idle=True)
TOLD = ReportedSettings(width_dots=480, length_dots=320, darkness=15.0, speed_ips=3.0, sensor=Sensor.GAP)


def length(dots: int | None) -> PrinterStatus:
    """A status that tells this label length."""
    return replace(WELL, label_length_dots=dots)


def test_a_printer_that_is_set_up_right_has_no_findings() -> None:
    assert check(MEDIA, SETUP, MODEL, length(344), TOLD) == ()


def test_who_says_nothing_is_not_accused() -> None:
    assert check(MEDIA, SETUP, UNKNOWN, WELL, None) == ()
    assert check(MEDIA, SETUP, UNKNOWN, WELL, ReportedSettings()) == ()


def test_an_unknown_head_is_not_compared() -> None:
    assert check(replace(MEDIA, width_dots=4000), Setup(), UNKNOWN, WELL, None) == ()
    assert check(replace(MEDIA, dpi=300), Setup(), UNKNOWN, WELL, None) == ()


@pytest.mark.parametrize(("width_dots", "found"), [(832, False), (833, True)])
def test_a_label_wider_than_the_head(width_dots: int, found: bool) -> None:
    findings = check(replace(MEDIA, width_dots=width_dots), Setup(), MODEL, WELL)
    assert [words.en.partition(":")[0] for words in findings] == ["label wider than the print head"] * found


def test_a_label_drawn_for_another_resolution() -> None:
    (words,) = check(replace(MEDIA, dpi=300), Setup(), MODEL, WELL)
    assert words.en.startswith("resolution: expected 203 dpi, got 300 dpi; take dpi out")
    assert words.zh.startswith("分辨率：应为 203 dpi，实为 300 dpi；")


@pytest.mark.parametrize(
    ("dots", "found"),
    [(0, False), (None, False), (311, True), (312, False), (320, False), (344, False), (361, False), (362, True)],
)
@pytest.mark.parametrize("by_status", [True, False])
def test_the_length_may_be_the_label_or_label_and_gap(dots: int | None, found: bool, by_status: bool) -> None:
    """320 dots less 1 mm, to 321 (203.2 dpi) and 3 mm of gap and 2 mm."""
    told = None if by_status else replace(TOLD, length_dots=dots)
    findings = check(MEDIA, Setup(), MODEL, length(dots) if by_status else WELL, told)
    assert [words.en.partition(":")[0] for words in findings] == ["label length the printer reports"] * found


@pytest.mark.parametrize(("dots", "found"), [(1800, False), (1836, False), (1859, False), (1861, True)])
def test_a_300_dpi_head_measures_long_labels_in_its_own_dots(dots: int, found: bool) -> None:
    """150 mm drawn at 300 dpi are 1772 dots; 12 dots/mm make them 1800, with 3 mm of gap 1836."""
    findings = check(Media(300, 709, 1772, 3.0), Setup(), profile("zpl-300"), length(dots))
    assert len(findings) == found


def test_a_roll_of_another_size_says_both_sizes_and_what_to_do() -> None:
    (words,) = check(MEDIA, Setup(), MODEL, length(480))
    assert "expected 39.0–45.2 mm, got 60.1 mm; check the roll" in words.en
    assert "应为 39.0–45.2 mm，实为 60.1 mm；核对装的标签纸" in words.zh


@pytest.mark.parametrize(
    ("continuous", "gap_mm", "expected"),
    [
        (False, 3.0, ""),
        (True, 0.0, ""),
        (False, None, ""),
        (True, 3.0, "应为 连续纸，实为 有间隙"),
        (False, 0.0, "实为 连续纸"),
    ],
)
def test_a_roll_of_the_other_kind_is_told_first(continuous: bool, gap_mm: float | None, expected: str) -> None:
    media = replace(MEDIA, continuous=continuous, gap_mm=0.0 if continuous else 3.0)
    findings = check(media, Setup(), UNKNOWN, WELL, roll_gap_mm=gap_mm)
    assert len(findings) == bool(expected)
    if expected:
        assert expected in findings[0].zh and "kind of roll: expected" in findings[0].en


def test_on_continuous_paper_there_is_no_gap_to_allow_for() -> None:
    paper, setup = replace(MEDIA, gap_mm=0.0), Setup(sensor=Sensor.CONTINUOUS)
    assert check(paper, setup, MODEL, length(336)) == ()
    assert len(check(paper, setup, MODEL, length(344))) == 1


@pytest.mark.parametrize(
    ("change", "inside", "what"),
    [
        ({"width_dots": 489}, {"width_dots": 488}, "print width"),
        ({"darkness": 20.0}, {"darkness": 15.4}, "darkness"),
        ({"speed_ips": 4.0}, {"speed_ips": 3.2}, "speed"),
        ({"sensor": Sensor.MARK}, {"sensor": None}, "media sensor"),
    ],
)
def test_what_is_read_back_differs_from_what_was_set(
    change: dict[str, object], inside: dict[str, object], what: str
) -> None:
    """The printer ignores settings: `device.command_override` on Zebra."""
    (words,) = check(MEDIA, SETUP, MODEL, WELL, replace(TOLD, **change))  # type: ignore[arg-type]
    assert words.en.startswith(f"{what}: expected ")
    assert "command override" in words.en
    assert "command override" in words.zh
    assert check(MEDIA, SETUP, MODEL, WELL, replace(TOLD, **inside)) == ()  # type: ignore[arg-type]


def test_the_paper_decides_what_the_sensor_has_to_be() -> None:
    """The preamble sets continuous for paper without a gap, whatever the printer's row says."""
    paper = replace(MEDIA, gap_mm=0.0)
    (words,) = check(paper, Setup(), MODEL, WELL, ReportedSettings(sensor=Sensor.GAP))
    assert "expected continuous, got gap" in words.en
    assert check(paper, Setup(), MODEL, WELL, ReportedSettings(sensor=Sensor.CONTINUOUS)) == ()


@pytest.mark.parametrize(("speed_ips", "found"), [(3.0, False), (2.5, True), (None, False)])
def test_a_speed_the_model_does_not_have(speed_ips: float | None, found: bool) -> None:
    findings = check(MEDIA, Setup(speed_ips=speed_ips), MODEL, WELL)
    assert [words.en for words in findings] == [
        "speed the model does not have: expected 2, 3, 4 in/s, got 2.5 in/s; correct speed_ips in agent.toml"
    ] * found


def test_all_that_is_wrong_is_said_worst_first() -> None:
    findings = check(
        replace(MEDIA, width_dots=900, dpi=300),
        replace(SETUP, speed_ips=9.0),
        MODEL,
        length(9999),
        ReportedSettings(width_dots=100, darkness=1.0, speed_ips=1.0, sensor=Sensor.MARK),
    )
    assert [words.zh.partition("：")[0] for words in findings] == [
        "分辨率",
        "标签宽度超出打印头",
        "纸张传感器",
        "打印机测得的标签长度",
        "打印宽度",
        "速度不在该型号的档位里",
        "打印速度",
        "打印浓度",
    ]
