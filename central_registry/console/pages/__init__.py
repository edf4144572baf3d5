"""The console's pages and orders as rows: an engineer adds a room of pages by two tuples here.

`PAGES` are in the order of the navigation; `ACTIONS` is where forms are posted; `OPEN` is what answers somebody who is
not logged in.
"""

from __future__ import annotations

from central_registry.console.page import Action, Page
from central_registry.console.pages import account, alarms, codes, first, login, pieces, told

OPEN = login.OPEN

PAGES: tuple[Page, ...] = (
    *first.PAGES,
    *codes.PAGES,
    *alarms.PAGES,
    *told.PAGES,
    *account.PAGES,
    *pieces.PAGES,
)

ACTIONS: tuple[Action, ...] = (
    *alarms.ACTIONS,
    *told.ACTIONS,
    *account.ACTIONS,
)
