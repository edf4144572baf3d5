"""Who may act: anybody with a name, until the catalogue names operators; then they and nobody else.

There is no log-in yet, so this keeps out the wrong name and not the wrong person; what it gives is that every act in
the ledger is under a name that somebody at this site stands for.
"""

from __future__ import annotations

import asyncio

from edge_agent.catalog import Catalog
from edge_agent.model import names
from label_protocol.errors import RecordError

SHOWN = 8
"""Codes that a refusal names."""


class People:
    """The operators of this site. `required`: where nobody is named in the catalogue, somebody must be named all the
    same."""

    def __init__(self, catalog: Catalog, *, required: bool) -> None:
        self._catalog = catalog
        self._required = required
        self._seen: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())

    async def require(self, operator: str, what: str, *, recorded: bool = True) -> str:
        """The operator's name as it is recorded; empty only where nobody is named and no name is required. Of what is
        not `recorded` a name is asked only where the catalogue names operators.

        Raises:
            RecordError: nobody, or somebody whom the catalogue does not name.
            InputError: no name (`names.person`).
            CatalogError: the catalogue cannot be read.
        """
        named = names.anybody(operator, f"{what}: operator")
        known = await asyncio.to_thread(self.codes)
        return require_named(named, known, what, required=self._required and recorded)

    def codes(self) -> tuple[str, ...]:
        """The codes of the catalogue's operators; empty: it names nobody. A scan must not wait for twenty thousand
        styles to be read, so the file is read again only when it is another. Raises CatalogError."""
        try:
            stamp = self._catalog.stamp()
        except OSError:
            stamp = ()  # the catalogue's own words say what is wrong with it
        if not stamp or stamp != self._seen[0]:
            self._seen = stamp, tuple(one.code for one in self._catalog.operators.list())
        return self._seen[1]


def require_named(named: str, known: tuple[str, ...], what: str, *, required: bool) -> str:
    """`named`, if it may act. Raises RecordError."""
    if not named and (required or known):
        raise RecordError(f"{what}: expected an operator, got none; 请填写操作员工号 · enter the operator's code")
    if known and named not in known:
        codes = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
        raise RecordError(
            f"{what}: 操作员 {named} 不在资料里，请扫自己的工号牌；新来的人先导入资料 · expected an operator of the "
            f"catalogue ({codes}), got {named!r}; use your own code, or import the new operator first"
        )
    return named
