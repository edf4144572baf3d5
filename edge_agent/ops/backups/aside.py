"""A thread beside the agent for a disk that may never answer: a share whose server went away.

Neither the loop nor the threads that prepare labels wait there, and the program ends though the thread does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Aside:
    """Does one thing at a time; while the last still hangs no other is begun, or each attempt would leave a thread."""

    def __init__(self) -> None:
        self._busy = False

    async def do(self, work: Callable[..., T], *args: Any) -> T:
        """What `work` returns or raises. Who is cancelled meanwhile leaves it to itself. Raises OSError: the last one
        has not come back."""
        if self._busy:
            raise OSError(errno.EBUSY, "the disk of the backups has not answered since the last attempt")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(result: T | None, cause: BaseException | None) -> None:
            if done.done():
                return
            if cause is not None:
                done.set_exception(cause)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # None only if T is

        def run() -> None:
            result, cause = None, None
            try:
                result = work(*args)
            except Exception as found:
                cause = found
            self._busy = False
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell, result, cause)

        self._busy = True
        threading.Thread(target=run, name="backups", daemon=True).start()
        return await done
