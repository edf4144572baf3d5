"""Orders and the fleet on the console, by HTTP: a clerk asks, an approver approves, a token is shown once, an agent is
revoked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from central_registry.parties.actor import Actor
from tests.kits.issuing_kit import Site, a_site
from tests.kits.platform_kit import token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

_FORM = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


async def ask(site: Site, actor: Actor, path: str, **form: str) -> tuple[int, str]:
    """A page as this person sees it; with `form`, an order posted there from the account's page."""
    http, token = site.registry.http, await token_of(site.registry.pool, actor, site.clock.now)
    head = {"Cookie": f"registry_session={token}"}
    http.session.cookie_jar.clear()
    if not form:
        answer = await http.get(path, headers=head, allow_redirects=False)
        return answer.status, await answer.text()
    found = _FORM.search(await (await http.get("/console/account", headers=head)).text())
    assert found
    fields: dict[str, Any] = {"form_token": found[1], **{name: value for name, value in form.items() if name != "_"}}
    answer = await http.post(path, headers=head, data=fields, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "") or await answer.text()


async def test_from_a_clerks_form_to_an_approvers_word(site: Site) -> None:
    house, _ = await site.ready()
    wanted = {"firm": house.firm, "lot_no": "L1", "agent": "line-1", "quantity": "6000", "once": "ab" * 16}
    status, where = await ask(site, house.clerk, "/console/orders/new", **wanted)
    assert (status, where) == (303, f"/console/orders/{'ab' * 16}")
    assert (await ask(site, house.clerk, "/console/orders/new", **wanted))[1] == where, "sent twice it is one"
    for path in ("/console/", "/console/decisions", f"/console/decisions/{'ab' * 16}"):
        status, page = await ask(site, site.approver, path)
        assert (status, "批准赋码" in page) == (200, True), path
    assert f'<a href="{where}">批次 L1 · 6,000 枚 · 打印端 line-1</a>' in page
    for actor, sees in ((house.clerk, "撤回申请"), (site.approver, "6,000 枚发到打印端 line-1")):
        status, page = await ask(site, actor, where)
        assert status == 200
        assert sees in page
        assert "数量在证书之内" in page
        assert "最多 at most 5000" in page
    status, page = await ask(site, site.approver, f"{where}/approve", days="45", override="")
    assert (status, "审核未通过：数量在证书之内（6000）" in page) == (422, True), "drawn again with what was typed"
    status, to = await ask(site, site.approver, f"{where}/approve", days="45", override="补检1000件")
    assert (status, to) == (303, where)
    status, page = await ask(site, site.officer, where)
    assert "补检1000件" in page
    assert "批准时的审核" in page
    status, page = await ask(site, site.officer, "/console/orders?state=approved")
    assert (status, "6,000" in page) == (200, True)


async def test_an_approval_that_would_be_refused_is_not_offered(site: Site) -> None:
    """Why stands there, as it is at this moment; what may be is offered without asking for what is not needed."""
    house = await site.house("示例乙")
    await site.lot(house.firm, "L7")
    await site.certificate(house.firm, lot_no="L7", report_no="R7")
    agents = await ask(site, house.clerk, "/console/agents/new", name="line-7", owner="")
    assert agents[0] == 200
    wanted = {"firm": house.firm, "lot_no": "L7", "agent": "line-7", "quantity": "10", "once": "cd" * 16}
    _, where = await ask(site, house.clerk, "/console/orders/new", **wanted)
    page = (await ask(site, site.approver, where))[1]
    assert "现在不能批准：打印端可用（尚未登记 not enrolled yet）" in page
    assert (f"{where}/approve" in page, f"{where}/reject" in page) == (False, True)
    await site.registry.pool.execute("UPDATE agent SET enrolled_at = now() WHERE agent = 'line-7'")
    page = (await ask(site, site.approver, where))[1]
    assert (f"{where}/approve" in page, "超量理由" in page) == (True, False)


async def test_for_whom_an_agent_prints_is_said_on_its_page(site: Site) -> None:
    house, other = await site.house("示例丙"), await site.house("示例丁")
    await ask(site, house.clerk, "/console/agents/new", name="line-8", owner="")
    assert "为哪些企业打印</" not in (await ask(site, house.clerk, "/console/agents/line-8"))[1], "the association says"
    said = await ask(site, site.officer, "/console/agents/line-8/firms", firms=house.firm)
    assert said == (303, "/console/agents/line-8")
    rows = await site.registry.rows("SELECT firm FROM agent_firm WHERE agent = 'line-8' AND ended_at IS NULL")
    assert [row["firm"] for row in rows] == [house.firm] and other.firm not in str(rows)
    assert "示例丙" in (await ask(site, site.officer, "/console/agents/line-8"))[1]


async def test_what_is_known_is_chosen_and_not_typed(site: Site) -> None:
    """A firm is chosen by its name, as the owner of a new agent and, from its lot's page, in a new order."""
    house = next(iter(site.houses.values()))
    status, page = await ask(site, site.officer, "/console/agents/new")
    assert (status, f'<option value="{house.firm}">' in page, "本单位" in page) == (200, True, True)
    where = f"/console/orders/new?firm={house.firm}&amp;lot_no=L1"
    assert where in (await ask(site, site.officer, f"/console/lots/{house.firm}/L1"))[1]
    page = (await ask(site, site.officer, where.replace("&amp;", "&")))[1]
    assert f'<option value="{house.firm}" selected>' in page and 'value="L1"' in page


async def test_a_token_is_shown_once_and_a_revoked_agent_says_so(site: Site) -> None:
    firm = next(iter(site.houses.values()))
    status, page = await ask(site, firm.clerk, "/console/agents/new", name="line-9", owner="")
    assert status == 200
    assert "edge-agent enrol --registry http" in page
    assert "<svg" in page
    status, page = await ask(site, firm.clerk, "/console/agents")
    assert (status, "line-9" in page, "未登记" in page) == (200, True, True)
    status, page = await ask(site, site.officer, "/console/agents/line-1")
    assert (status, "0 / 6,000 枚" in page, "停用这个打印端" in page) == (200, True, True)
    status, page = await ask(site, firm.clerk, "/console/agents/line-1")
    assert "协会停用" not in page, "a firm does not bar"
    status, to = await ask(site, site.officer, "/console/agents/line-1/revoke", why="copied", reason="维修后外泄")
    assert (status, to) == (303, "/console/agents/line-1")
    status, page = await ask(site, site.officer, "/console/agents/line-1")
    assert "密钥泄露 维修后外泄" in page
