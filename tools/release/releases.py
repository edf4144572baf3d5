"""Releases: files in, files out, and the two lists that say which is the newest."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from edge_agent.ops.update.release import INDEX, Release, index_bytes, number_of, read_index
from tools.release.repository import DAYS, ReleaseError, Repository, ends, put

WHEEL = re.compile(r"edge_agent-(?P<version>\d+(\.\d+)+)-py3-none-any\.whl")
PACKAGE = re.compile(r"edge-agent_(?P<version>\d+(\.\d+)+)_(?P<architecture>[a-z0-9]+)\.deb")
HASHES = ["sha256"]


def add(repository: Repository, files: Sequence[Path], signer: CryptoSigner, days: int = DAYS["targets"]) -> str:
    """Adds one release.

    Raises:
        ReleaseError: none of the files is ours or several are, or this version is there with other bytes.
    """
    release = _release(files)
    metadata = _targets(repository)
    known = [one for one in _index(repository, metadata) if (one.version, one.kind) != (release.version, release.kind)]
    for file in files:
        there, new = metadata.signed.targets.get(file.name), TargetFile.from_file(file.name, str(file), HASHES)
        if there is not None and there.hashes != new.hashes:
            raise ReleaseError(f"{file.name}: expected the bytes it was released with, got others; give a new version")
        metadata.signed.targets[file.name] = new
        _store(repository, file, new)
    return _sign_targets(repository, metadata, [*known, release], signer, days)


def withdraw(repository: Repository, version: str, signer: CryptoSigner, days: int = DAYS["targets"]) -> str:
    """Takes a version out of the list; its files stay. Raises ReleaseError: there is no such version."""
    metadata = _targets(repository)
    known = _index(repository, metadata)
    left = [one for one in known if one.version != version]
    if len(left) == len(known):
        raise ReleaseError(f"withdraw: expected a version that was added, got {version}; see the command show")
    for name in {name for one in known for name in one.files} - {name for one in left for name in one.files}:
        del metadata.signed.targets[name]
    return _sign_targets(repository, metadata, left, signer, days)


def renew(repository: Repository, signer: CryptoSigner, days: int = DAYS["targets"]) -> str:
    """Signs the same list for another year. Raises ReleaseError: there is none."""
    metadata = repository.read("targets")
    return _sign_targets(repository, metadata, _index(repository, metadata), signer, days)


def stamp(
    repository: Repository,
    snapshot_signer: CryptoSigner,
    timestamp_signer: CryptoSigner,
    *,
    now: datetime,
    days: int = DAYS["timestamp"],
) -> str:
    """Makes the snapshot of the list, if that changed or the snapshot ends soon, and a timestamp of the snapshot.

    Raises:
        ReleaseError: nothing was added yet, or a key is not the root's.
    """
    snapshot = _snapshot(repository, snapshot_signer, now, days)
    number = snapshot.signed.version
    meta = _meta(number, (repository.metadata / f"{number}.snapshot.json").read_bytes())
    signed = Timestamp(version=repository.newest("timestamp") + 1, expires=ends(days, now), snapshot_meta=meta)
    timestamp = Metadata(signed)
    timestamp.sign(timestamp_signer)
    return f"{repository.write(timestamp)}: believed until {signed.expires.date().isoformat()}"


def _snapshot(repository: Repository, signer: CryptoSigner, now: datetime, days: int) -> Metadata[Snapshot]:
    targets = repository.read("targets")
    content = (repository.metadata / f"{targets.signed.version}.targets.json").read_bytes()
    number = repository.newest("snapshot")
    if number:
        there: Metadata[Snapshot] = repository.read("snapshot")
        same = there.signed.meta["targets.json"].version == targets.signed.version
        if same and there.signed.expires > ends(days, now):
            return there
    signed = Snapshot(
        version=number + 1,
        expires=ends(DAYS["snapshot"], now),
        meta={"targets.json": _meta(targets.signed.version, content)},
    )
    metadata = Metadata(signed)
    metadata.sign(signer)
    repository.write(metadata)
    return metadata


def _meta(version: int, content: bytes) -> MetaFile:
    """With length and hash: lists of two moments then do not pass for one."""
    return MetaFile.from_data(version, content, HASHES)


def _release(files: Iterable[Path]) -> Release:
    """Which release the files are. Raises ReleaseError."""
    names = [file.name for file in files]
    ours = [(name, WHEEL.fullmatch(name) or PACKAGE.fullmatch(name)) for name in names]
    found = [(name, match) for name, match in ours if match]
    if len(found) != 1:
        raise ReleaseError(f"add: expected one edge_agent-V-py3-none-any.whl or edge-agent_V_ARCH.deb, got {names}")
    name, match = found[0]
    architecture = match.groupdict().get("architecture", "")
    kind = "deb" if architecture else "wheel"
    others = tuple(sorted(one for one in names if one != name))
    if any(not one.endswith(".whl") for one in others) or (kind == "deb" and others):
        raise ReleaseError(f"add: expected wheels beside a wheel, and nothing beside a .deb, got {', '.join(others)}")
    return Release(match["version"], kind, name, others, architecture)


def _targets(repository: Repository) -> Metadata[Any]:
    """The list as it stands; an empty one if there is none yet."""
    return repository.read("targets") if repository.newest("targets") else Metadata(Targets())


def _index(repository: Repository, metadata: Metadata[Any]) -> list[Release]:
    there = metadata.signed.targets.get(INDEX)
    if there is None:
        return []
    return list(read_index((repository.targets / f"{there.hashes['sha256']}.{INDEX}").read_bytes()))


def _sign_targets(
    repository: Repository, metadata: Metadata[Any], known: Sequence[Release], signer: CryptoSigner, days: int
) -> str:
    content = index_bytes(sorted(known, key=lambda one: (number_of(one.version), one.kind, one.architecture)))
    index = TargetFile.from_data(INDEX, content, HASHES)
    put(repository.targets / f"{hashlib.sha256(content).hexdigest()}.{INDEX}", content)
    metadata.signed.targets[INDEX] = index
    metadata.signed.version = repository.newest("targets") + 1
    metadata.signed.expires = ends(days, datetime.now(UTC))
    metadata.sign(signer)
    path = repository.write(metadata)
    return f"{path}: {json.dumps([f'{one.version} {one.kind}' for one in known])}; not offered before the next stamp"


def _store(repository: Repository, file: Path, target: TargetFile) -> None:
    place = repository.targets / f"{target.hashes['sha256']}.{file.name}"
    if not place.exists():
        repository.targets.mkdir(parents=True, exist_ok=True)
        side = place.with_name(f".{place.name}.unfinished")
        shutil.copyfile(file, side)
        side.replace(place)
