"""Whoever updates with ten labels left has ten: nothing is allotted anew, nothing is lost, offline and online."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import CertificateError, QuotaError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Goods
from edge_agent.model.job import JobState
from label_protocol.chain import address
from tests.kits.ledger_kit import ToldClock, an_order, fed, new_serial, printed, require_sound

HERE = Path(__file__).parent
LOT, GTIN = "L20261118A", "06901234567892"
KEY = f"lot:{LOT}"
FIRM = "91330482MA0000000L"
FACTS = {"product": {"style_no": "YR2026-0801"}, "lot": {"lot_no": LOT}}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    (tmp_path / "ledger.db").write_bytes(lzma.decompress((HERE / "ledger.db.xz").read_bytes()))
    (tmp_path / "witness").write_bytes(gzip.decompress((HERE / "witness.gz").read_bytes()))
    clock = ToldClock()
    clock.second = "2026-12-01T08:00:00"
    facts: dict[str, Any] = {"witness": tmp_path / "witness", "clock": clock, "new_serial": new_serial}
    found = Ledger.open(tmp_path / "ledger.db", fingerprint="pc-1", **facts)
    yield found
    found.close()


def items(version: int = 1, **more: Any) -> list[dict[str, Any]]:
    """All that a registry with firms sends an agent that has learnt of them: the same key, described."""
    named = {"firm": FIRM, "firm_name": "示例服饰有限公司", "lot_no": LOT, "style_no": "YR2026-0801", "gtins": [GTIN]}
    certificate = {"firm": FIRM, "lot_no": LOT, "version": version, "scheme": "pinghu-down", "valid_from": "2026-11-18"}
    certificate |= {"valid_to": None, "facts": FACTS, "sha256": address(FACTS), "withdrawn": False, "reason": ""} | more
    return [
        {"kind": "allotment", "quota_key": KEY, "quantity": 5000, "spoilage_permille": 30, **named},
        {"kind": "lease", "quota_key": KEY, "until": "2027-01-14T00:00:00Z", "warn_days": 7},
        {"kind": "lot", "lot_no": LOT, "firm": FIRM, "quota_key": KEY, "record": FACTS},
        {"kind": "certificate", "quota_key": KEY, **certificate},
    ]


def drawn_to_the_end(ledger: Ledger) -> int:
    """How many labels the paused job still draws; another one is refused then."""
    (job,) = ledger.open_jobs()
    ledger.move_job(job.job_id, JobState.RUNNING, "on")
    while ledger.job(job.job_id).left:
        printed(ledger, job)
    more = ledger.open_job(an_order(8, key="one-more", lot_no=LOT, quota_key=KEY, snapshot=FACTS))
    with pytest.raises(QuotaError, match="配额已用完"):
        ledger.begin_window(more.job_id)
    return ledger.job(job.job_id).drawn - job.drawn


def test_offline_ten_are_left_and_no_more(ledger: Ledger) -> None:
    require_sound(ledger)
    assert ledger.allotment_for(Goods(LOT, "YR2026-0801", GTIN)).quota_key == KEY
    assert (ledger.quota(KEY).used, ledger.quota(KEY).free) == (4990, 10)
    assert ledger.lease(KEY) is None and ledger.certificate(KEY) is None
    assert drawn_to_the_end(ledger) == 10
    require_sound(ledger)


def test_online_the_same_ten_are_left_whatever_is_fed_again(ledger: Ledger) -> None:
    for _ in range(2):
        fed(ledger, *items())
        ledger.hear("2026-12-01T08:00:00.000Z")
        assert (ledger.quota(KEY).used, ledger.quota(KEY).free) == (4990, 10)
    assert ledger.allotment_for(Goods(LOT, "YR2026-0801", GTIN, FIRM)).quota_key == KEY, "its name for ever"
    assert drawn_to_the_end(ledger) == 10
    require_sound(ledger)


def test_a_job_of_before_is_held_to_the_certificate_that_came_since(ledger: Ledger) -> None:
    (job,) = ledger.open_jobs()
    ledger.move_job(job.job_id, JobState.RUNNING, "on")
    fed(ledger, *items(2, withdrawn=True, reason="复检不合格"))
    with pytest.raises(CertificateError, match="复检不合格"):
        ledger.begin_window(job.job_id)
