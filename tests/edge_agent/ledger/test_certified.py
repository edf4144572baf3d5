"""Labels say what their lot's certificate says, when they are ordered and before each window; and a job draws on the
allotment that is its own, whichever firms have a lot of that number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import CertificateError, FirmNeededError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Goods
from edge_agent.model.job import Job
from label_protocol.chain import address, parse
from label_protocol.errors import RecordError
from label_protocol.states import Step
from tests.edge_agent.ledger.test_leases import CERTIFICATE
from tests.kits.ledger_kit import GTIN, Place, a_job, an_order, enrolled, fed, printed, require_sound

SAYS = {
    "product": {"style_no": "S1"},
    "lot": {"lot_no": "L1", "grade": {"scheme": "pinghu-down", "overall": "AAAA"}},
}
OTHER = "06901234567908"


def certificate(overall: str = "4A", **more: Any) -> dict[str, Any]:
    facts = {"lot": {"lot_no": "L1", "grade": {"scheme": "pinghu-down", "overall": overall}}}
    return CERTIFICATE | {"facts": facts, "sha256": address(facts)} | more


def allotment(key: str, firm: str, *, lot_no: str | None = "L1", style_no: str = "S1", gtin: str = GTIN) -> Any:
    named = {"firm": firm, "firm_name": f"示例{firm}", "lot_no": lot_no, "style_no": style_no, "gtins": [gtin]}
    return {"kind": "allotment", "quota_key": key, "quantity": 100, "spoilage_permille": 30, **named}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    found = enrolled(place.open(), 100)
    fed(found, certificate())
    yield found
    found.close()


def opened(ledger: Ledger, job: Job) -> dict[str, Any]:
    life = ledger.incarnations()[-1]
    told = (parse(event.body) for event in ledger.events(life.incarnation, 0, 10_000))
    return next(one for one in told if one.get("job") == job.job_id)


# --- certificates -----------------------------------------------------------------------------------------------------


def test_a_job_says_which_certificate_it_was_compared_with(ledger: Ledger) -> None:
    job = a_job(ledger, snapshot=SAYS)
    assert opened(ledger, job)["certificate"] == {"version": 1, "sha256": certificate()["sha256"]}
    printed(ledger, job)
    require_sound(ledger)


def test_a_grade_that_is_not_certified_is_not_ordered(ledger: Ledger) -> None:
    forged = {**SAYS, "lot": {"lot_no": "L1", "grade": {"scheme": "pinghu-down", "overall": "AAAAA"}}}
    head = ledger.head()
    with pytest.raises(CertificateError, match=r"标签上是“AAAAA”，证书上是“4A”"):
        a_job(ledger, snapshot=forged)
    assert ledger.head() == head


def test_a_certificate_that_changed_is_compared_before_the_next_window(ledger: Ledger) -> None:
    job = a_job(ledger, snapshot=SAYS)
    printed(ledger, job)
    fed(ledger, certificate("AAAA", version=2))
    printed(ledger, job)
    fed(ledger, certificate("AAA", version=3))
    with pytest.raises(CertificateError, match=r"标签上是“AAAA”，证书上是“AAA”"):
        ledger.begin_window(job.job_id)
    fed(ledger, certificate("AAAA", version=4))
    assert printed(ledger, job).serials, "put right, it goes on"
    require_sound(ledger)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"withdrawn": True, "reason": "复检不合格"}, "已暂停或撤销：复检不合格"),
        ({"valid_from": "2026-11-21"}, "有效期是 2026-11-21"),
        ({"valid_to": "2026-11-19"}, "到 2026-11-19"),
    ],
)
def test_a_certificate_that_does_not_stand_stops_orders_windows_and_replacements(
    ledger: Ledger, change: dict[str, Any], said: str
) -> None:
    job = a_job(ledger, snapshot=SAYS)
    serial = printed(ledger, job).serials[0]
    fed(ledger, certificate(version=2, **change))
    with pytest.raises(CertificateError, match=said):
        ledger.begin_window(job.job_id)
    with pytest.raises(CertificateError, match=said):
        a_job(ledger, snapshot=SAYS)
    with pytest.raises(CertificateError, match=said):
        ledger.scrap_and_replace(serial, "操作员甲", "torn", "k-replace")
    assert ledger.label(serial).state == "printed", "nothing half done"
    ledger.decide(serial, Step.COMMISSION, "操作员甲", "on its garment")
    require_sound(ledger)


def test_a_certificate_ends_by_the_latest_time_known_and_not_by_a_clock_set_back(place: Place, ledger: Ledger) -> None:
    fed(ledger, certificate(valid_to="2026-12-31"))
    job = a_job(ledger, snapshot=SAYS)
    ledger.hear("2027-01-02T08:00:00.000Z")
    with pytest.raises(CertificateError, match="2026-12-31"):
        ledger.begin_window(job.job_id)


# --- whose allotment --------------------------------------------------------------------------------------------------


def test_a_key_is_looked_up_and_one_of_before_keeps_its_text(ledger: Ledger) -> None:
    assert ledger.allotment_for(Goods("L1", "S1", GTIN)).quota_key == "lot:L1"
    assert ledger.allotment_for(Goods(None, "S9", GTIN)).quota_key == "style:S9"
    fed(ledger, allotment("lot:AB:L7", "F1", lot_no="L7"), allotment("style:AB:S1", "F1", lot_no=None))
    assert ledger.allotment_for(Goods("L7", "S1", OTHER)).quota_key == "lot:AB:L7", "a size that the registry lacks"
    assert ledger.allotment_for(Goods(None, "S1", GTIN)).quota_key == "style:AB:S1"
    with pytest.raises(RecordError, match="款号 S2 的批号 L7"):
        ledger.allotment_for(Goods("L7", "S2", GTIN))
    with pytest.raises(RecordError, match="firm F9"):
        ledger.allotment_for(Goods("L7", "S1", GTIN, "F9"))


def test_two_firms_with_one_lot_number_never_meet(ledger: Ledger) -> None:
    fed(ledger, allotment("lot:AB:L2", "F1", lot_no="L2"), allotment("lot:CD:L2", "F2", lot_no="L2"))
    with pytest.raises(FirmNeededError, match="为哪家") as asked:
        ledger.allotment_for(Goods("L2", "S1", GTIN))
    assert asked.value.firms == {"F1": "示例F1", "F2": "示例F2"}
    keys = {firm: ledger.allotment_for(Goods("L2", "S1", GTIN, firm)).quota_key for firm in ("F1", "F2")}
    assert keys == {"F1": "lot:AB:L2", "F2": "lot:CD:L2"}
    job = a_job(ledger, lot_no="L2", quota_key=keys["F2"])
    assert opened(ledger, job)["firm"] == "F2"
    printed(ledger, job)
    assert (ledger.quota(keys["F1"]).used, ledger.quota(keys["F2"]).used) == (0, 8)
    fed(ledger, {"kind": "recall", "quota_key": keys["F1"], "reason": "染料"})
    assert printed(ledger, job).serials and ledger.stopped_lots() == {}
    fed(ledger, {"kind": "recall", "quota_key": keys["F2"], "reason": "染料"})
    assert set(ledger.stopped_lots()) == {"L2"}
    require_sound(ledger)


def test_a_gtin_is_one_firms_and_answers_for_whom(ledger: Ledger) -> None:
    fed(ledger, allotment("lot:AB:L2", "F1", lot_no="L2"), allotment("lot:CD:L2", "F2", lot_no="L2", gtin=OTHER))
    assert ledger.allotment_for(Goods("L2", "S1", GTIN)).firm == "F1"
    assert ledger.allotment_for(Goods("L2", "S1", OTHER)).firm == "F2"


def test_a_job_draws_on_no_other_lots_allotment(ledger: Ledger) -> None:
    fed(ledger, allotment("lot:AB:L2", "F1", lot_no="L2"))
    with pytest.raises(RecordError, match="draws on its own lot"):
        ledger.open_job(an_order(lot_no="L1", quota_key="lot:AB:L2"))
    with pytest.raises(RecordError, match="draws on its own lot"):
        ledger.open_job(an_order(lot_no=None, quota_key="lot:AB:L2"))
    with pytest.raises(RecordError, match="draws on its own lot"):
        ledger.open_job(an_order(lot_no="L2", quota_key="lot:CD:L2"))
