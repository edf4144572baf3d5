"""This file writes ways: rows and columns that were found, as the text of `[[way]]` tables.

A stack has one gap for all it holds, so what stands close together becomes a stack of its own. The distances of the
former places are the wish; half of them is the least, and what a label of little content has to spare may triple them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge_agent.render.upgrade.cuts import Cut, Found

_WIDTH = 108
"""Longer stacks stand on several lines."""
_MOST_ROWS, _MOST_COLUMNS = 40, 10
"""In one stack, as format 2 has it (`stacked.Stack`)."""
_JUMP_MM = 0.4
"""Distances of which one is not so much more than the next are one gap."""
_LEAST_BESIDE_MM = 0.8
"""Texts side by side do not come nearer than that, unless they stood so."""
_TABLES = 8
"""Share of a column that holds a table: its room was measured for long values, which texts beside it are not."""
_MORE_MM = 1.0
"""A most of three times nothing would be nothing."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a way is written. `code` is the slot of the QR code, whose neighbours stay beside it; a column is as narrow
    as its content allows if it is `narrow` (asked by the names in it), and takes most if it holds one of `tables`.
    `dense`: captions run in, gaps are halved."""

    code: str
    narrow: Callable[[frozenset[str]], bool]
    tables: frozenset[str] = frozenset()
    dense: bool = False


def way_text(found: Found, manner: Manner) -> str:
    """A `[[way]]`, its lines ended."""
    stack = _grouped(found if isinstance(found, Cut) else Cut((found,), ()))
    lines = ["[[way]]", *(['captions = "run_in"'] if manner.dense else []), f"{_key(stack)} = ["]
    lines += [f"  {line}" for node in stack.nodes for line in _inner(node, stack, manner)]
    return "\n".join([*lines, "]", *_settings(stack, manner)]) + "\n"


def names_in(found: Found) -> frozenset[str]:
    """The slots that stand there."""
    return frozenset((found,)) if isinstance(found, str) else frozenset().union(*map(names_in, found.nodes))


def _inner(node: Found, outer: Cut, manner: Manner) -> Iterator[str]:
    """A name, or a stack in braces; TOML breaks a line only inside brackets."""
    if isinstance(node, str):
        share = "".join(_share(node, outer, manner))
        yield f'{{ rows = ["{node}"], {share} }},' if share else f'"{node}",'
        return
    stack = _grouped(node)
    settings = [*_settings(stack, manner), *_share(stack, outer, manner)]
    inner = [line for one in stack.nodes for line in _inner(one, stack, manner)]
    end = "".join(f", {setting}" for setting in settings)
    whole = f"{{ {_key(stack)} = [{' '.join(inner)[:-1]}]{end} }},"
    if len(whole) <= _WIDTH and len(inner) == len(stack.nodes):
        yield whole
        return
    yield f"{{ {_key(stack)} = ["
    yield from (f"    {line}" for line in inner)
    yield f"  ]{end} }},"


def _share(node: Found, outer: Cut, manner: Manner) -> Iterator[str]:
    """What a column takes of the room, where its content does not tell."""
    if not outer.across or outer.equal:
        return
    wide = [bool(names_in(one) & manner.tables) for one in outer.nodes if not manner.narrow(names_in(one))]
    if isinstance(node, Cut) and manner.narrow(names_in(node)):
        yield "share = 0"
    elif names_in(node) & manner.tables and not all(wide):
        yield f"share = {_TABLES}"


def _key(stack: Cut) -> str:
    return "columns" if stack.across else "rows"


def _settings(stack: Cut, manner: Manner) -> Iterator[str]:
    if stack.gaps_mm:
        yield f"gap_mm = {_gap(stack, manner)}"
    if stack.equal:
        yield "equal = true"
    if stack.equal or (stack.across and manner.code in names_in(stack)):
        yield "wrap = false"


def _gap(stack: Cut, manner: Manner) -> str:
    """Its least is never more than before: what fitted still fits."""
    near, wish, far = min(stack.gaps_mm), sum(stack.gaps_mm) / len(stack.gaps_mm), max(stack.gaps_mm)
    if stack.across:
        bounds = (min(near, max(_LEAST_BESIDE_MM, near / 2)), wish, far)
    elif manner.dense:
        bounds = (near / 4, wish / 2, 3 * wish + _MORE_MM)
    else:
        bounds = (near / 2, wish, 3 * wish + _MORE_MM)
    return f"[{', '.join(f'{round(bound, 2):g}' for bound in bounds)}]"


def _grouped(stack: Cut) -> Cut:
    """What stands closer together than the rest, in stacks of its own: the distances fall apart at their largest
    jump."""
    sizes = sorted(stack.gaps_mm)
    jump, far = max(((large - small, large) for small, large in pairwise(sizes)), default=(0.0, 0.0))
    if jump >= _JUMP_MM and not stack.equal:
        return _split(stack, [place for place, gap in enumerate(stack.gaps_mm) if gap >= far])
    most = _MOST_COLUMNS if stack.across else _MOST_ROWS
    return _split(stack, range(most - 1, len(stack.gaps_mm), most)) if len(stack.nodes) > most else stack


def _split(stack: Cut, ends: Sequence[int]) -> Cut:
    starts = [0, *(end + 1 for end in ends)]
    groups = zip(starts, [*starts[1:], len(stack.nodes)], strict=True)
    nodes = [_part(stack, start, end) for start, end in groups]
    return Cut(tuple(nodes), tuple(stack.gaps_mm[end] for end in ends), stack.across)


def _part(stack: Cut, start: int, end: int) -> Found:
    if end - start == 1:
        return stack.nodes[start]
    return Cut(stack.nodes[start:end], stack.gaps_mm[start : end - 1], stack.across)
