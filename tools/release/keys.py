"""Keys: ed25519 (RFC 8032), the secret half in PKCS #8 under a passphrase, the public half as TUF writes keys.

ed25519 and no other: who verifies needs no further library for it (`securesystemslib` brings its own).
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from tools.release.repository import ReleaseError

SHORTEST = 12
"""Characters of a passphrase."""


def make(file: Path, *, locked: bool) -> str:
    """Makes a key in two new files. Raises ReleaseError: a name is taken, or the passphrase is no good one."""
    public = file.with_name(file.name + ".pub")
    if file.exists() or public.exists():
        raise ReleaseError(f"{file}: expected a new name, got one that is there; a key is never written over")
    signer = CryptoSigner.generate_ed25519()
    words = _new_passphrase() if locked else b""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as secret:
        secret.write(_locked(load(signer.private_bytes, b""), words))
    row = {"keyid": signer.public_key.keyid, **signer.public_key.to_dict()}
    public.write_text(json.dumps(row, indent=1) + "\n", encoding="ascii")
    return f"{file} (secret), {public}: key {signer.public_key.keyid[:12]}"


def load(pem: bytes, passphrase: bytes) -> Ed25519PrivateKey:
    """The secret key in a PEM. Raises ReleaseError: it is none, or the passphrase is wrong."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase or None)
    except (ValueError, TypeError) as cause:
        raise ReleaseError(f"expected a key of ours and its passphrase, got another ({cause})") from cause
    if not isinstance(key, Ed25519PrivateKey):
        raise ReleaseError(f"expected an ed25519 key, got {type(key).__name__}; make one with the command key")
    return key


def signer(file: Path) -> CryptoSigner:
    """Signs with the key in `file`; asks for its passphrase if it has one. Raises ReleaseError, OSError."""
    pem = file.read_bytes()
    words = passphrase(f"passphrase of {file}: ") if b"ENCRYPTED" in pem else b""
    return CryptoSigner(load(pem, words))


def public(file: Path) -> Key:
    """The public key in a `.pub`. Raises ReleaseError: it is none."""
    try:
        row = json.loads(file.read_text("ascii"))
        return SSlibKey.from_dict(row.pop("keyid"), row)
    except (ValueError, KeyError, AttributeError) as cause:
        raise ReleaseError(f"{file}: expected a .pub of the command key, got another file ({cause})") from cause


def passphrase(prompt: str) -> bytes:
    """Typed unseen, or the next line of standard input where nobody sits at a terminal."""
    return (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")).encode()


def _new_passphrase() -> bytes:
    words = passphrase(f"a new passphrase, at least {SHORTEST} characters: ")
    if len(words) < SHORTEST:
        raise ReleaseError(f"expected a passphrase of at least {SHORTEST} characters, got {len(words)}; or --unlocked")
    if sys.stdin.isatty() and passphrase("again: ") != words:
        raise ReleaseError("expected the same passphrase twice, got two; nothing was written")
    return words


def _locked(key: Ed25519PrivateKey, words: bytes) -> bytes:
    lock = serialization.BestAvailableEncryption(words) if words else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
