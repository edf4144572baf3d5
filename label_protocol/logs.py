"""Logs: one line of JSON per event, on stderr for a service manager to keep, or in files that do not grow without end;
stdout is for results."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from label_protocol.errors import ConfigError


def configure_logs(*, quiet: bool = False, file: LogFile | None = None) -> None:
    """Set up structlog and the standard library's logging alike; `quiet` keeps warnings and worse. With a `file` the
    lines go there and no longer to stderr."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=level, stream=file or sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(file or sys.stderr),  # type: ignore[arg-type]  # stderr of now
    )


def _utc() -> datetime:
    return datetime.now(UTC)


class LogFile:
    """Lines in one file of at most `max_bytes`; a full one gets the time into its name, and `keep` of those stay.

    One rename a roll, never a row of them: Windows renames nothing that somebody has open, and then the lines go on in
    the same file until a later one finds it free. A line that the disk does not take goes to stderr: a log must not
    stop what it tells of.

    Raises:
        ConfigError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, keep: int, max_bytes: int, now: Callable[[], datetime] = _utc) -> None:
        self._path, self._keep, self._max_bytes, self._now = path, keep, max_bytes, now
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self._open()
        except OSError as cause:
            raise ConfigError(
                f"写不了日志文件 {path}，请核对 [log] path · {path}: expected a log file that can be written, got "
                f"{cause.strerror or cause}; correct path in [log]"
            ) from cause

    def write(self, text: str) -> int:
        """Appends a line; all of it is in one file, in one piece."""
        line = text.encode("utf-8", "backslashreplace")
        with self._lock:
            try:
                self._with_room_for(len(line)).write(line)
            except (OSError, ValueError):
                sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits: each line is written as it comes."""

    def close(self) -> None:
        """Lets go of the file; a line that comes later opens it again."""
        with self._lock:
            self._file.close()

    def _open(self) -> io.FileIO:
        return io.FileIO(self._path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))

    def _with_room_for(self, size: int) -> io.FileIO:
        if self._file.closed:  # the disk was full when it was to be opened anew
            self._file = self._open()
        if 0 < self._file.tell() > self._max_bytes - size:  # a line longer than a file has one of its own
            self._file.close()
            self._roll()
            self._file = self._open()
        return self._file

    def _roll(self) -> None:
        stamp = self._now().isoformat(timespec="milliseconds").replace(":", "").replace("+0000", "Z")
        with contextlib.suppress(OSError):
            self._path.rename(self._path.with_name(f"{self._path.stem}.{stamp}{self._path.suffix}"))
            for old in sorted(self._path.parent.glob(f"{self._path.stem}.*Z{self._path.suffix}"))[: -self._keep]:
                old.unlink()
