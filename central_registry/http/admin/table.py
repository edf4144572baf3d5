"""Names every endpoint for people; each room adds its own tuple."""

from __future__ import annotations

from central_registry.http.admin import goods, parties, people
from central_registry.http.admin.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*people.ENDPOINTS, *parties.ENDPOINTS, *goods.ENDPOINTS)
"""All of them, in the order of `/openapi.json`."""
