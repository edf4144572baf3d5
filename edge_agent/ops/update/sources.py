"""Where updates are fetched from: a web server, or a folder such as a stick. Neither is trusted; the client is."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient.fetcher import FetcherInterface

FOLDER = "folder:/"
"""Begins the names by which the client asks a folder; a path of Windows makes no address."""
CHUNK_BYTES = 1 << 16
TIMEOUT_S = 15.0
GRACE_S, LEAST_BYTES_PER_S = 30.0, 500
"""A server that sends a byte now and then holds whoever waits. 500 bytes a second is a quarter of the slowest link that
a package of 40 MB would be tried over."""


class Source(FetcherInterface):
    """Reads one file at a time. The client leaves one that is too long unread: `close` closes it."""

    def __init__(self) -> None:
        self._open: IO[bytes] | http.client.HTTPResponse | None = None

    def close(self) -> None:
        """Lets go of the file in hand."""
        if self._open is not None:
            self._open.close()
            self._open = None


def source_of(place: str) -> tuple[Source, str]:
    """Who fetches from `place`, and how the names of files begin there: an address, else a folder."""
    if place.startswith(("http://", "https://")):
        return HttpFetcher(), place.rstrip("/")
    return FolderFetcher(Path(place)), FOLDER


class FolderFetcher(Source):
    """Reads files of a folder. A name never leads out of it, and what is no regular file is not read."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        if not self._folder.is_dir():
            raise DownloadError(f"{self._folder} is no folder")
        name = PurePosixPath(url.removeprefix(FOLDER).lstrip("/"))
        path = self._folder / name
        if ".." in name.parts or not path.exists():
            raise DownloadHTTPError(f"{name} is not there", 404)
        if not path.is_file():
            raise DownloadError(f"{name} is no file")
        self.close()
        self._open = file = path.open("rb")
        return _pieces(str(name), lambda: file.read(CHUNK_BYTES))


class _HeadInTime(http.client.HTTPConnection):
    """A header may drip as a body may, and each byte of it begins the wait anew: after the grace it is cut off."""

    def getresponse(self) -> http.client.HTTPResponse:
        """Raises TimeoutError: it took longer."""
        late = threading.Event()

        def cut_off() -> None:
            late.set()
            with contextlib.suppress(OSError):  # it has just ended by itself
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

        timer = threading.Timer(GRACE_S, cut_off)
        timer.start()
        try:
            return super().getresponse()
        finally:
            timer.cancel()
            if late.is_set():  # what was cut off may pass for a whole header
                raise TimeoutError(f"no whole header in {GRACE_S:g} s")


class _TlsHeadInTime(_HeadInTime, http.client.HTTPSConnection):
    pass


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_HeadInTime, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_TlsHeadInTime, req)


_OPENER = urllib.request.build_opener(_Http, _Https)


class HttpFetcher(Source):
    """Asks a web server; proxies and certificates as the system has them."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock_s = clock_s

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.close()
        try:
            self._open = answer = _OPENER.open(url, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as cause:
            raise DownloadHTTPError(f"{url} answers {cause.code}", cause.code) from cause
        except TimeoutError as cause:
            raise SlowRetrievalError(f"{url}: no answer in time ({cause})") from cause
        return self._in_time(url, answer)

    def _in_time(self, url: str, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        """Each piece as it comes, as long as they come fast enough."""
        began_s, got = self._clock_s(), 0
        for piece in _pieces(url, lambda: answer.read1(CHUNK_BYTES)):
            got += len(piece)
            waited_s = self._clock_s() - began_s
            if waited_s > GRACE_S and got < waited_s * LEAST_BYTES_PER_S:
                raise SlowRetrievalError(f"{url}: {got} bytes in {waited_s:.0f} s")
            yield piece


def _pieces(name: str, read: Callable[[], bytes]) -> Iterator[bytes]:
    """What breaks off here is the source's doing, not this computer's disk."""
    try:
        while piece := read():
            yield piece
    except TimeoutError as cause:
        raise SlowRetrievalError(f"{name}: nothing for {TIMEOUT_S:g} s") from cause
    except (OSError, http.client.HTTPException) as cause:
        raise DownloadError(f"{name}: {cause!r}") from cause
