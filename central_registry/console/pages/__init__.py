"""The console's pages and orders as rows: an engineer adds a room of pages by two tuples here.

`PAGES` are in the order of the navigation; `ACTIONS` is where forms are posted; `OPEN` is what answers somebody who is
not logged in.
"""

from __future__ import annotations

from central_registry.console.page import Action, Page
from central_registry.console.pages import (
    account,
    alarms,
    audit,
    cases,
    codes,
    decisions,
    first,
    fleet,
    former,
    goods,
    goods_filing,
    goods_import,
    goods_limits,
    goods_unassigned,
    label_stops,
    login,
    memberships,
    orders,
    own_party,
    parties,
    people,
    pieces,
    place,
    rolls,
    spot_checks,
    stops,
    sums,
    told,
    webhooks,
)

OPEN = login.OPEN

PAGES: tuple[Page, ...] = (
    *first.PAGES,
    *decisions.PAGES,
    *goods.PAGES,
    *goods_filing.PAGES,
    *goods_import.PAGES,
    *goods_limits.PAGES,
    *goods_unassigned.PAGES,
    *former.PAGES,
    *orders.PAGES,
    *fleet.PAGES,
    *codes.PAGES,
    *rolls.PAGES,
    *place.PAGES,
    *alarms.PAGES,
    *cases.PAGES,
    *spot_checks.PAGES,
    *stops.PAGES,
    *label_stops.PAGES,
    *told.PAGES,
    *sums.PAGES,
    *audit.PAGES,
    *parties.PAGES,
    *memberships.PAGES,
    *own_party.PAGES,
    *people.PAGES,
    *webhooks.PAGES,
    *account.PAGES,
    *pieces.PAGES,
)

ACTIONS: tuple[Action, ...] = (
    *decisions.ACTIONS,
    *goods.ACTIONS,
    *goods_filing.ACTIONS,
    *goods_import.ACTIONS,
    *goods_limits.ACTIONS,
    *goods_unassigned.ACTIONS,
    *former.ACTIONS,
    *orders.ACTIONS,
    *fleet.ACTIONS,
    *rolls.ACTIONS,
    *place.ACTIONS,
    *alarms.ACTIONS,
    *cases.ACTIONS,
    *spot_checks.ACTIONS,
    *stops.ACTIONS,
    *label_stops.ACTIONS,
    *told.ACTIONS,
    *parties.ACTIONS,
    *memberships.ACTIONS,
    *own_party.ACTIONS,
    *people.ACTIONS,
    *webhooks.ACTIONS,
    *account.ACTIONS,
)
