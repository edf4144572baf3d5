"""`edge-agent tls …`: the site's own certificate for the page, made once and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show
from edge_agent.config import AgentConfig
from edge_agent.wiring import ca_url

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

app = typer.Typer(help="页面的加密 · The page over TLS", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps both commands words of their own."""


@app.command()
def init(
    again: Annotated[
        bool, typer.Option("--again", help="换一个新的，每台设备都要重装 · a new one; each device needs it then")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """做本站的证书：平板、手机装一次，以后自动续期 · Makes this site's authority; devices are given it once.

    Example: edge-agent tls init --config agent.toml
    """
    from edge_agent.access.tls.serving import utc_now  # certificates are no other command's affair
    from edge_agent.access.tls.site_folder import SiteFolder
    from edge_agent.access.tls.this_computer import names_of

    settings = configuration(config)
    names = names_of((settings.web.host, *settings.web.names))
    made = SiteFolder(settings.tls_folder).make(names, settings.site.name, utc_now(), again=again)
    _tell(settings, made.certificate, as_json=as_json)


@app.command(name="show")
def shown(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """看本站证书：指纹、名字、到期日 · What devices are given: fingerprint, names, end.

    Example: edge-agent tls show --config agent.toml
    """
    from edge_agent.access.tls.site_folder import SiteFolder

    settings = configuration(config)
    _tell(settings, SiteFolder(settings.tls_folder).authority().certificate, as_json=as_json)


def _tell(settings: AgentConfig, authority: Certificate, *, as_json: bool) -> None:
    from edge_agent.access.tls.authority import fingerprint, names_of

    in_use, names = settings.web.tls == "site", names_of(authority)
    told: dict[str, Any] = {
        "fingerprint": fingerprint(authority),
        "names": list(names.told),
        "until": authority.not_valid_after_utc.date().isoformat(),
        "in_use": in_use,
        "for_devices": ca_url(settings, names.for_others) if in_use else None,
    }
    lines = [
        f"指纹 SHA-256 fingerprint: {told['fingerprint']}",
        f"只对这些名字和地址有效 good for these alone: {', '.join(names.told)}",
        f"到期 until: {told['until']}",
    ]
    if told["for_devices"]:
        lines.append(f"平板、手机在这里装 devices get it at: {told['for_devices']}")
    if not in_use:
        lines.append(
            '在 agent.toml 写 [web] tls = "site"（给别的电脑用再写 host = "0.0.0.0"），再重启 · write tls = "site" in '
            'agent.toml (and host = "0.0.0.0" for other computers), then restart'
        )
    show(told, as_json=as_json, text="\n".join(lines))
