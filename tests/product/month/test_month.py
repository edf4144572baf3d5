"""A month of a few firms by chance, on a registry of this process: whatever people, agents and phones do, running
sums are what a recount says and what the agents' ledgers say. The whole, with kills, is `make test-long ONLY=month`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kits.platform_story import a_story
from tests.product.month.play import play
from tests.product.month.town import Size, a_town


@pytest.mark.costly
async def test_a_random_month(tmp_path: Path) -> None:
    size = Size(firms=2, lots_each=1, labels=300, window=15, kills=1)
    async with a_story(tmp_path) as story, a_town(story, size, seed=20261130) as town:
        await play(town)
        assert {"ordered", "approved", "windows_in_doubt", "told_online"} <= town.done.keys()
