"""Who a printer is: its answers read whole, in pieces and among others; and what two readings say about each other."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.printer_identity import Likeness, PrinterIdentity, compare
from edge_agent.printers import ports
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES
from tests.kits.language_kit import vectors_of
from tests.kits.printer_bench import PrinterBench


def reader_of(language: Any, name: str) -> Any:
    return next(query.parse for query in language.identity_queries if query.name == name)


@pytest.mark.parametrize(("language", "vector"), vectors_of("identity"))
def test_an_answer_arrives_whole_split_with_noise_and_with_more_behind(language: Any, vector: Any) -> None:
    assert len(vector["source"]) > 15
    parse, data = reader_of(language, vector["query"]), vector["bytes"].encode()
    expected = PrinterIdentity(**vector["value"])
    assert parse(data) == (expected, len(data))
    assert parse(data + b"next answer") == (expected, len(data))
    assert parse(b"\r\n\x00?\xff~" + data)[0] == expected
    early = [parse(data[:end]) for end in range(len(data) - 2)]
    assert early == [None] * len(early), "no value before its last letter"


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_question_has_a_vector(name: str) -> None:
    language = LANGUAGES[name]
    told = {vector.values[1]["query"] for vector in vectors_of("identity") if vector.values[0] is language}
    assert told == {query.name for query in language.identity_queries}


@pytest.mark.parametrize(("language", "vector"), vectors_of("identity"))
def test_damage_is_read_as_another_or_not_at_all(language: Any, vector: Any) -> None:
    """One letter for another is another printer by its own word: so a session hears what is new twice."""
    parse, data = reader_of(language, vector["query"]), vector["bytes"].encode()
    for at in range(len(data)):
        for damaged in (
            data[:at] + data[at + 1 :],
            data[: at + 1] + data[at:],
            *(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :] for bit in range(8)),
        ):
            try:
                found = parse(damaged)
            except ReplyError:
                continue
            assert found is None or isinstance(found[0], PrinterIdentity)
            words = [] if found is None else [found[0].model, found[0].firmware, found[0].serial_number]
            assert all(word is None or (word == word.strip() and 0 < len(word) <= 64) for word in words)


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_never_ends_is_given_up(name: str) -> None:
    for query in LANGUAGES[name].identity_queries:
        assert query.parse(b"") is None
        with pytest.raises(ReplyError):
            query.parse(b"\x00" * (MAX_REPLY_BYTES + 1))


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("asked", LANGUAGES)
def test_no_question_prints_on_any_printer(spoken: str, asked: str) -> None:
    bench = PrinterBench(spoken)
    requests = b"".join(query.request for query in LANGUAGES[asked].identity_queries)
    assert bench.feed(requests + requests) == []
    assert bench.mechanism.printed == 0


@pytest.mark.parametrize("number", ["42J1", ""])
@pytest.mark.parametrize("name", LANGUAGES)
def test_a_virtual_printer_tells_its_nameplate(name: str, number: str) -> None:
    bench, found = PrinterBench(name, model="AB1234X", firmware="V7.7", serial_number=number), PrinterIdentity()
    for query in LANGUAGES[name].identity_queries:
        parsed = query.parse(bench.ask(query.request))
        found = found.over(parsed[0]) if parsed else found
    assert found == PrinterIdentity("AB1234X", "V7.7", number or None)


OURS = PrinterIdentity("ZD421", "V93", "42J1")


@pytest.mark.parametrize(
    ("known", "found", "likeness"),
    [
        (OURS, OURS, Likeness.SAME),
        (OURS, PrinterIdentity("ZD421", "V94", "42J1"), Likeness.SAME),
        (OURS, PrinterIdentity(None, None, "42J1"), Likeness.SAME),
        (PrinterIdentity("A", "1", "7", "067b:2303"), PrinterIdentity("A", "1", "7", "1a86:7523"), Likeness.SAME),
        (OURS, PrinterIdentity("ZD421", "V93", "42J2"), Likeness.ANOTHER),
        (OURS, PrinterIdentity("ZT411", "V93", "42J1"), Likeness.ANOTHER),
        (OURS, PrinterIdentity("ZD421", "V93"), Likeness.UNSURE),
        (PrinterIdentity("ZD421", "V93"), OURS, Likeness.UNSURE),
        (PrinterIdentity("ZD421", "V93"), PrinterIdentity("ZD421", "V93"), Likeness.UNSURE),
        (PrinterIdentity("ZD421", "V93"), PrinterIdentity("ZD421", "V94"), Likeness.ANOTHER),
        (PrinterIdentity("A", port="067b:2303"), PrinterIdentity("A", port="1a86:7523"), Likeness.ANOTHER),
        (OURS, PrinterIdentity(), Likeness.UNSURE),
        (PrinterIdentity(), PrinterIdentity(), Likeness.UNSURE),
    ],
)
def test_unknown_is_never_the_same(known: PrinterIdentity, found: PrinterIdentity, likeness: Likeness) -> None:
    assert compare(known, found) is likeness


# --- what the operating system knows ---------------------------------------------------------------------------------


def test_a_serial_port_is_known_by_its_adapter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file, link = tmp_path / "ttyUSB0", tmp_path / "by-id"
    file.touch()
    link.symlink_to(file)
    adapter = SimpleNamespace(device=str(file), vid=0x067B, pid=0x2303, serial_number="A10285BI")
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [adapter])
    assert ports.usb_of(f"serial://{link}?baud=9600") == "067b:2303 A10285BI"
    adapter.serial_number = None
    assert ports.usb_of(f"serial://{file}") == "067b:2303"
    assert ports.usb_of("serial:///dev/ttyS0") is None
    assert ports.usb_of("tcp://127.0.0.1:9100") is None


def test_a_usb_printer_is_known_by_its_own_number(tmp_path: Path) -> None:
    device, shown = tmp_path / "devices" / "1-2", tmp_path / "usbmisc" / "lp0"
    (device / "1-2:1.0").mkdir(parents=True)
    shown.mkdir(parents=True)
    (shown / "device").symlink_to(device / "1-2:1.0")
    for name, text in (("idVendor", "0a5f\n"), ("idProduct", "0166\n"), ("serial", "42J\u00e9012\n")):
        (device / name).write_text(text, "utf-8")
    found = ports.usb_of("device:///dev/usb/lp0", tmp_path / "usbmisc")
    assert found == "0a5f:0166 42J012"
    assert ports.usb_of("device:///dev/usb/lp1", tmp_path / "usbmisc") is None


def test_a_stable_name_is_the_link_that_leads_there(tmp_path: Path) -> None:
    by_id, by_path = tmp_path / "by-id", tmp_path / "by-path"
    for folder in (by_id, by_path):
        folder.mkdir()
    for name in ("ttyUSB0", "ttyUSB1"):
        (tmp_path / name).touch()
    (by_path / "pci-usb-0:2").symlink_to(tmp_path / "ttyUSB1")
    links = by_id, by_path
    assert ports.stable_name(str(tmp_path / "ttyUSB1"), links) == str(by_path / "pci-usb-0:2")
    (by_id / "usb-FTDI_A1").symlink_to(tmp_path / "ttyUSB1")
    assert ports.stable_name(str(tmp_path / "ttyUSB1"), links) == str(by_id / "usb-FTDI_A1")
    assert ports.stable_name(str(tmp_path / "ttyUSB0"), links) is None


def test_a_number_of_the_moment_is_told_from_a_name() -> None:
    assert ports.numbered("serial:///dev/ttyUSB0?baud=9600") == "/dev/ttyUSB0"
    assert ports.numbered("device:///dev/usb/lp1") == "/dev/usb/lp1"
    for url in ("serial:///dev/serial/by-id/usb-A1", "serial:///dev/ttyS0", "serial://COM3", "tcp://127.0.0.1:9100"):
        assert ports.numbered(url) is None
