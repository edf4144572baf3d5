"""From garments to the carton's label on paper: the whole agent, its printer, and what somebody else reads off it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import ImageChops

from edge_agent.errors import LotStoppedError, NotFoundError, RefusedError, RenderError
from edge_agent.labels.carton import TEMPLATE
from edge_agent.ledger import Ledger
from edge_agent.model.cartons import Carton
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.job import JobState
from edge_agent.render.plan import lay_out
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import load_template, read_template
from label_protocol.errors import ConflictError, StateError
from tests.edge_agent.printing.test_fleet import Shop, code_on, shop

SITE = {"name": "示例羽绒服饰有限公司", "gs1_company_prefix": "6901234"}
GOODS = ("YR2026-0801", "175/92A", "L20261118A")
ROWS: dict[str, dict[str, Any]] = {
    "p1": {"profile": "virtual-zpl"},
    "p2": {"profile": "virtual-tspl", "virtual": {"language": "tspl"}},
}


async def a_carton(here: Shop, quantity: int = 2, key: str = "k") -> Carton:
    """Garments whose labels were printed, scanned on the garment, packed; the carton is closed."""
    job = await here.until((await here.order("p1", quantity, key)).job_id, JobState.DONE)
    before = here.printers["p1"].printed - quantity
    carton = await here.service.cartons.open("A01", f"open-{key}")
    for n in range(before + 1, before + job.quantity + 1):
        link = code_on(here.picture("p1", n))
        await here.service.labels.scan(link, "A01", on_garment=True)
        await here.service.cartons.pack(carton.carton, "A01", text=link)
    return await here.service.cartons.close(carton.carton, quantity, "A01")


async def over(here: Shop, order: Copies) -> Copies:
    async with asyncio.timeout(20):
        while True:
            heard = here.service.parts.changes.count
            found = await here.service.copies.find(order.copies_id)
            if found.state is not CopiesState.OPEN and not found.sending:
                return found
            await here.service.parts.changes.wait(heard, 0.05)


async def test_its_label_is_printed_proven_read_and_told_in_the_ledger(tmp_path: Path) -> None:
    async with shop(tmp_path, ROWS, site=SITE) as here:
        carton = await a_carton(here)
        for nth, printer in enumerate(("p1", "p2", "p1"), 1):
            order = await over(here, await here.service.cartons.label(carton.carton, printer, "A01", f"label-{nth}"))
            assert (order.state, order.printed) == (CopiesState.PRINTED, 1), order.reason
            paper = here.picture(printer, here.printers[printer].printed)
            (read,) = zxingcpp.read_barcodes(paper.convert("L"))
            assert (read.text, read.symbology_identifier) == (f"(00){carton.sscc}", "]C1")
            said = await here.service.copies.snapshot(order)
            assert str(await here.service.goods.of(order.snapshot_hash)) == f"箱标 · {carton.carton}"
            assert said["carton"].get("copy") == (f"第 {nth} 份" if nth > 1 else None)
            assert (said["carton"]["sender"], said["carton"]["total"]) == (SITE["name"], 2)
            (line,) = said["carton"]["lines"]
            product = here.record.product
            assert (line["style_no"], line["size"], line["count"]) == (product.style_no, product.size, 2)
        again = await here.service.cartons.label(carton.carton, "p1", "A01", "label-1")
        assert (await here.service.cartons.find(carton.carton)).printings == 3, "the same key prints nothing"
        assert again.quantity == 1
        assert (await here.service.site.verify()).ok
        found = await here.service.cartons.find(f"]C100{carton.sscc}")
        assert found.carton == carton.carton, "what a scanner reads off it names it"


async def test_a_sites_own_template_is_used_once_a_lead_has_approved_it(tmp_path: Path) -> None:
    own = tmp_path / "forms" / "box.toml"
    own.parent.mkdir()
    own.write_bytes(read_template(TEMPLATE)[0].replace("共 {".encode(), "合计 {".encode()))
    labels = {"template_path": "forms", "carton_template": "forms/box.toml", "approval": "one"}
    async with shop(tmp_path, ROWS, site=SITE, labels=labels) as here:
        carton = await a_carton(here, 1)
        with pytest.raises(ConflictError, match="草稿"):
            await here.service.cartons.label(carton.carton, "p1", "A01", "l1")
        assert (await here.service.cartons.find(carton.carton)).printings == 0
        await here.service.catalogue.import_json(here.record.model_dump_json(exclude_none=True).encode())
        form, previews = await here.service.approvals.find("template", "box"), here.service.previews
        draft = await previews.version("box", own.read_bytes(), GOODS, 203)
        await here.service.approvals.approve("template", "box", form.of.sha256, "班长一")
        assert draft != await previews.version("box", own.read_bytes(), GOODS, 203), "草稿 is gone"
        order = await over(here, await here.service.cartons.label(carton.carton, "p1", "A01", "l1"))
        assert order.state is CopiesState.PRINTED, order.reason
        said = await here.service.copies.snapshot(order)
        assert said["approvals"]["template"]["by"][0]["who"] == "班长一"
        drawn = ImageChops.invert(here.picture("p1", 2).convert("1"))
        expected = to_image(lay_out(load_template(str(own)), said, 203).bare)
        assert ImageChops.logical_xor(drawn, expected).getbbox() is None
        own.write_bytes(read_template("composition_card_60x40")[0])
        with pytest.raises(RenderError, match="不是箱标"):
            await here.service.cartons.label(carton.carton, "p1", "A01", "l2")


async def test_a_head_too_narrow_for_it_is_told_before_it_is_sent(tmp_path: Path) -> None:
    narrow = {"p1": ROWS["p1"], "p2": {"profile": "virtual-zpl", "dpi": 300, "virtual": {"dpi": 300}}}
    async with shop(tmp_path, narrow, site=SITE) as here:
        carton = await a_carton(here, 1)
        order = await over(here, await here.service.cartons.label(carton.carton, "p2", "A01", "l1"))
        assert order.state is CopiesState.ENDED and "标签宽度超出打印头" in order.reason
        order = await over(here, await here.service.cartons.label(carton.carton, "p2", "A01", "l2", unchecked=True))
        assert (order.unchecked, here.printers["p2"].printed) == (True, 1)


async def test_what_may_have_no_label_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path, {"p1": ROWS["p1"]}, site={"name": "示例"}, groups=[]) as here:
        carton = await a_carton(here)
        with pytest.raises(ConflictError, match="只有内部箱号，没有 SSCC，不能打箱标；请技术人员在配置"):
            await here.service.cartons.label(carton.carton, "p1", "A01", "l1")
        await here.service.cartons.open_again(carton.carton, "A01", "示例")
        with pytest.raises(StateError, match="还开着，请先关箱"):
            await here.service.cartons.label(carton.carton, "p1", "A01", "l1")
        with pytest.raises(NotFoundError):
            await here.service.cartons.label(carton.carton, "p9", "A01", "l1")
        assert here.printers["p1"].printed == 2, "nothing but the garments' labels came out"


async def test_a_recalled_carton_gets_no_label_and_a_group_is_no_printer(tmp_path: Path) -> None:
    groups = [{"id": "g", "name": "甲线", "printers": ["p1", "p2"]}]
    async with shop(tmp_path, ROWS, site=SITE, groups=groups) as here:
        carton = await a_carton(here)
        with pytest.raises(RefusedError, match="got a group"):
            await here.service.cartons.label(carton.carton, "g", "A01", "l1")
        recall = {"kind": "recall", "quota_key": here.record.quota_key, "reason": "示例"}
        await here.service.parts.ledger.do(Ledger.receive_distribution, "c2", "epoch-1", [recall])
        with pytest.raises(LotStoppedError, match="有 2 件不能出厂"):
            await here.service.cartons.label(carton.carton, "p1", "A01", "l1")
        head = await here.service.parts.ledger.do(Ledger.head)
        events = await here.service.parts.ledger.do(Ledger.events, head.incarnation)
        assert "copies_opened" not in {json.loads(one.body)["type"] for one in events}
