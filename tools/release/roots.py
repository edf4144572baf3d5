"""The root: which keys count for what, signed by enough of the root keys themselves. A new one must also be signed by
enough keys of the one before it, so that who trusts the old one can follow (TUF specification, section 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization.json import JSONSerializer

from edge_agent.ops.update.roots import TEST_MARK
from tools.release.repository import ReleaseError, Repository, ends, put

ROLES = ("root", "targets", "snapshot", "timestamp")


def draft(repository: Repository, given: Mapping[str, Sequence[Key]], *, threshold: int, days: int, test: bool) -> str:
    """Drafts the next root.

    Raises:
        ReleaseError: a threshold of one key, which one thief has; or of more keys than there are.
    """
    if not 2 <= threshold <= len({key.keyid for key in given["root"]}):
        raise ReleaseError(
            f"root: expected a threshold from 2 to the number of root keys, got {threshold} of {len(given['root'])}"
        )
    mark = {TEST_MARK: True} if test else {}
    root = Root(version=repository.newest("root") + 1, expires=ends(days), unrecognized_fields=mark)
    for role, keys in given.items():
        for key in keys:
            root.add_key(key, role)
    root.roles["root"].threshold = threshold
    put(repository.draft, Metadata(root).to_bytes(JSONSerializer()))
    return f"{repository.draft}: root {root.version}, not signed yet"


def sign(file: Path, signer: CryptoSigner) -> str:
    """Adds one signature to a draft. Raises ReleaseError: the key is neither of this root nor of the one before."""
    metadata = Metadata[Root].from_file(str(file))
    metadata.sign(signer, append=True)
    put(file, metadata.to_bytes(JSONSerializer()))
    return f"{file}: {len(metadata.signatures)} signatures"


def publish(repository: Repository) -> str:
    """Puts the draft in force.

    Raises:
        ReleaseError: not enough keys have signed, of this root or of the one before.
    """
    metadata = Metadata[Root].from_file(str(repository.draft))
    before = repository.read("root").signed if repository.newest("root") else None
    found = metadata.signed.get_root_verification_result(before, metadata.signed_bytes, metadata.signatures)
    if not found.verified:
        short = found.first if not found.first.verified else found.second
        raise ReleaseError(
            f"root {metadata.signed.version}: expected signatures of {short.threshold} root keys, got "
            f"{len(short.signed)}; sign the draft with {short.missing} more"
        )
    path = repository.write(metadata)
    repository.draft.unlink()
    return f"{path}: in force; a build that ships it trusts this repository: copy it to edge_agent/ops/update/root.json"
