"""What a request shows of who asks, unread: `People` finds out whether it is anybody. Pure.

Reading it costs a look at a file, so it is done only where somebody changes something; a page that asks for the state
of its printers ten times a minute never pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Asking:
    """`stated`: the name that stands in the request; `session`: the cookie of whoever logged in; `token`: a program's;
    `address`: where it comes from."""

    stated: str = ""
    session: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    address: str = ""

    def with_session(self, session: str) -> Asking:
        """The same, with another cookie."""
        return replace(self, session=session)


Who = str | Asking
"""Services take either: text is a name that somebody stated."""


def asking_of(who: Who) -> Asking:
    """As a value."""
    return who if isinstance(who, Asking) else Asking(stated=who)


def stated_in(who: Who, stated: str) -> Who:
    """The same, with the name that was found in the request's body once that was read."""
    return replace(who, stated=stated) if isinstance(who, Asking) else stated
