"""The console's pages and orders as rows: an engineer adds a room of pages by two tuples here.

`PAGES` are in the order of the navigation; `ACTIONS` is where forms are posted; `OPEN` is what answers somebody who is
not logged in.
"""

from __future__ import annotations

from central_registry.console.page import Action, Handler, Page
from central_registry.console.pages import account, first, pieces

OPEN: tuple[tuple[str, str, Handler], ...] = ()

PAGES: tuple[Page, ...] = (
    *first.PAGES,
    *account.PAGES,
    *pieces.PAGES,
)

ACTIONS: tuple[Action, ...] = (*account.ACTIONS,)
