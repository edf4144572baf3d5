"""Labels that carry no code, from the order to the paper: in every language, on every roll, never one with a code."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer
from PIL import Image, ImageChops

from edge_agent.errors import FindingsError, IdempotencyError, RefusedError, RenderError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from edge_agent.ledger import Ledger
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.copies import Copies, CopiesOrder, CopiesState
from edge_agent.model.job import JobState
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.raster import dots
from edge_agent.web.api import build_web
from garment.record import record_from
from label_protocol.errors import AgentError, InputError, RecordError, StateError
from tests.edge_agent.printing.test_fleet import ENDED, TEMPLATE, Shop, shop
from tests.kits.cli_kit import Said, run
from tests.kits.copies_kit import CARD, RECORD, TODAY, a_template, drawn

CONTINUOUS: dict[str, Any] = {"sensor": "continuous", "gap_mm": 0.0}


def row(language: str = "zpl", **more: Any) -> dict[str, Any]:
    """A printer on a continuous roll."""
    return {"profile": f"virtual-{language}", "virtual": {"language": language}} | CONTINUOUS | more


def body(template: str, count: int = 5, **more: Any) -> dict[str, Any]:
    return {"template": template, "printer": "p1", "count": count, "record": RECORD, "operator": "A01"} | more


async def over(here: Shop, order: Copies) -> Copies:
    """The order when it is over."""
    async with asyncio.timeout(20):
        while True:
            heard = here.service.parts.changes.count
            found = await here.service.copies.find(order.copies_id)
            if found.state is not CopiesState.OPEN and not found.sending:
                return found
            await here.service.parts.changes.wait(heard, 0.05)


async def printed(here: Shop, template: str, count: int = 5, key: str = "c", **more: Any) -> Copies:
    return await over(here, await here.service.copies.submit(body(template, count, **more), key))


def same(paper: Image.Image, art: Bitmap) -> bool:
    """Every dot, and the length; EPL2 takes widths in whole bytes, and what is beyond the label stays white."""
    expected = Image.new("1", paper.size, 1)
    expected.paste(ImageChops.invert(Image.frombytes("1", (art.width_dots, art.height_dots), art.rows)))
    fits = paper.height == art.height_dots and 0 <= paper.width - art.width_dots < 8
    return fits and ImageChops.logical_xor(paper, expected).getbbox() is None


# --- paper ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_copy_is_the_preview_dot_for_dot_and_as_long_as_its_content(
    tmp_path: Path, language: str, dpi: int
) -> None:
    wash = a_template(tmp_path)
    printer = {"language": language, "dpi": dpi}
    async with shop(tmp_path, {"p1": row(language, dpi=dpi, virtual=printer)}) as here:
        order = await printed(here, wash)
        assert (order.state, order.printed) == (CopiesState.PRINTED, 5), order.reason
        art = drawn(wash, dpi)
        assert art.media.height_dots < dots(60, dpi)
        assert all(same(here.picture("p1", n), art.bare) for n in range(1, 6))
        assert here.printers["p1"].printed == 5
        assert await here.service.labels.page(None) == ()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_wash_label_of_the_house_comes_out_as_its_preview(tmp_path: Path, language: str) -> None:
    async with shop(tmp_path, {"p1": row(language)}) as here:
        order = await printed(here, "wash_care_30", 2)
        assert (order.state, order.printed) == (CopiesState.PRINTED, 2), order.reason
        assert same(here.picture("p1", 2), drawn("wash_care_30").bare)


async def test_a_roll_two_across_and_an_alignment_hold_for_copies_too(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    width = drawn(wash).media.width_dots
    rolled = row(across=2, across_gap_mm=2.0, shift_right_mm=0.5, virtual={"across": 2, "width_dots": width})
    async with shop(tmp_path, {"p1": rolled}) as here:
        order = await printed(here, wash, 3)
        assert (order.state, order.printed) == (CopiesState.PRINTED, 3), order.reason
        assert here.printers["p1"].printed == 2
        moved = Image.new("1", here.picture("p1", 1).size, 1)
        art = drawn(wash).bare
        moved.paste(ImageChops.invert(Image.frombytes("1", (width, art.height_dots), art.rows)), (dots(0.5, 203), 0))
        assert ImageChops.logical_xor(here.picture("p1", 1), moved).getbbox() is None


async def test_a_cutter_cuts_every_copy(tmp_path: Path) -> None:
    cutting = row(handling="cut", virtual={"handling": "cut"})
    async with shop(tmp_path, {"p1": cutting}) as here:
        order = await printed(here, a_template(tmp_path), 3)
        assert order.state is CopiesState.PRINTED, order.reason
        assert here.printers["p1"].state()["cuts"] == 3


@pytest.mark.parametrize("language", LANGUAGES)
async def test_labels_without_a_code_on_a_roll_with_gaps(tmp_path: Path, language: str) -> None:
    card = a_template(tmp_path, CARD)
    roll = {"profile": f"virtual-{language}", "virtual": {"language": language, "height_dots": dots(60, 203)}}
    async with shop(tmp_path, {"p1": roll}) as here:
        order = await printed(here, card, 2)
        assert order.state is CopiesState.PRINTED, order.reason
        assert same(here.picture("p1", 2), drawn(card).bare)


# --- the wrong roll ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roll", "text", "part"),
    [
        ({"sensor": "gap", "gap_mm": 3.0}, None, "应为 连续纸，实为 有间隙"),
        (CONTINUOUS, CARD, "应为 有间隙或黑标的标签纸，实为 连续纸"),
    ],
)
async def test_copies_for_another_roll_are_refused_before_a_byte_and_may_be_overruled(
    tmp_path: Path, roll: dict[str, Any], text: str | None, part: str
) -> None:
    template = a_template(tmp_path, text) if text else a_template(tmp_path)
    async with shop(tmp_path, {"p1": {"profile": "virtual-zpl"} | roll}) as here:
        order = await printed(here, template)
        assert (order.state, order.printed, order.left) == (CopiesState.ENDED, 0, 5)
        assert part in (await here.service.copies.told(order)).zh and here.printers["p1"].printed == 0
        order = await printed(here, template, 1, "again", unchecked=True)
        assert order.state is CopiesState.PRINTED


async def test_a_job_for_another_roll_stands_before_its_first_serial(tmp_path: Path) -> None:
    async with shop(tmp_path, {"p1": row()}) as here:
        stood = await here.until((await here.order("p1", 4)).job_id, *ENDED)
        assert (stood.state, stood.drawn) == (JobState.PAUSED, 0)
        assert "实为 连续纸" in stood.reason


# --- what is never copied ---------------------------------------------------------------------------------------------


async def test_a_code_is_never_copied(tmp_path: Path) -> None:
    """Not by an order, and not by one that came into the ledger some other way."""
    async with shop(tmp_path, {"p1": {"profile": "virtual-zpl"}}) as here:
        with pytest.raises(RenderError, match="a code is never copied"):
            await here.service.copies.submit(body(TEMPLATE), "c")
        assert await here.service.copies.recent() == ()
        job = await here.order("p1", 1)
        await here.until(job.job_id, *ENDED)
        snapshot = json.loads(await here.service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
        slipped = CopiesOrder("k9", "h", TEMPLATE, "p1", 3, snapshot, "A01", unchecked=True)
        order = await here.service.parts.ledger.do(Ledger.open_copies, slipped)
        here.service.parts.changes.tell()
        order = await over(here, order)
        assert (order.state, order.left, here.printers["p1"].printed) == (CopiesState.ENDED, 3, 1)
        assert "不能打印副本" in order.reason


async def test_a_label_without_a_code_is_no_job(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    async with shop(tmp_path, {"p1": row()}) as here, TestServer(build_web(here.service)) as server:
        job = {key: value for key, value in body(wash).items() if key != "count"} | {"quantity": 5}
        with pytest.raises(RenderError, match="edge-agent label copies"):
            await here.service.jobs.submit(job, "k")
        said = await cli(tmp_path, server, "job", "submit", "--template", wash, "--quantity", 5)
        assert "edge-agent label copies" in said.refusal and "模板 wash 没有二维码" in said.refusal
        assert await here.service.jobs.recent() == () and here.printers["p1"].printed == 0


REFUSED: dict[str, tuple[dict[str, Any], type[AgentError], str]] = {
    "no operator": ({"operator": " "}, RecordError, "操作员"),
    "a slip of the keyboard": ({"count": 10_001}, InputError, "expected 1 to 10000, got 10001"),
    "nothing": ({"count": 0}, InputError, "expected 1 to 10000, got 0"),
    "no number": ({"count": True}, RecordError, "count: expected an integer"),
    "an unknown field": ({"quantity": 5}, RecordError, "unknown field 'quantity'"),
    "a word for a switch": ({"unchecked": "yes"}, RecordError, "unchecked: expected true or false"),
    "no printer": ({"printer": ""}, RecordError, "printer: expected a name"),
    "a path that leads elsewhere": ({"template": "../wash.toml"}, RecordError, "copies, template: expected a built-in"),
    "a group": ({"printer": "g"}, RefusedError, "expected one printer, got a group"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_an_order_that_cannot_be_taken_leaves_nothing_behind(tmp_path: Path, what: str) -> None:
    change, kind, part = REFUSED[what]
    group = {"id": "g", "name": "组", "printers": ["p1", "p2"]}
    async with shop(tmp_path, {"p1": row(), "p2": row()}, groups=[group]) as here:
        with pytest.raises(kind, match=part):
            await here.service.copies.submit(body(a_template(tmp_path)) | change, "c")
        assert await here.service.copies.recent() == () and here.printers["p1"].printed == 0


async def test_a_blocked_record_and_a_text_that_does_not_fit_are_refused(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    blocked, long = copy.deepcopy(RECORD), copy.deepcopy(RECORD)
    blocked["product"]["composition"] = [{"part": "面料", "fibres": [{"name": "锦纶", "percent": 90}]}]
    long["product"]["brand"] = "示" * 500
    async with shop(tmp_path, {"p1": row()}) as here:
        with pytest.raises(FindingsError):
            await here.service.copies.submit(body(wash, record=blocked), "a")
        with pytest.raises(RenderError, match="slot foot"):
            await here.service.copies.submit(body(wash, record=long), "b")
        assert await here.service.copies.recent() == ()


# --- orders -----------------------------------------------------------------------------------------------------------


async def test_the_same_order_is_printed_once(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    async with shop(tmp_path, {"p1": row()}) as here:
        order = await printed(here, wash)
        assert await here.service.copies.submit(body(wash), "c") == order
        with pytest.raises(IdempotencyError):
            await here.service.copies.submit(body(wash, 6), "c")
        assert here.printers["p1"].printed == 5
        with pytest.raises(StateError, match="expected an open order, got one that is printed"):
            await here.service.copies.cancel(order.copies_id, "A01")


async def test_a_template_changed_after_the_order_is_not_printed(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    snapshot = prepare(record_from(RECORD), wash, LabelTerms(TODAY, LinkStyle("id.example.cn"))).require()
    async with shop(tmp_path, {"p1": row()}) as here:
        assert a_template(tmp_path, CARD) == wash
        opened = await here.service.parts.ledger.do(
            Ledger.open_copies, CopiesOrder("k", "h", wash, "p1", 2, snapshot, "A01")
        )
        here.service.parts.changes.tell()
        order = await over(here, opened)
        assert (order.state, order.left, here.printers["p1"].printed) == (CopiesState.ENDED, 2, 0)
        assert "expected version" in order.reason


async def test_what_a_waiting_order_waits_for_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, {"p1": row(virtual={"faults": ("media-out",)})}) as here:
        order = await here.service.copies.submit(body(a_template(tmp_path)), "c")
        async with asyncio.timeout(10):
            while "缺纸" not in (await here.service.copies.told(order)).zh:
                await here.service.parts.changes.wait(here.service.parts.changes.count, 0.02)
        assert "证实打印 0 张，送出未证实 0 张，未送出 5 张" in (await here.service.copies.told(order)).zh
        cancelled = await here.service.copies.cancel(order.copies_id, "A01")
        assert cancelled.state is CopiesState.CANCELLED and here.printers["p1"].printed == 0


# --- by command -------------------------------------------------------------------------------------------------------


async def cli(folder: Path, server: BaseTestServer, *words: object) -> Said:
    """A command that talks to this agent; `submit` and `copies` get record, printer and operator."""
    (folder / "cli.toml").write_text(f"[web]\nport = {server.port}\n", encoding="utf-8")
    (folder / "record.json").write_text(json.dumps(RECORD, ensure_ascii=False), encoding="utf-8")
    order = ["--data", folder / "record.json", "--printer", "p1", "--operator", "A01"]
    more = order if words[1] in ("submit", "copies") else []
    return await asyncio.to_thread(run, *words, *more, "--config", folder / "cli.toml")


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("edge_agent.cli.copies._LOOK_S", 0.02)
    yield


async def test_by_command_from_the_order_to_the_proof(tmp_path: Path) -> None:
    wash = a_template(tmp_path)
    async with shop(tmp_path, {"p1": row()}) as here, TestServer(build_web(here.service)) as server:
        said = await cli(tmp_path, server, "label", "copies", "--template", wash, "--count", 5, "--wait")
        assert (
            said.code == 0 and "共 5 张：证实打印 5 张（计数器相符），送出未证实 0 张，未送出 0 张。已完成" in said.out
        )
        name = said.out.split()[0]
        shown = await cli(tmp_path, server, "label", "copies-show", name, "--json")
        assert json.loads(shown.out)["snapshot"]["product"]["name"] == RECORD["product"]["name"]
        assert name in (await cli(tmp_path, server, "label", "copies-list")).out
        late = await cli(tmp_path, server, "label", "copies-cancel", name, "--operator", "A01")
        assert "expected an open order" in late.refusal
        assert here.printers["p1"].printed == 5


async def test_by_command_what_is_not_proven_is_no_success(tmp_path: Path) -> None:
    faulty = row(virtual={"faults": ("media-out@6",)})
    async with shop(tmp_path, {"p1": faulty}) as here, TestServer(build_web(here.service)) as server:
        said = await cli(
            tmp_path, server, "label", "copies", "--template", a_template(tmp_path), "--count", 10, "--wait"
        )
        assert said.code == 1 and "expected 10 proven, got 4" in said.err
        assert "证实打印 4 张（计数器相符），送出未证实 4 张，未送出 2 张。缺纸" in said.out


async def test_by_command_a_coded_template_and_too_many_are_refused(tmp_path: Path) -> None:
    async with shop(tmp_path, {"p1": row()}) as here, TestServer(build_web(here.service)) as server:
        said = await cli(tmp_path, server, "label", "copies", "--template", TEMPLATE, "--count", 5)
        assert "edge-agent job submit" in said.refusal
        assert (await cli(tmp_path, server, "label", "copies", "--template", TEMPLATE, "--count", 10_001)).code == 2
        assert here.printers["p1"].printed == 0
