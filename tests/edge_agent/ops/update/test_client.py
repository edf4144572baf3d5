"""What is believed of a source, and what is not: each attack of the TUF specification, section 1.5.2, as it would come.

The same over a folder and over http; attacks are done to the files of a good repository.
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import socket
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadError, SlowRetrievalError

from edge_agent.errors import UpdateError
from edge_agent.ops.update import sources
from edge_agent.ops.update.client import Client
from edge_agent.ops.update.release import newest
from edge_agent.ops.update.sources import HttpFetcher
from tests.kits.update_kit import Maker, a_package, a_wheel, key


class Site:
    """A factory's computer: what it trusts, what it has fetched."""

    def __init__(self, folder: Path, maker: Maker) -> None:
        self.trusted, self.mirror, self.maker = folder / "trusted", folder / "mirror", maker

    def client(self, source: Path | str | None = None) -> Client:
        return Client(str(source or self.maker.folder), self.trusted, self.maker.root)

    def look(self, source: Path | str | None = None) -> list[str]:
        return [one.version for one in self.client(source).look().releases]

    def get(self, source: Path | str | None = None) -> Path:
        client = self.client(source)
        release = newest(client.look().releases, "wheel", "")
        assert release is not None
        client.fetch(release, self.mirror)
        return client.file(release.file, self.mirror)

    def refused(self, source: Path | str | None = None) -> str:
        """The one sentence, after which nothing of the update is there."""
        with pytest.raises(UpdateError) as cause:
            self.get(source)
        said = str(cause.value)
        assert said.startswith("更新") and "expected" in said and "\n" not in said, said
        assert not [one for one in self.mirror.rglob("*") if "edge_agent-" in one.name], "a file of the release"
        return said


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    made = Maker(tmp_path / "updates")
    made.release(a_wheel(tmp_path / "built", "0.2.0"))
    return made


@pytest.fixture
def site(tmp_path: Path, maker: Maker) -> Site:
    return Site(tmp_path / "site", maker)


# --- what is well --------------------------------------------------------------------------------------------------


def test_a_release_is_offered_and_brought(site: Site, tmp_path: Path) -> None:
    assert site.look() == ["0.2.0"]
    assert site.get().read_bytes() == a_wheel(tmp_path / "again", "0.2.0").read_bytes()


def test_what_was_brought_is_a_source_itself(site: Site, tmp_path: Path) -> None:
    """A stick for a computer without a network: the same checks there, from the same root."""
    site.get()
    shutil.rmtree(site.maker.folder)
    other = Site(tmp_path / "other", site.maker)
    assert other.get(site.mirror).exists()


def test_it_comes_over_http(site: Site) -> None:
    with served(site.maker.folder) as url:
        assert site.get(url).exists()
        (site.maker.folder / "metadata" / "timestamp.json").unlink()
        with pytest.raises(UpdateError, match="源里缺文件"):
            site.look(url)
    with pytest.raises(UpdateError, match="源打不开"):
        site.look(url)


def test_a_new_root_is_followed(site: Site) -> None:
    assert site.look()
    site.maker.new_root("root-0", "new-1", "new-2", signed_by=("root-0", "root-1", "new-1"))
    site.maker.stamp()
    assert site.look() == ["0.2.0"]


def test_the_newest_is_chosen_by_number_and_form(site: Site, tmp_path: Path) -> None:
    site.maker.release(a_wheel(tmp_path / "built", "0.10.0"))
    site.maker.release(a_wheel(tmp_path / "built", "0.9.0"))
    site.maker.release(a_package(tmp_path / "built", "0.11.0", "arm64"))
    offered = site.client().look().releases
    assert newest(offered, "wheel", "").version == "0.10.0"  # type: ignore[union-attr]
    assert newest(offered, "deb", "amd64") is None
    assert newest(offered, "deb", "arm64").version == "0.11.0"  # type: ignore[union-attr]


# --- attacks -------------------------------------------------------------------------------------------------------


def test_rollback(site: Site, tmp_path: Path) -> None:
    """An old copy of everything, well signed and not yet ended: this computer has seen a newer one."""
    old = shutil.copytree(site.maker.folder, tmp_path / "old")
    site.maker.release(a_wheel(tmp_path / "built", "0.3.0"))
    assert site.look() == ["0.2.0", "0.3.0"]
    assert "比本机见过的旧" in site.refused(old)


def test_freeze(site: Site) -> None:
    """The newest that was ever shown, shown for ever: its timestamp ends."""
    site.maker.stamp_that_ended()
    assert "已过期" in site.refused()


def test_mix_and_match(site: Site, tmp_path: Path) -> None:
    """The list of one moment under the snapshot of another: each well signed, and they do not belong together."""
    lists = site.maker.folder / "metadata"
    before = (lists / "1.targets.json").read_bytes()
    site.maker.release(a_wheel(tmp_path / "built", "0.3.0"))
    (lists / "2.targets.json").write_bytes(before)
    assert "损坏或被换过" in site.refused()


@pytest.mark.parametrize("role", ["timestamp", "2.snapshot", "2.targets"])
def test_too_few_signatures(site: Site, tmp_path: Path, role: str) -> None:
    """A list of the right form that somebody else signed."""
    stranger = Maker(tmp_path / "stranger")
    stranger.release(a_wheel(tmp_path / "built", "0.2.0"))
    stranger.release(a_wheel(tmp_path / "built", "0.3.0"))
    site.maker.release(a_wheel(tmp_path / "built", "0.3.0"))
    place = site.maker.folder / "metadata" / f"{role}.json"
    row = json.loads(place.read_bytes())
    for signature in row["signatures"]:
        signature["sig"] = "0" * len(signature["sig"])
    place.write_text(json.dumps(row), encoding="ascii")
    assert any(words in site.refused() for words in ("签名不够", "损坏或被换过"))
    if role == "timestamp":
        assert "签名不够" in site.refused()


def test_a_root_below_its_threshold(site: Site) -> None:
    """One stolen root key makes no root; the lists that it names are not even asked for."""
    site.maker.new_root("root-0", "thief", "thief-2", signed_by=("root-0", "root-1", "thief"))
    place = site.maker.folder / "metadata" / "2.root.json"
    row = json.loads(place.read_bytes())
    row["signatures"] = [one for one in row["signatures"] if one["keyid"] != key_id("root-1")]
    place.write_text(json.dumps(row), encoding="ascii")
    assert "签名不够" in site.refused()


def test_another_makers_updates(site: Site, tmp_path: Path) -> None:
    stranger = Maker(tmp_path / "stranger")
    stranger.new_root("other-0", "other-1", signed_by=("root-0", "root-1", "other-0", "other-1"))
    shutil.rmtree(site.maker.folder / "metadata")
    shutil.copytree(stranger.folder / "metadata", site.maker.folder / "metadata")
    stamped = Site(tmp_path / "site2", site.maker)
    assert "expected" in stamped.refused()


@pytest.mark.parametrize("damage", [lambda it: it[:-1], lambda it: it[:50] + b"?" + it[51:], lambda it: b""])
def test_a_damaged_file(site: Site, damage: object) -> None:
    place = wheel_of(site.maker)
    place.write_bytes(damage(place.read_bytes()))  # type: ignore[operator]
    assert "损坏或被换过" in site.refused()


def test_endless_data(site: Site) -> None:
    """More than was signed is not even read to its end."""
    place = wheel_of(site.maker)
    with place.open("ab") as file:
        file.truncate(1 << 32)  # sparse: 4 GB that are nowhere
    assert "比签名里写的长" in site.refused()
    lists = site.maker.folder / "metadata" / "timestamp.json"
    with lists.open("ab") as file:
        file.truncate(1 << 32)
    assert "比签名里写的长" in site.refused()


def test_a_missing_file_and_no_source(site: Site, tmp_path: Path) -> None:
    wheel_of(site.maker).unlink()
    assert "源里缺文件" in site.refused()
    assert "源打不开" in site.refused(tmp_path / "nowhere")


def test_what_is_no_list_at_all(site: Site) -> None:
    for content in (b"", b"{}", b"[" * 5000, b"\xff\xfe", b'{"signed": 1}'):
        (site.maker.folder / "metadata" / "timestamp.json").write_bytes(content)
        assert "不是更新清单" in site.refused(), content


def test_a_server_that_drips() -> None:
    """One byte a second: after the grace nobody waits any longer."""

    class Drips:
        def read1(self, _: int) -> bytes:
            return b"x"

    ticks = iter(range(1000))
    fetcher = HttpFetcher(clock_s=lambda: float(next(ticks)))
    with pytest.raises(SlowRetrievalError, match="bytes in 31 s"):
        list(fetcher._in_time("http://slow.example", Drips()))  # type: ignore[arg-type]


def test_a_server_whose_header_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the header never ends: the watch of updates, or IT, would wait for ever."""
    monkeypatch.setattr(sources, "GRACE_S", 0.2)
    ended = threading.Event()

    def drip(listens: socket.socket) -> None:
        with listens.accept()[0] as line, contextlib.suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Never-Ends: ")
            for _ in range(200):  # ten seconds, for a client that waits
                if ended.wait(0.05):
                    break
                line.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listens:
        server = threading.Thread(target=drip, args=(listens,))
        server.start()
        try:
            with pytest.raises(SlowRetrievalError, match="no whole header in 0"):
                list(HttpFetcher().fetch(f"http://127.0.0.1:{listens.getsockname()[1]}/metadata/timestamp.json"))
        finally:
            ended.set()
            server.join()


def test_a_line_that_breaks_is_the_sources_fault() -> None:
    class Breaks:
        def read1(self, _: int) -> bytes:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    with pytest.raises(DownloadError, match="Connection reset"):
        list(HttpFetcher()._in_time("http://gone.example", Breaks()))  # type: ignore[arg-type]


# --- the disk ------------------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_in_the_middle(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half is left, and with room the same command goes on."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    site.look()
    with monkeypatch.context() as patch:
        patch.setattr("edge_agent.ops.update.client.sync_file", full)
        assert "No space left" in site.refused()
    assert not list(site.mirror.rglob(".unfinished*"))
    assert site.get().exists()


# --- kits ----------------------------------------------------------------------------------------------------------


def wheel_of(maker: Maker) -> Path:
    (place,) = (maker.folder / "targets").glob("*.whl")
    return place


def key_id(name: str) -> str:
    return key(name).public_key.keyid


class Served:
    def __init__(self, folder: Path) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def served(folder: Path) -> Served:
    return Served(folder)
