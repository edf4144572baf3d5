"""docs/exchange.md, followed: its events are captured, its questions answered, its tables those of the program."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from central_registry.exchange.captured import capturing
from central_registry.exchange.captured.parameters import MOST_A_PAGE, PARAMETERS
from central_registry.exchange.epcis.document import MOST_EVENTS
from central_registry.exchange.keys import Right
from central_registry.http.epcis import FILE_LIMIT
from tests.central_registry.exchange.captured.shops import GTIN, Shops, opened
from tests.kits.registry_kit import running

_PAGE = (Path(__file__).parents[4] / "docs" / "exchange.md").read_text("utf-8")
_SECTION = _PAGE.partition("## EPCIS 2.0")[2].partition("\n## ")[0]


@pytest.fixture
async def shops() -> AsyncIterator[Shops]:
    async with running(fenced=True) as registry:
        yield await opened(registry)


async def test_its_document_is_captured_and_found(shops: Shops) -> None:
    (document,) = re.findall(r"```json\n(.*?)```", _SECTION, re.DOTALL)
    sent = document.replace("{GTIN}", GTIN).replace("{SERIAL}", shops.serials[0]).replace("{USCC}", shops.shop)
    answer = await shops.send("firm", sent)
    assert answer.status == 202, await answer.text()
    job = await (await shops.registry.http.get(answer.headers["Location"], headers=shops.head("firm"))).json()
    assert (job["success"], job["newEventCount"]) == (True, 1)
    assert (await shops.place(shops.serials[0]))["holders"] == [shops.shop]
    asked = re.findall(r"^GET (/v1/epcis/\S+)$", _SECTION, re.MULTILINE)
    assert len(asked) > 3
    for path in asked:
        real = path.replace("{GTIN}", GTIN).replace("{SERIAL}", shops.serials[0])
        real = real.replace("{CAPTURE}", job["captureID"])
        found = await shops.registry.http.get(real, headers=shops.head("firm"))
        assert found.status == 200, (real, await found.text())


def test_its_tables_are_those_of_the_program() -> None:
    assert [name for name in PARAMETERS if f"`{name}`" not in _SECTION] == []
    assert [right for right in Right if f"`{right}`" not in _SECTION] == []
    for figure in (f"{MOST_EVENTS:,}".replace(",", " "), f"{FILE_LIMIT // 1_000_000} MB", str(MOST_A_PAGE // 1000),
                   f"{capturing.MOST_DAY_BYTES >> 20} MiB", f"{capturing.MOST_BYTES >> 30} GiB"):  # fmt: skip
        assert figure in _SECTION
