"""What the page does in the end: the steps of the command, one after another beside the page that shows them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig
from edge_agent.ops.setup import run
from edge_agent.ops.setup.run import Outcome, Wanted
from edge_agent.ops.setup.steps import Step
from label_protocol.errors import of_system


class Work:
    """`begin` writes, `do` does the rest and may take minutes; a page reads `outcomes` meanwhile."""

    def __init__(self, path: Path, wanted: Wanted, *, change: bool) -> None:
        self._path, self._wanted, self._change = path, wanted, change
        self.settings: AgentConfig | None = None
        self.todo: Sequence[Step] = ()
        self.outcomes: list[Outcome] = []
        self.badge: bytes = b""
        self.over = False

    def begin(self) -> None:
        """Write the configuration. Raises as `run.write`; then nothing was begun."""
        self.settings = run.write(self._path, self._wanted, change=self._change, now=now_utc())
        self.todo = run.planned(self._path, self._wanted, self.settings)

    def do(self) -> None:
        """The steps, and at the end the badge of the lead who was added."""
        try:
            for one in run.carry_out(self._path, self.todo, service=self._wanted.service, do=run.unseen):
                self.outcomes.append(one)
            if self.added:
                self._make_badge(self.added)
        except OSError as cause:  # a step that could not be begun is one that failed, and so are those behind it
            self.outcomes += [Outcome(step, False, of_system(cause)) for step in self.todo[len(self.outcomes) :]]
        finally:
            self.over = True

    @property
    def added(self) -> str:
        """The lead who was added, which is the last step; empty: nobody, or not yet."""
        whole = len(self.outcomes) == len(self.todo) and self.outcomes and self.outcomes[-1].ok
        return self._wanted.lead or "" if whole else ""

    def _make_badge(self, lead: str) -> None:
        """It goes through a file that the one whose data these are can write, and nobody else read."""
        with tempfile.TemporaryDirectory() as folder:
            self._give(Path(folder))
            picture = Path(folder, "badge.png")
            words = ("people", "badge", lead, "--out", str(picture), "--config", str(self._path))
            if run.unseen(Step("工牌", "badge", words)).ok:
                self.badge = picture.read_bytes()

    def _give(self, folder: Path) -> None:
        if self.settings is not None and sys.platform != "win32" and os.geteuid() == 0:
            place = self.settings.people_path
            there = next(one for one in (place, *place.parents) if one.exists()).stat()
            os.chown(folder, there.st_uid, there.st_gid)
