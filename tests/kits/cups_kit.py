"""A CUPS of our own: a real cupsd on a loopback port and a socket, with its settings, spool and logs in a folder.

It knows nothing of the system's cupsd and is ended by its process id. As root it prints as the user `lp`, whom CUPS
brings along; as anybody else it prints as that user. The policy is what Debian ships: one may cancel one's own jobs,
and only the administrator changes queues.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

PATIENT_S = 10.0
"""What may take long on a busy machine, and must end all the same."""
PATH = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"
"""An ordinary user's PATH has no daemons in it."""

FILES = """\
ServerRoot {folder}/server
RequestRoot {folder}/spool
StateDir {folder}/state
CacheDir {folder}/cache
TempDir {folder}/spool/tmp
SystemGroup {group}
FileDevice Yes
Sandboxing Relaxed
Printcap {folder}/printcap
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""
SERVER = """\
LogLevel info
Listen 127.0.0.1:{port}
Listen {folder}/cups.sock
Browsing No
WebInterface No
DefaultAuthType Basic
IdleExitTimeout 0
DirtyCleanInterval 0
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit Cancel-Job Hold-Job Release-Job Restart-Job Set-Job-Attributes>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit CUPS-Add-Modify-Printer CUPS-Add-Modify-Class CUPS-Delete-Printer CUPS-Accept-Jobs CUPS-Reject-Jobs \
Pause-Printer Resume-Printer Enable-Printer Disable-Printer>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""


class PrivateCups:
    """The running server, and the tools of its administrator."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.port, self.process = folder, port, process

    @property
    def socket(self) -> str:
        """`CUPS_SERVER` by the server's socket, as on a machine of its own."""
        return f"{self.folder}/cups.sock"

    @property
    def address(self) -> str:
        """`CUPS_SERVER` by its port, as from another machine."""
        return f"127.0.0.1:{self.port}"

    def run(self, *words: str, data: bytes = b"") -> subprocess.CompletedProcess[str]:
        """A CUPS tool; what it said, and whether it was obeyed."""
        env = {**os.environ, "PATH": PATH, "CUPS_SERVER": self.socket, "LC_ALL": "C"}
        done = subprocess.run(words, env=env, input=data, capture_output=True, timeout=10, check=False)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())

    def admin(self, *words: str) -> str:
        """A CUPS tool that must be obeyed; what it said."""
        done = self.run(*words)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}{self.log()}"
        return done.stdout

    def add(self, name: str, device: str, policy: str = "abort-job") -> None:
        """A raw queue that leads to `device`, enabled."""
        self.admin("lpadmin", "-p", name, "-E", "-v", device, "-m", "raw", "-o", f"printer-error-policy={policy}")

    def jobs(self, name: str) -> list[str]:
        """Ids of the jobs in a queue that have not ended, as the tools name them."""
        return [line.split()[0] for line in self.admin("lpstat", "-o", name).splitlines()]

    def log(self) -> str:
        """What the server wrote of itself."""
        path = self.folder / "error_log"
        return path.read_text("utf-8", "replace") if path.exists() else "(no log)"

    def stop(self) -> None:
        """End it, and with it its backends. Stopping twice does nothing."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


@contextlib.contextmanager
def private_cups() -> Iterator[PrivateCups]:
    """A CUPS server of one's own.

    Raises:
        RuntimeError: CUPS is not installed, or does not start; never skipped, because `make setup` provides it.
    """
    server = shutil.which("cupsd", path=PATH)
    if server is None:
        raise RuntimeError("cupsd: expected CUPS for the tests of queue://, got none; run make setup, or install cups")
    folder = Path(tempfile.mkdtemp(prefix="cups-"))
    try:
        folder.chmod(0o755)  # the user that CUPS prints as must get in, which is why this is not pytest's folder
        port = _settings(folder)
        words = (server, "-f", "-c", f"{folder}/server/cupsd.conf", "-s", f"{folder}/server/cups-files.conf")
        cups = PrivateCups(folder, port, subprocess.Popen(words, stdout=subprocess.DEVNULL))
        try:
            _await_answer(cups)
            yield cups
        finally:
            cups.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path) -> int:
    """Writes them; the port. It is free now; should another take it meanwhile, cupsd says so in its log."""
    for name in ("server", "spool/tmp", "state", "cache"):
        (folder / name).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    import grp  # POSIX only; these tests are collected on Windows too

    group = grp.getgrgid(os.getgid()).gr_name
    (folder / "server/cups-files.conf").write_text(FILES.format(folder=folder, group=group), "utf-8")
    (folder / "server/cupsd.conf").write_text(SERVER.format(folder=folder, port=port), "utf-8")
    return port


def _await_answer(cups: PrivateCups) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and cups.process.poll() is None:
        if cups.run("lpstat", "-r").stdout.startswith("scheduler is running"):
            return
        time.sleep(0.02)
    raise RuntimeError(f"cupsd: expected it to answer within 10 s, got {cups.process.poll()}; its log:\n{cups.log()}")


class Sink:
    """A printer's TCP port that keeps what comes, one entry per connection; it can stand still or hang up."""

    def __init__(self) -> None:
        self.received: list[bytearray] = []
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.hangs_up = False
        self.port = 0
        self._given = 0
        self.serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        taken = bytearray()
        self.received.append(taken)
        with contextlib.suppress(OSError):
            while not (self.hangs_up and taken):
                await self.may_read.wait()
                data = await reader.read(65_536)
                taken += data
                if not data:
                    break
        writer.transport.abort()

    async def until_connected(self) -> None:
        async with asyncio.timeout(PATIENT_S):
            while not self.received:
                await asyncio.sleep(0.01)

    async def receive(self, count: int) -> bytes:
        """The next bytes, exactly so many."""
        data = (await self.until(self._given + count))[self._given :][:count]
        self._given += count
        return data

    async def until(self, count: int) -> bytes:
        """The bytes of all connections, once there are so many."""
        async with asyncio.timeout(PATIENT_S):
            while sum(map(len, self.received)) < count:
                await asyncio.sleep(0.01)
        return b"".join(self.received)


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Sink]:
    """A sink on a free port."""
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    yield sink
    sink.may_read.set()
    server.close()
    await asyncio.gather(*filter(None, sink.serving))
