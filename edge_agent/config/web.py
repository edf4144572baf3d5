"""The table of the page and the API: where they listen, and how what goes over the network is locked."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, model_validator

from edge_agent.config.values import FilePath, Table

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$")]


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as cause:
        raise ValueError("expected an address or a network such as 192.168.1.7 or 10.0.0.0/24") from cause
    if not network.prefixlen:  # whoever asks would be believed whatever they say of themselves, in clear
        raise ValueError("expected an address or a network that is that of a proxy, and not everybody's")
    return text


class WebTable(Table):
    """Where the page and the API listen. `tls`: `site`, this agent's own authority (`edge-agent tls init`); `given`,
    `certificate_path` and `key_path` (left out: the key is in the same file); `proxy`, in clear behind `proxies` or one
    on this computer; `off`, in clear, off this computer only with `allow_plain_http`. Nobody said: as `off`, and told.
    `names`: what else this page is reached by; `ca_port`: where devices get the authority's certificate, 0 for nowhere.
    """

    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8631
    connections_max: Annotated[int, Field(ge=8, le=10_000)] = 256
    connections_per_address_max: Annotated[int, Field(ge=4, le=10_000)] = 128
    header_timeout_s: Annotated[float, Field(ge=0.1, le=300)] = 10.0
    tls: Literal["site", "given", "proxy", "off"] | None = None
    allow_plain_http: bool = False
    names: Annotated[tuple[Host, ...], Strict(False), Field(max_length=50)] = ()
    certificate_path: FilePath | None = None
    key_path: FilePath | None = None
    proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Strict(False), Field(max_length=50)] = ()
    ca_port: Annotated[int, Field(ge=0, le=65_535)] = 8632

    @model_validator(mode="after")
    def _fits(self) -> WebTable:
        if self.tls == "given" and self.certificate_path is None:
            raise ValueError('expected web.certificate_path beside tls = "given" (got none)')
        if self.tls == "site" and self.ca_port and self.ca_port == self.port:
            raise ValueError(f"expected web.ca_port to be another port than web.port (got {self.ca_port} twice)")
        return self
