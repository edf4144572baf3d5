"""`docs/label-quality.md` is what was measured. After a change run with `UPDATE_DOCS=1`, look at page and pictures."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from PIL import Image

from edge_agent.quality.grade import grade
from edge_agent.quality.limits import MEASURES
from edge_agent.quality.survive import DAMAGES
from edge_agent.render.plan import LabelPlan
from edge_agent.render.templates.template import load_template
from tests.kits.cli_kit import a_site, run
from tests.kits.decoders import DECODERS
from tools.docs import decoders, gallery
from tools.docs.quality import PAGE, PICTURES, SERIAL, measured, parts, pictures
from tools.docs.readings import Views, borne_in_look, enlarged, weakest, words_of

PART = re.compile(r"(<!-- quality (\w+): [^\n]*-->\n)(.*?)(<!-- /quality -->)", re.DOTALL)
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
JACKET = gallery.SAMPLES["down_graded"]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_is_what_was_measured() -> None:
    text, seen = PAGE.read_text(encoding="utf-8"), parts(measured()) | decoders.parts(measured())
    if UPDATE:
        text = PART.sub(lambda found: found[1] + seen[found[2]] + found[4], text)
        PAGE.write_text(text, encoding="utf-8")
    told = {found[2]: found[3] for found in PART.finditer(text)}
    assert told == seen, "labels or limits changed: run this test with UPDATE_DOCS=1 and look at the page"


def test_the_pictures_are_what_the_damage_does() -> None:
    for name, picture in pictures().items():
        if UPDATE:
            PICTURES.mkdir(parents=True, exist_ok=True)
            picture.quantize(16).save(PICTURES / name, optimize=True)
        with Image.open(PICTURES / name) as shown:
            assert shown.convert("L").tobytes() == picture.tobytes(), f"{name}: run this test with UPDATE_DOCS=1"
    assert {path.name for path in PICTURES.iterdir()} == set(pictures())


def test_every_template_of_a_garment_label_is_measured_at_both_resolutions() -> None:
    found = {(one.case.template, one.case.dpi) for one in measured()}
    assert found == {(name, dpi) for name in gallery.templates() for dpi in gallery.RESOLUTIONS}
    for one in measured():
        assert (one.report is not None) is load_template(one.case.template).coded
        assert one.texts


def test_every_code_is_perfect_before_it_is_damaged_and_read_by_each_decoder() -> None:
    for one in measured():
        if isinstance(plan := one.label.layout, LabelPlan):
            assert one.report is not None
            assert one.report.overall == 4, one.case
            for name, decoder in DECODERS.items():
                assert decoder(one.label.image.resize((2 * one.label.image.width, 2 * one.label.image.height))) == [
                    plan.link(SERIAL)
                ], (one.case, name)


def test_what_a_thermal_head_does_every_day_is_survived_by_all_codes() -> None:
    """Half a dot of gain or loss, a speck of dirt in a hundred dots, a reader a little out of focus."""
    for one in measured():
        for survival in one.survivals:
            kind = survival.damage
            daily = {"gain": 2, "gain_feed": 2, "loss": 2, "missing": 1, "specks": 1, "blur": 4, "pale_ink": 30}
            assert (survival.graded or 0) >= daily.get(kind.key, 0), (one.case, kind.key)
            assert (weakest(one.words, kind) or 0) >= daily.get(kind.key, 0), (one.case, kind.key)


def test_codes_are_sized_so_that_the_weakest_decoder_bears_a_dot_of_gain() -> None:
    gain = {one.case: weakest(one.words, decoders.GAIN) or 0 for one in measured() if one.words}
    assert {case: quarters for case, quarters in gain.items() if quarters < 4} == {}


def test_of_exact_dots_at_203_dpi_it_is_wechats_that_gain_defeats_first() -> None:
    for one in measured():
        if one.words and one.case.dpi == 203:
            borne = {name: borne_in_look(one.words, decoders.GAIN, name, 0) or 0 for name in DECODERS}
            assert borne["WeChat"] < min(borne["zxing-cpp"], borne["zbar"]), one.case


@pytest.mark.costly
def test_a_few_cells_of_the_record_are_read_again() -> None:
    """Of every damage the last two steps that were tried, by one decoder on one symbol; of gain by all three."""
    subjects, names = decoders.subjects(), list(DECODERS)
    cells = [(kind, number) for number, kind in enumerate(DAMAGES)] + [(decoders.GAIN, number) for number in (1, 2)]
    for kind, number in cells:
        one, name = subjects[number % len(subjects)], names[number % 3]
        told = words_of(one, "a subject")[f"{kind.key} {name}"]
        for place in range(len(told))[-2:]:
            assert Views(one, kind, kind.steps[place]).word(name) == told[place], (kind.key, name, kind.steps[place])


@pytest.mark.costly
@pytest.mark.parametrize("module_dots", [3, 4, 5, 6, 7])
def test_a_module_bears_by_its_dots_what_the_page_says(module_dots: int) -> None:
    """Gain and loss of a quarter of a dot less than a quarter of a module, and a dead dot from five dots on."""
    one = enlarged(decoders.subjects()[0], module_dots, 203, "")
    passes = {
        key: [grade(kind.done(one.target, step), one.target).passes for step in kind.steps[: module_dots + 1]]
        for kind in DAMAGES
        if (key := kind.key) in ("gain", "loss")
    }
    assert passes["gain"] == passes["loss"] == [True] * (module_dots - 1) + [False] * 2
    dead = next(kind for kind in DAMAGES if kind.key == "dead")
    assert grade(dead.done(one.target, 1), one.target).passes is (module_dots >= 5)


def test_codes_of_labels_bear_by_their_dots_what_the_page_says() -> None:
    for one in measured():
        if isinstance(plan := one.label.layout, LabelPlan):
            graded = {survival.damage.key: survival.graded for survival in one.survivals}
            dots = plan.symbol.module_dots
            assert (graded["gain"], graded["loss"]) == (dots - 1, dots - 1), one.case
            assert graded["dead"] == (1 if dots >= 5 else None), one.case


def test_the_least_modules_that_bear_a_dot_of_gain_are_those_that_the_page_names() -> None:
    least: dict[int, int] = {}
    for one in decoders.sizes():
        if (weakest(words_of(one, "a size"), decoders.GAIN) or 0) >= 4:
            least.setdefault(one.dpi, one.target.module_dots)
    assert least == {203: 4, 300: 5}


def test_the_page_names_every_damage_and_every_limit() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kind in DAMAGES:
        assert f"{kind.zh}<br>{kind.en}" in text
    for measure in MEASURES:
        assert f"{measure.zh} · {measure.en}" in text


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return a_site(tmp_path)


def test_the_command_tells_what_a_label_survives_chinese_first(site: Path) -> None:
    said = run("template", "quality", "down_grade_60x40", "--data", JACKET, "--config", site)
    assert said.code == 0, said
    lines = said.out.splitlines()
    assert lines[0] == "down_grade_60x40  203 dpi"
    assert lines[1].startswith("指示性检查，不是检定仪的评级 · indicative: no verifier")
    assert any(line.startswith("二维码，没有损伤 · the code, undamaged: 4 (A)") for line in lines)
    for kind in DAMAGES:
        assert any(kind.unit in line and f"{kind.zh} · {kind.en}" in line for line in lines), kind.key
    assert any("WARN" in line and "grade_caption" in line for line in lines)
    assert any("最差处第" in line and "dead head dots" in line for line in lines)


def test_the_command_says_the_same_to_machines(site: Path) -> None:
    common = ("--data", JACKET, "--config", site, "--json")
    small = json.loads(run("template", "quality", "down_grade_60x40", *common, "--dpi", 203).out)
    large = json.loads(run("template", "quality", "down_grade_60x40", *common, "--dpi", 300).out)
    assert small["indicative"] is large["indicative"] is True
    assert small["symbol"]["overall"] == 4
    gains = [next(row for row in one["survives"] if row["damage"] == "gain") for one in (small, large)]
    assert gains[0]["largest"] < gains[1]["largest"]
    assert (small["symbol"]["module_dots"], large["symbol"]["module_dots"]) == (4, 6)
    caption = next(row for row in small["text"] if row["slot"] == "grade_caption")
    assert caption["warn"] is True
    assert caption["open_percent_one"] < caption["open_percent_half"] < 100


def test_a_template_without_a_code_has_text_only(site: Path) -> None:
    said = run("template", "quality", "wash_care_30", "--data", JACKET, "--config", site, "--json")
    assert said.code == 0, said
    found = json.loads(said.out)
    assert set(found) == {"template", "dpi", "indicative", "text", "text_dead"}
    assert found["text"]
    page = run("template", "quality", "wash_care_30", "--data", JACKET, "--config", site)
    assert "二维码" not in page.out
    assert "文字" in page.out


def test_a_record_that_a_rule_blocks_is_refused_in_one_line(site: Path, tmp_path: Path) -> None:
    broken = json.loads(JACKET.read_text(encoding="utf-8"))
    broken["product"]["gtin"] = "06901234567890"
    (tmp_path / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    said = run("template", "quality", "down_grade_60x40", "--data", tmp_path / "broken.json", "--config", site)
    assert said.code == 1
    assert "Q1" in said.err
