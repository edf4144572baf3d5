"""Names every endpoint for people; each room adds its own tuple."""

from __future__ import annotations

from central_registry.http.admin import (
    agents,
    alarms,
    cases,
    former,
    goods,
    issuing,
    label_stops,
    memberships,
    parties,
    people,
    place,
    rolls,
    spot_checks,
    stops,
    verdicts,
    verify_keys,
    webhooks,
)
from central_registry.http.admin.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *people.ENDPOINTS,
    *parties.ENDPOINTS,
    *memberships.ENDPOINTS,
    *goods.ENDPOINTS,
    *former.ENDPOINTS,
    *issuing.ENDPOINTS,
    *agents.ENDPOINTS,
    *alarms.ENDPOINTS,
    *verdicts.ENDPOINTS,
    *stops.ENDPOINTS,
    *label_stops.ENDPOINTS,
    *rolls.ENDPOINTS,
    *cases.ENDPOINTS,
    *spot_checks.ENDPOINTS,
    *verify_keys.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *place.ENDPOINTS,
)
"""All of them, in the order of `/openapi.json`."""
