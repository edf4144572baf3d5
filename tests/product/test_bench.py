"""The parts of the benchmarks that reckon. What they measure is not tested: a figure below its target is a figure."""

from __future__ import annotations

import importlib
import sys
from itertools import accumulate
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import drivers, label_rate, paper, weasy
from bench.kit import LINK, ON_DATE, Row
from bench.printers import stamps
from edge_agent.labels.prepare import LabelTerms, prepare, render_prepared
from edge_agent.render.page import Piece
from edge_agent.render.templates.template import load_template
from tests.kits.quality_kit import SERIAL, tag

VECTORS = Path(__file__).parents[1] / "vectors"


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


# --- the HTML peer: what it is given, without the peer itself ---------------------------------------------------------


def test_the_peer_is_given_every_text_and_a_code_of_its_own_on_each_page() -> None:
    markup = weasy.Markup(load_template("down_grade_60x40"), tag())
    page = markup.document([SERIAL, SERIAL])
    assert page.count("<section>") == page.count("<svg") == page.count("7K3 M9QX2 W4T8V BN59") == 2
    for piece in tag().painted:
        if piece.piece is Piece.TEXT:
            assert page.count(f">{piece.text}</div>") >= 2, piece.text
        else:
            assert "data:image/png;base64," in page
    assert "size: 60.0591mm 40.0394mm" in markup.style(), "480 × 320 dots"


def test_what_a_record_says_is_text_to_the_peer_and_never_markup() -> None:
    record = label_rate.sample_for("composition_card_60x40")
    record = record.model_copy(update={"product": record.product.model_copy(update={"brand": "<b>&amp;"})})
    drawn = render_prepared(prepare(record, "composition_card_60x40", LabelTerms(ON_DATE, LINK)), 203)
    page = weasy.Markup(load_template("composition_card_60x40"), drawn).document([SERIAL])
    assert "&lt;b&gt;&amp;amp;" in page
    assert "<b>" not in page


def test_a_template_without_a_code_is_a_page_without_one() -> None:
    drawn = render_prepared(
        prepare(label_rate.sample_for("wash_care_30"), "wash_care_30", LabelTerms(ON_DATE, LINK)), 203
    )
    page = weasy.Markup(load_template("wash_care_30"), drawn).document(["any"])
    assert (page.count("<section>"), page.count("<svg")) == (1, 0)


def test_every_garment_template_has_a_sample_that_it_takes() -> None:
    for template in label_rate.templates():
        assert label_rate.sample_for(template).product.name


def test_a_peer_that_cannot_be_installed_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weasy, "FOLDER", weasy.ROOT / "build" / "nowhere")
    monkeypatch.setattr(weasy, "WANTED", "--no-such-option-of-pip")
    assert weasy.missing.__wrapped__().startswith("WeasyPrint is left out: pip ended with 2: ")
    (tmp_path / "weasyprint").mkdir()
    (tmp_path / "weasyprint" / "__init__.py").write_text("raise OSError('cannot load libpango')")
    monkeypatch.setattr(weasy, "FOLDER", tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    assert "needs Pango from the system (libpangoft2-1.0-0 on Debian), got cannot load libpango" in (
        weasy.missing.__wrapped__()
    )


def test_every_garment_template_is_a_page_for_the_peer() -> None:
    """A stack gives no room to what its record has nothing for."""
    for name in label_rate.templates():
        ready = prepare(label_rate.sample_for(name), name, LabelTerms(ON_DATE, LINK))
        assert "<section>" in weasy.Markup(load_template(name), render_prepared(ready, 203)).document([SERIAL])
