"""Renders the scan page as HTML or JSON: one template, one style sheet, both our own and inside the page.

No script, no font, no picture from elsewhere: the page says so itself by a Content-Security-Policy that allows nothing
but the one style sheet, named by its hash. All values are escaped by Jinja's autoescape.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from sys import getsizeof
from urllib.parse import parse_qs

from aiohttp import web
from jinja2 import Environment, FunctionLoader, StrictUndefined

from central_registry.config import RegistryConfig
from central_registry.consumer.certificate_words import reason_words, rows, what_became
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import WORDS, maker_of, page_of
from central_registry.consumer.grouped import Kept
from central_registry.consumer.scan_json import as_json
from central_registry.consumer.untold import spoke_words
from garment.certificate import fact_words
from label_protocol.codes.serial import grouped

KEPT_MOST = 32 << 20
"""Bytes of rendered facts that are kept: those of some thousand snapshots."""

_BEIJING = timezone(timedelta(hours=8))
_TEMPLATES = files("central_registry.consumer")
_ENV = Environment(
    loader=FunctionLoader(lambda name: _TEMPLATES.joinpath(name).read_text("utf-8")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
"""One for the program: it keeps what it compiled, which takes a tenth of a second for the two of them."""


class ScanPage:
    """Renders findings; holds what does not change from scan to scan."""

    def __init__(self, config: RegistryConfig) -> None:
        css = _TEMPLATES.joinpath("scan.css").read_text("utf-8").strip()
        self._template = _ENV.get_template("scan.html")
        self._facts = _ENV.get_template("scan_facts.html")
        self._kept: Kept[tuple[str, str]] = Kept(KEPT_MOST)
        self._css = css
        self._config = config
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'; form-action"
        )
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
            "Cache-Control": "no-store",
            "Vary": "Accept",
        }

    def answer(self, finding: Finding, accept: str) -> web.Response:
        """JSON for a client that asks for it and not for HTML, else the page."""
        status, headers = finding.http_status, self._headers_of(finding)
        if "application/json" in accept and "text/html" not in accept:
            document = as_json(finding, self._config.complaint.model_dump())
            text, kind = json.dumps(document, ensure_ascii=False), "application/json"
        else:
            text, kind = self.html(finding), "text/html"
        body = text.encode("utf-8", "replace")  # JSON can hold half a surrogate pair, which no UTF-8 can
        return web.Response(body=body, status=status, content_type=kind, charset="utf-8", headers=headers)

    def _headers_of(self, finding: Finding) -> dict[str, str]:
        """A form may be sent only from a page that has one."""
        target = "'none'" if finding.check_code_key is None else "'self'"
        found = {**self._headers, "Content-Security-Policy": f"{self._policy} {target}"}
        if finding.check_code is not None and finding.check_code.retry_s:
            found["Retry-After"] = str(finding.check_code.retry_s)
        return found

    def html(self, finding: Finding) -> str:
        """The page's text."""
        typed, certificate = finding.check_code, finding.certificate
        amended = () if certificate is None else certificate.amended
        title, goods = self._goods(finding)
        return self._template.render(
            css=self._css,
            site=self._config.site.name,
            complaint=self._config.complaint,
            finding=finding,
            status=WORDS["status"][finding.headline],
            status_text=WORDS["status_text"][finding.headline],
            untold=spoke_words(finding) if finding.status == "not_yet_registered" else None,
            since_day=_day(finding.notice.since) if finding.notice else "",
            maker=_maker(finding),
            registration=WORDS["status"][finding.status],
            reasons=[reason_words(finding, kind) for kind in finding.reasons],
            certificate=finding.certificate is not None,
            certified=rows(finding.certificate) if finding.product is not None else (),
            since=[words for _, words in what_became(finding.certificate)],
            amended=[(fact_words(fact), then, now) for fact, then, now in amended],
            differences=[(fact_words(fact), label, lot) for fact, label, lot in finding.differences],
            warnings=[(kind, WORDS["warning"][kind]) for kind in finding.warnings if kind != finding.headline],
            title=title,
            goods=goods,
            serial_grouped=grouped(finding.serial),
            first_at=_beijing(finding.first_at),
            imported_at=_beijing(finding.former.imported_at if finding.former else None),
            former_facts=WORDS["facts"]["imported"],
            check_code=typed,
            check_code_words=WORDS["check"][typed.result] if typed else None,
            check_code_text=WORDS["check_text"][typed.result] if typed else None,
            matched_first_at=_beijing(typed.first_at) if typed else "",
        )

    def _goods(self, finding: Finding) -> tuple[str, str]:
        """The garment's name, and all that is said of it: made once for a snapshot, its verdict and its certificate,
        which thousands of labels share, and kept while they are asked for."""
        if finding.snapshot is None:
            return "", ""
        certificate = rows(finding.certificate)
        name = finding.snapshot_hash, finding.facts, tuple(certificate)
        found = self._kept.get(name) if finding.snapshot_hash else None
        if found is None:
            page = page_of(finding.snapshot)
            facts = WORDS["facts"].get(finding.facts)
            differs = finding.facts == "differ"
            text = self._facts.render(page=page, facts=facts, certificate=certificate, differs=differs)
            found = page.title, text
            self._kept.put(name, found, getsizeof(found[1]))
        return found


def read_typed(body: bytes, content_type: str) -> str:
    """The field `code` of a form or a JSON object; what is neither is an empty code."""
    text = body.decode("utf-8", "replace")
    try:
        if content_type != "application/json":
            return parse_qs(text, max_num_fields=20).get("code", [""])[0]
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""


def _maker(finding: Finding) -> Mapping[str, str]:
    """Whom a recall sends people to, as the label or the goods name them."""
    if finding.product is not None:
        return {"name": finding.product["maker"], "address": ""}
    return maker_of(finding.snapshot or {})


def _day(at: datetime | None) -> str:
    return at.astimezone(_BEIJING).date().isoformat() if at else ""


def _beijing(at: datetime | None) -> str:
    return at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M 北京时间") if at else ""
