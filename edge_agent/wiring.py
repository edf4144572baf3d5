"""How things are opened from the configuration: the ledger, the registry it tells, artwork. The agent and the commands
open them alike.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from edge_agent.access.exposure import require_locked, require_page_locked
from edge_agent.access.people import PeopleTerms
from edge_agent.access.tls.own_page import OwnPage, own_page
from edge_agent.access.tls.terms import TlsTerms, url_of
from edge_agent.access.tls.this_computer import host_name
from edge_agent.clock import Clock, Probe, no_probe, now_utc, today_local
from edge_agent.config import AgentConfig
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials, fingerprint
from edge_agent.labels.approving import Approving, rows_in
from edge_agent.labels.artwork_store import ArtworkFolder
from edge_agent.labels.carton import TEMPLATE as CARTON_TEMPLATE
from edge_agent.labels.check_code_key import check_codes_of
from edge_agent.labels.kept_files import KeptFiles
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.ledger.disk_space import Room
from edge_agent.messages.setting import SETTINGS, VALUES
from edge_agent.model.review import ApprovalMode
from edge_agent.model.setting import Setting
from garment.standards import Override
from label_protocol.codes.check_code import CheckCodes
from label_protocol.codes.serial import new_serial
from label_protocol.codes.sscc import SsccBlock
from label_protocol.errors import CodeError, ConfigError


def open_ledger(
    config: AgentConfig,
    *,
    create: bool = False,
    clock: Clock = now_utc,
    probe: Probe = no_probe,
    room: Room | None = None,
) -> Ledger:
    """The ledger of this configuration; close it. Raises LedgerError."""
    path = config.data.ledger_path
    return Ledger.open(
        path,
        witness=config.data.witness_path,
        clock=clock,
        new_serial=lambda issuer: new_serial(issuer, os.urandom),
        fingerprint=fingerprint(path.parent),
        probe=probe,
        create=create,
        room=room,
    )


def open_overrides(config: AgentConfig) -> tuple[Override, ...]:
    """What this site knows better about the rules; nothing if the configuration names no file.

    Raises:
        ConfigError: the file cannot be read, or a row of it is wrong.
    """
    path = config.rules.override_path
    return rows_in(bytes_of_overrides(path), str(path)) if path else ()


def require_registry_locked(config: AgentConfig) -> None:
    """Refuses to call a registry in clear, at the address of the enrolment or that of the configuration.

    Raises:
        ConfigError: as `exposure.require_locked`; or the credentials are not whole.
    """
    enrolled = Credentials.load(config.registry.credentials_path)
    for url in (enrolled.registry if enrolled else None, config.registry.url):
        if url is not None:
            require_locked(url, allow_plain=config.registry.allow_plain_http)


def tls_terms(config: AgentConfig) -> TlsTerms:
    """How this site locks its page."""
    web = config.web
    return TlsTerms(web.tls, config.tls_folder, web.certificate_path, web.key_path, web.proxies)


def require_page(config: AgentConfig) -> None:
    """Refuses a page that would be in clear against the site's word, or locked and have nothing to show.

    Raises:
        ConfigError: as `exposure.require_page_locked` and `serving.require_shown`.
    """
    require_page_locked(config.web.host, config.web.tls, allow_plain=config.web.allow_plain_http)
    if tls_terms(config).spoken:
        from edge_agent.access.tls.serving import require_shown  # a page in clear needs no library of certificates

        require_shown(tls_terms(config))


def page_url(config: AgentConfig) -> str:
    """The address of the page, for people."""
    return url_of(config.web.host, config.web.port, tls=tls_terms(config).spoken)


def ca_url(config: AgentConfig, host: str) -> str | None:
    """Where devices get the site's certificate; None: nowhere."""
    return f"{url_of(host, config.web.ca_port, tls=False)}/" if config.web.ca_port else None


def hosts_of(config: AgentConfig) -> tuple[str, ...]:
    """The names by which a request may ask for this page: those that were given, and this computer's own."""
    return (*config.web.names, host_name())


def page_of(config: AgentConfig) -> OwnPage:
    """How this computer's own commands reach the agent. Raises ConfigError as `own_page`."""
    return own_page(tls_terms(config), config.web.host, config.web.port)


def people_terms(config: AgentConfig) -> PeopleTerms:
    """How this site keeps its people."""
    return PeopleTerms(
        path=config.people_path,
        always=config.people.required == "on",
        operator_required=config.site.operator_required,
        idle_end_s=config.people.idle_end_s,
        pin_digits_min=config.people.pin_digits_min,
    )


def link_style(config: AgentConfig) -> LinkStyle:
    """How this site writes the codes of its labels."""
    return LinkStyle(config.link.host, config.link.case == "upper", config.labels.check_code == "required")


def label_terms(config: AgentConfig, *, drafts: bool = True) -> Callable[[], LabelTerms]:
    """What labels of this site are prepared with, on the day that it is called. Its rows of the rules are read now;
    not `drafts`: of a site where leads approve them none are, since those in force are the ledger's to say.

    Raises:
        ConfigError: as `open_overrides`.
    """
    read = drafts or config.labels.approval is ApprovalMode.OFF
    overrides = open_overrides(config) if read else ()
    link, artwork = link_style(config), open_artwork(config)
    return lambda: LabelTerms(today_local(), link, overrides, artwork)


def sscc_block(config: AgentConfig) -> SsccBlock | None:
    """The carton numbers that this computer may give out; None: the site has no company prefix.

    Raises:
        ConfigError: a prefix that is no company's, or leading digits that leave too few numbers.
    """
    site = config.site
    if site.gs1_company_prefix is None:
        return None
    try:
        return SsccBlock(site.gs1_company_prefix, site.sscc_block)
    except CodeError as cause:
        raise ConfigError(f"{cause} [site]") from cause


def carton_template(config: AgentConfig) -> str:
    """The template of a carton's label, by its name or path."""
    return str(config.labels.carton_template or CARTON_TEMPLATE)


def open_artwork(config: AgentConfig) -> ArtworkFolder:
    """The artwork of certified marks that this site uploaded; an absent folder holds none."""
    return ArtworkFolder(config.data.artwork_path)


def approving(config: AgentConfig) -> Approving:
    """Whose word this site's own templates and rule overrides wait for."""
    return Approving(config.labels.approval, KeptFiles(config.data.approved), config.rules.override_path)


def open_codes(keyring: KeyRing, ledger: LedgerThread) -> Callable[[Mapping[str, Any]], Awaitable[CheckCodes | None]]:
    """What gives the check codes of a snapshot's labels, with the keys that this agent's identity has now; it raises as
    `check_codes_of`."""

    async def codes(snapshot: Mapping[str, Any]) -> CheckCodes | None:
        return check_codes_of(snapshot, keyring.of(await ledger.do(Ledger.identity)))

    return codes


def bytes_of_overrides(path: Path) -> bytes:
    """An override file as it lies. Raises ConfigError: it cannot be read."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would never end
            raise ConfigError(f"{path}: expected a file of rule overrides, got something else; check override_path")
        return path.read_bytes()
    except OSError as cause:
        raise ConfigError(
            f"{path}: expected a readable file of rule overrides, got {cause.strerror}; check override_path"
        ) from cause


def settings_told(config: AgentConfig) -> tuple[Setting, ...]:
    """What this agent is set to, for people who look: no path and no address of a folder, which may hold names."""
    site, printing = config.site, config.printing
    held: Mapping[str, object] = {
        "[site] name": site.name,
        "[site] commission_on": site.commission_on,
        "[site] operator_required": "on" if site.operator_required else "off",
        "[site] shifts": "，".join(site.shifts) or "—",
        "[people] required": config.people.required,
        "[people] idle_end_s": f"{config.people.idle_end_s:g}",
        "[printing] window_labels": printing.window_labels,
        "[printing] accepted_proof": printing.accepted_proof,
        "[printing] mode": printing.mode.value,
        "[proof] scan_every": config.proof.scan_every or "off",
        "[labels] check_code": config.labels.check_code,
        "[labels] approval": config.labels.approval.value,
        "[link] host": config.link.host,
        "[link] case": config.link.case,
        "[registry] url": config.registry.url or "—",
        "[web] host, port": f"{config.web.host}:{config.web.port}",
        "[web] tls": config.web.tls or "—",
        "[backup] every_h": config.backup.every_h or "off",
    }
    return tuple(
        Setting(key, words.zh, words.en, VALUES.get(str(held[key]), str(held[key]))) for key, words in SETTINGS.items()
    )
