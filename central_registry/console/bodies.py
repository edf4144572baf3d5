"""Reads the form that a browser sends: fields by name, files whole, each within its bounds."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from aiohttp import web

from central_registry.console.pieces.form import Typed, Upload
from central_registry.http.bodies import read_body
from central_registry.problems import ProblemError
from label_protocol.http_limits import coding_of

MAX_FIELDS = 5_000
_PARTS = "multipart/form-data"
_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Body:
    """The fields as typed, and the files."""

    typed: Typed
    files: Mapping[str, Upload] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The last value of a name; empty if there is none."""
        return (self.typed.get(name) or [""])[-1]


async def read_form(request: web.Request, most_bytes: int) -> Body:
    """The form.

    Raises:
        ProblemError: another content type, packed, too much of it or too late, or no text.
    """
    if request.content_type == _PARTS:
        return await _parts(request, most_bytes)
    if request.content_type != "application/x-www-form-urlencoded":
        raise _unreadable(f"content type {request.content_type[:60]!r}")
    try:
        text = (await read_body(request, most_bytes)).decode("ascii")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
        return Body({name: [_sound(one) for one in values] for name, values in found.items()})
    except ValueError as cause:
        raise _unreadable(str(cause)) from cause


async def _parts(request: web.Request, most_bytes: int) -> Body:
    if coding_of(request) or request.content_length is None:
        raise _unreadable("a body that is packed or does not say how long it is")
    if request.content_length > most_bytes:
        raise ProblemError(
            "too-large", f"文件太大 · form: expected at most {most_bytes} bytes, got more; send a smaller file"
        )
    try:
        async with asyncio.timeout(_WITHIN_S):
            sent = await request.post()
    except TimeoutError as cause:
        raise ProblemError(
            "late", "没有收全 · form: expected all of it within a minute, got a part; send it again"
        ) from cause
    except ValueError as cause:
        raise _unreadable(str(cause)) from cause
    typed: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for name, value in sent.items():
        if isinstance(value, web.FileField):
            files[name] = Upload(name=value.filename[:200], media_type=value.content_type, body=value.file.read())
        elif isinstance(value, str):  # a browser sends a file that nobody chose as no bytes without a name
            typed.setdefault(name, []).append(_sound(value))
    return Body(typed, files)


def _sound(text: str) -> str:
    """The same in Unicode NFC. Raises ProblemError: it holds what no column can."""
    if "\0" in text:
        raise _unreadable("a NUL")
    return unicodedata.normalize("NFC", text)


def _unreadable(got: str) -> ProblemError:
    return ProblemError(
        "unprocessable", f"没有看懂 · form: expected fields as a browser sends them, got {got}; send it again"
    )
