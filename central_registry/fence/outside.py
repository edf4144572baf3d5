"""Rows of those who come from outside, as `rows.py` has them: who complains, looks by surprise, asks by a key. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from central_registry.fence.rows import ADD, ALL, AT_DOOR, READ, WRITE, Row, of_party, within

_CASES = f"{AT_DOOR} OR {of_party('firm')} AND ((SELECT fence_kind()) IS DISTINCT FROM 'firm' OR firm_asked)"
_OFFICE = f"({AT_DOOR} OR (SELECT fence_kind()) IN ('association', 'inspector', 'operator'))"


def _of_case(table: str) -> str:
    return within("complaint", f"complaint = {table}.complaint")


_CHECKS = "(SELECT fence_kind()) IS DISTINCT FROM 'firm'"
_CHECKED = f"{of_party('firm')} AND {_CHECKS}"
_OF_CHECK = within("spot_check", "spot = spot_sample.spot")

CASES: Mapping[str, Row] = {
    # who complains is at the door; a firm sees what it was asked about
    "complaint": Row(WRITE, sees=_CASES, adds=AT_DOOR),
    "complaint_contact": Row(ALL, sees=f"{_OFFICE} AND {_of_case('complaint_contact')}", writes=AT_DOOR),
    "complaint_photo": Row(ALL, sees=_of_case("complaint_photo"), writes=AT_DOOR),
    "complaint_step": Row(WRITE, sees=_of_case("complaint_step"), writes=AT_DOOR, adds=_of_case("complaint_step")),
    # a surprise: a firm hears of it when there is a result
    "spot_check": Row(WRITE, sees=f"{of_party('firm')} AND ({_CHECKS} OR closed_at IS NOT NULL)", writes=_CHECKED),
    "spot_sample": Row(ADD, sees=_OF_CHECK, adds=f"{_CHECKS} AND {_OF_CHECK}"),
}
"""What consumers complain of, and what is looked at by surprise."""

_OWN = "party = (SELECT fence_party())"

EXCHANGE: Mapping[str, Row] = {
    # whoever was given a key sees that it is there; who shows one is known before anybody is
    "verify_key": Row(WRITE, READ, sees=of_party("association", "party"), writes=of_party("association")),
    # with the secret that signs: nobody's but theirs, whoever admitted them
    "webhook": Row(WRITE, READ, sees=_OWN),
    "webhook_message": Row(WRITE, WRITE, sees=within("webhook", "webhook = webhook_message.webhook")),
    # who captured it, and whose serials it names: not who admitted them, since goods of others stand in it
    "epcis_event": Row(ADD, sees=f"{_OWN} OR event IN (SELECT event FROM fence_epcis_about())", adds=_OWN),
    "epcis_code": Row(ADD, sees=f"{_OWN} OR (event, code) IN (SELECT event, code FROM fence_epcis_about())", adds=_OWN),
    "epcis_capture": Row(ADD, sees=_OWN),
    "epcis_use": Row(WRITE, sees=_OWN),
}
"""Who asks from outside."""
