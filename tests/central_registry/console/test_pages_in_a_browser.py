"""The work of an officer and a clerk in a real browser: let in, stop, confirm; by keyboard, without a script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest_asyncio

from tests.kits.desk_kit import Office, Window, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import a_uscc
from tests.kits.registry_kit import AT

pytestmark = in_a_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        await found.busy()
        yield found


async def log_in(window: Window, login: str, word: str, new: str) -> None:
    """With a one-time word, as somebody does on the first day."""
    await window.open("/console/")
    await window.fill(login=login, password=word)
    await window.press("登录")
    await window.says("请设置自己的新密码")
    await window.fill(password=word, new_password=new, again=new)
    await window.press("登录")
    await window.page.wait_for_url("**/console/")


async def test_a_firm_is_let_in_and_its_clerk_sets_up_a_phone(browser: Any, office: Office) -> None:
    """Without a script: everything is a form and an answer."""
    uscc = a_uscc()
    async with a_window(browser, office, "officer", scripts=False) as window:
        await window.open("/console/parties")
        await window.press("准入")
        wrong = uscc[:-1] + ("0" if uscc[-1] != "0" else "1")
        await window.fill(uscc=wrong, name="示例新厂", officer_name="跟单新", officer_login="new.clerk")
        await window.page.locator("main button.main").click()
        await window.says("统一社会信用代码不对")
        assert await window.page.locator("[name=name]").input_value() == "示例新厂", "what was typed stays"
        await window.fill(uscc=uscc)
        await window.page.locator("main button.main").click()
        await window.says("只显示这一次")
        word = await window.page.locator(".word").inner_text()
        await window.press("已交给本人")
        await window.says("示例新厂")
    async with a_window(browser, office, "", "phone", scripts=False) as window:
        await log_in(window, "new.clerk", word, "a long enough word")
        await window.open("/console/account")
        await window.page.locator("form[action$=phone] [name=password]").fill("a long enough word")
        await window.page.locator("form[action$=phone] button").click()
        secret = await window.page.locator("code.word").inner_text()
        assert await window.page.locator("img.qr").evaluate("(one) => one.naturalWidth") > 100
        await window.fill(code=pyotp.TOTP(secret).at(AT))
        await window.press("确认")
        await window.says("手机已绑定")


async def test_a_stop_works_at_once_and_another_person_undoes_it_by_keyboard(browser: Any, office: Office) -> None:
    path = f"/console/parties/{office.parties[2]}"
    async with a_window(browser, office, "officer") as window:
        await window.open(path)
        await window.fill(status="suspended", reason="抽检不合格")
        await window.press("调整状态")
        await window.says("马上生效")
        await window.open("/console/")
        assert await window.page.locator(".count", has_text="调整主体状态").count() == 0, "not who asked decides"
    async with a_window(browser, office, "approver") as window:
        await window.open("/console/")
        count = window.page.locator(".count", has_text="调整主体状态")
        number = await count.locator("b").inner_text()
        await tab_to(window, ".count")
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url("**/console/decisions?**")
        assert await window.page.locator("tbody tr").count() == int(number), "a number leads to its rows"
        await window.open("/console/decisions?q=云仓")
        await tab_to(window, "tbody a")
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url("**/console/decisions/d*")
        await tab_to(window, "form[action$=refuse] [name=reason]")
        await window.page.keyboard.type("复检合格")
        await window.page.keyboard.press("Enter")
        await window.says("已否决")
        await window.open(path)
        await window.page.locator("h1 .pill.good").wait_for()
        assert window.wrong == []


async def tab_to(window: Window, selector: str) -> None:
    """Press Tab until it has the focus, and shows that it has."""
    for _ in range(120):
        await window.page.keyboard.press("Tab")
        if await window.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            assert await window.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"no Tab leads to {selector}")


async def test_what_can_be_undone_is_done_at_once_with_undo_beside_it(browser: Any, office: Office) -> None:
    async with a_window(browser, office, "officer", "phone") as window:
        await window.open("/console/alarms?state=open")
        await window.press("标签与证书不一致")
        await window.press("我来处理")
        await window.says("已接手")
        await window.press("撤销")
        await window.says("已放回")
        await window.page.reload()
        assert await window.page.locator("#told").count() == 0, "said once"
        await window.fill(answer="企业已改正")
        await window.press("保存")
        await window.press("关闭警报")
        await window.says("警报已关闭")
        await window.press("撤销")
        await window.says("已重新打开")


async def test_what_cannot_be_undone_is_far_and_enter_leads_back(browser: Any, office: Office) -> None:
    path = f"/console/people/{office.people['viewer'].person}"
    async with a_window(browser, office, "officer") as window:
        await window.open(path)
        leave = window.page.locator("form[action$=leave]")
        assert not await leave.is_visible()
        await window.page.locator("details.more > summary").click()
        assert await leave.locator("button").first.inner_text() == "返回 Back", "Enter presses the first"
        await leave.locator("button").first.click()
        await window.says("在职")
        await window.page.locator("details.more > summary").click()
        await leave.locator("button.danger").click()
        await window.says("已登记离开")
        row = await office.pool.fetchrow("SELECT left_at FROM person WHERE person = $1", office.people["viewer"].person)
        assert row["left_at"] == AT


async def test_a_list_is_exported_as_it_is_shown(browser: Any, office: Office) -> None:
    async with a_window(browser, office, "officer") as window:
        await window.open("/console/parties?kind=lab")
        async with window.page.expect_download() as found:
            await window.page.locator(".exports a", has_text="CSV").click()
        file = await found.value
        assert re.fullmatch(r"parties-20261120-1715\.csv", file.suggested_filename)
        text = (await file.path()).read_text("utf-8-sig")
        assert ("示例检测中心" in text, "示例云仓" in text) == (True, False)
