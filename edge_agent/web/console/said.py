"""What was told after an order, kept until the page that says it was drawn: an address carries only its number, for
words in an address could be anybody's."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from aiohttp import web

from edge_agent.web.console.pieces.told import Told

KEPT = 200
"""Sentences kept; each is read within the second."""


class Said:
    """The last sentences, by random numbers."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Told] = OrderedDict()

    def keep(self, told: Told) -> str:
        """The number to ask by."""
        number = secrets.token_urlsafe(9)
        self._kept[number] = told
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return number

    def get(self, number: str) -> Told | None:
        """What was said under this number; None: it was never, or long ago."""
        return self._kept.get(number)


SAID: web.AppKey[Said] = web.AppKey("console_said", Said)
