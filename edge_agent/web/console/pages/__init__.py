"""Every page and every order of the console, one row each, in the order of the rail. Adding one is a row here, a
handler in a file of this room, and a template in `templates/pages/`."""

from __future__ import annotations

from edge_agent.web.console.page import Action, Page
from edge_agent.web.console.pages import (
    desk,
    doubts,
    find,
    holds,
    label,
    login,
    now,
    orders,
    pieces,
    printers,
    printing,
    scanner,
    scans,
)

PAGES: tuple[Page, ...] = (
    Page("/console/now", "现在", "Now", "now", now.page),
    Page("/console/print", "打印", "Print", "print", printing.page),
    Page(doubts.PATH, "存疑", "In doubt", "doubt", doubts.page),
    Page(doubts.PATH + "/{key}/settle", "处理", "Settle", "doubt", doubts.ask, in_rail=False),
    Page(find.PATH, "查找", "Find", "find", find.page),
    Page(label.PATH + "/{serial}", "标签", "Label", "find", label.page, in_rail=False),
    Page(label.PATH + "/{serial}/{act}", "标签", "Label", "find", label.ask, in_rail=False),
    Page(find.MISSING, "补打", "Print what is missing", "find", find.ask_missing, in_rail=False),
    Page(printers.PATH, "打印机", "Printers", "printer", printers.page),
    Page(printers.PATH + "/{key}/calibrate", "校准", "Calibrate", "printer", printers.ask_calibrate, in_rail=False),
    Page(printers.PATH + "/{key}/answer", "换了打印机？", "Another one?", "look", printers.ask_answer, in_rail=False),
    Page(printers.PATH + "/{key}/{guide}", "步骤", "Step by step", "printer", printers.guide, in_rail=False),
    Page("/console/holds/{key}/release", "解除停发", "Release", "stop", holds.ask_release, in_rail=False),
    Page("/console/alarms/{key}/close", "关闭警报", "Close the alarm", "look", holds.ask_close, in_rail=False),
    Page("/console/jobs/{key}/cancel", "停止打印", "Stop printing", "stop", orders.ask_job, in_rail=False),
    Page("/console/copies/{key}/cancel", "停止打印", "Stop printing", "stop", orders.ask_copies, in_rail=False),
    Page(scanner.PATH, "扫描枪", "Scanners", "scan", scanner.page, in_rail=False),
    Page("/console/pieces", "部件", "Pieces", "pieces", pieces.page, in_rail=False),
)

ACTIONS: tuple[Action, ...] = (
    Action("/console/who", desk.say_who),
    Action("/console/look", desk.choose_look),
    Action("/console/login", login.enter),
    Action("/console/logout", login.leave),
    Action("/console/lead", login.allow),
    Action("/console/holds/{key}/release", holds.release),
    Action("/console/alarms/{key}/close", holds.close),
    Action("/console/scan", scans.take),
    Action("/console/print", printing.order),
    Action(doubts.PATH + "/{key}/settle", doubts.settle),
    Action(label.PATH + "/{serial}/{act}", label.do),
    Action(find.MISSING, find.print_missing),
    Action(printers.PATH + "/{key}/test", printers.test),
    Action(printers.PATH + "/{key}/calibrate", printers.calibrate),
    Action(printers.PATH + "/{key}/answer", printers.answer),
    Action("/console/jobs/{key}/pause", orders.pause),
    Action("/console/jobs/{key}/resume", orders.resume),
    Action("/console/jobs/{key}/cancel", orders.cancel_job),
    Action("/console/copies/{key}/cancel", orders.cancel_copies),
)
