"""A month of a few firms by chance, on a registry of this process: whatever people, agents and phones do, running
sums are what a recount says and what the agents' ledgers say. The whole, with kills, is `make test-long ONLY=month`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kits.platform_story import a_story
from tests.product.month.disk import Aside
from tests.product.month.play import KINDS, never, play
from tests.product.month.town import Size, a_town


@pytest.mark.costly
@pytest.mark.timeout(300)
async def test_a_random_month(tmp_path: Path) -> None:
    size = Size(firms=2, lots_each=1, labels=300, window=15, kills=1)
    async with a_story(tmp_path) as story, a_town(story, size, 20261130, Aside(story)) as town:
        whole = await play(town)
        kinds = {"ordered", "approved", "windows_in_doubt", "told_online", "told_by_old_agents", "registry_restored"}
        assert not whole or kinds <= town.done.keys()
        assert town.drawn > 0


def test_a_month_names_what_never_came_up_in_it() -> None:
    figures = dict.fromkeys(KINDS, 1)
    assert never(figures) == []
    assert never(figures | {"handed_in": 0}) == ["handed_in"]
