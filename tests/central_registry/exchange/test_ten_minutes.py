"""The first ten minutes of a marketplace's developer, as docs/exchange.md tells them, by the addresses it names."""

from __future__ import annotations

import re
from pathlib import Path

from central_registry.parties.actor import PartyKind, Role
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import Registry, running

_PAGE = (Path(__file__).parents[3] / "docs" / "exchange.md").read_text("utf-8")
_STEPS = _PAGE.partition("## 十分钟")[2].partition("\n## ")[0]


def _named(method: str) -> list[str]:
    return re.findall(rf"`{method} (/v1/[^`]+)`", _STEPS)


async def test_from_key_to_first_verified_code() -> None:
    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 1000)
        serial = edge.serial()
        edge.printed([serial])
        await edge.send()
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        party = await add_party(registry.pool, PartyKind.MARKETPLACE, "示例商城", of=association)
        head = await _head(registry, association, Role.OFFICER)
        made = await registry.http.post("/v1/admin/verify-keys", json={"party": party}, headers=head)
        key = {"Authorization": f"Bearer {(await made.json())['key']}"}
        (one,) = _named("GET")
        path = one.replace("{GTIN}", "06901234567892").replace("{LOT}", "L1").replace("{SERIAL}", serial)
        told = await (await registry.http.get(path, headers=key)).json()
        assert (told["status"], told["claims"][0]["result"]) == ("registered", "differ")
        many, hooks = _named("POST")
        body = {"codes": [{"code": path.removeprefix("/v1/verify").partition("?")[0], "claims": {"grade": "AAAA"}}]}
        told = await (await registry.http.post(many, json=body, headers=key)).json()
        assert told["answers"][0]["claims"][0]["result"] == "equal"
        mine = await _head(registry, party, Role.IT)
        added = await registry.http.post(hooks, json={"url": "https://shop.example.cn/hooks"}, headers=mine)
        assert added.status == 200


async def _head(registry: Registry, party: str, role: Role) -> dict[str, str]:
    actor = await add_person(registry.pool, party, role)
    return {"Authorization": f"Bearer {await token_of(registry.pool, actor)}"}
