"""What the page offers first is what can be printed: asked by drawing, and kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edge_agent.demo.play import samples
from edge_agent.service import fitting
from edge_agent.service.agent_service import AgentService
from tests.edge_agent.service.test_service import LOT, ask
from tests.edge_agent.service.test_stopped_lots import DOWN, JACKET, client, feed, service

__all__ = ["client", "service"]

QUERY = f"fitting?style_no={JACKET['style_no']}&size={JACKET['size']}&lot_no={LOT}"


async def test_what_is_offered_is_what_an_order_takes(client: Any, service: AgentService) -> None:
    for one in service.parts.catalog.styles.list():
        lots = (await service.catalogue.lots()).offered((await service.catalogue.listing()).styles)[
            one.style_no, one.size
        ]
        for lot_no in lots:
            query = f"fitting?style_no={one.style_no}&size={one.size}&lot_no={lot_no}"
            found = await ask(client, "GET", query, 200)
            assert found["templates"], one.style_no
            labels = service.parts.library.labels()
            assert {*found["templates"], *found["refused"]} == set(labels)
            for number, name in enumerate(found["templates"] + sorted(found["refused"])):
                coded = labels[name].coded
                body = {**DOWN, "template": name, "style_no": one.style_no, "size": one.size, "lot_no": lot_no}
                if not coded:
                    body["count"] = body.pop("quantity")
                wanted = (201 if coded else 202) if name in found["templates"] else 422
                path = "jobs" if coded else "copies"
                await ask(client, "POST", path, wanted, body, f"{one.style_no}-{lot_no}-{number}")


async def test_a_graded_lot_gets_its_grade_label_first(client: Any) -> None:
    found = await ask(client, "GET", QUERY, 200)
    assert found["templates"][0].startswith("down_")
    assert found["templates"][-1] == "wash_care_30"
    assert all(" · " in said or "expected" in said for said in found["refused"].values())
    knit = await ask(client, "GET", "fitting?style_no=PY-C-2617&size=160/84A&lot_no=PY26110203", 200)
    assert not any(name.startswith("down_") for name in knit["templates"])
    assert {"down_grade_60x40", "down_hangtag_50x90"} <= set(knit["refused"])


async def test_what_was_drawn_is_not_drawn_again(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await ask(client, "GET", QUERY, 200)

    def again(*_: Any) -> Any:
        raise AssertionError("drawn again")

    monkeypatch.setattr(fitting, "render_prepared", again)
    assert await ask(client, "GET", QUERY, 200) == first


async def test_nothing_fits_a_stopped_lot_and_a_lot_of_other_goods_is_refused(
    client: Any, service: AgentService
) -> None:
    await feed(service, {"kind": "recall", "quota_key": f"lot:{LOT}", "reason": "抽检不合格"})
    found = await ask(client, "GET", QUERY, 200)
    assert found["templates"] == []
    assert set(found["refused"].values()) == {"已召回：抽检不合格 · recalled: 抽检不合格"}
    await ask(client, "GET", QUERY.replace(LOT, "PY26110203"), 422)
    await ask(client, "GET", "fitting?style_no=YR2026-0801", 422)


async def test_the_smallest_label_is_named_and_auto_prints_it(client: Any) -> None:
    found = await ask(client, "GET", QUERY, 200)
    assert found["smallest"] == "down_grade_60x40"
    order = {**DOWN, **JACKET, "lot_no": LOT, "template": "auto"}
    auto = await ask(client, "POST", "jobs", 201, order, "auto-1")
    assert auto["template"] == found["smallest"], "what is printed is recorded by its own name"
    assert await ask(client, "POST", "jobs", 201, order, "auto-1") == auto
    copies = {key: value for key, value in order.items() if key != "quantity"} | {"count": 1}
    assert (await ask(client, "POST", "copies", 202, copies, "auto-2"))["template"] == "wash_care_30"


async def test_a_record_that_does_not_fit_is_told_the_smallest_that_takes_it(client: Any) -> None:
    record = json.loads(samples()["down_graded"].model_dump_json(exclude_none=True))
    record["product"]["name"] = "示例" * 36
    body = {"record": record, "template": "down_grade_60x40", "printer": "p1", "quantity": 1, "operator": "A01"}
    told = await ask(client, "POST", "jobs", 422, body, "auto-3")
    assert told["smallest_template"] in told["detail"]
    await ask(client, "POST", "jobs", 201, {**body, "template": told["smallest_template"]}, "auto-4")
