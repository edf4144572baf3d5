"""Drawing commands of templates without a code: looked at, checked and rendered like others, and never issued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from edge_agent.cli import render as render_command
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.preview import write_preview
from tests.edge_agent.cli.test_render import SERIAL
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.copies_kit import RECORD, WASH, a_template, drawn

LENGTH = {"zpl": b"^LL%d^", "tspl": b"mm,%s mm", "epl2": b"Q%d,0"}
CONTINUOUS = {"zpl": b"^MNN", "tspl": b"GAP 0,0", "epl2": b",0\r\n"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    a_site(tmp_path)
    (tmp_path / "record.json").write_text(json.dumps(RECORD, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def do(site: Path, *words: object, out: str = "label.png", template: str = WASH) -> Said:
    """A command with this site's record, template and file."""
    made = a_template(site, template)
    given = ["--template", made, "--data", site / "record.json", "--config", site / "agent.toml", "--out", site / out]
    return run(*words, *given)


def check(site: Path, template: str, *more: str) -> Said:
    return run(
        "check", site / "record.json", "--template", a_template(site, template), "--config", site / "agent.toml", *more
    )


def change(site: Path, **product: Any) -> None:
    facts = RECORD | {"product": {**RECORD["product"], **product}}
    (site / "record.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_preview_is_the_label_as_long_as_its_content(site: Path, dpi: int) -> None:
    assert do(site, "preview", "--dpi", dpi).code == 0
    expected = drawn(str(site / "wash.toml"), dpi)
    write_preview(expected.bare, dpi, site / "expected.png")
    with Image.open(site / "label.png") as ours, Image.open(site / "expected.png") as theirs:
        assert ours.size == theirs.size == (expected.media.width_dots, expected.media.height_dots)
        assert ImageChops.logical_xor(ours, theirs).getbbox() is None
    assert 60 < expected.media.height_dots < 60 / 25.4 * dpi


def test_template_preview_draws_it_too(site: Path) -> None:
    made = a_template(site)
    common = ("--data", site / "record.json", "--config", site / "agent.toml", "--out", site / "label.png")
    assert run("template", "preview", made, *common).code == 0
    assert (site / "label.png").exists()


def test_a_blocked_label_is_drawn_and_its_findings_are_told(site: Path) -> None:
    change(site, composition=[{"part": "面料", "fibres": [{"name": "锦纶", "percent": 90}]}])
    said = do(site, "preview")
    assert said.code == 0 and "BLOCK" in said.err and (site / "label.png").exists()


@pytest.mark.parametrize("command", ["preview", "render"])
def test_a_serial_for_a_label_that_carries_none_is_refused(site: Path, command: str) -> None:
    assert "expected no --serial" in do(site, command, "--serial", SERIAL).refusal
    assert not (site / "label.png").exists()


def test_a_coded_label_is_not_rendered_without_a_serial(site: Path) -> None:
    given = ("--template", "down_grade_60x40", "--data", site / "record.json", "--config", site / "agent.toml")
    said = run("render", *given, "--out", site / "label.zpl")
    assert said.code == 2 and "--serial" in said.err and not (site / "label.zpl").exists()


def test_check_passes_what_fits(site: Path) -> None:
    said = check(site, WASH)
    assert (said.code, said.out.splitlines()[-1]) == (0, "合格 · ok")


def test_check_tells_what_does_not_fit_as_a_finding(site: Path) -> None:
    change(site, brand="示" * 500)
    told = check(site, WASH, "--json")
    (finding,) = json.loads(told.out)["findings"]
    assert finding["rule"] == "render" and "slot foot: expected" in told.refusal
    assert finding["en"].endswith("(203 dpi)")


def test_check_draws_at_both_resolutions(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def noted(prepared: Any, dpi: int) -> Any:
        asked.append(dpi)
        return real(prepared, dpi)

    real = render_command.render_or_offer
    monkeypatch.setattr(render_command, "render_or_offer", noted)
    assert check(site, WASH).code == 0
    assert sorted(asked) == [203, 300]


@pytest.mark.parametrize("mode", ["run", "full"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_render_writes_one_copy_of_the_contents_length(site: Path, language: str, mode: str) -> None:
    said = do(site, "render", "--language", language, "--mode", mode, out="label.bin")
    assert said.code == 0 and "1 labels" in said.err
    stream = (site / "label.bin").read_bytes()
    media = drawn(str(site / "wash.toml")).media
    told = b"%.2f" % (-(-media.height_dots * 2540 // 203) / 100) if language == "tspl" else media.height_dots
    assert LENGTH[language] % told in stream and CONTINUOUS[language] in stream
