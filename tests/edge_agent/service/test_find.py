"""Finding over the API of a real service: days by the local calendar, pages, a scanned code, what is missing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.ledger import Ledger
from edge_agent.model.search import LabelSearch
from edge_agent.service.agent_service import AgentService
from edge_agent.service.find import between_days
from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from label_protocol.errors import InputError
from tests.kits.ledger_kit import GTIN, a_job, printed
from tests.kits.service_kit import HOST, a_service


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        yield found


@pytest.fixture
async def client(service: AgentService) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(build_web(service))) as found:
        yield found


@pytest.fixture
async def serials(service: AgentService) -> tuple[str, ...]:
    """Eight labels of one job, the oldest first."""

    def fill(ledger: Ledger) -> tuple[str, ...]:
        return printed(ledger, a_job(ledger, snapshot={"product": {"style_no": "YR-1", "size": "M"}})).serials

    return await service.parts.ledger.do(fill)


async def get(client: TestClient[Any, Any], path: str, status: int = 200, **query: str) -> Any:
    async with client.get(f"{API}/{path}", params=query) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def post(client: TestClient[Any, Any], path: str, body: dict[str, Any], status: int, key: str = "k") -> Any:
    async with client.post(f"{API}/{path}", json=body, headers={"Idempotency-Key": key}) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def test_labels_are_found_page_by_page(client: Any, serials: tuple[str, ...]) -> None:
    seen, after = [], ""
    while True:
        page = await get(client, "find", style_no="yr", limit="3", after=after)
        seen += [row["serial"] for row in page["labels"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == list(reversed(serials))
    one = page["labels"][0]
    assert (one["goods"]["size"], one["words"]["zh"], one["ordered_by"]) == ("M", "已打印", "")
    assert (await get(client, "find", style_no="yr", limit="8"))["next"] is None, "no page follows the last label"


async def test_a_serial_is_found_as_it_was_typed_or_scanned(client: Any, serials: tuple[str, ...]) -> None:
    serial = serials[3]
    for text in (serial, f" {serial[:4].lower()}-{serial[4:]}", f"https://{HOST.upper()}/01/{GTIN}/10/L1/21/{serial}"):
        page = await get(client, "find", serial=text)
        assert [row["serial"] for row in page["labels"]] == [serial]
    assert "input method" in (await get(client, "find", 422, serial="Ｐ"))["detail"]
    wrong = serial[:-1] + ("A" if serial[-1] != "A" else "B")
    await get(client, "find", 422, serial=wrong)


async def test_what_cannot_be_asked_is_refused_by_name(client: Any, serials: tuple[str, ...]) -> None:
    assert "state" in (await get(client, "find", 422, state="lost"))["detail"]
    assert "2026-11-20" in (await get(client, "find", 422, **{"from": "20.11."}))["detail"]
    assert (await get(client, "find", to="0001-01-02"))["labels"] == []
    assert "to:" in (await get(client, "find", 422, to="9999-12-31"))["detail"]


async def test_the_life_of_a_serial_is_told_in_words(client: Any, serials: tuple[str, ...]) -> None:
    rows = (await get(client, f"labels/{serials[0]}/life"))["life"]
    assert [(row["what"], row["words"]["zh"]) for row in rows] == [
        ("ordered", "下单"),
        ("sent", "送到打印机"),
        ("proven", "证实已打印"),
    ]


async def test_jobs_are_paged_by_the_last_one_seen(client: Any, service: AgentService) -> None:
    opened = [await service.parts.ledger.do(lambda on: a_job(on, 1).job_id) for _ in range(5)]
    first = await get(client, "jobs", limit="3")
    rest = await get(client, "jobs", limit="3", after=first["next"])
    assert [job["job_id"] for job in first["jobs"] + rest["jobs"]] == opened[::-1]
    assert rest["next"] is None
    await get(client, "jobs", 404, after="nobody")


async def test_what_is_missing_is_ordered_once_by_whoever_confirms_the_number(
    client: Any, service: AgentService, serials: tuple[str, ...]
) -> None:
    for serial in serials[:2]:
        await service.labels.scrap(serial, "A01", "碳带皱")
    job = (await get(client, "find", serial=serials[0]))["labels"][0]["job_id"]
    told = await get(client, "missing", job=job)
    assert (told["missing"], told["jobs"][0]["serials"]) == (2, list(serials[:2]))
    body = {"job": job, "missing": 2, "operator": "A01"}
    await post(client, "missing", body | {"missing": 3}, 409)
    await post(client, "missing", body | {"operator": ""}, 422)
    first, again = [await post(client, "missing", body, 202) for _ in range(2)]
    assert first == again
    assert [job["quantity"] for job in first["jobs"]] == [2]
    assert (await get(client, "missing", lot="L1"))["missing"] == 0
    await post(client, "missing", body, 409, "another key")


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer eight hours before UTC; where a system cannot be told so, there is nothing to see."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's time zone cannot be changed for a test")
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("shanghai")
def test_a_day_is_a_day_of_this_computers_calendar() -> None:
    found = between_days(LabelSearch(), "2026-11-20", "2026-11-20")
    assert (found.since, found.until) == ("2026-11-19T16:00:00.000Z", "2026-11-20T16:00:00.000Z")
    assert between_days(LabelSearch(), "", "") == LabelSearch()
    for bad in ("2026-11-31", "heute", "2026-11-20T09:00"):
        with pytest.raises(InputError):
            between_days(LabelSearch(), bad, "")
