"""What each request is that does something, as docs/people.md shows it: (method, path) → the act that the service asks
of whoever sends it.

A row lets the guard turn away who shows nothing at all before the body is read; the service decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.access.roles import Action
from edge_agent.web.routes import API

_POST: Mapping[str, Action] = {
    "/jobs": Action.ORDER,
    "/jobs/{job_id}/pause": Action.ORDER,
    "/jobs/{job_id}/resume": Action.ORDER,
    "/jobs/{job_id}/cancel": Action.ORDER,
    "/copies": Action.ORDER,
    "/copies/{copies_id}/cancel": Action.ORDER,
    "/work-orders": Action.SEND_ORDERS,
    "/work-orders/sheet": Action.SEND_ORDERS,
    "/work-orders/{order_id}/print": Action.ORDER,
    "/work-orders/{order_id}/put-back": Action.ORDER,
    "/work-orders/{order_id}/close": Action.ORDER,
    "/intake/rules": Action.SIGN_RULE,
    "/intake/rules/{rule_id}/end": Action.SIGN_RULE,
    "/approvals/{kind}/{name}/approve": Action.APPROVE,
    "/approvals/{kind}/{name}/reject": Action.APPROVE,
    "/labels/{serial}/scan": Action.SCAN,
    "/labels/{serial}/scrap": Action.SCRAP,
    "/labels/{serial}/invalidate": Action.SCRAP,
    "/labels/{serial}/replace": Action.SCRAP,
    "/scan": Action.SCAN,
    "/missing": Action.ORDER,
    "/windows/{window_id}/settle": Action.SETTLE,
    "/cartons": Action.PACK,
    "/cartons/{carton}/items": Action.PACK,
    "/cartons/{carton}/take-out": Action.PACK,
    "/cartons/{carton}/close": Action.PACK,
    "/cartons/{carton}/reopen": Action.PACK,
    "/cartons/{carton}/label": Action.ORDER,
    "/catalogue/import": Action.IMPORT,
    "/printers/{printer_id}/test": Action.TEND,
    "/printers/{printer_id}/calibrate": Action.TEND,
    "/printers/{printer_id}/answer": Action.ANSWER,
    "/people/{person_id}/badge": Action.BADGE,
    "/sync/now": Action.SYNC,
    "/holds/{kind}/release": Action.LIFT_HISTORY,
    "/alarms/{alarm}/close": Action.CLOSE_ALARM,
    "/ledger/verify": Action.VERIFY,
    "/ledger/backup": Action.BACKUP,
    "/ledger/copy": Action.COPY,
}

ACTS: Mapping[tuple[str, str], Action] = {
    **{("POST", API + path): act for path, act in _POST.items()},
    ("GET", f"{API}/people"): Action.SEE_PEOPLE,
}
"""What is not here only looks, and stands open to whoever reaches the page, or logs in and out (`LOGS_IN`)."""

LOGS_IN = frozenset({("POST", f"{API}/session"), ("DELETE", f"{API}/session"), ("POST", f"{API}/session/lead")})
