"""What a code is that somebody scanned, by what this site has in its books. Nothing is recorded and nothing is done."""

from __future__ import annotations

from edge_agent.model.scan import Scanned, ScannerTerms
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.lots import Listing
from edge_agent.service.parts import AgentParts
from edge_agent.service.scanned import Known, what_is


class ScanService:
    """Asks the catalogue whose codes are known."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService) -> None:
        self._parts, self._catalogue = parts, catalogue
        self._kept: tuple[Listing, Known] | None = None

    @property
    def terms(self) -> ScannerTerms:
        """How this site's scanners play their keys."""
        return self._parts.scanner

    async def what_is(self, text: str) -> Scanned:
        """The kind of a code, and the code alone. Raises CodeError: none of this site's; CatalogError."""
        return what_is(text, self._known(await self._catalogue.listing()))

    def _known(self, named: Listing) -> Known:
        """Made once of a catalogue: ten thousand styles take longer than a scan."""
        if self._kept is None or self._kept[0] is not named:
            operators = frozenset(code for code, _ in named.operators)
            gtins = frozenset(style.gtin.zfill(14) for style in named.styles)
            self._kept = named, Known(self._parts.terms().link.host, operators, gtins=gtins)
        return self._kept[1]
