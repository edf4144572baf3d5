"""All routes, one row each: the router and `/openapi.json` are both made from this table, so they cannot differ."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from edge_agent.model.cartons import Carton
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job, Label
from edge_agent.service.intake import OrdersBody
from edge_agent.service.printers import Printers
from edge_agent.service.requests import CopiesBody, JobBody
from edge_agent.web import bodies, health, views
from edge_agent.web.downloads import CSV, WORKBOOK
from edge_agent.web.handlers import (
    approvals,
    cartons,
    catalogue,
    copies,
    find,
    holds,
    jobs,
    labels,
    ledger,
    people,
    previews,
    printers,
    reports,
    scanner,
    sync,
    warnings,
    work_orders,
)
from edge_agent.web.handlers.catalogue import SHEETS

API = "/api/v1"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse | Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row. `body` is the JSON's model, or the media types of a file; `gives` is the JSON answer's type, or a media
    type; `query` names parameters and says what they are; `made` is where what a 201 made is found, below the API."""

    method: str
    path: str
    handler: Handler
    zh: str
    body: type[BaseModel] | tuple[str, ...] | None = None
    gives: Any = None
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    keyed: bool = False
    made: str = "jobs/{job_id}"

    @property
    def en(self) -> str:
        """The handler's own first line."""
        return (self.handler.__doc__ or "").partition("\n")[0]


_FORM = f"{API}/approvals/{{kind}}/{{name}}"
_PAGE = {"limit": "at most so many, 1 to 1000", "after": "serial to go on after"}
_JOBS = {"limit": "at most so many, 1 to 1000", "after": "job to go on after"}
_SEARCH = {
    "job": "labels of this job",
    "style_no": "a part of it",
    "size": "size",
    "lot_no": "a part of it",
    "from": "first day it was sent, such as 2026-11-20, by the agent's calendar",
    "to": "last day",
    "operator": "who ordered it",
    "printer": "where it was sent",
    "state": "a state of a serial",
}
_FIND = {"serial": "a typed serial or a scanned code; no other is looked at beside it"} | _SEARCH | _PAGE
_PREVIEW = {
    "serial": "an issued label",
    "template": "built-in name",
    "style_no": "style",
    "size": "size",
    "lot_no": "lot, may be left out",
    "dpi": "100 to 1200",
}
_CARTONS = {"limit": "at most so many, 1 to 1000", "open": "1: only those that are being filled"}
_ORDERS = {
    "find": "a fragment of an order number, a style or a lot",
    "state": "ended: those that are done or closed",
    "limit": "at most so many, 1 to 1000",
}
_SHIFT = {
    "at": "a moment such as 2026-11-20T08:00 of the shift; left out, of the shift that is now",
    "from": "or from this moment on",
    "to": "and before this one",
}
_VERSION = {
    "sha256": "the version, of the file as it lies or of one that was approved",
    "style_no": "style",
    "size": "size",
    "lot_no": "lot, may be left out",
    "dpi": "100 to 1200",
}
_GARMENT = {"style_no": "style", "size": "size", "lot_no": "lot, may be left out", "firm": "for which firm"}

ROUTES = (
    Route("POST", f"{API}/jobs", jobs.submit_job, "提交任务", JobBody, Job, 201, keyed=True),
    Route("GET", f"{API}/jobs", jobs.list_jobs, "任务列表", query=_JOBS),
    Route("GET", f"{API}/jobs/{{job_id}}", jobs.get_job, "任务", gives=Job),
    Route("GET", f"{API}/jobs/{{job_id}}/events", jobs.job_events, "任务进度", gives="text/event-stream"),
    Route("POST", f"{API}/jobs/{{job_id}}/pause", jobs.pause_job, "暂停", bodies.OperatorBody, Job),
    Route("POST", f"{API}/jobs/{{job_id}}/resume", jobs.resume_job, "继续", bodies.OperatorBody, Job),
    Route("POST", f"{API}/jobs/{{job_id}}/cancel", jobs.cancel_job, "取消", bodies.OperatorBody, Job),
    Route("POST", f"{API}/copies", copies.order_copies, "打印无码标签", CopiesBody, Copies, 202, keyed=True),
    Route("GET", f"{API}/copies", copies.list_copies, "无码标签列表", query={"limit": "at most so many, 1 to 1000"}),
    Route("GET", f"{API}/copies/{{copies_id}}", copies.get_copies, "无码标签", gives=Copies),
    Route("POST", f"{API}/copies/{{copies_id}}/cancel", copies.cancel_copies, "取消打印", bodies.OperatorBody, Copies),
    Route(
        "POST",
        f"{API}/cartons",
        cartons.open_carton,
        "开箱",
        bodies.OperatorBody,
        Carton,
        201,
        keyed=True,
        made="cartons/{carton}",
    ),
    Route("GET", f"{API}/cartons", cartons.list_cartons, "箱列表", query=_CARTONS),
    Route("GET", f"{API}/cartons/{{carton}}", cartons.get_carton, "箱", gives=Carton),
    Route("POST", f"{API}/cartons/{{carton}}/items", cartons.pack_garment, "装箱", bodies.PackBody, Carton),
    Route(
        "POST", f"{API}/cartons/{{carton}}/take-out", cartons.take_garment_out, "拿出", bodies.GarmentInHandBody, Carton
    ),
    Route("POST", f"{API}/cartons/{{carton}}/close", cartons.close_carton, "关箱", bodies.CloseCartonBody, Carton),
    Route("POST", f"{API}/cartons/{{carton}}/reopen", cartons.reopen_carton, "重开", bodies.DecisionBody, Carton),
    Route(
        "POST",
        f"{API}/cartons/{{carton}}/label",
        cartons.print_carton_label,
        "打箱标",
        bodies.CartonLabelBody,
        Copies,
        202,
        keyed=True,
    ),
    Route("POST", f"{API}/work-orders", work_orders.send_work_orders, "送生产单", OrdersBody),
    Route(
        "POST",
        f"{API}/work-orders/sheet",
        work_orders.upload_work_orders,
        "上传生产单表格",
        SHEETS,
        query={"source": "whose sheet it is", "name": "of the file", "operator": "who sends it"},
    ),
    Route("GET", f"{API}/work-orders", work_orders.list_work_orders, "生产单列表", query=_ORDERS),
    Route("GET", f"{API}/work-orders/{{order_id}}", work_orders.get_work_order, "生产单"),
    Route(
        "POST",
        f"{API}/work-orders/{{order_id}}/print",
        work_orders.print_work_order,
        "打印生产单",
        bodies.PartBody,
        Job,
        201,
    ),
    Route(
        "POST",
        f"{API}/work-orders/{{order_id}}/put-back",
        work_orders.put_back_work_order,
        "放回生产单",
        bodies.OperatorBody,
    ),
    Route(
        "POST",
        f"{API}/work-orders/{{order_id}}/close",
        work_orders.close_work_order,
        "关闭生产单",
        bodies.DecisionBody,
    ),
    Route("GET", f"{API}/intake", work_orders.list_sources, "生产单来源"),
    Route("GET", f"{API}/intake/rules", work_orders.list_rules, "签过的规则"),
    Route("POST", f"{API}/intake/rules", work_orders.sign_rule, "签规则", bodies.RuleBody),
    Route("POST", f"{API}/intake/rules/{{rule_id}}/end", work_orders.end_rule, "结束规则", bodies.OperatorBody),
    Route("GET", f"{API}/approvals", approvals.list_approvals, "模板和规则补充的审批"),
    Route("GET", _FORM, approvals.get_approval, "一个模板的审批"),
    Route("GET", f"{_FORM}/picture", approvals.picture, "样张", gives="image/png", query=_VERSION),
    Route("POST", f"{_FORM}/approve", approvals.approve, "批准", bodies.ApproveBody),
    Route("POST", f"{_FORM}/reject", approvals.reject, "退回", bodies.RejectBody),
    Route("GET", f"{API}/labels", labels.list_labels, "标签列表", query={"state": "a state of a serial"} | _PAGE),
    Route("GET", f"{API}/labels/{{serial}}", labels.get_label, "标签", gives=Label),
    Route("GET", f"{API}/labels/{{serial}}/life", find.label_life, "标签经过"),
    Route("GET", f"{API}/find", find.find_labels, "查找标签", query=_FIND),
    Route("GET", f"{API}/find.csv", find.labels_table, "查找标签 CSV", gives=CSV, query=_SEARCH),
    Route("GET", f"{API}/find.xlsx", find.labels_workbook, "查找标签 Excel", gives=WORKBOOK, query=_SEARCH),
    Route("GET", f"{API}/labels/{{serial}}/life.csv", find.life_table, "标签经过 CSV", gives=CSV),
    Route("GET", f"{API}/labels/{{serial}}/life.xlsx", find.life_workbook, "标签经过 Excel", gives=WORKBOOK),
    Route("GET", f"{API}/missing", find.list_missing, "缺几张", query={"job": "of this job", "lot": "or of this lot"}),
    Route("POST", f"{API}/missing", find.replace_missing, "补打缺的", bodies.MissingBody, status=202, keyed=True),
    Route("POST", f"{API}/labels/{{serial}}/scan", labels.scan_label, "扫描这张", bodies.ScanBody, Label),
    Route("POST", f"{API}/labels/{{serial}}/scrap", labels.scrap_label, "报废", bodies.DecisionBody, Label),
    Route("POST", f"{API}/labels/{{serial}}/invalidate", labels.invalidate_label, "作废", bodies.DecisionBody, Label),
    Route(
        "POST",
        f"{API}/labels/{{serial}}/replace",
        labels.replace_label,
        "报废并补打",
        bodies.DecisionBody,
        Job,
        201,
        keyed=True,
    ),
    Route("POST", f"{API}/scan", labels.scan_any, "扫描", bodies.ScanBody, Label),
    Route("POST", f"{API}/scanned", labels.what_was_scanned, "这是什么码", bodies.ScannedBody),
    Route("GET", f"{API}/scanner/page", scanner.scanner_page, "扫描枪设置页", gives="application/pdf"),
    Route("GET", f"{API}/doubts", labels.list_doubts, "存疑"),
    Route("POST", f"{API}/windows/{{window_id}}/settle", labels.settle_window, "处理整条", bodies.SettleBody),
    Route("GET", f"{API}/preview", previews.preview, "预览", gives="image/png", query=_PREVIEW),
    Route("GET", f"{API}/catalogue", catalogue.catalogue, "资料"),
    Route("GET", f"{API}/fitting", catalogue.fitting, "合适的标签", query=_GARMENT),
    Route("POST", f"{API}/catalogue/import", catalogue.import_catalogue, "导入资料", catalogue.IMPORTED),
    Route("GET", f"{API}/printers", printers.list_printers, "打印机", gives=Printers),
    Route(
        "POST",
        f"{API}/printers/{{printer_id}}/test",
        printers.test_printer,
        "打测试签",
        bodies.OperatorBody,
        views.Done,
    ),
    Route(
        "POST",
        f"{API}/printers/{{printer_id}}/calibrate",
        printers.calibrate_printer,
        "校准",
        bodies.OperatorBody,
        views.Done,
    ),
    Route(
        "POST",
        f"{API}/printers/{{printer_id}}/answer",
        printers.answer_question,
        "换了打印机？",
        bodies.AnswerBody,
        views.Done,
    ),
    Route("GET", f"{API}/session", people.get_session, "谁在操作"),
    Route("POST", f"{API}/session", people.log_in, "登录", bodies.LogInBody),
    Route("DELETE", f"{API}/session", people.log_out, "退出"),
    Route("POST", f"{API}/session/lead", people.allow_once, "班长同意一次", bodies.LeadBody),
    Route("GET", f"{API}/people", people.list_people, "人员"),
    Route("POST", f"{API}/people/{{person_id}}/badge", people.print_badge, "打新工牌", bodies.BadgeBody, views.Done),
    Route("GET", f"{API}/sync", sync.get_sync, "同步状态"),
    Route("POST", f"{API}/sync/now", sync.sync_now, "立即同步"),
    Route("GET", f"{API}/holds", holds.list_holds, "停发原因"),
    Route("GET", f"{API}/leases", holds.list_leases, "领用期限"),
    Route("POST", f"{API}/holds/{{kind}}/release", holds.release_hold, "解除停发", bodies.DecisionBody),
    Route("GET", f"{API}/alarms", holds.list_alarms, "警报"),
    Route("POST", f"{API}/alarms/{{alarm}}/close", holds.close_alarm, "关闭警报", bodies.DecisionBody),
    Route("GET", f"{API}/warnings", warnings.list_warnings, "安全提醒"),
    Route("GET", f"{API}/ledger/balance", ledger.ledger_balance, "平账"),
    Route("POST", f"{API}/ledger/verify", ledger.ledger_verify, "核对账本"),
    Route("POST", f"{API}/ledger/backup", ledger.ledger_backup, "备份账本", bodies.BackupBody),
    Route("POST", f"{API}/ledger/copy", ledger.ledger_copy, "取账本副本", gives="application/vnd.sqlite3"),
    Route("GET", f"{API}/reports/shift", reports.shift_report, "班次报表", query=_SHIFT),
    Route(
        "GET",
        f"{API}/reports/shift.csv",
        reports.shift_table,
        "班次报表 CSV",
        gives=CSV,
        query=_SHIFT | {"table": "printed (left out), moved, packed, copies or stood"},
    ),
    Route(
        "GET",
        f"{API}/reports/shift.xlsx",
        reports.shift_workbook,
        "班次报表 Excel",
        gives=WORKBOOK,
        query=_SHIFT,
    ),
    Route(
        "GET",
        f"{API}/reports/shift.pdf",
        reports.shift_paper,
        "班次报表 A4",
        gives="application/pdf",
        query=_SHIFT,
    ),
    Route("GET", f"{API}/changes", sync.changes, "变化提示", gives="text/event-stream"),
    Route("GET", "/healthz", health.healthz, "存活"),
    Route("GET", "/readyz", health.readyz, "可发码"),
    Route("GET", "/metrics", health.metrics, "指标", gives="text/plain"),
)
