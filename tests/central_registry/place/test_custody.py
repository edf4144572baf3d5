"""The fold of what was told to where a garment is: any order, the same answer; a stranger moves nothing."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from central_registry.place.custody import Kind, Right, Standing, Told, fold

SERIAL, BOX, PALLET = "S", "BOX", "PALLET"
FIRM, SHOP, LAB = "firm", "shop", "lab"
AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
OWN = frozenset({FIRM})


def row(hour: float, kind: Kind, party: str, unit: str = SERIAL, *, n: int = 0, **more: str) -> Told:
    right = Right(more.pop("by_right", "holder"))
    return Told(unit, n or int(hour * 100), AT + timedelta(hours=hour), kind, party, right, **more)


STORY = (
    row(1, Kind.PACKED, FIRM, carton=BOX),
    row(2, Kind.PACKED, FIRM, BOX, carton=PALLET),
    row(3, Kind.SHIPPED, FIRM, PALLET, waybill="W1", to_party=SHOP),
    row(4, Kind.RECEIVED, SHOP, PALLET),
    row(5, Kind.SHIPPED, SHOP, waybill="W2", to_party=FIRM),
    row(6, Kind.RETURNED, FIRM),
)


def test_nothing_told_is_with_whose_it_is() -> None:
    assert fold(SERIAL, OWN, []).standing == Standing(OWN)


def test_a_carton_takes_its_garments_along() -> None:
    found = fold(SERIAL, OWN, STORY[:4])
    assert found.standing == Standing(frozenset({SHOP}), (BOX, PALLET), "W1", Kind.RECEIVED)
    assert (len(found.moved), found.claims) == (4, [])


def test_told_in_any_order_it_is_one_story() -> None:
    whole = fold(SERIAL, OWN, STORY)
    assert whole.standing == Standing(OWN, (), "", Kind.RETURNED)
    for order in itertools.permutations(range(len(STORY))):
        told = [
            Told(one.unit, n, one.at, one.kind, one.party, one.by_right, one.carton, one.waybill, one.to_party)
            for n, one in zip(order, STORY, strict=True)
        ]
        found = fold(SERIAL, OWN, told)
        assert (found.standing, len(found.moved), found.claims) == (whole.standing, len(STORY), []), order


def test_a_false_shop_destroys_nothing() -> None:
    false = row(2.5, Kind.DESTROYED, "false")
    found = fold(SERIAL, OWN, [*STORY, false])
    assert (found.claims, found.standing) == ([false], fold(SERIAL, OWN, STORY).standing)


def test_who_sent_it_away_does_not_reach_back() -> None:
    late = row(1.5, Kind.DESTROYED, FIRM, n=900)
    found = fold(SERIAL, OWN, [*STORY[:4], late])
    assert (found.claims, found.standing.holders) == ([late], frozenset({SHOP}))
    again = fold(SERIAL, OWN, [*STORY, late])
    assert again.claims == [late], "nor when it came back meanwhile: it was another's in between"


def test_who_was_to_get_it_had_it_not_before() -> None:
    early = row(2.9, Kind.DESTROYED, SHOP, n=900)
    assert fold(SERIAL, OWN, [*STORY[:4], early]).claims == [early]


def test_no_right_moves_nothing_and_an_office_only_samples() -> None:
    lost = row(1, Kind.DESTROYED, FIRM, by_right="none")
    wrong = row(2, Kind.DESTROYED, LAB, by_right="office")
    assert fold(SERIAL, OWN, [lost, wrong]).claims == [lost, wrong]


def test_a_sample_goes_to_the_office_and_back() -> None:
    sampled = row(7, Kind.SAMPLED, LAB, by_right="office")
    found = fold(SERIAL, OWN, [row(1, Kind.PACKED, FIRM, carton=BOX), sampled])
    assert found.standing == Standing(frozenset({LAB}), (), "", Kind.SAMPLED, OWN)
    back = fold(SERIAL, OWN, [sampled, row(8, Kind.INSPECTED, LAB), row(9, Kind.BACK, LAB)])
    assert back.standing == Standing(OWN, (), "", Kind.BACK)


def test_what_is_destroyed_goes_nowhere() -> None:
    after = [row(2, Kind.SHIPPED, FIRM, to_party=SHOP), row(3, Kind.SAMPLED, LAB, by_right="office")]
    found = fold(SERIAL, OWN, [row(1, Kind.DESTROYED, FIRM, n=1), *after])
    assert (found.claims, found.standing.holders) == (after, frozenset())


def test_taken_out_it_stays_when_the_carton_goes() -> None:
    shipped = row(3, Kind.SHIPPED, FIRM, BOX, waybill="W1", to_party=SHOP)
    found = fold(SERIAL, OWN, [STORY[0], row(2, Kind.UNPACKED, FIRM), shipped])
    assert (found.standing.holders, found.standing.within, found.elsewhere) == (OWN, (), [shipped])


def test_a_ring_of_cartons_ends() -> None:
    ring = [STORY[0], row(2, Kind.PACKED, FIRM, BOX, carton=PALLET), row(3, Kind.PACKED, FIRM, PALLET, carton=BOX)]
    assert fold(SERIAL, OWN, ring).standing.within == (BOX, PALLET)
