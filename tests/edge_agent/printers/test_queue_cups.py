"""`queue://` through a real cupsd of our own, to a real TCP port.

Nothing here is skipped for want of CUPS: `make setup` provides it, and without it these tests say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shlex
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from pyipp.enums import IppJobState, IppOperation, IppPrinterState

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError, LinkError
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.contract import Transport
from edge_agent.printers.transports.queue import TITLE_PREFIX, queues
from edge_agent.printers.transports.queue.contract import Phase
from edge_agent.printers.transports.queue.cups import CupsSpooler, obstacles, report
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from label_protocol.codes import serial
from tests.kits import cups_kit
from tests.kits.cli_kit import a_site, run
from tests.kits.cups_kit import PATIENT_S, PrivateCups, Sink, listening, private_cups

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="CUPS is not the spooler of Windows"),
    pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning"),  # 16 MB at once; a window has some kB
]

MUCH = bytes(range(256)) * 65_536
"""16 MB: more than the buffers of any kernel this runs on, so that a printer that takes nothing holds the job up."""
QUICK_S = 1.0


@pytest.fixture(scope="module")
def cups() -> Iterator[PrivateCups]:
    with private_cups() as server:
        yield server


@pytest.fixture(params=["socket", "address"])
def lab(request: pytest.FixtureRequest, cups: PrivateCups, monkeypatch: pytest.MonkeyPatch) -> PrivateCups:
    """The server, which the agent finds by its socket, and then by its port."""
    monkeypatch.setenv("CUPS_SERVER", getattr(cups, request.param))
    return cups


@pytest.fixture
def here(cups: PrivateCups, monkeypatch: pytest.MonkeyPatch) -> PrivateCups:
    """The server, which the agent finds by its port."""
    monkeypatch.setenv("CUPS_SERVER", cups.address)
    return cups


@pytest.fixture
async def sink(cups: PrivateCups) -> AsyncIterator[Sink]:
    """A port, and a fresh queue `lab` that leads to it."""
    async with listening() as sink:
        cups.add("lab", f"socket://127.0.0.1:{sink.port}")
        yield sink
        sink.may_read.set()
        cups.admin("cancel", "-a", "-x", "lab")
        cups.admin("lpadmin", "-x", "lab")


@asynccontextmanager
async def opened(timeout_s: float = PATIENT_S) -> AsyncIterator[Transport]:
    transport = open_transport("queue://lab", write_timeout_s=timeout_s)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


@asynccontextmanager
async def held_up(sink: Sink) -> AsyncIterator[Transport]:
    """A transport whose window is in the printer's hands, which takes no more of it."""
    sink.may_read.clear()
    async with opened(QUICK_S) as transport:
        await transport.write(MUCH)
        with pytest.raises(LinkBlockedError, match=r"job .* got (processing|pending)"):
            await transport.commit("held up")
        await sink.until_connected()
        yield transport


# --- what goes through -------------------------------------------------------------------------------------


async def test_windows_arrive_byte_for_byte_and_in_order(lab: PrivateCups, sink: Sink) -> None:
    windows = [random.Random(seed).randbytes(3_000) + bytes(range(256)) for seed in range(4)]
    async with opened() as transport:
        for number, window in enumerate(windows):
            await transport.write(window[:7])
            await transport.write(window[7:])
            await transport.commit(f"window {number}")
    assert await sink.until(len(b"".join(windows))) == b"".join(windows)
    assert len(sink.received) == len(windows)


async def test_nobody_hears_anything(here: PrivateCups, sink: Sink) -> None:
    async with opened() as transport:
        assert await transport.read(0.01) == b""
        assert not transport.two_way


async def test_a_job_that_went_through_cannot_be_printed_again(here: PrivateCups, sink: Sink) -> None:
    async with opened() as transport:
        await transport.write(b"once")
        await transport.commit("w1")
    done = [path.name for path in (here.folder / "spool").iterdir() if path.name.startswith("d")]
    assert done == []
    assert await CupsSpooler("lab", PATIENT_S).stale() == []


async def test_the_job_bears_its_title(here: PrivateCups, sink: Sink) -> None:
    async with held_up(sink):
        (job,) = await CupsSpooler("lab", PATIENT_S).stale()
        assert here.jobs("lab") == [f"lab-{job}"]
        control_file = here.folder / "spool" / f"c{job:05}"
        assert f"{TITLE_PREFIX}held up".encode() in control_file.read_bytes()


async def test_a_printer_that_stood_still_gets_the_rest_once(here: PrivateCups, sink: Sink) -> None:
    async with held_up(sink) as transport:
        sink.may_read.set()
        async with asyncio.timeout(PATIENT_S):
            while True:
                with contextlib.suppress(LinkBlockedError):
                    await transport.flush()
                    break
    assert await sink.until(len(MUCH)) == MUCH
    assert len(sink.received) == 1


async def test_a_sample_label_comes_out_as_it_was_previewed(here: PrivateCups, tmp_path: Path) -> None:
    a_site(tmp_path)
    sample = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
    what = ["--template", "down_grade_60x40", "--data", str(sample), "--dpi", "203"]
    what += ["--config", str(tmp_path / "agent.toml"), "--serial", serial.new_serial("PH1", random.Random(1).randbytes)]
    assert run("preview", *what, "--out", tmp_path / "seen.png").code == 0
    assert run("render", "--language", "zpl", *what, "--out", tmp_path / "label.zpl").code == 0
    printer = VirtualPrinter(VirtualPrinterOptions(tape=tmp_path / "tape"))
    await printer.start()
    here.add("lab", f"socket://127.0.0.1:{printer.port}")
    async with opened() as transport:
        await transport.write((tmp_path / "label.zpl").read_bytes())
        await transport.commit("a label")
        async with asyncio.timeout(PATIENT_S):
            while not printer.printed:
                await asyncio.sleep(0.01)
    await printer.stop()
    here.admin("lpadmin", "-x", "lab")
    with Image.open(tmp_path / "seen.png") as seen, Image.open(tmp_path / "tape" / "000001.png") as paper:
        assert (paper.size, paper.convert("1").tobytes()) == (seen.size, seen.tobytes())


# --- what does not -----------------------------------------------------------------------------------------


async def test_a_printer_that_is_down_holds_the_job_up_and_closing_takes_it_back(here: PrivateCups) -> None:
    async with listening() as sink:
        here.add("lab", f"socket://127.0.0.1:{sink.port}")
    async with opened(QUICK_S) as transport:
        await transport.write(b"late")
        with pytest.raises(LinkBlockedError, match="printer may not exist or is unavailable"):
            await transport.commit("w1")
    assert here.jobs("lab") == []
    here.admin("lpadmin", "-x", "lab")


async def test_a_printer_that_hangs_up_aborts_the_job_which_is_not_sent_again(here: PrivateCups, sink: Sink) -> None:
    sink.hangs_up = True
    async with opened() as transport:
        await transport.write(MUCH)
        with pytest.raises(LinkBrokenError, match=r"job \d+ .* got aborted"):
            await transport.commit("w1")
        sink.hangs_up = False
    assert here.jobs("lab") == []
    assert len(sink.received) == 1


async def test_a_job_cancelled_by_hand_is_broken(lab: PrivateCups, sink: Sink) -> None:
    async with held_up(sink) as transport:
        (job,) = lab.jobs("lab")
        lab.admin("cancel", job)
        sink.may_read.set()
        with pytest.raises(LinkBrokenError, match=rf"job {job.partition('-')[2]} .* got canceled"):
            await transport.flush()


async def test_a_job_purged_by_hand_is_lost_and_broken(here: PrivateCups, sink: Sink) -> None:
    async with held_up(sink) as transport:
        here.admin("cancel", "-a", "-x", "lab")
        sink.may_read.set()
        with pytest.raises(LinkBrokenError, match=r"got (canceled|a job that CUPS does not know)"):
            await transport.flush()


async def test_a_queue_stopped_in_mid_window_sends_nothing_again(here: PrivateCups, sink: Sink) -> None:
    async with held_up(sink) as transport:
        here.admin("cupsdisable", "lab")
        sink.may_read.set()
        with pytest.raises(LinkBrokenError, match=r"job \d+ to go through once"):
            await transport.flush()
        here.admin("cupsenable", "lab")
        assert here.jobs("lab") == []
    assert len(sink.received) == 1


async def test_a_job_held_by_hand_is_broken(here: PrivateCups, sink: Sink) -> None:
    sink.may_read.clear()
    here.run("lp", "-d", "lab", "-o", "raw", data=MUCH)
    await sink.until_connected()
    async with opened(QUICK_S) as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError, match="pending"):
            await transport.commit("behind another")
        here.admin("lp", "-i", here.jobs("lab")[-1], "-H", "indefinite")
        with pytest.raises(LinkBrokenError, match="held"):
            await transport.flush()
        assert len(here.jobs("lab")) == 1


async def test_a_rejected_job_is_broken(lab: PrivateCups, sink: Sink) -> None:
    """CUPS refuses it when the queue was closed after the last look at it."""
    lab.admin("cupsreject", "lab")
    with pytest.raises(LinkBrokenError, match="NOT_ACCEPTING_JOBS"):
        await CupsSpooler("lab", PATIENT_S).submit("w1", b"x")
    assert sink.received == []


@pytest.mark.parametrize(
    ("order", "mend"),
    [
        ("lpadmin -p lab -o printer-error-policy=retry-job", "lpadmin -p lab -o printer-error-policy=abort-job"),
        ("cupsdisable lab", "cupsenable lab"),
        ("cupsreject lab", "cupsaccept lab"),
        ("cupsdisable --hold lab", "cupsenable --release lab"),
    ],
)
async def test_a_queue_changed_while_open_gets_nothing_until_it_is_mended(
    here: PrivateCups, sink: Sink, order: str, mend: str
) -> None:
    async with opened() as transport:
        here.admin(*shlex.split(order))
        await transport.write(b"x")
        with pytest.raises(LinkBrokenError) as caught:
            await transport.commit("w1")
        assert str(caught.value).partition("; run: ")[2] == mend
        here.admin(*shlex.split(mend))
    assert sink.received == []


async def test_a_print_service_that_ends_is_broken(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    with private_cups() as server:
        server.add("lab", f"socket://127.0.0.1:{unused_tcp_port}")
        monkeypatch.setenv("CUPS_SERVER", server.address)
        async with opened(QUICK_S) as transport:
            await transport.write(b"x")
            with pytest.raises(LinkBlockedError):
                await transport.commit("w1")
            server.stop()
            with pytest.raises(LinkBrokenError, match="word of job 1"):
                await transport.flush()
        with pytest.raises(LinkDownError, match="no queue at all"):
            await open_transport("queue://lab", write_timeout_s=10.0).open()


# --- what is not even begun --------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["retry-job", "retry-current-job", "stop-printer"])
async def test_a_policy_that_may_print_twice_is_refused_and_the_fix_mends_it(
    lab: PrivateCups, sink: Sink, policy: str
) -> None:
    lab.add("lab", f"socket://127.0.0.1:{sink.port}", policy)
    with pytest.raises(LinkDownError, match=f"expected the error policy abort-job, got {policy}") as caught:
        await open_transport("queue://lab", write_timeout_s=10.0).open()
    lab.admin(*shlex.split(str(caught.value).partition("; run: ")[2]))
    async with opened():
        assert caught.value.retry_safe


@pytest.mark.parametrize(("tool", "got"), [("cupsdisable", "a stopped one"), ("cupsreject", "one that does not")])
async def test_a_closed_queue_is_refused_and_the_fix_mends_it(
    here: PrivateCups, sink: Sink, tool: str, got: str
) -> None:
    here.admin(tool, "lab")
    with pytest.raises(LinkDownError, match=f"got {got}") as caught:
        await open_transport("queue://lab", write_timeout_s=10.0).open()
    here.admin(*shlex.split(str(caught.value).partition("; run: ")[2]))
    async with opened():
        assert sink.received == []


async def test_what_an_earlier_life_left_is_cancelled_and_others_jobs_are_not(lab: PrivateCups, sink: Sink) -> None:
    lab.admin("cupsdisable", "lab")
    stale = await CupsSpooler("lab", PATIENT_S).submit(TITLE_PREFIX + "an earlier life", b"old")
    lab.run("lp", "-d", "lab", "-o", "raw", "-t", "another program", data=b"others")
    with pytest.raises(LinkDownError, match="cupsenable"):
        await open_transport("queue://lab", write_timeout_s=10.0).open()
    assert f"lab-{stale}" not in lab.jobs("lab")
    lab.admin("cupsenable", "lab")
    assert await sink.until(len(b"others")) == b"others"


async def test_a_job_that_an_earlier_life_left_is_known_when_cups_has_put_it_out_of_memory(
    here: PrivateCups, sink: Sink
) -> None:
    spooler = CupsSpooler("lab", PATIENT_S)
    left = await spooler.submit(TITLE_PREFIX + "an earlier life", b"old")
    question = {"which-jobs": "completed", "requested-attributes": ["job-id", "job-name"]}
    async with asyncio.timeout(PATIENT_S):
        while not any("job-name" not in job for job in (await spooler._ask(IppOperation.GET_JOBS, question))["jobs"]):
            await asyncio.sleep(0.05)
    assert await spooler.stale() == [left]
    async with opened():
        assert [path.name for path in (here.folder / "spool").glob("d*")] == []


async def test_the_queues_are_found(here: PrivateCups, sink: Sink) -> None:
    assert queues() == ["lab"]
    with pytest.raises(LinkDownError, match="expected a queue of that name, got lab;"):
        await open_transport("queue://Lab2", write_timeout_s=10.0).open()


async def test_a_user_without_a_name_prints(here: PrivateCups, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service in a container: `getpass` raises KeyError for a number that is in no list of users."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    async with opened() as transport:
        await transport.write(b"x")
        await transport.commit("w1")
    assert await sink.until(1) == b"x"


NONSENSE = {
    "not HTTP": b"what?",
    "not IPP": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "nothing": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "refused in bytes": b"HTTP/1.1 500 no\r\nContent-Length: 2\r\n\r\n\xff\xfe",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n\x02\x00\x00\x00",
    "no job in it": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x03",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_is_a_broken_link_and_no_job(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    spooler = CupsSpooler("lab", 1.0)
    for ask in (spooler.submit("t", b"x"), spooler.state(1), spooler.cancel(1), spooler.stale(), spooler.check()):
        with pytest.raises(LinkError):
            await ask
    server.close()


def facts(**changed: object) -> dict[str, object]:
    return {
        "printer-error-policy": "abort-job",
        "printer-is-accepting-jobs": True,
        "printer-state": IppPrinterState.IDLE,
        "printer-state-reasons": "none",
        "printer-type": 4,
        "device-uri": "socket://10.0.0.9:9100",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }


@pytest.mark.parametrize(
    ("changed", "mend"),
    [
        ({"printer_error_policy": None}, "printer-error-policy=abort-job"),
        ({"printer_type": 5}, "queue of the printer itself"),
        ({"printer_is_accepting_jobs": None}, "cupsaccept lab"),
        ({"printer_state": None}, "cupsenable lab"),
        ({"printer_state": IppPrinterState.STOPPED, "printer_state_reasons": ["paused"]}, "cupsenable lab"),
        ({"printer_state_reasons": ["hold-new-jobs", "media-low"]}, "cupsenable --release lab"),
        ({"device_uri": "ipp://office/printers/lab"}, "socket://PRINTER:9100"),
        ({"device_uri": "lpd://10.0.0.9/queue"}, "socket://PRINTER:9100"),
        ({"device_uri": "beh:/1/3/5/socket://10.0.0.9"}, "socket://PRINTER:9100"),
        ({"device_uri": "dnssd://ZD421._ipp._tcp.local/"}, "socket://PRINTER:9100"),
    ],
)
def test_each_obstacle_alone_is_told_with_its_fix(changed: dict[str, object], mend: str) -> None:
    ((_, _, said),) = obstacles("lab", facts(**changed))
    assert mend in said


@pytest.mark.parametrize(
    "device", ["usb://Zebra/ZD421", "serial:/dev/ttyS0?baud=9600", "dnssd://ZD421._pdl-datastream._tcp.local/"]
)
def test_a_queue_that_leads_straight_to_its_printer_has_no_obstacle(device: str) -> None:
    assert list(obstacles("lab", facts(device_uri=device))) == []


@pytest.mark.parametrize(
    ("state", "reasons", "phase"),
    [
        (IppJobState.PENDING, "none", Phase.WAITING),
        (IppJobState.PENDING, ["printer-stopped"], Phase.FAILED),
        (IppJobState.HELD, "job-hold-until-specified", Phase.FAILED),
        (IppJobState.PROCESSING, "job-printing", Phase.SENDING),
        (IppJobState.STOPPED, "printer-stopped", Phase.FAILED),
        (IppJobState.CANCELED, "job-canceled-by-user", Phase.FAILED),
        (IppJobState.ABORTED, "aborted-by-system", Phase.FAILED),
        (IppJobState.COMPLETED, "job-completed-successfully", Phase.DONE),
        (IppJobState.COMPLETED, ["job-completed-with-errors"], Phase.FAILED),
        (None, None, Phase.FAILED),
    ],
)
def test_every_state_of_a_job_is_read(state: object, reasons: object, phase: Phase) -> None:
    told = report({"job-state": state, "job-state-reasons": reasons, "time-at-processing": ""})
    assert (told.phase, told.began) == (phase, 0)


def test_every_state_that_the_protocol_knows_is_asked_here() -> None:
    assert {"PENDING", "HELD", "PROCESSING", "STOPPED", "CANCELED", "ABORTED", "COMPLETED"} == {
        state.name for state in IppJobState
    }


def test_a_computer_without_cups_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cups_kit, "PATH", "")
    with pytest.raises(RuntimeError, match="make setup"), private_cups():
        pass
