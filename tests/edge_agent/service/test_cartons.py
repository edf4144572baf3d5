"""A packer's day: by the scanner through the API, and by commands; on a real ledger."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.config import config_from
from edge_agent.ledger import Ledger
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import PackingTerms
from edge_agent.web.api import build_web
from edge_agent.wiring import sscc_block
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.serial import new_serial
from label_protocol.codes.sscc import SsccBlock, validate
from label_protocol.errors import CodeError, ConfigError, RecordError
from tests.kits.cli_kit import Said, run
from tests.kits.ledger_kit import GTIN, PROOF, an_order
from tests.kits.service_kit import HOST, a_service

API = "/api/v1"
SMALL = {"style_no": "YR-1", "name": "男式羽绒服", "colour": "黑色", "size": "170/88A"}
LARGE = SMALL | {"size": "175/92A"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        found.parts.packing = PackingTerms("示例服饰", SsccBlock("6901234"))
        yield found


@pytest.fixture
async def client(service: AgentService) -> AsyncIterator[Any]:
    async with TestClient(TestServer(build_web(service))) as found:
        yield found


async def ask(client: Any, method: str, path: str, status: int = 200, /, key: str = "", **body: Any) -> Any:
    more: dict[str, Any] = {"json": body} if method == "POST" else {}
    headers = {"Idempotency-Key": key} if key else {}
    async with client.request(method, f"{API}/{path}", headers=headers, **more) as answer:
        found = await answer.json(content_type=None)
        assert answer.status == status, found
        return found


async def worn(service: AgentService, number: int, product: dict[str, str]) -> list[str]:
    """What a scanner reads off garments that bear their labels."""
    links = await printed(service, number, product)
    for link in links:
        await service.labels.scan(link, "A01", on_garment=True)
    return links


async def printed(service: AgentService, number: int, product: dict[str, str]) -> list[str]:
    """What a scanner reads off labels that were printed."""
    ledger = service.parts.ledger
    job = await ledger.do(Ledger.open_job, an_order(number, snapshot={"snapshot": 1, "product": product}))
    window = await ledger.do(Ledger.begin_window, job.job_id, limit=number)
    await ledger.do(Ledger.prove_window, window.window_id, PROOF)
    return [DigitalLink(GTIN, serial, "L1").uri(HOST) for serial in window.serials]


async def test_a_carton_by_the_scanner(service: AgentService, client: Any) -> None:
    small, large = await worn(service, 2, SMALL), await worn(service, 1, LARGE)
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    assert (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"] == carton
    for count, link in enumerate([*small, *large], 1):
        packed = await ask(client, "POST", f"cartons/{carton}/items", text=f"]Q1{link}\r", operator="A01")
        assert (packed["packed"], packed["repeated"]) == (count, False)
        assert packed["serial"] in link
    again = await ask(client, "POST", f"cartons/{carton}/items", text=large[0], operator="A01")
    assert (again["packed"], again["repeated"], again["said"]["zh"]) == (3, True, "已经在本箱里，没有再数")
    shown = await ask(client, "GET", f"cartons/{carton}")
    assert shown["lines"] == [SMALL | {"count": 2}, LARGE | {"count": 1}]
    assert [one["serial"] in link for one, link in zip(shown["garments"], [*small, *large], strict=True)] == [True] * 3
    assert [one["carton"] for one in (await ask(client, "GET", "cartons?open=1"))["cartons"]] == [carton]
    refused = await ask(client, "POST", f"cartons/{carton}/close", 409, operator="A01", count=4)
    assert refused["detail"].startswith(f"箱 {carton} 里是 3 件，不是 4 件")
    closed = await ask(client, "POST", f"cartons/{carton}/close", operator="A01", count=3)
    assert closed["state"] == "closed" and validate(closed["sscc"])
    assert (await ask(client, "GET", "cartons?open=1"))["cartons"] == []
    for name in (closed["sscc"], f"%5DC100{closed['sscc']}", carton.lower()):
        assert (await ask(client, "GET", f"cartons/{name}"))["carton"] == carton


async def test_one_scan_may_say_that_it_is_on_its_garment_and_put_it_in(service: AgentService, client: Any) -> None:
    """Where labels are attached at the packing table; one that is there already is only put in."""
    link = (await printed(service, 1, SMALL))[0]
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    refused = await ask(client, "POST", f"cartons/{carton}/items", 409, text=link, operator="A01")
    assert refused["detail"].startswith("这张标签还没有记为挂到衣服上")
    packed = await ask(client, "POST", f"cartons/{carton}/items", text=link, operator="A01", on_garment=True)
    assert packed["packed"] == 1
    assert (await ask(client, "GET", f"labels/{packed['serial']}"))["state"] == "commissioned"
    again = await ask(client, "POST", f"cartons/{carton}/items", text=link, operator="A01", on_garment=True)
    assert again["repeated"]


async def test_a_label_tells_its_carton(service: AgentService, client: Any) -> None:
    (link,) = await worn(service, 1, SMALL)
    serial = link.rpartition("/")[2]
    assert (await ask(client, "GET", f"labels/{serial}"))["carton"] is None
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    await ask(client, "POST", f"cartons/{carton}/items", serial=serial.lower(), operator="A01")
    told = (await ask(client, "GET", f"labels/{serial}"))["carton"]
    assert (told["carton"], told["packed"], told["words"]["zh"]) == (carton, 1, "正在装")
    await ask(client, "POST", f"cartons/{carton}/take-out", text=link, operator="A01")
    assert (await ask(client, "GET", f"labels/{serial}"))["carton"] is None


async def test_what_is_no_garment_of_ours_is_told_and_changes_nothing(service: AgentService, client: Any) -> None:
    (link,) = await worn(service, 1, SMALL)
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    path = f"cartons/{carton}/items"
    for text in ("12345", link[:-3], link.replace("/10/L1/", "/10/L2/"), link + link):
        refused = await ask(client, "POST", path, 422, text=text, operator="A01")
        assert refused["type"] == "/problems/code"
    await ask(client, "POST", path, 404, serial=new_serial("PH1", os.urandom), operator="A01")
    for body in ({}, {"text": link, "serial": "x"}, {"text": ""}, {"text": link, "count": 1}):
        await ask(client, "POST", path, 422, operator="A01", **body)
    await ask(client, "POST", path, 422, text=link, operator="")
    await ask(client, "POST", "cartons/C0/items", 404, text=link, operator="A01")
    await ask(client, "POST", "cartons", 400, operator="A01")
    for count in (-1, "3", None, 1.5, True):
        await ask(client, "POST", f"cartons/{carton}/close", 422, operator="A01", count=count)
    assert (await ask(client, "GET", f"cartons/{carton}"))["packed"] == 0


async def test_only_a_person_with_a_reason_opens_it_again(service: AgentService, client: Any) -> None:
    link, other = await worn(service, 2, SMALL)
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    await ask(client, "POST", f"cartons/{carton}/items", text=link, operator="A01")
    sscc = (await ask(client, "POST", f"cartons/{carton}/close", operator="A01", count=1))["sscc"]
    await ask(client, "POST", f"cartons/{carton}/items", 409, text=other, operator="A01")
    await ask(client, "POST", f"cartons/{carton}/reopen", 422, operator="A01", reason="")
    again = await ask(client, "POST", f"cartons/{sscc}/reopen", operator="A01", reason="少装一件")
    assert (again["state"], again["sscc"]) == ("open", sscc)


async def test_a_site_without_a_prefix_packs_all_the_same(service: AgentService, client: Any) -> None:
    service.parts.packing = replace(service.parts.packing, block=None)
    (link,) = await worn(service, 1, SMALL)
    carton = (await ask(client, "POST", "cartons", 201, key="k1", operator="A01"))["carton"]
    await ask(client, "POST", f"cartons/{carton}/items", text=link, operator="A01")
    assert (await ask(client, "POST", f"cartons/{carton}/close", operator="A01", count=1))["sscc"] is None


async def test_goods_whose_data_only_the_registry_has_are_counted_by_their_gtin(service: AgentService) -> None:
    (link,) = await worn(service, 1, SMALL)
    carton = await service.cartons.open("A01", "k1")
    await service.cartons.pack(carton.carton, "A01", text=link)
    garments = [replace(one, snapshot_hash="0" * 64) for one in await service.cartons.garments(carton)]
    (line,) = await service.cartons.lines(garments)
    assert (line.style_no, line.name, line.count) == ("", GTIN, 1)


async def test_a_carton_by_commands(service: AgentService, client: Any, tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(f"[web]\nport = {client.port}\n", "utf-8")
    link, other = await worn(service, 2, SMALL)

    async def said(*words: str) -> Said:
        return await asyncio.to_thread(run, "carton", *words, "--config", config)

    opened = await said("open", "--operator", "A01", "--json")
    name = json.loads(opened.out)["carton"]
    packed = await said("pack", name, "--text", link, "--operator", "A01")
    assert packed.out.startswith(f"{name}  正在装 open  1 件 garments") and "已放进本箱" in packed.out
    await said("pack", name, "--serial", other.rpartition("/")[2], "--operator", "A01")
    assert (await said("take-out", name, "--text", other, "--operator", "A01")).code == 0
    assert "请核对后再关" in (await said("close", name, "--count", "2", "--operator", "A01")).refusal
    closed = await said("close", name, "--count", "1", "--operator", "A01")
    sscc = closed.out.rpartition("SSCC ")[2].strip()
    assert validate(sscc)
    shown = await said("show", sscc)
    assert "YR-1  男式羽绒服  黑色  170/88A  × 1" in shown.out
    label = await asyncio.to_thread(run, "label", "show", link.rpartition("/")[2], "--config", config)
    assert f"箱 carton {name}" in label.out
    assert (await said("list", "--open")).out.strip() == "没有 · none"
    assert name in (await said("list")).out
    assert (await said("reopen", name, "--operator", "A01", "--reason", "少装一件")).out.startswith(
        f"{name}  正在装 open"
    )


def test_the_block_is_read_from_the_configuration_and_a_wrong_one_is_told() -> None:
    def site(**keys: str) -> Any:
        return config_from({"site": keys}, Path("agent.toml"))

    assert sscc_block(site()) is None
    assert sscc_block(site(gs1_company_prefix="6901234", sscc_block="3")) == SsccBlock("6901234", "3")
    with pytest.raises(ConfigError, match=r"demonstrations and examples.*\[site\]"):
        sscc_block(site(gs1_company_prefix="9521234"))
    with pytest.raises(ConfigError, match="key gs1_company_prefix"):
        site(gs1_company_prefix="69-01")


async def test_one_garment_is_asked_for_at_a_time(service: AgentService) -> None:
    with pytest.raises(RecordError, match="got neither; give one"):
        await service.cartons.pack("C0", "A01")
    with pytest.raises(CodeError):
        await service.cartons.pack("C0", "A01", serial="no serial")
