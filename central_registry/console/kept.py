"""What somebody typed outlives their session: the log-in page that answers a late form carries it, and the form is
drawn again with it afterwards. It is never an order: what was typed before logging in is looked at and sent once more.

It travels in the page and is kept nowhere here: whoever can read it typed it. A form of another site is not kept, nor a
secret, nor a file.
"""

from __future__ import annotations

from central_registry.console.bodies import Body
from central_registry.console.page import Action
from central_registry.console.pieces.form import Typed, entries_of
from central_registry.console.pieces.words import Words

MOST_BYTES = 64 * 1024
"""Of a form of nobody; one with files is larger and is begun anew."""

LATE = Words(
    "登录已过期，刚才的没有照做。填写的内容还在，登录后请核对，再发送一次",
    "Your session ended and nothing was done. What you typed is kept: log in, look at it, send it again",
)
LOST = Words(
    "登录已过期，刚才的没有照做，内容太多或有文件，没有保留，登录后请重做",
    "Your session ended, nothing was done, and so much, or a file, is not kept: log in and do it again",
)
AGAIN = (
    "已登录，填写的内容还在，请核对后再发送一次 · logged in: what you typed is still here; look at it, send it again"
)

_MARK = "kept."


def to_keep(action: Action, body: Body) -> Typed:
    """Of a late form what its page can be filled with again."""
    shown = [entry.name for entry in entries_of(action.form, {}, {}) if entry.kind not in ("password", "file")]
    return {name: body.typed[name] for name in (*shown, "back") if name in body.typed}


def carried(typed: Typed) -> list[tuple[str, str]]:
    """As hidden fields of the log-in page; there is one at least, by which it is known."""
    return [(_MARK, "")] + [(_MARK + name, value) for name, values in typed.items() for value in values]


def brought(action: Action, body: Body) -> Typed | None:
    """What a log-in page carried; None: the form itself came."""
    if _MARK not in body.typed:
        return None
    return to_keep(
        action, Body({name.removeprefix(_MARK): one for name, one in body.typed.items() if name.startswith(_MARK)})
    )
