"""Whether there is an update, when that was last looked at, and whether what was heard then still holds."""

from __future__ import annotations

from datetime import datetime

from edge_agent import __version__
from edge_agent.config import AgentConfig
from edge_agent.errors import UpdateError
from edge_agent.messages.text import Words
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import Found
from edge_agent.ops.update.records import Heard, heard
from edge_agent.ops.update.release import number_of
from edge_agent.ops.update.standing import kept

LATE = 3
"""So many looks that were missed are worth a word."""


async def update(config: AgentConfig, now: str) -> Found:
    """What the last look found, as far as it still says anything. Raises UpdateError: a new version was never well."""
    folder = config.update.beside(config.data.ledger_path)
    standing, found = kept(folder), heard(folder)
    if standing is not None and not standing.confirmed:
        raise UpdateError(
            f"新版本 {standing.version} 自检还没有通过，停发中 · expected a version that has proven itself, got "
            f"{standing.version}, which is held; {standing.before} was before it"
        )
    if not found.at:
        return _never(found)
    words = Words(f"本机 {__version__}，{found.at[:10]} 查过", f"this is {__version__}, last looked {found.at[:10]}")
    if found.newest and number_of(found.newest) > number_of(__version__):
        more = Words(f"有新版本 {found.newest}", f"there is {found.newest}")
        return Found(Words(f"{more.zh}；{words.zh}", f"{more.en}; {words.en}"), todo.UPDATE)
    if found.until <= now:
        return _old(words, f"清单 {found.until[:10]} 已过期", f"its list held until {found.until[:10]}")
    if _missed(found, config.update.check_every_h, now):
        return _old(words, "之后没查成", "and not since")
    return Found(words)


def _never(found: Heard) -> Found:
    if found.trouble:
        return Found(Words("没查成", "a look failed"), todo.UPDATE_LOOK)
    return Found(
        Words(f"本机 {__version__}，没有查过新版本", f"this is {__version__}; nobody has looked for a newer one")
    )


def _old(words: Words, zh: str, en: str) -> Found:
    return Found(Words(f"{words.zh}，{zh}", f"{words.en}, {en}"), todo.UPDATE_LOOK)


def _missed(found: Heard, every_h: int, now: str) -> bool:
    """The last look failed, or several that were due were not made."""
    age_h = (datetime.fromisoformat(now) - datetime.fromisoformat(found.at)).total_seconds() / 3600
    return bool(found.trouble) or bool(every_h and age_h > LATE * every_h)
