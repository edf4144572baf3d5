"""What scanners, keyboards and input methods do to one good text: the label is found, or the cause is told in words
that the operator can act on, and nothing is done. Never a wrong label, never another error."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.cli.common import Api
from edge_agent.ledger import Ledger
from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from edge_agent.web.views import label_view
from label_protocol.codes.digital_link import DigitalLink, parse_link
from label_protocol.codes.keyboards import LAYOUTS
from label_protocol.codes.scanned import read_scan, require_same
from label_protocol.codes.serial import check_character, fold, new_serial
from label_protocol.errors import CodeError
from tests.kits.cli_kit import a_site, run
from tests.kits.ledger_kit import GTIN, an_order, history
from tests.kits.service_kit import a_service
from tests.kits.web_double import LABEL

HOST = "id.example.cn"
SERIAL = "7K3TYJPTF7WZ6J4TN"
LINK = f"https://ID.EXAMPLE.CN/01/06901234567892/10/L20261118A/21/{SERIAL}"
OLD = LINK.replace("https", "HTTPS")
LOWER = LINK.replace("ID.EXAMPLE.CN", HOST)
FORMS = {"two segments": LINK, "all upper": OLD, "host in lower case": LOWER}


def wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


def typed_on(layout: int, text: str, table: int) -> str:
    """`text` as a computer of that layout reads what a scanner set to US English sends (0), the reverse (1), or with
    its letters alone exchanged (2, 3)."""
    back = LAYOUTS[layout].tables[table]
    return text.translate({ord(before): chr(after) for after, before in back.items()})


FOUND = {
    "as it is": lambda link: link,
    "caps lock": str.swapcase,
    "all in lower case": str.lower,
    "full width": wide,
    "full width and caps lock": lambda link: wide(link.swapcase()),
    "a Chinese colon": lambda link: link.replace(":", "："),
    "a Chinese slash": lambda link: link.replace("/", "／"),
    "the slash key of a Chinese input method": lambda link: link.replace("/", "、"),
    "a Chinese full stop": lambda link: link.replace(".", "。"),
    "AIM, QR": lambda link: f"]Q1{link}",
    "AIM, QR with FNC1": lambda link: f"]Q3{link}",
    "AIM, Data Matrix": lambda link: f"]d2{link}",
    "AIM, caps lock": lambda link: f"]Q1{link}".swapcase(),
    "CR": lambda link: f"{link}\r",
    "CR LF": lambda link: f"{link}\r\n",
    "TAB": lambda link: f"\t{link}\t",
    "STX ETX": lambda link: f"\x02{link}\x03",
    "STX AIM ETX CR": lambda link: f"\x02]Q1{link}\x03\r",
    "a byte order mark": lambda link: f"\ufeff{link}",
    "blanks": lambda link: f"  {link}\u3000",
    "one slash behind it": lambda link: f"{link}/",
    "a query of a chat": lambda link: f"{link}?from=groupmessage&isappinstalled=0",
    "a query with a link": lambda link: f"{link}?from=https://example.cn/",
    "a fragment": lambda link: f"{link}#wechat_redirect",
    "slash, query and fragment": lambda link: f"{link}/?from=x#y",
}
TOLD = {
    "two links": (LINK + LINK, "一次收到两个码"),
    "two links with a line end": (f"{LINK}\r\n{OLD}\r\n", "一次收到两个码"),
    "two links with their identifiers": (f"]Q1{LINK}]Q1{LINK}", "一次收到两个码"),
    "two links under caps lock": ((LINK + LINK).swapcase(), "一次收到两个码"),
    "two links in full width": (wide(LINK + LINK), "一次收到两个码"),
    "a link and a bar code": (f"{LINK}\n6901234567892", "一次收到两个码"),
    "the last character cut off": (LINK[:-1], "没有读全"),
    "the serial cut off": (LINK[: -len(SERIAL)], "没有读全"),
    "cut after the GTIN": (LINK[:45], "没有读全"),
    "cut in the host": (LINK[:12], "没有读全"),
    "the beginning cut off": (LINK[8:], "没有读全"),
    "cut off, with a line end": (f"{LINK[:-1]}\r\n", "没有读全"),
    "nothing but a line end": ("\r\n", "没有读全"),
    "another factory's": (LINK.replace("ID.", "OTHER."), "不是本厂的标签"),
    "a link of anybody": ("https://www.example.com/s?q=1", "不是本厂的标签"),
    "caps lock and a lot with a lower-case letter": (LINK.replace("A/21", "a/21").swapcase(), "大写锁定"),
    "caps lock pressed on the way": (LINK[:-8] + LINK[-8:].lower(), "大写锁定"),
    "a Chinese word from an input method": (LINK.replace("EXAMPLE", "鹅"), "输入法"),
    **{
        f"{layout.en}, table {table}": (typed_on(at, LINK, table), f"（{layout.zh}）")
        for at, layout in enumerate(LAYOUTS)
        for table in range(4)
        if typed_on(at, LINK, table) != LINK
    },
    "German letters": (LINK.translate(str.maketrans("yzYZ", "zyZY")), "（德文）"),
    "French letters": (LINK.translate(str.maketrans("aqzwAQZW", "qawzQAWZ")), "（法文）"),
    "a Turkish dotted I": (LINK.replace("I", "İ"), "（土耳其文）"),
    "a Turkish dotless i": (LOWER.replace("id.", "ıd."), "（土耳其文）"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("change", FOUND.values(), ids=FOUND)
def test_one_good_text_is_found_however_it_arrives(change: Any, form: str) -> None:
    read = read_scan(change(form), HOST)
    assert read.link == parse_link(LINK)
    assert parse_link(read.text, host=HOST) == read.link, "what is kept is a link, with nothing around it"
    require_same(read, "06901234567892", "L20261118A")


@pytest.mark.parametrize(("text", "words"), TOLD.values(), ids=TOLD)
def test_what_cannot_be_read_is_told_with_its_cause_in_both_languages(text: str, words: str) -> None:
    with pytest.raises(CodeError) as refused:
        read_scan(text, HOST)
    told = str(refused.value)
    assert words in told.partition(" · ")[0]
    assert "expected" in told and "got" in told


@pytest.mark.parametrize(
    "text",
    [
        f"{LINK}?21={SERIAL}",
        f"{LINK}?10=L2",
        LINK.replace("ID.", "EVIL."),
        LINK.replace("https", "http"),
        SERIAL,
        "x" * 10_000,
    ],
)
def test_what_is_not_our_link_stays_refused(text: str) -> None:
    with pytest.raises(CodeError, match="expected"):
        read_scan(text, HOST)


@pytest.mark.parametrize(
    ("arrived", "lot_no", "words"),
    [
        ("LYZ", "LZY", "（德文）"),
        ("lot", "lot", "大写锁定"),
        ("QA1", "AQ1", "（法文）"),
        ("L1", "L2", "keep the label"),
    ],
)
def test_a_lot_that_a_keyboard_changed_is_told_as_that(arrived: str, lot_no: str, words: str) -> None:
    link = LINK.replace("L20261118A", arrived)
    read = read_scan(link.lower() if arrived == "lot" else link, HOST)
    with pytest.raises(CodeError, match=words):
        require_same(read, "06901234567892", lot_no)


def test_another_gtin_is_no_matter_of_the_keyboard() -> None:
    for text in (LINK, LINK.swapcase()):
        with pytest.raises(CodeError, match=r"^码里的.*请留下标签并联系平台 · .*keep the label"):
            require_same(read_scan(text, HOST), "06901234567915", "L20261118A")


@pytest.mark.parametrize(("check", "typed"), [("0", "O"), ("0", "o"), ("1", "l"), ("1", "I"), ("1", "L"), ("1", "i")])
def test_a_last_character_that_looks_like_the_right_one_is_found(check: str, typed: str) -> None:
    serial = next(one for seed in range(500) if (one := new_serial("7K3", random.Random(seed).randbytes))[-1] == check)
    assert fold(serial[:-1] + typed) == serial


def test_a_last_letter_that_holds_as_it_was_typed_stays() -> None:
    """Of another issuer: its check character may really be the letter O."""
    bodies = ("".join(random.Random(seed).choices("0123456789", k=16)) for seed in range(500))
    body = next(one for one in bodies if check_character(one) == "O")
    assert fold(f"{body}o") == f"{body}O"
    with pytest.raises(CodeError, match="another check character"):
        fold(f"{body}0")


damages = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.sampled_from(["cut", "put", "twice", "swap", "flip"]),
        st.characters() | st.sampled_from("\r\n\t]Q1/?#:。Zzİ\ud800"),
    ),
    min_size=1,
    max_size=4,
)


def damaged(text: str, damage: list[tuple[int, str, str]]) -> str:
    for place, kind, other in damage:
        at = place % (len(text) + 1)
        head, here, tail = text[:at], text[at : at + 1], text[at + 1 :]
        text = {
            "cut": head + tail,
            "put": head + other + here + tail,
            "twice": head + here + here + tail,
            "swap": head + tail[:1] + here + tail[1:],
            "flip": head + (here + tail).swapcase(),
        }[kind]
    return text


@settings(deadline=None, max_examples=400)
@given(damages, st.sampled_from(list(FORMS.values())), st.sampled_from(list(FOUND.values())))
def test_a_damaged_text_is_this_label_or_a_code_error(damage: list[Any], form: str, change: Any) -> None:
    """The ledger knows one label: what is read is that one, or one that nobody has."""
    try:
        read = read_scan(damaged(change(form), damage), HOST)
        assert read.text.isascii() and len(read.text) < 1000
        require_same(read, "06901234567892", "L20261118A")
    except CodeError as refused:
        assert "expected" in str(refused)
        return
    assert read.link == parse_link(LINK) or check_character(read.link.serial[:-1]) == read.link.serial[-1]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_link_or_a_code_error(text: str) -> None:
    with pytest.raises(CodeError, match="expected"):
        read_scan(text, HOST)


# --- through the doors -----------------------------------------------------------------------------------------------


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        yield found


async def doubted(service: AgentService) -> tuple[str, str]:
    """A window of one label in doubt, and its link."""
    job = await service.parts.ledger.do(Ledger.open_job, an_order(1))
    window = await service.parts.ledger.do(Ledger.begin_window, job.job_id)
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    return window.window_id, DigitalLink(GTIN, window.serials[0], "L1").uri(HOST)


def bent(link: str) -> list[str]:
    return [link + link, f"{link}\r\n{link}", link[:-1], *(typed_on(layout, link, 0) for layout in range(3))]


@pytest.mark.parametrize("name", FOUND)
async def test_a_scan_settles_its_strip_however_it_arrives(service: AgentService, name: str) -> None:
    window, link = await doubted(service)
    for text in bent(link):
        with pytest.raises(CodeError):
            await service.labels.settle_window(window, text, "A01")
        with pytest.raises(CodeError):
            await service.labels.scan(text, "A01")
    (label,) = await service.labels.settle_window(window, FOUND[name](link), "A01")
    assert (label.state, label.level) == ("printed", "scan")
    again = await service.labels.scan(FOUND[name](link), "A01", serial=link[-17:], on_garment=True)
    assert again.state == "commissioned"


async def test_the_api_takes_a_scan_as_it_arrives_and_tells_the_cause(service: AgentService) -> None:
    window, link = await doubted(service)
    serial = link[-17:]
    async with TestClient(TestServer(build_web(service))) as client:
        for path in ("scan", f"labels/{serial}/scan", f"windows/{window}/settle"):
            told = {"text": f"{link}{link}", "operator": "A01"}
            async with client.post(f"/api/v1/{path}", json=told) as answer:
                assert answer.status == 422
                assert (await answer.json())["detail"].startswith("一次收到两个码，没有处理")
        settled = {"text": f"\x02]Q1{link}\r\n\x03", "operator": "A01"}
        async with client.post(f"/api/v1/windows/{window}/settle", json=settled) as answer:
            assert answer.status == 200
        for change in FOUND.values():
            _, link = await doubted(service)
            for path, more in (("scan", {}), (f"labels/{link[-17:].lower()}/scan", {"on_garment": True})):
                order = {"text": change(link), "operator": "A01", **more}
                async with client.post(f"/api/v1/{path}", json=order) as answer:
                    assert (await answer.json())["serial"] == link[-17:]


async def test_what_is_recorded_of_a_scan_is_the_link_alone(service: AgentService) -> None:
    window, link = await doubted(service)
    await service.labels.settle_window(window, f"\x02]Q1{wide(link)}\u200b\r\n\x03", "A01")
    events = [json.loads(body) for _, _, body in await service.parts.ledger.do(history)]
    assert [one["text"] for one in events if one["type"] == "window_settled"] == [link]


SEEN = label_view(LABEL)


def test_the_command_gives_a_scan_to_the_agent_as_it_arrived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(Api, "call", lambda _, method, path, body: sent.append((method, path, body["text"])) or SEEN)
    text = f"]Q1{wide(LINK)}?from=x\r"
    said = run("label", "scan", SERIAL, "--text", text, "--operator", "A01", "--json", "--config", a_site(tmp_path))
    assert said.code == 0, said
    assert sent == [("POST", f"/labels/{SERIAL}/scan", text)]
