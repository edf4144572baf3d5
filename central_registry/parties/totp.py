"""Knows the codes of a phone: six digits of thirty seconds (RFC 6238), each good once. Pure; chance is an argument."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import datetime

import pyotp

DRIFT = 1
"""Steps that a phone's clock may be off, either way (RFC 6238, section 5.2 recommends at most one)."""

_STEP_S = 30


def new_secret(entropy: Callable[[int], bytes]) -> str:
    """160 bits, as RFC 4226 (section 4, R6) recommends, in base 32."""
    return base64.b32encode(entropy(20)).decode("ascii")


def address_of(secret: str, login: str, registry: str) -> str:
    """The `otpauth://` text that a phone's app reads as a QR code."""
    return pyotp.TOTP(secret, interval=_STEP_S).provisioning_uri(name=login, issuer_name=registry)


def step_of(secret: str, code: str, at: datetime, last: int) -> int | None:
    """Which step's code that is, of those about `at` and after `last`, the newest that was taken; None: of none."""
    made, now = pyotp.TOTP(secret, interval=_STEP_S), int(at.timestamp()) // _STEP_S
    shown = code.replace(" ", "").encode("utf-8", "replace")
    steps = range(max(last + 1, now - DRIFT), now + DRIFT + 1)
    return next((step for step in steps if hmac.compare_digest(made.generate_otp(step).encode(), shown)), None)
