"""Names every endpoint for people; each room adds its own tuple."""

from __future__ import annotations

from central_registry.http.admin import (
    agents,
    alarms,
    former,
    goods,
    issuing,
    memberships,
    parties,
    people,
    place,
    rolls,
    stops,
    verdicts,
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
    *rolls.ENDPOINTS,
    *place.ENDPOINTS,
)
"""All of them, in the order of `/openapi.json`."""
