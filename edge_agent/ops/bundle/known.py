"""Every value of this site that must not leave it: secrets by where they are kept, people by their names."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Iterator

from edge_agent.access.store import PeopleStore
from edge_agent.catalog import Catalog
from edge_agent.config import AgentConfig
from edge_agent.identity.credentials import Credentials
from edge_agent.identity.next_secret import SecretFile
from edge_agent.wiring import open_overrides
from label_protocol.errors import AgentError


def known(config: AgentConfig) -> Iterator[str]:
    """Secrets and names; a file that cannot be read gives none, and none of it is in the bundle either."""
    with contextlib.suppress(AgentError, OSError):
        if credentials := Credentials.load(config.registry.credentials_path):
            yield credentials.secret
            yield from (credentials.check_keys or {}).get("keys", {}).values()
            yield from SecretFile(config.registry.credentials_path).others()
    with contextlib.suppress(AgentError, OSError):
        if any(config.data.catalog_path.parent.glob(f"{config.data.catalog_path.name}*")):
            for one in Catalog.open(config.data.catalog_path).operators.list():
                yield from (one.name, one.code)
    with contextlib.suppress(AgentError, OSError):
        store = PeopleStore(config.people_path)
        yield from (*(one.name for one in store.people()), *(one.name for one in store.programs()))
    with contextlib.suppress(OSError, ValueError):
        yield config.local_token_path.read_text("ascii").strip()
    with contextlib.suppress(AgentError, OSError):
        yield from (one.who for one in open_overrides(config))
    with contextlib.suppress(OSError, KeyError, ImportError):
        yield getpass.getuser()
    for row in config.alerts:
        yield from (row.url, row.secret or "")
    for source in config.intake:
        yield from (source.owner, source.name)
    yield from (config.site.name, *(row.name for row in config.printers), *(row.name for row in config.groups))
