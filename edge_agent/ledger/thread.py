"""The ledger for asyncio: one worker thread owns it, and every order takes its turn there.

A pool of connections was rejected: SQLite below 3.51.3 can corrupt a WAL that two connections reset, and one writer
needs no second one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from edge_agent.ledger.ledger import Ledger
from edge_agent.model.actor import Actor

P = ParamSpec("P")
T = TypeVar("T")


class LedgerThread:
    """`await thread.do(Ledger.begin_window, job_id, limit=8)`: typed as the method itself.

    A caller that is cancelled while its order waits in the queue takes the order back; once the worker has begun it,
    the order is carried out and only its answer is lost. What it did is in the ledger, and `boot` or `open_windows`
    find it.
    """

    def __init__(self, worker: ThreadPoolExecutor, ledger: Ledger) -> None:
        self._worker = worker
        self._ledger = ledger

    @classmethod
    async def open(cls, make: Callable[[], Ledger]) -> LedgerThread:
        """Runs `make` (usually a call of `Ledger.open`) on the new worker thread; raises what it raises."""
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        try:
            return cls(worker, await asyncio.get_running_loop().run_in_executor(worker, make))
        except BaseException:
            worker.shutdown(wait=False)
            raise

    async def do(self, method: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One order, in its turn; raises what the method raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: method(self._ledger, *args, **kwargs))

    async def do_as(
        self, actor: Actor, method: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `do`, for somebody: the events of this order say how it is known who acted."""
        return await self.do(_acting, actor, lambda ledger: method(ledger, *args, **kwargs))

    async def close(self) -> None:
        """Closes the ledger after the orders that are queued. Safe to call twice."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._worker, self._ledger.close)
        except RuntimeError:  # the worker was shut down by an earlier close
            return
        self._worker.shutdown(wait=True)


def _acting(ledger: Ledger, actor: Actor, order: Callable[[Ledger], T]) -> T:
    with ledger.acting(actor):
        return order(ledger)
