"""The log's own file: whole lines, bounded room, and nothing that happens to it stops the program."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from label_protocol.errors import ConfigError
from label_protocol.logs import LogFile, configure_logs

LINE = "x" * 99 + "\n"


def clock() -> Iterator[datetime]:
    """A second for each look."""
    at = datetime(2026, 11, 30, 10, tzinfo=UTC)
    while True:
        yield at
        at += timedelta(seconds=1)


OPEN: list[LogFile] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def a_log(folder: Path, *, max_bytes: int = 250) -> LogFile:
    times = clock()
    path = folder / "logs" / "edge-agent.log"
    OPEN.append(LogFile(path, keep=2, max_bytes=max_bytes, now=lambda: next(times)))
    return OPEN[-1]


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted((folder / "logs").iterdir())}


def test_a_full_file_is_set_aside_and_the_newest_stay(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    for _ in range(9):
        log.write(LINE)
    assert sizes(tmp_path) == {
        "edge-agent.2026-11-30T100002.000Z.log": 200,
        "edge-agent.2026-11-30T100003.000Z.log": 200,
        "edge-agent.log": 100,
    }


def test_it_goes_on_in_the_file_that_was_there(tmp_path: Path) -> None:
    a_log(tmp_path).write(LINE)
    a_log(tmp_path).write(LINE)
    assert sizes(tmp_path) == {"edge-agent.log": 200}


def test_a_line_longer_than_a_file_is_kept_whole(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.write("y" * 999 + "\n")
    log.write(LINE)
    assert sizes(tmp_path) == {"edge-agent.2026-11-30T100000.000Z.log": 1000, "edge-agent.log": 100}


def test_a_file_that_somebody_has_open_on_windows_is_written_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a rename is refused as long as a viewer shows the file; after that it is set aside."""
    log, rename = a_log(tmp_path), Path.rename
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "in use")))
    for _ in range(4):
        log.write(LINE)
    assert sizes(tmp_path) == {"edge-agent.log": 400}
    monkeypatch.setattr(Path, "rename", rename)
    log.write(LINE)
    assert sorted(sizes(tmp_path).values()) == [100, 400]


def test_what_the_disk_does_not_take_goes_to_stderr_and_later_lines_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, stderr = a_log(tmp_path), io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    log.write(LINE)
    log.write(LINE)
    with monkeypatch.context() as full:
        full.setattr(LogFile, "_open", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        log.write(LINE)
    log.write("again\n")
    assert stderr.getvalue() == LINE
    assert (tmp_path / "logs" / "edge-agent.log").read_text() == "again\n"


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    a_log(tmp_path).write(LINE)
    if sys.platform != "win32":
        assert (tmp_path / "logs" / "edge-agent.log").stat().st_mode & 0o077 == 0


def test_a_place_that_takes_no_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(ConfigError, match=r"写不了日志文件 .* · .*correct path in \[log\]"):
        a_log(tmp_path)


def test_events_are_lines_of_json_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        configure_logs(file=a_log(tmp_path, max_bytes=10_000))
        structlog.get_logger("x").info("agent_started", name="线")
    finally:
        structlog.configure(**before)
    (line,) = (tmp_path / "logs" / "edge-agent.log").read_text("utf-8").splitlines()
    assert json.loads(line)["event"] == "agent_started" and "线" in line
    assert capsys.readouterr().err == ""
