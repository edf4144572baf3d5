"""Plays a month by chance: `python -m tests.product.month.play [--labels N] [--firms N] … [--seed N]`.

Bouts of work go on side by side: agents print and tell, people act, phones scan. In some of them the registry or its
database is killed at a random moment, both are started again, and the books must hold; twice its database is put back
as a dump of hours before had it. What a whole month must show is `KINDS`: where one of them never came up, it failed.
The seed says who does what in
which order; when within a bout a kill strikes is told in milliseconds by the seed and met by the machine as it can.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog

from tests.kits.platform_story import people_of
from tests.product.month import books, floor
from tests.product.month.desk import ACTS
from tests.product.month.disk import RESTORES, dumped_or_put_back
from tests.product.month.floor import MISHAPS, bout, copied
from tests.product.month.stand import DATABASE, REGISTRY, Stand, a_stand
from tests.product.month.town import Size, Town, Worker, a_town

_COPIES = 3
"""So many thirds of the month are over when a secret is copied again; the last one never is."""
STUCK_AFTER = 80
"""Bouts in a row in which nobody draws a label."""
AT_ONCE = 8
"""Agents that work in one bout."""
_LONGEST_MS = 400
"""After how long a kill strikes at the latest; a bout takes about twice that."""
_KILLED = (f"kills_of_{REGISTRY}", f"kills_of_{DATABASE}", "registry_restored")
KINDS = (*floor.KINDS, *(kind for _, _, kinds in ACTS.values() for kind in kinds), *_KILLED)
"""What must come up in a whole month."""
WHOLE = 200_000
"""Labels in one."""
Kill = Callable[[], Awaitable[None]]


async def play(town: Town, kill: Kill | None = None) -> bool:
    """Until all labels are drawn; `kill` strikes in `size.kills` of the bouts, evenly spread. False: chance stopped all
    that could be printed (a few lots, each of them recalled or out of codes), so the month ended early; its books have
    to add up as any other's."""
    size, kills, idle = town.size, 0, 0
    while town.drawn < size.labels or town.kept is not None:
        if idle == STUCK_AFTER:
            town.kept = None
            await books.at_the_end(town)
            return False
        before = town.drawn
        strikes = town.share * size.kills >= kills and kills < size.kills
        kills += strikes
        await _bout(town, kill if strikes else None)
        if await dumped_or_put_back(town) or strikes:
            await books.hold(town)
        if town.share * _COPIES >= town.done["secrets_copied"] + 1 and town.kept is None:
            await copied(town, town.chance.choice([one for one in town.quiet() if not one.revoked]))
        town.story.later(hours=720 * (town.drawn - before) / size.labels)
        idle = 0 if town.drawn > before else idle + 1
    assert town.done["registry_restored"] == RESTORES
    await books.at_the_end(town)
    return True


async def _bout(town: Town, strike: Kill | None) -> None:
    """Some agents, people and phones at once; what seldom happens comes before or after it."""
    for worker in town.workers:
        worker.away = max(0, worker.away - 1)
        await _mishaps(town, worker)
    free = [one for one in town.workers if not one.revoked]
    chosen = town.chance.sample(free, min(AT_ONCE, (2 * len(free) + 2) // 3))
    town.busy = {one.name for one in chosen}
    town.dying = strike is not None
    async with asyncio.TaskGroup() as together:
        for worker in chosen:
            together.create_task(bout(town, worker))
        together.create_task(_people(town))
        if strike is not None:
            together.create_task(strike())
    town.dying, town.busy = False, set()


async def _people(town: Town) -> None:
    for likely, act, kinds in ACTS.values():
        if town.falls(likely, *kinds):
            await act(town)


async def _mishaps(town: Town, worker: Worker) -> None:
    for likely, mishap in MISHAPS.values():
        if not worker.revoked and not worker.away and worker.chance.random() < likely * AT_ONCE / len(town.workers):
            await mishap(town, worker)


def killer(stand: Stand, chance: random.Random, done: Counter[str]) -> Kill:
    """Kills one of the two after a while, and starts both again."""

    async def kill() -> None:
        what = chance.choice((REGISTRY, DATABASE))
        await asyncio.sleep(chance.randint(0, _LONGEST_MS) / 1000)
        await stand.kill(what)
        done[f"kills_of_{what}"] += 1
        await stand.start()

    return kill


async def whole(size: Size, seed: int) -> dict[str, int]:
    """The month against the registry as a process; figures by name."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="month-") as folder:
        async with a_stand() as stand:
            story = await people_of(Path(folder), stand.registry, stand.clock)
            async with a_town(story, size, seed, stand) as town:
                assert await play(town, killer(stand, random.Random(seed + 1), town.done)), "nothing could be printed"
                labels = await story.pool.fetchval("SELECT count(*) FROM serial")
                print(*(f"# {what}: {why}" for what, why in sorted(town.why.items()) if why), sep="\n")
                told = {"drawn": town.drawn, "labels_told": labels, "agents": len(town.workers)}
    return {**told, **dict(sorted(town.done.items())), "took_s": round(time.monotonic() - began_s)}


def main() -> int:
    """0 if all of it held, and nothing was missing of a whole month."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, usual in (("firms", 40), ("lots", 200), ("labels", 200_000), ("window", 200), ("kills", 40)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--seed", type=int, default=20261130)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    size = Size(given.firms, given.lots // given.firms, given.labels, given.window, given.kills)
    figures = asyncio.run(whole(size, given.seed))
    print(" ".join(f"{name}={value}" for name, value in figures.items()))
    if missing := never(figures):
        print(f"never came up: {', '.join(missing)}", flush=True)
    return int(bool(missing) and size.labels >= WHOLE)


def never(figures: Mapping[str, int]) -> list[str]:
    """What a whole month must show and this one did not."""
    return [kind for kind in KINDS if not figures.get(kind)]


if __name__ == "__main__":
    raise SystemExit(main())
