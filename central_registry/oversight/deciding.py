"""Decides what waits for a person, whatever it is about, where one door serves several rooms' questions."""

from __future__ import annotations

from datetime import datetime

from central_registry.db import Pool
from central_registry.oversight import label_stops, stops
from central_registry.parties import particulars, statuses
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.decisions import question_of
from central_registry.parties.joining import answer_joining


async def decide(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Decide a question about a status, a stop of goods or of labels, a membership or a name.

    Raises:
        ProblemError: 403; 404, 409 for no open question of these; 422 without a reason.
    """
    row = await question_of(pool, actor, name)
    about = Act(row["act"])
    others = {Act.JOIN: answer_joining, Act.SET_NAME: particulars.decide}
    of_goods = label_stops.decide if label_stops.is_about_labels(row) else stops.decide
    one = others.get(about) or (of_goods if about in stops.STOPS else statuses.decide)
    await one(pool, actor, name, agreed=agreed, reason=reason, at=at)
