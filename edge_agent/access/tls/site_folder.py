"""The folder of a site's own authority: its certificate with its key, and the page's with its key, each one file.

One file for both halves, replaced by one rename: a kill leaves the old pair or the new one, never halves of two. The
page's is the one that can always be made again, so whatever is wrong with it is mended by a new one.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from edge_agent.access.tls.authority import Pair, is_due, make_authority, make_page
from edge_agent.access.tls.terms import AUTHORITY, PAGE, Names
from edge_agent.files import begin_file, make_folder, sync_folder
from label_protocol.errors import ConfigError, ConflictError


class SiteFolder:
    """Of one agent. Nothing in it is for others; devices get the authority's certificate over the network."""

    def __init__(self, folder: Path) -> None:
        self.authority_path, self.page_path = folder / AUTHORITY, folder / PAGE

    def make(self, names: Names, site: str, now: datetime, *, again: bool = False) -> Pair:
        """A new authority and the page's first certificate under it.

        Raises:
            ConflictError: there is one, and nobody said `again`: devices that trust it would have to be visited.
            OSError: the folder takes nothing.
        """
        if self.authority_path.exists() and not again:
            raise ConflictError(
                "已经有本站证书了，设备信任的就是它；真要换新的请加 --again，每台设备都要重装 · "
                f"{self.authority_path}: expected none yet, got one that devices may trust; --again puts a new one in "
                "its place, and then each device has to be given that"
            )
        authority = make_authority(names, site, now)
        _put(self.authority_path, authority.pem)
        _put(self.page_path, make_page(authority, now).pem)
        return authority

    def authority(self) -> Pair:
        """Raises ConfigError: there is none, or it cannot be read."""
        try:
            return Pair.read(self.authority_path.read_bytes())
        except FileNotFoundError as cause:
            raise ConfigError(
                "还没有本站证书；请运行 edge-agent tls init --config F · [web] tls: expected an authority of this "
                "site, got none; run: edge-agent tls init --config F"
            ) from cause
        except (OSError, ValueError) as cause:
            raise ConfigError(
                f"{self.authority_path} 读不了，请运行 edge-agent tls init --again · [web] tls: expected the authority "
                f"of this site, got a file that cannot be read ({cause}); run: edge-agent tls init --again"
            ) from cause

    def renew_if_due(self, now: datetime) -> bool:
        """Whether the page's certificate had to be made anew, and was.

        Raises:
            ConfigError: there is no authority, or it has ended and there is no certificate of its time.
            OSError: the folder takes nothing.
        """
        authority = self.authority()
        try:
            due = is_due(Pair.read(self.page_path.read_bytes()).certificate, authority.certificate, now)
        except (OSError, ValueError):
            due = True
        if due and now >= authority.certificate.not_valid_after_utc:
            raise ConfigError(
                "本站的证书已到期，请运行 edge-agent tls init --again，再给每台设备重装 · [web] tls: expected an "
                "authority that holds, got one that has ended; run: edge-agent tls init --again"
            )
        if due:
            _put(self.page_path, make_page(authority, now).pem)
        return due


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all, and for its owner alone."""
    make_folder(path.parent)
    side = path.with_name(f".{path.name}.unfinished")
    side.unlink(missing_ok=True)
    with os.fdopen(begin_file(side), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    side.replace(path)
    sync_folder(path.parent)
