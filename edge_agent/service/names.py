"""Which names are shown to whom, in what leaves the agent as a table or on paper."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.access.asking import Asking
from edge_agent.errors import AccessError
from edge_agent.model.shown import Shown
from edge_agent.service.people import PeopleService
from edge_agent.service.printers import PrinterService


class NameService:
    """Answers from the site's people and printers."""

    def __init__(self, people: PeopleService, printers: PrinterService) -> None:
        self._people, self._printers = people, printers

    async def shown(self, asking: Asking) -> Shown:
        """The names that whoever asks may know; of nobody, to somebody who is not known. Raises CatalogError."""
        found = await self._printers.all()
        printers = {one.printer_id: one.name for one in found.printers}
        printers |= {one.group_id: one.name for one in found.groups}
        return Shown(await self._names(asking), printers)

    async def _names(self, asking: Asking) -> Mapping[str, str]:
        """A page that is looked at keeps no session alive; a program shows its token."""
        if not asking.token:
            return await self._people.names(asking) or {}
        try:
            return {one.id: one.name for one in await self._people.everybody(asking)}
        except AccessError:
            return {}
