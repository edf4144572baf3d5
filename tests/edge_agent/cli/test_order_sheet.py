"""`edge-agent order-sheet`: a PDF that equals the drawn pages, in A5, read by another program; refusals in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops

from edge_agent.render.raster import to_image
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.order_kit import DEMO, a_record, an_order, pages_of

A5_POINTS = (210 / 25.4 * 72, 148 / 25.4 * 72)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a configuration; nothing in it reaches this machine's own ledger."""
    a_site(tmp_path)
    return tmp_path


def sheet(site: Path, order: Any, *words: object, out: str = "order.pdf") -> Said:
    path = site / "order.json"
    if order is not None:
        path.write_text(order if isinstance(order, str) else json.dumps(order, ensure_ascii=False), encoding="utf-8")
    return run("order-sheet", path, "--out", site / out, "--config", site / "agent.toml", *words)


def test_the_pdf_is_the_pages_dot_for_dot_and_a5(site: Path) -> None:
    order = an_order(20, remarks="两批交货")
    said = sheet(site, order, "--dpi", 300)
    pages = pages_of(order, 300)
    assert said.code == 0 and f"{len(pages)} 页 pages, 5 款 styles, 390 件 pieces" in said.out
    pdf = pypdfium2.PdfDocument(site / "order.pdf")
    assert len(pdf) == len(pages) > 1
    for page, ours in zip(pdf, pages, strict=True):
        assert page.get_size() == pytest.approx(A5_POINTS, abs=0.15)
        (picture,) = page.get_objects()
        assert picture.get_bounds() == pytest.approx((0, 0, *page.get_size()), abs=0.01)
        theirs = picture.get_bitmap().to_pil().convert("1", dither=Image.Dither.NONE)
        expected = ImageChops.invert(to_image(ours.bare))
        assert theirs.size == expected.size
        assert ImageChops.logical_xor(theirs, expected).getbbox() is None
    pdf.close()


def test_ten_pages_for_an_office_printer_are_small_and_the_same_each_time(site: Path) -> None:
    order = an_order(80)
    assert sheet(site, order).code == 0
    first = (site / "order.pdf").read_bytes()
    with pypdfium2.PdfDocument(first) as pdf:
        assert len(pdf) >= 10
        assert pdf.get_metadata_value("Title") == "成份订货单 DH-20261120-017"
    assert len(first) < 1_000_000
    assert sheet(site, order).code == 0
    assert (site / "order.pdf").read_bytes() == first


def test_one_page_as_a_picture(site: Path) -> None:
    order = an_order(20)
    assert sheet(site, order, "--page", 2, "--dpi", 150, out="page.png").code == 0
    with Image.open(site / "page.png") as image:
        assert (
            image.mode == "1"
            and ImageChops.logical_xor(image, ImageChops.invert(to_image(pages_of(order, 150)[1].bare))).getbbox()
            is None
        )
    assert "--page 99: expected 1 to" in sheet(site, order, "--page", 99, "--dpi", 150, out="page.png").refusal


def test_json_names_pages_and_sums_and_nothing_else_is_on_stdout(site: Path) -> None:
    order = an_order(3)
    order["lines"][2]["record"]["product"]["maker"]["uscc"] = "91330483MA0000000X"
    said = sheet(site, order, "--json", "--dpi", 150)
    answer = json.loads(said.out)
    assert said.code == 0 and answer["ok"] is True and answer["pages"] == 1
    assert answer["totals"] == {"lines": 3, "styles": 3, "pieces": 33}
    assert [(one["line"], one["rule"], one["severity"]) for one in answer["findings"]] == [(3, "L1", "WARN")]
    assert "第 3 行 line 3, product.maker.uscc" in said.err


def test_a_blocked_line_draws_nothing_and_is_named(site: Path) -> None:
    order = an_order(3)
    order["lines"][1]["record"] = a_record(composition=[{"part": "大身", "fibres": [{"name": "棉", "percent": 97}]}])
    said = sheet(site, order)
    assert said.code == 1 and said.out == "" and not (site / "order.pdf").exists()
    *findings, refusal = said.err.splitlines()
    assert refusal.startswith("edge-agent: 第 2 行 · order line 2: ")
    assert any(line.startswith("BLOCK F1") and "第 2 行 line 2" in line for line in findings)
    answer = json.loads(sheet(site, order, "--json").out)
    assert answer["ok"] is False and {one["line"] for one in answer["findings"]} == {2}


def test_records_may_lie_beside_the_order(site: Path) -> None:
    shutil.copytree(DEMO / "samples", site / "samples")
    said = sheet(site, (DEMO / "order.json").read_text("utf-8"), "--dpi", 150)
    assert said.code == 0 and "1 页 pages, 5 款 styles, 1190 件 pieces" in said.out


ELSEWHERE = ["C:secret.json", "C:/secret.json", "\\\\host\\share\\r.json", "\\/host/share/r.json", "..\\secret.json"]
"""What only Windows takes for a place outside; asking a host for its file is a leak by itself."""


@pytest.mark.parametrize(
    "name", ["../secret.json", "samples/../../secret.json", "{site}/../secret.json", "link.json", *ELSEWHERE]
)
def test_an_order_opens_nothing_outside_its_folder(site: Path, name: str) -> None:
    folder = site / "orders"
    folder.mkdir()
    (site / "secret.json").write_text(json.dumps(a_record()), encoding="utf-8")
    (folder / "link.json").symlink_to(site / "secret.json")
    path = folder / "order.json"
    order = an_order(1)
    order["lines"] = [{"record_path": name.format(site=folder), "quantity": 1}]
    path.write_text(json.dumps(order), encoding="utf-8")
    said = run("order-sheet", path, "--out", folder / "o.pdf", "--config", site / "agent.toml")
    assert "order line 1: record_path" in said.refusal and "in the order's folder" in said.refusal


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.json", "expected a readable file, got No such file"),
        (".", "got something that is not a file"),
        ("circle.json", "circle.json"),
        ("n" * 300, "expected a readable file, got File name too long"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_with_its_line(site: Path, name: str, words: str) -> None:
    (site / "circle.json").symlink_to("circle.json")
    order = an_order(1)
    order["lines"].append({"record_path": name, "quantity": 1})
    said = sheet(site, order)
    assert "order line 2: " in said.refusal and words in said.refusal


def test_other_refusals_are_one_line_each(site: Path) -> None:
    assert "expected a readable file" in sheet(site, None).refusal
    assert "order: expected one JSON object" in sheet(site, "{").refusal
    assert "bytes, got more" in sheet(site, " " * 4_000_001).refusal
    assert "expected a name ending in .png or .pdf" in sheet(site, an_order(1), "--dpi", 150, out="o.jpg").refusal
    assert "expected a file that can be written" in sheet(site, an_order(1), "--dpi", 150, out="no/o.pdf").refusal
    assert (
        "expected one of kind order_sheet" in sheet(site, an_order(1), "--template", "composition_card_60x40").refusal
    )
    said = sheet(site, an_order(1), "--template", "nonsense")
    assert "template nonsense: expected one of" in said.refusal


def test_a_site_s_own_sheet_needs_no_code(site: Path) -> None:
    own = site / "mine.toml"
    assert run("template", "copy", "order_sheet_a5", own).code == 0
    text = own.read_text("utf-8").replace('text = "成 份 订 货 单"', 'text = "濮院订货单"')
    text = text.replace('label = "颜色"', 'label = "色别"').replace("pages.count} 页", "pages.count}")
    own.write_text(text, encoding="utf-8")
    assert run("template", "lint", own).code == 0
    assert sheet(site, an_order(2), "--template", own, "--dpi", 150).code == 0


def test_a_record_alone_is_checked_for_a_sheet_and_drawn_by_no_label_command(site: Path) -> None:
    path = site / "record.json"
    path.write_text(json.dumps(a_record()), encoding="utf-8")
    words = ("--config", site / "agent.toml", "--template", "order_sheet_a5")
    assert run("check", path, *words).code == 0
    said = run("preview", "--data", path, "--out", site / "x.png", *words)
    assert "edge-agent order-sheet" in said.refusal
