"""`check`, `preview`, `render`: exit codes, one-line refusals, the shape of findings, and no code to be abused."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from edge_agent.cli import common
from edge_agent.config import AgentConfig, load_config
from edge_agent.errors import NotFoundError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, plan_prepared, prepare
from edge_agent.ledger import Ledger
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.plan import LabelPlan
from edge_agent.render.preview import write_preview
from edge_agent.wiring import open_ledger
from garment.record import parse_record
from label_protocol.codes.serial import check_character, validate
from tests.kits.cli_kit import HOST, Said, a_site, run
from tests.kits.ledger_kit import a_job, enrolled

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
DOWN = json.loads((SAMPLES / "down_graded.json").read_text("utf-8"))
TAG = "down_grade_60x40"
SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
FIELDS = ["rule", "severity", "clause", "status", "source", "path", "expected", "got", "zh", "en"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a configuration; nothing in it reaches this machine's own ledger."""
    a_site(tmp_path)
    return tmp_path


def record(site: Path, **changes: Any) -> Path:
    """The graded sample with facts of its product replaced (None: removed), as a file."""
    facts = copy.deepcopy(DOWN)
    for name, value in changes.items():
        facts["product"][name] = value
        if value is None:
            del facts["product"][name]
    path = site / "record.json"
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    return path


def check(site: Path, data: Path, *words: object) -> Said:
    return run("check", data, "--config", site / "agent.toml", *words)


def preview(site: Path, data: Path, *words: object, out: str = "label.png", template: str = TAG) -> Said:
    given = ["--template", template, "--data", data, "--config", site / "agent.toml", "--out", site / out]
    return run("preview", *given, *words)


def render(site: Path, data: Path, *words: object, template: str = TAG, out: str = "label.zpl") -> Said:
    given = ["--template", template, "--data", data, "--config", site / "agent.toml", "--out", site / out]
    return run("render", *given, *(words or ("--serial", SERIAL)))


def codes_in(path: Path) -> list[str]:
    with Image.open(path) as image:
        return [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]


# --- check ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("template", [None, "composition_card_60x40"])
def test_every_sample_passes(site: Path, sample: Path, template: str | None) -> None:
    said = check(site, sample, *(["--template", template] if template else []))
    assert said.code == 0
    assert said.out.splitlines()[-1] == "合格 · ok"
    assert "BLOCK" not in said.out and said.err == ""


def test_json_has_the_outside_shape_and_nothing_else_on_stdout(site: Path) -> None:
    data = record(
        site, gtin="06901234567893", composition=[{"part": "面料", "fibres": [{"name": "锦纶", "percent": 90}]}]
    )
    said = check(site, data, "--template", TAG, "--json")
    assert (said.code, said.err) == (1, "")
    answer = json.loads(said.out)
    assert list(answer) == ["ok", "findings"] and answer["ok"] is False
    assert {"F1", "Q1"} <= {finding["rule"] for finding in answer["findings"]}
    for finding in answer["findings"]:
        assert list(finding) == FIELDS
        assert all(isinstance(value, str) for value in finding.values())
        assert finding["severity"] in ("BLOCK", "WARN") and re.search(r"[\u4e00-\u9fff]", finding["zh"])


def test_a_sound_record_as_json(site: Path) -> None:
    said = check(site, SAMPLES / "down_graded.json", "--template", TAG, "--json")
    assert (said.code, said.err, json.loads(said.out)) == (0, "", {"ok": True, "findings": []})


def test_a_warning_does_not_refuse(site: Path) -> None:
    """A long host name makes the modules of the code small, but not too small."""
    text = (site / "agent.toml").read_text("utf-8").replace(HOST, "id." + "very-long-name-of-a-house." * 6 + "cn")
    (site / "agent.toml").write_text(text, encoding="utf-8")
    said = check(site, SAMPLES / "knit_blend.json", "--template", "composition_card_60x40", "--json")
    answer = json.loads(said.out)
    assert (said.code, answer["ok"], [one["severity"] for one in answer["findings"]]) == (0, True, ["WARN"])


UNREADABLE = {
    "unknown field": (lambda facts: facts["product"].update(colr="x"), r"product\.colr: expected .* unknown field"),
    "missing field": (lambda facts: facts["product"].pop("brand"), r"product\.brand: expected a value, got nothing"),
    "wrong kind": (lambda facts: facts["product"].update(size=175), r"product\.size: expected text"),
    "text that fits no slot": (lambda facts: facts["product"].update(brand="示" * 500), "slot brand: expected"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_no_rule_gets_to_see_is_refused_in_one_line_and_in_json(site: Path, what: str) -> None:
    change, words = UNREADABLE[what]
    facts = copy.deepcopy(DOWN)
    change(facts)
    path = site / "record.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    said = check(site, path, "--template", TAG)
    assert said.out == "" and re.search(words, said.refusal)
    told = check(site, path, "--template", TAG, "--json")
    answer = json.loads(told.out)
    assert told.refusal == said.refusal
    assert answer["ok"] is False and [list(one) for one in answer["findings"]] == [FIELDS]
    assert re.search(words, answer["findings"][0]["en"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "expected a readable garment record"),
        (b"", "expected one JSON object"),
        (b"\xff\xfe{}", "UTF-8"),
        (b'{"product": {}, "product": {}}', "'product' twice"),
        (b"[" * 100_000, "expected"),
    ],
)
def test_a_file_that_is_no_record(site: Path, content: bytes | None, words: str) -> None:
    path = site / "record.json"
    if content is not None:
        path.write_bytes(content)
    assert words in check(site, path).refusal


@pytest.mark.parametrize("words", [(), ("--template",), ("--nonsense",)])
def test_wrong_usage_is_two(site: Path, words: tuple[str, ...]) -> None:
    said = run("check", *words)
    assert (said.code, said.out) == (2, "") and "Error" in said.err


@pytest.mark.parametrize("command", ["check", "preview", "render"])
def test_help_has_an_example_that_could_be_typed(command: str) -> None:
    said = run(command, "--help")
    assert said.code == 0
    words = said.out.split()
    assert "Example:" in words
    for word in words:
        if re.fullmatch(r"[0-9A-Z]{17}", word):
            validate(word)


# --- preview ----------------------------------------------------------------------------------------------------------


def test_a_preview_is_the_label_in_two_colours(site: Path) -> None:
    said = preview(site, SAMPLES / "down_graded.json", "--serial", SERIAL)
    assert (said.code, said.out) == (0, "")
    with Image.open(site / "label.png") as image:
        assert (image.mode, image.size) == ("1", (480, 320))
    (text,) = codes_in(site / "label.png")
    assert text == f"https://{HOST.upper()}/01/06901234567892/10/{DOWN['lot']['lot_no']}/21/{SERIAL}"


def test_a_preview_without_a_serial_carries_one_nobody_is_given(site: Path) -> None:
    assert preview(site, SAMPLES / "down_graded.json").code == 0
    (text,) = codes_in(site / "label.png")
    assert "/21/0000000000000000" in text


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_pdf_is_one_page_of_the_labels_size(site: Path, dpi: int) -> None:
    assert preview(site, SAMPLES / "down_graded.json", "--dpi", dpi, out="label.pdf").code == 0
    with contextlib.closing(pypdfium2.PdfDocument(site / "label.pdf")) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx((60 * 72 / 25.4, 40 * 72 / 25.4), abs=0.2)


BLOCKED = {
    "a sum that is none": {"composition": [{"part": "面料", "fibres": [{"name": "锦纶", "percent": 90}]}]},
    "a wrong check digit": {"gtin": "06901234567893"},
    "facts that are missing": {"fill_weight_g": None, "maker": None},
}


@pytest.mark.parametrize("what", BLOCKED)
@pytest.mark.parametrize("named", [False, True])
def test_a_blocked_label_is_drawn_without_a_readable_code(site: Path, what: str, named: bool) -> None:
    said = preview(site, record(site, **BLOCKED[what]), *(["--serial", SERIAL] if named else []))
    assert (said.code, said.out) == (0, "")
    assert any(line.startswith("BLOCK ") for line in said.err.splitlines()), said.err
    assert codes_in(site / "label.png") == []
    with Image.open(site / "label.png") as image:
        assert image.histogram()[0] > 2000, "a picture with next to no ink is none"


def fine_template(site: Path) -> str:
    """The built-in template with a code too small for rule Q2, though the template itself would allow it."""
    text = (SAMPLES.parents[2] / "label_templates" / f"{TAG}.toml").read_text("utf-8")
    fine = text.replace('kind = "qr"', 'kind = "qr"\nx_mm = 0.25\nmin_x_mm = 0.25')
    (site / "fine.toml").write_text(fine, encoding="utf-8")
    return str(site / "fine.toml")


def test_a_code_too_fine_is_blocked_in_all_three(site: Path) -> None:
    sample, template = SAMPLES / "down_graded.json", fine_template(site)
    told = json.loads(check(site, sample, "--template", template, "--json").out)
    assert [(one["rule"], one["severity"]) for one in told["findings"]] == [("Q2", "BLOCK")] and told["ok"] is False
    assert "Q2" in render(site, sample, template=template).err and not (site / "label.zpl").exists()
    assert preview(site, sample, "--serial", SERIAL, template=template).code == 0
    assert codes_in(site / "label.png") == []


def specimen_of(plan: LabelPlan, serial: str, path: Path) -> bytes:
    write_preview(plan.specimen(serial), 203, path)
    with Image.open(path) as image:
        return image.tobytes()


@pytest.fixture
def held(site: Path) -> Iterator[str]:
    """A serial that the ledger of this site has drawn."""
    config = load_config(site / "agent.toml")
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        enrolled(ledger)
        serial = ledger.begin_window(a_job(ledger).job_id, limit=1).serials[0]
    yield serial


def test_an_issued_serial_is_shown_as_a_specimen(site: Path, held: str) -> None:
    assert preview(site, SAMPLES / "down_graded.json", "--serial", held).code == 0
    assert codes_in(site / "label.png") == []
    prepared = prepare(
        parse_record((SAMPLES / "down_graded.json").read_bytes()), TAG, LabelTerms("2026-11-20", LinkStyle(HOST))
    )
    expected = specimen_of(plan_prepared(prepared, 203), held, site / "expected.png")
    with Image.open(site / "label.png") as image:
        assert image.tobytes() == expected
    assert preview(site, SAMPLES / "down_graded.json", "--serial", SERIAL).code == 0
    assert len(codes_in(site / "label.png")) == 1


# --- render -----------------------------------------------------------------------------------------------------------


def test_render_writes_the_bytes_and_issues_nothing(site: Path) -> None:
    said = render(site, SAMPLES / "down_graded.json")
    stream = (site / "label.zpl").read_bytes()
    assert (said.code, said.out) == (0, "")
    assert stream.startswith(b"~CC^\r\n^XA^JZN") and stream.count(b"^PQ1") == 1
    assert not re.search(rb"~H|\^HW|getvar", stream), "queries are left out"
    assert sorted(path.name for path in site.iterdir()) == ["agent.toml", "label.zpl"]


BEGINS = {"zpl": b"~CC^\r\n^XA^JZN", "tspl": b"SET REPRINT OFF\r\nSET PRINTKEY OFF", "epl2": b"\r\nUA\r\n"}


@pytest.mark.parametrize("mode", ["run", "full"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_rendered_its_own_reprint_off_first(site: Path, language: str, mode: str) -> None:
    said = render(site, SAMPLES / "down_graded.json", "--serial", SERIAL, "--language", language, "--mode", mode)
    assert (said.code, said.out) == (0, "")
    assert BEGINS[language] in (site / "label.zpl").read_bytes()[:200]


def test_a_language_that_must_know_of_the_ribbon_says_what_was_taken(site: Path) -> None:
    words = ("--serial", SERIAL, "--language", "epl2")
    assert "无碳带" in render(site, SAMPLES / "down_graded.json", *words).err
    without = (site / "label.zpl").read_bytes()
    assert "碳带" not in render(site, SAMPLES / "down_graded.json", *words, "--ribbon").err
    assert (site / "label.zpl").read_bytes() != without
    assert "碳带" not in render(site, SAMPLES / "down_graded.json").err


def test_full_mode_stores_nothing(site: Path) -> None:
    assert render(site, SAMPLES / "down_graded.json", "--serial", SERIAL, "--mode", "full").code == 0
    assert b"~DG" not in (site / "label.zpl").read_bytes()


@pytest.mark.parametrize("what", BLOCKED)
def test_a_blocked_label_is_not_rendered(site: Path, what: str) -> None:
    said = render(site, record(site, **BLOCKED[what]))
    assert said.code == 1 and len(said.err.splitlines()) == 1 and "blocking]" in said.err
    assert not (site / "label.zpl").exists()


def test_a_serial_the_ledger_holds_is_not_rendered(site: Path, held: str) -> None:
    said = render(site, SAMPLES / "down_graded.json", "--serial", SERIAL, "--serial", held)
    assert f"the ledger holds the serial {held}" in said.refusal
    assert not (site / "label.zpl").exists()


def test_a_running_agent_that_does_not_answer_is_not_one_that_does_not_know(site: Path, held: str) -> None:
    """The file is locked and nobody serves its API: whether the serial is held cannot be known."""
    config: AgentConfig = load_config(site / "agent.toml")
    text = (site / "agent.toml").read_text("utf-8") + "[web]\nport = 1\n"
    (site / "agent.toml").write_text(text, encoding="utf-8")
    with contextlib.closing(open_ledger(config)):
        assert "expected it to run" in render(site, SAMPLES / "down_graded.json", "--serial", held).refusal
        assert "expected it to run" in preview(site, SAMPLES / "down_graded.json", "--serial", held).refusal
    assert not (site / "label.zpl").exists()


def test_a_running_agent_is_asked(site: Path, held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def call(self: common.Api, method: str, path: str, *_: object) -> object:
        asked.append(path)
        if path not in ("/printers", f"/labels/{held}"):
            raise NotFoundError(f"label {path}: expected a known one")
        return {}

    monkeypatch.setattr(common.Api, "call", call)
    with contextlib.closing(open_ledger(load_config(site / "agent.toml"))):
        assert "the ledger holds" in render(site, SAMPLES / "down_graded.json", "--serial", held).refusal
        assert render(site, SAMPLES / "down_graded.json", "--serial", SERIAL).code == 0
    assert f"/labels/{held}" in asked


def test_a_damaged_ledger_refuses_rather_than_guess(site: Path, held: str) -> None:
    (site / "ledger" / "ledger.db").write_bytes(b"")
    assert "expected a SQLite file" in render(site, SAMPLES / "down_graded.json").refusal


WRONG = {
    "the same serial twice": (("--serial", SERIAL, "--serial", SERIAL), "expected each serial once"),
    "a serial of another length": (("--serial", "PH1"), "expected 17 characters"),
    "a wrong check character": (("--serial", SERIAL[:-1] + "0"), "expected another check character"),
    "a language nobody speaks": (("--serial", SERIAL, "--language", "pcl"), "expected one of epl2, tspl, zpl"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_rendered_is_refused_in_one_line(site: Path, what: str) -> None:
    words, sentence = WRONG[what]
    assert sentence in render(site, SAMPLES / "down_graded.json", *words).refusal
    assert not (site / "label.zpl").exists()


@pytest.mark.parametrize("words", [("--serial", SERIAL, "--mode", "half"), ("--dpi", "203"), ("--serial",)])
def test_wrong_usage_of_render_is_two(site: Path, words: tuple[str, ...]) -> None:
    assert render(site, SAMPLES / "down_graded.json", *words).code == 2


@pytest.mark.parametrize("draw", [preview, render])
def test_refusals_that_preview_and_render_share(site: Path, draw: Any) -> None:
    sample = SAMPLES / "down_graded.json"
    serial = ("--serial", SERIAL)
    assert (
        "expected one of carton_sscc_100x100, child_tag_50x90, "
        in draw(site, sample, *serial, template="nobody").refusal
    )
    assert "expected" in draw(site, sample, *serial, template="../../etc/passwd").refusal
    assert "expected a readable garment record" in draw(site, site / "nowhere.json", *serial).refusal
    assert "can be written" in draw(site, sample, *serial, out="nowhere/label.png").refusal
    for dpi in ("50", "5000", "many"):
        assert draw(site, sample, *serial, "--dpi", dpi).code == 2
    assert draw(site, sample, *serial, "--config", site / "none.toml").refusal
    assert [path.name for path in site.iterdir()] == ["agent.toml"]


def test_a_preview_in_another_format_is_refused(site: Path) -> None:
    assert ".png or .pdf" in preview(site, SAMPLES / "down_graded.json", out="label.jpg").refusal


def test_a_built_in_template_by_its_path_draws_the_same(site: Path) -> None:
    path = SAMPLES.parents[2] / "label_templates" / f"{TAG}.toml"
    assert render(site, SAMPLES / "down_graded.json", template=str(path), out="a").code == 0
    assert render(site, SAMPLES / "down_graded.json", out="b").code == 0
    assert (site / "a").read_bytes() == (site / "b").read_bytes()


def test_the_ledgers_file_is_left_alone(site: Path, held: str) -> None:
    config = load_config(site / "agent.toml")
    with contextlib.closing(open_ledger(config)) as ledger:
        before = ledger.head()
    assert render(site, SAMPLES / "down_graded.json").code == 0
    with contextlib.closing(open_ledger(config)) as ledger:
        assert ledger.head() == before
        assert Ledger.verify(ledger).ok


def test_a_label_that_is_too_small_is_told_with_the_smallest_that_is_not(site: Path) -> None:
    data = record(site, name="示例" * 36)
    told = check(site, data, "--template", TAG, "--json")
    assert told.code == 1
    named = json.loads(told.out)["smallest_template"]
    assert named in told.err
    assert check(site, data, "--template", named).code == 0
    auto = check(site, data, "--template", "auto", "--json")
    assert auto.code == 0
    assert json.loads(auto.out)["template"] == named
    assert _pictured(site, data, "auto") == _pictured(site, data, named)


def _pictured(site: Path, data: Path, template: str) -> tuple[int, int]:
    """Width and height of the preview in dots."""
    out = site / f"{template}.png"
    words = ("--config", site / "agent.toml", "--template", template, "--data", data, "--out", out)
    assert run("preview", *words).code == 0
    with Image.open(out) as image:
        return image.size
