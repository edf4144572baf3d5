"""The client: what a source offers is believed only as far as signatures, numbers, dates and hashes carry it.

All of that is TUF's own (`tuf.ngclient`; TUF specification, section 5, is its workflow); here is where its files
lie, what is asked, and in which words it says no.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, TargetFile
from tuf.ngclient.updater import Updater

from edge_agent.errors import UpdateError
from edge_agent.files import make_folder, sync_file, sync_folder
from edge_agent.ops.update.refusals import disk_refused, refusal
from edge_agent.ops.update.release import INDEX, Release, read_index
from edge_agent.ops.update.sources import source_of

METADATA, TARGETS = "metadata", "targets"
UNFINISHED = ".unfinished-"
NEWEST = ("targets", "snapshot")
"""Lists that the client keeps without their number, which a source has in the name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source offers. `until`: how long its newest list is believed, ISO in UTC."""

    releases: tuple[Release, ...]
    until: str


class Client:
    """One source, as this computer trusts it. `trusted` is a folder of what was believed last: an older list is refused
    by it. `root` is the root of this build."""

    def __init__(self, source: str, trusted: Path, root: bytes) -> None:
        self._source, self._trusted = source, trusted
        self._fetcher, base = source_of(source)
        with self._told():
            make_folder(trusted)
            self._updater = Updater(
                metadata_dir=str(trusted),
                metadata_base_url=f"{base}/{METADATA}/",
                target_base_url=f"{base}/{TARGETS}/",
                fetcher=self._fetcher,
                bootstrap=root,
            )

    def look(self) -> Offer:
        """Asks what there is. Raises UpdateError: it is not to be believed, or there is no answer."""
        with self._told():
            self._updater.refresh()
            index = self._target(INDEX)
            place = self._trusted / INDEX
            if self._updater.find_cached_target(index, str(place)) is None:
                self._fetch(index, place)
            until = self._kept("timestamp").signed.expires
            return Offer(read_index(place.read_bytes()), until.isoformat().replace("+00:00", "Z"))

    def fetch(self, release: Release, mirror: Path) -> None:
        """Brings the files of a release into the folder `mirror`, which is then a source itself, for a computer without
        a network or for later.

        Raises:
            UpdateError: a file is not what the makers signed, or the disk does not take it.
        """
        with self._told():
            make_folder(mirror / TARGETS)
            for name in (INDEX, *release.files):
                target = self._target(name)
                place = mirror / TARGETS / f"{target.hashes['sha256']}.{name}"
                if self._updater.find_cached_target(target, str(place)) is None:
                    self._fetch(target, place)
            self._copy_lists(mirror / METADATA)

    def file(self, name: str, mirror: Path) -> Path:
        """A file that `fetch` brought. Raises UpdateError: the makers signed none of that name."""
        with self._told():
            return mirror / TARGETS / f"{self._target(name).hashes['sha256']}.{name}"

    def _target(self, name: str) -> TargetFile:
        found = self._updater.get_targetinfo(name)
        if found is None:
            raise UpdateError(f"update from {self._source}: expected {name} in its list, got none; use another source")
        return found

    def _fetch(self, target: TargetFile, place: Path) -> None:
        """Whole under its name, or not there."""
        side = place.with_name(UNFINISHED + place.name)
        try:
            self._updater.download_target(target, str(side))
            sync_file(side)
            side.replace(place)
            sync_folder(place.parent)
        finally:
            side.unlink(missing_ok=True)

    def _copy_lists(self, folder: Path) -> None:
        """What this client believes, under the names of a source; the timestamp last, which names all others."""
        make_folder(folder)
        for root in sorted((self._trusted / "root_history").glob("*.root.json")):
            _copy(root, folder / root.name)
        for role in NEWEST:
            _copy(self._trusted / f"{role}.json", folder / f"{self._kept(role).signed.version}.{role}.json")
        _copy(self._trusted / "timestamp.json", folder / "timestamp.json")

    def _kept(self, role: str) -> Metadata[Any]:
        return Metadata.from_file(str(self._trusted / f"{role}.json"))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (RepositoryError, DownloadError) as cause:
            raise refusal(self._source, cause) from cause
        except OSError as cause:
            raise disk_refused(cause) from cause
        finally:
            self._fetcher.close()


def _copy(source: Path, place: Path) -> None:
    side = place.with_name(UNFINISHED + place.name)
    side.write_bytes(source.read_bytes())
    sync_file(side)
    side.replace(place)
