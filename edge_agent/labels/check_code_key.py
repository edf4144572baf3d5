"""Which key a job's check codes are made with, and whether it is here: decided when the job is opened, asked for again
when it is printed. A label is never printed with an empty place where its snapshot promises a code, nor with another.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from label_protocol.codes.check_code import SPECIMEN, CheckCodes, CheckKeys, no_key
from label_protocol.errors import ConflictError


def require_check_code_key(snapshot: Mapping[str, Any]) -> None:
    """For a snapshot that is about to be printed.

    Raises:
        ConflictError: its template wants a check code, and there was no key to name.
    """
    if _key_id(snapshot) == SPECIMEN:
        name = snapshot["template"]["name"]
        raise ConflictError(
            f"模板 {name} 有防伪码，本机还没有防伪码密钥：请先向中心登记并联网同步一次，或换没有防伪码的模板；"
            f'要空着不印，请在 agent.toml 写 [labels] check_code = "off" · template {name}: expected a key for its '
            "check code, got none; enrol and sync once, or choose a template without one, or set check_code off"
        )


def check_codes_of(snapshot: Mapping[str, Any], keys: CheckKeys | None) -> CheckCodes | None:
    """What gives the codes of this snapshot's labels; None if they have none.

    Raises:
        ConflictError: the key that the snapshot names is not here.
    """
    key_id = _key_id(snapshot)
    if key_id is None:
        return None
    if keys is None:
        raise no_key(key_id)
    return keys.codes(key_id)


def _key_id(snapshot: Mapping[str, Any]) -> str | None:
    named = snapshot.get("check_code")
    return None if named is None else str(named["key_id"])
