"""Keeps Python's collector of cycles away from what a service has had since its start.

A whole collection walks every object there is: modules, fonts, tables, routes. It stops the process for a tenth of a
second, comes again and again while much is told, and finds nothing there.
"""

from __future__ import annotations

import gc

YOUNG = 10_000
"""New objects before the youngest are looked through: a full batch makes more than Python's own 700 in a moment, all
of them still needed."""


def started() -> None:
    """Say that the start is over: what is there by now stays, and is looked through no more. For a process that does
    one thing until it ends, once."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
