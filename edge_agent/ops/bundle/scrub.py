"""What must not leave the site is taken out of text: what is known to be secret, and what looks like it. Pure.

Two nets, since either has holes: a secret that was planted somewhere unthought of is known by its value; a value that
nobody knows (a serial, somebody else's token) by its look. Too much is taken out rather than too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

GONE = "‹去掉·removed›"

DROPPED = frozenset(
    {
        "serial",
        "serials",
        "wanted",
        "operator",
        "person",
        "who",
        "name",
        "owner",
        "text",
        "last",
        "reason",
        "token",
        "secret",
    }
)
"""Fields of which nothing is told, whatever they hold: labels, people, and what people wrote or scanned."""

_LOOKS: tuple[tuple[re.Pattern[str], str], ...] = (
    # user and password before a host; then all behind it: a robot's token, a label's serial; the host tells enough
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^/\s\"'@]*@", re.IGNORECASE), rf"\1{GONE}@"),
    (re.compile(r"\b((?:https?|ipps?)://[^/\s\"'?#]+)[/?#](?:(?![\"'])[!-~])+", re.IGNORECASE), r"\1/…"),
    (re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE), rf"\1 {GONE}"),
    (
        re.compile(r"\b(password|passwd|secret|token|key|sign|pin)(\s*[=:]\s*)[^\s,;\"'}]+", re.IGNORECASE),
        rf"\1\2{GONE}",
    ),
    # a serial: three of the issuer, thirteen by chance, one to check
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{16}[0-9A-Za-z*](?![0-9A-Za-z])"), GONE),
    # keys, hashes, tokens: nothing else is one word of 24 and more
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9_-]{24,}(?![\w-])"), GONE),
    # folders bear the names of people; the last name of a path tells enough
    (re.compile(r"(?<![\w/:.])~?/(?:[^\s/:\"'·;,]+/)+"), "…/"),
    (re.compile(r"(?<!\w)[A-Za-z]:\\(?:[^\s\\:\"'·;,]+\\)+"), r"…\\"),
)


class Scrubber:
    """Takes out what is known (`known`: secrets and names) and what looks like it."""

    def __init__(self, known: Iterable[str]) -> None:
        words = sorted({one for one in known if _tells(one)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(_whole_word, words)), re.IGNORECASE) if words else None

    def text(self, text: str) -> str:
        """The text without it."""
        if self._known is not None:
            text = self._known.sub(GONE, text)
        for look, instead in _LOOKS:
            text = look.sub(instead, text)
        return text

    def value(self, value: Any) -> Any:
        """JSON without it: keys stay, numbers stay, and of `DROPPED` fields nothing does."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: GONE if key in DROPPED and one else self.value(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(one) for one in value]
        return value


def _tells(word: str) -> bool:
    """A number of a few digits is on every line for other reasons, and says nothing of anybody without its list."""
    return len(word) >= 2 and not (word.isdigit() and len(word) < 6)


def _whole_word(word: str) -> str:
    """Latin words whole; Chinese has no blanks between words."""
    edges = (r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])") if word.isascii() else ("", "")
    return f"{edges[0]}{re.escape(word)}{edges[1]}"
