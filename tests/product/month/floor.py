"""What happens on the floor: windows of every end, labels decided, scanned, replaced, strips settled, garments packed;
agents that stop, are away, are put back from a backup, change their secret, or whose secret somebody copied."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from edge_agent.ledger import Ledger
from edge_agent.model.job import Job, Window
from edge_agent.sync.secret_errand import SecretErrand
from label_protocol import wire
from label_protocol.codes.sscc import SsccBlock
from label_protocol.errors import AgentError
from label_protocol.states import Step
from tests.kits.ledger_kit import PROOF
from tests.kits.registry_kit import Edge
from tests.kits.sync_kit import restore_into
from tests.product.month.town import ROLLS, Lot, Town, Worker, opened, secrets_of

_STEPS = tuple(step for step in Step if step is not Step.SCAN)
OPERATOR, SEEN = "示例甲", "看过"
_CARTONS = SsccBlock("6901234")
KINDS = (
    "windows_proven", "windows_in_doubt", "windows_never_sent", "replaced", "scanned_on_garment", "decided",
    "strips_settled", "cartons_closed", "agents_stopped", "went_away", "restored", "secrets_copied", "clone_decided",
    "secrets_changed", "told_online", "told_offline", "told_refused", "told_by_old_agents",
)  # fmt: skip
"""What must come up on the floor in a whole month."""


async def bout(town: Town, worker: Worker) -> None:
    """A few windows of a few lots, some labels decided, and perhaps a word to the registry."""
    for _ in range(worker.chance.randint(2, 8)):
        lot = worker.chance.choice(worker.lots)
        with contextlib.suppress(AgentError):  # the table of states, a stop, a lease, a hold, a rule
            await _window(town, worker, lot)
        here = [] if worker.name == ROLLS else list(worker.serials)  # labels on a roll leave as they are
        for serial in worker.chance.sample(here, min(3, len(here))):
            with contextlib.suppress(AgentError):
                await _touched(town, worker, serial)
    for likely, work in ((0.5, _settled), (0.3, _packed)):
        if worker.chance.random() < likely:
            with contextlib.suppress(AgentError):
                await work(town, worker)
    if not worker.away and worker.chance.random() < 0.7:
        await tell(town, worker)


async def tell(town: Town, worker: Worker) -> str:
    """Turns until all is told or the registry does not answer; the state it ended in."""
    client, edge = worker.line.at.client, worker.edge
    state = await worker.line.at.sync(8)
    await SecretErrand(secrets_of(town, edge), client)(False)
    town.done["secrets_changed"] += client.secret != edge.secret
    edge.secret = client.secret
    town.done[f"told_{state}"] += 1
    town.why[f"told_{state}"] = worker.line.at.pump.view().error
    town.done["told_by_old_agents"] += worker.old and state == "online"
    return state


async def _window(town: Town, worker: Worker, lot: Lot) -> None:
    job = await _job(town, worker, lot)
    do, chance = worker.line.at.ledger.do, worker.chance
    try:
        window: Window = await do(Ledger.begin_window, job.job_id, limit=chance.randint(1, town.size.window))
    except AgentError:
        worker.jobs.pop(lot.lot_no)
        town.hungry.append((worker, lot))
        raise
    assert not worker.serials.keys() & set(window.serials), "a serial is drawn once"
    worker.serials |= dict.fromkeys(window.serials, lot)
    match chance.random():
        case seen if seen < 0.8:
            await do(Ledger.prove_window, window.window_id, PROOF)
            worker.proven.append(list(window.serials))
            town.done["windows_proven"] += 1
        case seen if seen < 0.93:
            await do(Ledger.doubt_window, window.window_id, "silence", {"heard": None})
            worker.doubted.append((window.window_id, list(window.serials), lot))
            town.done["windows_in_doubt"] += 1
        case seen if seen < 0.97:
            await do(Ledger.never_sent, window.window_id, "refused")
            town.done["windows_never_sent"] += 1
        case _:
            await stopped(town, worker)


async def _job(town: Town, worker: Worker, lot: Lot) -> Job:
    """The lot's job at this line; a new one, for a replaced label now and then, where there is none that goes on."""
    if lot.lot_no not in worker.jobs:
        many = town.size.each_lot * 4
        more = await _replaced(town, worker, lot)
        worker.jobs[lot.lot_no] = await worker.line.order(lot.record, len(more) or many, replaces=more)
    return worker.jobs[lot.lot_no]


async def _replaced(town: Town, worker: Worker, lot: Lot) -> list[str]:
    mine = [serial for serial, of in worker.serials.items() if of is lot]
    if not mine or worker.name == ROLLS or worker.chance.random() < 0.8:
        return []
    serial = worker.chance.choice(mine)
    await worker.line.at.ledger.do(Ledger.decide, serial, Step.SCRAP, OPERATOR, "污损")
    town.done["replaced"] += 1
    return [serial]


async def _touched(town: Town, worker: Worker, serial: str) -> None:
    """A step by chance: legal or not, told long ago or not, whatever a ledger knew that was put back since."""
    if worker.chance.random() < 0.3:
        await worker.line.commission(serial, worker.serials[serial].record)
        worker.worn.append(serial)
        town.done["scanned_on_garment"] += 1
        return
    await worker.line.at.ledger.do(Ledger.decide, serial, worker.chance.choice(_STEPS), OPERATOR, SEEN)
    town.done["decided"] += 1


async def _settled(town: Town, worker: Worker) -> None:
    """A strip in doubt is settled by its last good label, or by none; whatever single labels of it became before."""
    if not worker.doubted:
        return
    window, serials, lot = worker.doubted.pop(worker.chance.randrange(len(worker.doubted)))
    last = worker.chance.choice([*serials, None])
    rest = worker.chance.choice(("invalid", "scrapped", "keep") if last else ("invalid", "scrapped"))
    text = "" if last is None else lot.link(last)
    await worker.line.at.ledger.do(Ledger.settle_window, window, last, text, OPERATOR, rest)
    town.done["strips_settled"] += 1


async def _packed(town: Town, worker: Worker) -> None:
    """Garments go into a carton, one comes out again now and then, and it is closed."""
    chance, do = worker.chance, worker.line.at.ledger.do
    some, worker.worn = worker.worn[:6], worker.worn[6:]
    carton = (await do(Ledger.open_carton, f"{worker.name} {chance.random()}", OPERATOR)).carton
    for serial in some:
        with contextlib.suppress(AgentError):  # of a ledger that was put back since, of a lot that was stopped
            await do(Ledger.pack, carton, serial, "", OPERATOR, from_print=False)
    packed = await do(Ledger.packed_in, carton)
    if len(packed) > 1 and chance.random() < 0.3:
        await do(Ledger.take_out, carton, packed[0].serial, "", OPERATOR)
        packed = packed[1:]
    await do(Ledger.close_carton, carton, len(packed), OPERATOR, _CARTONS, from_print=False)
    town.done["cartons_closed"] += 1


# --- what seldom happens ----------------------------------------------------------------------------------------------


async def stopped(town: Town, worker: Worker) -> None:
    """The agent ends with a window on its way, and starts again on its own ledger."""
    await _reopened(town, worker, worker.line.at.place.folder)
    town.done["agents_stopped"] += 1


async def goes_away(town: Town, worker: Worker) -> None:
    """Without a network for some bouts; it prints on."""
    worker.away = worker.chance.randint(3, 12)
    town.done["went_away"] += 1


async def backed_up_or_put_back(town: Town, worker: Worker) -> None:
    """An image of the whole machine is made, and put back some other time; what was lost is brought back. Not while the
    registry's own disk is behind: what both lost at once nobody could tell again."""
    if worker.backup is None:
        if await tell(town, worker) == "online":
            worker.backup = await worker.line.at.backup(town.story.folder)
        return
    owed = any(agent == worker.name for agent, _ in town.owed)
    if town.kept or (owed and await tell(town, worker) != "online"):
        return
    backup, worker.backup = worker.backup, None
    town.done["restored"] += 1
    await _reopened(town, worker, restore_into(town.story.folder / f"{worker.name}-{town.done['restored']}", backup))


async def _reopened(town: Town, worker: Worker, folder: object) -> None:
    edge = worker.edge
    await worker.life.aclose()
    worker.jobs.clear()
    worker.line = await opened(town, worker.life, edge, folder, old=worker.old)  # type: ignore[arg-type]


async def copied(town: Town, worker: Worker) -> None:
    """Somebody copied the secret and tells beside a line that spoke today; the firm says which of the two goes on."""
    before = await worker.line.at.ledger.do(Ledger.head)
    await bout(town, worker)
    keys = [job.quota_key for job in worker.jobs.values()]
    if not keys or await tell(town, worker) != "online" or before == await worker.line.at.ledger.do(Ledger.head):
        return
    edge = worker.edge
    thief = Edge(town.story.registry, edge.agent, edge.issuer, edge.secret, fingerprint=f"elsewhere {worker.name}")
    head = await worker.line.at.ledger.do(Ledger.head)
    parent = Edge(town.story.registry, edge.agent, "", "", incarnation=head.incarnation)
    parent.bodies, parent.hashes = [b""] * head.seq, [head.hash]
    thief.begin(parent, "recovered")
    thief.printed(thief.serials(4), quota_key=keys[0])
    refused = await thief.refused()
    assert wire.problem_kind(refused) == "cloned", (worker.name, refused)
    worker.strangers.update(drawn=4, printed=4)
    town.done["secrets_copied"] += 1
    cases = await town.story.ask(worker.firm.it, "GET", "clones")
    which = {"newcomer_goes_on": False, "reason": "密钥外泄"}
    for case in cases["rows"]:
        await town.act("clone_decided", worker.firm.it, "POST", f"clones/{case['decision']}", which)


Mishap = Callable[[Town, Worker], Awaitable[None]]
MISHAPS: Mapping[str, tuple[float, Mishap]] = MappingProxyType(
    {
        "stopped": (0.05, stopped),
        "goes_away": (0.02, goes_away),
        "backed_up_or_put_back": (0.03, backed_up_or_put_back),
    }
)
"""How likely each is in a bout of one line."""
