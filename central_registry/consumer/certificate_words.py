"""Says in words what is known of a label's facts, and what became of its certificate. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from central_registry.consumer.beside import Beside
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import WORDS, Row
from garment.facts import Words
from garment.schemes import scheme_names

_BEIJING = timezone(timedelta(hours=8))


def reason_words(finding: Finding, kind: str) -> Words:
    """Why a label is not called registered; facts may differ from a certificate or from a lot."""
    of_certificate = kind == "facts_differ" and finding.certificate is not None
    return WORDS["reason"]["certificate_differs" if of_certificate else kind]


def what_became(certificate: Beside | None) -> list[tuple[str, Words]]:
    """`amended`, `suspended`, `withdrawn` with the day it happened, each with its words."""
    if certificate is None:
        return []
    since = ((certificate.stopped, certificate.stopped_at), ("amended", certificate.amended_at))
    return [(kind, _dated(kind, at)) for kind, at in since if kind and at is not None]


def rows(certificate: Beside | None) -> list[Row]:
    """What the page says of the certificate a label was judged by."""
    if certificate is None:
        return []
    zh, en = scheme_names(certificate.scheme)
    until = "" if certificate.valid_to is None else f" – {certificate.valid_to.isoformat()}"
    return [
        Row("分级方案", "Scheme", zh, en),
        Row("证书版本", "Version", str(certificate.version)),
        Row("有效期", "Valid", f"{certificate.valid_from.isoformat()}{until}"),
        Row("检测机构", "Laboratory", certificate.lab),
        Row("检测报告", "Test report", certificate.report_no),
    ]


def _dated(kind: str, at: datetime) -> Words:
    zh, en = WORDS["certificate"][kind]
    day = at.astimezone(_BEIJING).date().isoformat()
    return zh.format(day=day), en.format(day=day)
