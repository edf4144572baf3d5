"""Every page and every order of the console, one row each, in the order of the rail. Adding one is a row here, a
handler in a file of this room, and a template in `templates/pages/`."""

from __future__ import annotations

from edge_agent.web.console.page import Action, Page
from edge_agent.web.console.pages import desk, doubts, now, orders, pieces, printing, scans

PAGES: tuple[Page, ...] = (
    Page("/console/now", "现在", "Now", "now", now.page),
    Page("/console/print", "打印", "Print", "print", printing.page),
    Page(doubts.PATH, "存疑", "In doubt", "doubt", doubts.page),
    Page(doubts.PATH + "/{key}/settle", "处理", "Settle", "doubt", doubts.ask, in_rail=False),
    Page("/console/jobs/{key}/cancel", "停止打印", "Stop printing", "stop", orders.ask_job, in_rail=False),
    Page("/console/copies/{key}/cancel", "停止打印", "Stop printing", "stop", orders.ask_copies, in_rail=False),
    Page("/console/pieces", "部件", "Pieces", "pieces", pieces.page, in_rail=False),
)

ACTIONS: tuple[Action, ...] = (
    Action("/console/who", desk.say_who),
    Action("/console/look", desk.choose_look),
    Action("/console/scan", scans.take),
    Action("/console/print", printing.order),
    Action(doubts.PATH + "/{key}/settle", doubts.settle),
    Action("/console/jobs/{key}/pause", orders.pause),
    Action("/console/jobs/{key}/resume", orders.resume),
    Action("/console/jobs/{key}/cancel", orders.cancel_job),
    Action("/console/copies/{key}/cancel", orders.cancel_copies),
)
