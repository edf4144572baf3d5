"""What watches the registry: metrics, readiness, the description of all that can be asked."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from central_registry.alarms import MOST_OPEN
from central_registry.app import ROUTES
from central_registry.config import Http, RegistryConfig
from central_registry.http.admin.table import ENDPOINTS
from central_registry.http.context import SCANS
from central_registry.parties.acts import TABLE
from tests.kits.registry_kit import AT, Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running(clock=lambda: AT + timedelta(minutes=5), fenced=True) as found:
        yield found


async def _metrics(registry: Registry) -> dict[str, float]:
    answer = await registry.http.get("/metrics")
    assert answer.status == 200
    lines = [line for line in (await answer.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_metrics_count_what_was_done(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 10)
    (serial, *_) = serials = edge.serials(3)
    edge.printed(serials)
    await edge.send()
    edge.printed([serial])
    await edge.send()
    await edge.send(last=3)
    await edge.post(b"no gzip")
    await registry.page(f"/01/06901234567892/21/{serial}")
    found = await _metrics(registry)
    assert found["registry_batches_total"] == 3
    counted = {kind: found[f'registry_serials_total{{kind="{kind}"}}'] for kind in ("new", "replay", "conflict")}
    assert counted == {"new": 3, "replay": 6, "conflict": 1}, "both times told again: 3"
    assert found['registry_scans_total{status="conflict"}'] == 1
    assert found['registry_refusals_total{kind="bad-json"}'] == 1
    assert found['registry_alarms_open{kind="serial_conflict"}'] == 1
    assert found['registry_agent_silent_seconds{agent="line-1"}'] == 0
    assert found['registry_pool_connections{pool="ingest",state="most"}'] == 10
    assert found['registry_pool_wait_seconds{pool="scans"}'] < 1


async def test_an_agent_makes_no_series_and_no_list_without_end(registry: Registry) -> None:
    """It names the kind and the thing of each of its alarms, and a window in each that the registry raises."""
    edge = (await registry.enrolled()).begin()
    for number in range(MOST_OPEN + 20):
        edge.tell("alarm_raised", alarm=f"a{number}", kind=f"k{number}", printer=None, detail={})
        edge.tell("window_printed", window=f"w{number}", level="counter", evidence={}, counts_as="printed")
    await edge.send()
    edge.tell("alarm_raised", alarm="last", kind="possible_duplicate", printer=None, detail={})
    edge.tell("alarm_raised", alarm="a1", kind="k1", printer=None, detail={})
    edge.printed(edge.serials(1))
    await edge.send(2 * MOST_OPEN + 42)
    found = await _metrics(registry)
    kinds = {name: count for name, count in found.items() if name.startswith("registry_alarms_open")}
    assert {name.partition('"')[2].rstrip('"}') for name in kinds} == {
        "other", "many_told", "unknown_window", "overdraft"
    }  # fmt: skip
    assert kinds['registry_alarms_open{kind="other"}'] == MOST_OPEN
    assert kinds['registry_alarms_open{kind="unknown_window"}'] == MOST_OPEN + 1
    rows = await registry.rows("SELECT kind, detail, times FROM alarm WHERE about = '…' ORDER BY kind")
    assert [(row["kind"], row["times"]) for row in rows] == [("many_told", 2), ("unknown_window", 1)]
    assert (await registry.rows("SELECT times FROM alarm WHERE about = 'agent:a1'"))[0]["times"] == 2


async def test_metrics_name_no_label_and_no_stranger_reads_them(registry: Registry) -> None:
    for header in ("X-Forwarded-For", "Forwarded"):
        assert (await registry.http.get("/metrics", headers={header: "203.0.113.9"})).status == 404
    async with running(RegistryConfig(http=Http(metrics_token="示例 word"))) as guarded:
        assert (await guarded.http.get("/metrics")).status == 404
        shown = {"Authorization": "Bearer wrong"}
        assert (await guarded.http.get("/metrics", headers=shown)).status == 404


async def test_with_its_token_a_watcher_may_be_elsewhere() -> None:
    async with running(RegistryConfig(http=Http(metrics_token="watch-word"))) as guarded:
        shown = {"Authorization": "Bearer watch-word", "X-Forwarded-For": "203.0.113.9"}
        assert (await guarded.http.get("/metrics", headers=shown)).status == 200


async def test_ready_while_each_pool_answers_and_not_when_one_is_spent(registry: Registry) -> None:
    assert (await registry.http.get("/readyz")).status == 200
    pool = registry.http.app[SCANS]
    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    begun_s = time.monotonic()
    answer = await registry.http.get("/readyz")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert time.monotonic() - begun_s < 5
    for connection in held:
        await pool.release(connection)


async def test_everything_that_can_be_asked_is_described(registry: Registry) -> None:
    found: dict[str, Any] = await (await registry.http.get("/openapi.json")).json()
    told = {(method, path) for path, methods in found["paths"].items() for method in methods}
    assert len(told) == len(ROUTES) + len(ENDPOINTS)
    assert ("post", "/v1/agents/{agent}/events") in told and ("get", "/updates/{part}/{name}") in told
    assert all(one["summary"] for methods in found["paths"].values() for one in methods.values())
    for endpoint in ENDPOINTS:
        one = found["paths"][endpoint.path][endpoint.method.lower()]
        assert (one["x-act"], one["x-roles"]) == (endpoint.act.value, sorted(TABLE[endpoint.act].roles))
        if endpoint.body is not None:
            name = one["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert found["components"]["schemas"][name]["type"] == "object"
