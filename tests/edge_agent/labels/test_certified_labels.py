"""A certified mark on its way to paper: certificate and artwork are asked for at the order and at the printer."""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from edge_agent.errors import FindingsError, RenderError
from edge_agent.labels.artwork_store import ArtworkFolder
from edge_agent.labels.from_snapshot import plan_of_job, require_mark
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, draft_plan, prepare, render_prepared
from edge_agent.model.copies import CopiesState
from edge_agent.model.job import JobState
from edge_agent.printing import fleet
from edge_agent.render.page import Piece
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.raster import to_image
from garment.record import record_from
from garment.standards import RULES, parse_overrides
from label_protocol.codes.serial import check_character
from tests.edge_agent.printing.test_fleet import shop
from tests.kits.cli_kit import HOST, a_site, run
from tests.kits.mark_kit import certified, mark_png, sha256_of

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
DOWN = json.loads((SAMPLES / "down_graded.json").read_text("utf-8"))
MARK = mark_png()
TODAY = "2026-11-20"
LINK = LinkStyle(HOST)
SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
WITHOUT = "composition_card_60x40"
DATA = {key: f"{key}/{key}" for key in ("ledger_path", "witness_path", "catalog_path")} | {"artwork_path": "artwork"}
HEAD = """
kind = "code_sticker"
title_zh = "试"
title_en = "Test"
size_mm = [60, 40]
[[slot]]
name = "mark"
kind = "mark"
at_mm = [2, 2]
size_mm = [15, 15]
"""
CODE = """
[[slot]]
name = "qr"
kind = "qr"
at_mm = [30, 2]
size_mm = [28, 28]
[[slot]]
name = "serial"
kind = "serial"
at_mm = [30, 32]
size_mm = [28, 6]
char_mm = 1.8
min_char_mm = 1.6
lines = 2
"""


@pytest.fixture
def shelf(tmp_path: Path) -> ArtworkFolder:
    (tmp_path / "given.png").write_bytes(MARK)
    found = ArtworkFolder(tmp_path / "artwork")
    found.add(tmp_path / "given.png")
    return found


@pytest.fixture
def marked(tmp_path: Path) -> str:
    """A template with a mark and a code, by its path."""
    (tmp_path / "marked.toml").write_text(HEAD + CODE, "utf-8")
    return str(tmp_path / "marked.toml")


def record(**mark: Any) -> dict[str, Any]:
    facts: dict[str, Any] = copy.deepcopy(DOWN)
    facts["product"]["carbon_mark"] = certified(MARK, **mark)
    return facts


def prepared(template: str | None, shelf: ArtworkFolder, day: str = TODAY, rows: str = "", **mark: Any) -> Prepared:
    overrides = parse_overrides(rows, RULES)
    return prepare(record_from(record(**mark)), template, LabelTerms(day, LINK, overrides, shelf))


def blocking(found: Prepared) -> list[tuple[str, str]]:
    return [(one.rule, one.path.rpartition(".")[2]) for one in found.blocked]


def pictures(layout: Layout) -> list[str]:
    return [piece.text for piece in layout.painted if piece.piece is Piece.PICTURE]


def kept_file(tmp_path: Path) -> Path:
    return tmp_path / "artwork" / f"{sha256_of(MARK)}.png"


def test_the_mark_is_on_the_label_and_its_facts_in_the_snapshot(shelf: ArtworkFolder, marked: str) -> None:
    found = prepared(marked, shelf)
    assert not found.findings
    plan = render_prepared(found, 203)
    assert pictures(plan) == [sha256_of(MARK)]
    snapshot = found.require()
    assert snapshot["product"]["carbon_mark"] == certified(MARK), "the facts and the hash; the picture itself is a file"
    assert snapshot["rules"]["carbon_mark"]
    again = plan_of_job(marked, snapshot, 203, shelf)
    assert isinstance(plan, LabelPlan) and again.full(SERIAL) == plan.full(SERIAL)


def test_without_a_mark_the_place_is_paper_and_nothing_is_asked(shelf: ArtworkFolder, marked: str) -> None:
    plain = prepare(record_from(DOWN), marked, LabelTerms(TODAY, LINK, (), shelf))
    assert not plain.findings and "carbon_mark" not in plain.require()["rules"]
    assert render_prepared(plain, 203).painted == ()


def test_artwork_that_is_not_here_or_was_changed_blocks(shelf: ArtworkFolder, marked: str, tmp_path: Path) -> None:
    kept_file(tmp_path).write_bytes(mark_png(300))
    for template in (marked, None):
        assert blocking(prepared(template, shelf)) == [("M1", "artwork_sha256")]
    kept_file(tmp_path).unlink()
    found = prepared(marked, shelf)
    assert blocking(found) == [("M1", "artwork_sha256")]
    with pytest.raises(FindingsError, match=r"本机没有碳足迹标识的图案.*M1"):
        render_prepared(found, 203)
    assert pictures(draft_plan(found, 203, LINK)) == [], "a mark that is blocked is on no picture either"
    assert blocking(prepared(WITHOUT, shelf)) == [], "a label that shows no mark needs no artwork"


def test_a_certificate_that_ran_out_blocks_every_label_of_the_garment(shelf: ArtworkFolder, marked: str) -> None:
    for template in (marked, WITHOUT, None):
        assert blocking(prepared(template, shelf, valid_to=TODAY)) == []
        assert blocking(prepared(template, shelf, "2026-11-21", valid_to=TODAY)) == [("M1", "valid_to")]
    assert pictures(draft_plan(prepared(marked, shelf, valid_to="2026-11-19"), 203, LINK)) == []
    assert blocking(prepared(marked, shelf, body=None, value=None)) == [("M1", "body"), ("M1", "value")]


def test_a_job_is_not_printed_without_the_artwork_it_was_opened_with(
    shelf: ArtworkFolder, marked: str, tmp_path: Path
) -> None:
    snapshot = prepared(marked, shelf).require()
    assert pictures(plan_of_job(marked, snapshot, 300, shelf)) == [sha256_of(MARK)]
    kept_file(tmp_path).write_bytes(mark_png(300))
    with pytest.raises(RenderError, match=r"slot mark: expected the artwork \w{12} as uploaded"):
        plan_of_job(marked, snapshot, 300, shelf)
    kept_file(tmp_path).unlink()
    with pytest.raises(RenderError, match="edge-agent artwork add"):
        plan_of_job(marked, snapshot, 300, shelf)
    with pytest.raises(RenderError, match="slot mark"):
        plan_of_job(marked, snapshot, 300)


WAIVED = '[override."M1.valid"]\nseverity = "{}"\nwho = "王工"\nwhy = "prolonged, paper follows"\n'


def test_the_certificate_is_asked_for_again_on_the_day_of_the_print(shelf: ArtworkFolder, marked: str) -> None:
    snapshot = prepared(marked, shelf, valid_to="2026-11-30").require()
    require_mark(snapshot, "2026-11-30")
    with pytest.raises(
        FindingsError, match=r"碳足迹标识的证书到 2026-11-30 为止.*expected a certificate valid on 2026-12-01"
    ):
        require_mark(snapshot, "2026-12-01")
    require_mark(prepare(record_from(DOWN), WITHOUT, LabelTerms(TODAY, LINK)).require(), "2999-01-01")
    for severity, day in (("WARN", "2026-12-01"), ("BLOCK", "2026-11-30")):
        kept = prepared(marked, shelf, rows=WAIVED.format(severity), valid_to="2026-11-30").require()
        require_mark(kept, day)
    with pytest.raises(FindingsError):
        require_mark(kept, "2026-12-01")


async def test_from_the_order_to_paper(shelf: ArtworkFolder, marked: str, tmp_path: Path, monkeypatch: Any) -> None:
    """The mark is on paper as it was uploaded; a job stops if its certificate has run out or its file is gone."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}, data=DATA) as here:

        async def ordered(key: str, state: JobState) -> Any:
            body = {"template": marked, "printer": "p1", "quantity": 1, "record": record(valid_to="2998-12-31")}
            job = await here.service.jobs.submit(body | {"operator": "A01"}, key)
            return await here.until(job.job_id, state)

        first = await ordered("k1", JobState.DONE)
        (serial,) = [one.serial for one in await here.service.labels.page("printed")]
        plan = render_prepared(prepared(marked, shelf), 203)
        (piece,) = [one for one in plan.painted if one.piece is Piece.PICTURE]
        box = (piece.box.left_dots, piece.box.top_dots, piece.box.right_dots, piece.box.bottom_dots)
        on_paper = ImageChops.invert(here.picture("p1", 1).convert("1")).crop(box)
        assert ImageChops.logical_xor(on_paper, to_image(plan.bare).crop(box)).getbbox() is None
        assert first.printed == 1 and isinstance(await here.service.previews.issued(serial, 203), object)
        monkeypatch.setattr("edge_agent.printing.fleet.today_local", lambda: "2999-01-01")
        assert "碳足迹标识的证书到 2998-12-31 为止" in (await ordered("k2", JobState.PAUSED)).reason
        monkeypatch.undo()
        assert here.printers["p1"].printed == 1
        with pytest.raises(FindingsError, match="M1"):
            kept_file(tmp_path).unlink()
            await ordered("k3", JobState.DONE)


async def test_a_certificate_that_runs_out_while_a_drawn_label_waits_is_seen(
    shelf: ArtworkFolder, marked: str, tmp_path: Path, monkeypatch: Any
) -> None:
    """Ordered in the evening on a printer without paper; in the morning somebody puts paper in."""
    empty = {"profile": "zpl-203", "virtual": {"faults": ("media-out",)}}
    (tmp_path / "copied.toml").write_text(HEAD, "utf-8")
    async with shop(tmp_path, {"p1": empty, "p2": empty}, data=DATA) as here:
        asked: list[str] = []
        kept = fleet.require_mark

        def noted(snapshot: Any, on_date: str) -> None:
            kept(snapshot, on_date)
            asked.append(on_date)

        monkeypatch.setattr(fleet, "require_mark", noted)
        body = {"record": record(valid_to="2998-12-31"), "operator": "A01"}
        copies = {"template": str(tmp_path / "copied.toml"), "printer": "p2", "count": 1}
        job = await here.service.jobs.submit(body | {"template": marked, "printer": "p1", "quantity": 1}, "k1")
        order = await here.service.copies.submit(body | copies, "k2")
        async with asyncio.timeout(20):
            while len(asked) < 2 or (await here.service.jobs.find(job.job_id)).state is not JobState.WAITING:
                await here.service.parts.changes.wait(here.service.parts.changes.count, 0.02)
        monkeypatch.setattr(fleet, "today_local", lambda: "2999-01-01")
        for printer in here.printers.values():
            printer.fix()
        reasons = [(await here.until(job.job_id, JobState.PAUSED, JobState.DONE)).reason]
        async with asyncio.timeout(20):
            while order.state is CopiesState.OPEN:
                await here.service.parts.changes.wait(here.service.parts.changes.count, 0.05)
                order = await here.service.copies.find(order.copies_id)
        assert all("碳足迹标识的证书到 2998-12-31 为止" in reason for reason in (*reasons, order.reason))
        tapes = [(tmp_path / name / "tape.jsonl").read_text("utf-8") for name in here.printers]
        assert not any('"label"' in tape for tape in tapes), "a new roll feeds, and that is all"


async def test_copies_are_held_to_the_same(shelf: ArtworkFolder, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "copied.toml").write_text(HEAD, "utf-8")
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}, data=DATA) as here:

        async def ordered(key: str) -> Any:
            body = {"template": str(tmp_path / "copied.toml"), "printer": "p1", "count": 1, "operator": "A01"}
            order = await here.service.copies.submit(body | {"record": record(valid_to="2998-12-31")}, key)
            async with asyncio.timeout(20):
                while order.state is CopiesState.OPEN:
                    heard = here.service.parts.changes.count
                    order = await here.service.copies.find(order.copies_id)
                    await here.service.parts.changes.wait(heard, 0.05)
            return order

        assert (await ordered("k1")).state is CopiesState.PRINTED
        assert ImageChops.invert(here.picture("p1", 1).convert("1")).crop((16, 16, 136, 136)).getbbox() is not None
        monkeypatch.setattr("edge_agent.printing.fleet.today_local", lambda: "2999-01-01")
        assert "碳足迹标识的证书到 2998-12-31 为止" in (await ordered("k2")).reason
        assert here.printers["p1"].printed == 1
        kept_file(tmp_path).unlink()
        with pytest.raises(FindingsError, match="M1"):
            await ordered("k3")


def test_the_commands_ask_the_same(shelf: ArtworkFolder, marked: str, tmp_path: Path) -> None:
    site, data, out = a_site(tmp_path), tmp_path / "record.json", tmp_path / "out.png"
    data.write_text(json.dumps(record(valid_to="2998-12-31"), ensure_ascii=False), "utf-8")
    assert run("check", data, "--template", marked, "--config", site).code == 0
    words = ("--template", marked, "--data", data, "--dpi", 203, "--out", out, "--config", site)
    assert run("preview", *words).code == 0
    with Image.open(out) as shown:
        assert ImageChops.invert(shown.convert("L")).crop((16, 16, 136, 136)).getbbox() is not None
    kept_file(tmp_path).unlink()
    assert "M1" in run("check", data, "--template", marked, "--config", site).out
    assert run("preview", *words).code == 0
    with Image.open(out) as shown:
        assert ImageChops.invert(shown.convert("L")).crop((16, 16, 136, 136)).getbbox() is None
    said = run("render", "--language", "zpl", "--serial", SERIAL, *words)
    assert said.code == 1 and "M1" in said.err and "本机没有碳足迹标识的图案" in said.err
