"""A printer as a thing that is looked at: what is believed of it, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge_agent.config import PrinterRow, PrintingTable
from edge_agent.errors import LinkBlockedError, RefusedError
from edge_agent.messages.printer import IDLE
from edge_agent.messages.text import Words
from edge_agent.model.job import JobState
from edge_agent.model.media import Setup
from edge_agent.model.printer import Health, Observation, PrinterStatus, PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.link import Link
from edge_agent.printers.status import combine
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.memory import MemoryPeer
from edge_agent.printing import window_printer as window_printer_module
from edge_agent.printing.from_config import link_to, setup_of
from edge_agent.printing.imposition import Imposition
from edge_agent.printing.proof import Trace
from edge_agent.printing.window_printer import Ask, WindowPrinter
from label_protocol.errors import ConfigError
from tests.kits.floor import an_imposition, floor

ENDED = (JobState.DONE, JobState.PAUSED)


def row(**more: object) -> PrinterRow:
    """A printer's row."""
    plain = {"id": "p1", "name": "一号线", "url": "tcp://127.0.0.1:9", "profile": "zpl-203"}
    return PrinterRow.model_validate({**plain, **more})


def test_the_origin_of_a_row_is_said_in_every_window() -> None:
    setup = setup_of(row(origin_right_mm=1.0, origin_down_mm=-2.0))
    assert b"^LS-8^LT-16" in LANGUAGES["zpl"].preamble(an_imposition().media, setup)


def test_an_origin_that_the_language_cannot_say_is_refused_when_the_row_is_read() -> None:
    with pytest.raises(RefusedError, match="shift_right_mm"):
        setup_of(row(profile="lp2844", origin_down_mm=1.0))


async def test_a_printer_that_confirms_before_a_label_was_sent_is_not_believed() -> None:
    """ESim answers US itself with an ACK: seven labels and that one would pass for eight."""
    with MemoryPeer("esim") as peer:
        link = Link(
            LANGUAGES["epl2"].with_quirks(Quirks(confirms=True)),
            open_transport("memory://esim", write_timeout_s=10.0),
            reply_timeout_s=0.05,
        )
        await link.connect()
        link.expect_labels()
        assert link.confirmed == 0
        await peer.send(b"\x06")
        await link.status()
        assert link.confirmed == 1
        link.disbelieve_early_confirmations()
        assert link.confirmed is None
        link.expect_labels()
        assert link.confirmed is None
        await link.close()


@pytest.mark.parametrize("unseen_s", [0.01, 0.05])
async def test_a_stop_while_bytes_crawl_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unseen_s: float
) -> None:
    """Paper ends and is changed while a slow write is still under way; the counter would agree, and nobody know.
    Whether the look is asked for behind a label or before it."""
    monkeypatch.setattr(window_printer_module, "UNSEEN_S", unseen_s)
    async with floor(tmp_path, run=False, mode=PrintMode.FULL, paper_fed_counted=False, blanks_on_head_close=0) as here:
        link, commit = here.window_printer.link, here.window_printer.link.commit
        send = link.send

        async def crawling(data: bytes) -> None:
            await send(data)
            await asyncio.sleep(0.03)

        async def mended(title: str) -> None:
            if title != "cancel":
                here.printer.fix()
                await asyncio.sleep(0.1)
            await commit(title)

        link.send, link.commit = crawling, mended  # type: ignore[method-assign]
        here.printer.fault("media-out@3")
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert (job.state, job.printed, job.in_doubt) == (JobState.PAUSED, 0, 8), job.reason
        assert "缺纸" in job.reason


@pytest.mark.parametrize(
    ("seen_ago_s", "row_s", "what"),
    [
        (1.3, 0.6, ["asked", "label", "heard"]),
        (0.6, 0.6, ["label"]),
        (1.3, 5.0, ["label"]),
        (1.6, 5.0, ["label", "heard"]),
    ],
)
async def test_a_look_is_asked_for_before_the_label_behind_which_it_is_due(
    tmp_path: Path, seen_ago_s: float, row_s: float, what: list[str]
) -> None:
    """Its answer comes while the label's bytes crawl: at 9600 baud a look alone takes a quarter of a second. It tells
    how it was when it was asked for. Behind a label that takes longer than a look may wait, it would be too old."""
    async with floor(tmp_path, run=False) as here:
        printer, done, asked_at_s = here.window_printer, list[str](), list[float]()
        now_s = asyncio.get_running_loop().time

        async def pose() -> None:
            done.append("asked")
            asked_at_s.append(now_s())

        async def send(_data: bytes) -> None:
            done.append("label")

        async def status() -> PrinterStatus:
            done.append("heard")
            await asyncio.sleep(0.01)
            return combine([])

        printer.link.pose_status, printer.link.send, printer.link.status = pose, send, status  # type: ignore[method-assign]
        printer.seen_s, printer._row_s = now_s() - seen_ago_s, row_s
        ask = Ask(lambda: asyncio.sleep(0, result=True), lambda _what: asyncio.sleep(0))
        await printer._push(printer._hand_over(b"", watched=True), Trace(), ask)
        assert done == what
        assert not asked_at_s or printer.seen_s <= asked_at_s[0]


@pytest.mark.parametrize("profile", ["tsc-203", "lp2844-serial"])
def test_raw_bytes_never_travel_where_xon_xoff_eats_them(profile: str) -> None:
    printing = PrintingTable()
    with pytest.raises(ConfigError, match="XON/XOFF"):
        link_to(row(profile=profile, url="serial:///dev/ttyS9?flow=xonxoff"), printing)
    assert link_to(row(profile=profile, url="serial:///dev/ttyS9?flow=rtscts"), printing).two_way
    assert link_to(row(url="serial:///dev/ttyS9?flow=xonxoff"), printing).two_way


def test_what_a_language_must_be_told_is_asked_for_at_the_start() -> None:
    with pytest.raises(RefusedError, match="ribbon"):
        setup_of(row(profile="epl2-unknown"))
    assert setup_of(row(profile="epl2-unknown", ribbon=True)).ribbon is True
    assert setup_of(row(profile="lp2844-serial")).ribbon is False


HEARD = b"\x02030,0,0,0346,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,1,1,2,4,0,00000000,1,012\x03\r\n\x021234,0\x03\r\n"
"""In thermal transfer, and out of ribbon."""


@pytest.mark.parametrize(
    ("said", "health"), [({}, Health.FAULT), ({"ribbon": True}, Health.FAULT), ({"ribbon": False}, Health.OK)]
)
def test_what_a_row_says_of_the_ribbon_reaches_the_reader_of_the_status(
    said: dict[str, object], health: Health
) -> None:
    asked = link_to(row(**said), PrintingTable()).language.status_queries[0]
    parsed = asked.parse(HEARD)
    assert parsed is not None and parsed[0].health is health


@pytest.mark.parametrize("ribbon", [None, False])
async def test_a_direct_thermal_zebra_prints_though_its_ribbon_flag_is_up_for_ever(
    tmp_path: Path, ribbon: bool | None
) -> None:
    """As recorded from a ZT230; its warning is told all the while."""
    async with floor(tmp_path, ribbon=False, window_printer={"ribbon": ribbon}) as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 20), job.reason
        assert here.window_printer.warnings == ("warning 00000000 00002000",)
        assert here.window_printer.status_words == IDLE


async def test_a_tspl_printer_without_a_ribbon_prints(tmp_path: Path) -> None:
    async with floor(tmp_path, language="tspl", ribbon=False, window_printer={"ribbon": False}) as here:
        job = await here.until((await here.submit(20)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 20), job.reason


async def test_a_printer_that_needs_a_ribbon_and_has_none_gets_no_label(tmp_path: Path) -> None:
    setup = Setup(ribbon=True)
    async with floor(tmp_path, ribbon=False, run=False, window_printer={"setup": setup, "ribbon": True}) as here:
        await here.window_printer.ensure_connected()
        await here.window_printer.link.send(here.window_printer.preamble(an_imposition()))
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(1)).job_id, JobState.WAITING, *ENDED)
        assert (job.state, job.drawn) == (JobState.WAITING, 0) and "碳带用尽" in job.reason


async def test_a_job_is_checked_once_before_its_first_label_and_whoever_resumes_has_seen_it(tmp_path: Path) -> None:
    asked: list[Observation] = []

    async def inspect(window_printer: WindowPrinter, art: Imposition) -> Words | None:
        status, reported = await window_printer.reported(art)
        asked.append(Observation(status))
        assert reported is not None and reported.width_dots == an_imposition().media.width_dots
        return Words("标签宽度不对", "wrong width")

    async with floor(tmp_path, run=False) as here:
        here.worker._inspect = inspect
        here.task = asyncio.create_task(here.worker.run())
        opened = await here.submit(8)
        job = await here.until(opened.job_id, *ENDED)
        assert (job.state, job.drawn, job.reason) == (JobState.PAUSED, 0, "标签宽度不对 · wrong width")
        await here.resume(opened.job_id)
        job = await here.until(opened.job_id, *ENDED)
        assert (job.state, job.printed, len(asked)) == (JobState.DONE, 8, 1)


async def test_a_one_way_printer_is_never_told_to_drop_what_somebody_is_about_to_scan(tmp_path: Path) -> None:
    async with floor(tmp_path, window_printer={"level": ProofLevel.SENT}, window_labels=2) as here:
        sent: list[bytes] = []
        link, send = here.window_printer.link, here.window_printer.link.send

        async def noted(data: bytes) -> None:
            sent.append(data)
            await send(data)

        link.send = noted  # type: ignore[method-assign]
        opened = await here.submit(4)
        await here.until(opened.job_id, *ENDED)
        await here.window_printer.link.close()
        await here.resume(opened.job_id)
        await here.until(opened.job_id, *ENDED)
        assert not any(link.language.cancel() in data for data in sent)
        assert sum(data.count(b"^PQ1") for data in sent) == 4


async def test_a_cancel_that_does_not_get_through_takes_no_fault_out_of_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of paper with a full buffer, a printer takes no bytes; the operator is told of the paper all the same."""
    async with floor(tmp_path, run=False, faults=("media-out@2",)) as here:
        link, send = here.window_printer.link, here.window_printer.link.send

        async def blocked(data: bytes) -> None:
            if data == link.language.cancel() and here.printer.printed:
                raise LinkBlockedError("no byte was taken")
            await send(data)

        monkeypatch.setattr(link, "send", blocked)
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert (job.state, job.in_doubt) == (JobState.PAUSED, 8)
        assert "缺纸" in job.reason and "不接收数据" not in job.reason


async def test_who_answers_is_known_and_stays_named_while_nobody_does(tmp_path: Path) -> None:
    async with floor(tmp_path, serial_number="42A1", firmware="V9.90") as here:
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert job.printed == 8 and here.window_printer.identity is not None
        assert (here.window_printer.identity.firmware, here.window_printer.identity.serial_number) == ("V9.90", "42A1")
        here.printer.fault("unplug")
        async with asyncio.timeout(10):
            while here.window_printer.link.connected:
                await asyncio.sleep(0.01)
        assert here.window_printer.identity is not None and here.window_printer.identity.serial_number == "42A1"


async def test_an_idle_printer_is_asked_at_its_interval_and_not_at_each_change_of_others(tmp_path: Path) -> None:
    async with floor(tmp_path, run=False) as here:
        session, clock = here.window_printer, asyncio.get_running_loop().time
        session.keeper = None
        assert 59 < await session.watch_when_due(60.0) <= 60
        watched_s = session.seen_s
        assert await session.watch_when_due(60.0) < 60
        assert session.seen_s == watched_s, "well, and watched just now"
        await session.look()
        looked_s = session.seen_s
        await session.watch_when_due(60.0)
        assert session.seen_s > looked_s, "somebody had the printer in between"
        session.unready_since_s, watched_s = clock(), session.seen_s
        await session.watch_when_due(60.0)
        assert session.seen_s > watched_s, "it was not well"
        await session.link.close()
