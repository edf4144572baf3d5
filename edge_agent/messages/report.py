"""What the tables of the shift report and their columns are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words

COLUMNS: Mapping[str, Words] = {
    "ordered_by": Words("下单人", "ordered by"),
    "who": Words("谁", "who"),
    "printer": Words("打印机", "printer"),
    "lot": Words("批次", "lot"),
    "style": Words("款号", "style"),
    "name": Words("品名", "name"),
    "size": Words("号型", "size"),
    "hour": Words("时段", "hour"),
    "drawn": Words("发出", "drawn"),
    "printed": Words("已打印", "printed"),
    "commissioned": Words("已挂衣服", "on garments"),
    "in_doubt": Words("存疑", "in doubt"),
    "sending": Words("正在打", "being printed"),
    "scrapped": Words("报废", "scrapped"),
    "invalid": Words("作废", "void"),
    "replacing": Words("其中补打", "of them replacements"),
    "became": Words("成为", "became"),
    "reason": Words("原因", "why"),
    "labels": Words("张", "labels"),
    "garments": Words("装箱件数", "garments packed"),
    "cartons": Words("关箱", "cartons closed"),
    "at": Words("下单时间", "ordered at"),
    "template": Words("模板", "template"),
    "state": Words("状态", "state"),
    "ordered": Words("订", "ordered"),
    "proven": Words("证实", "proven"),
    "unproven": Words("未证实", "not proven"),
    "times": Words("次", "times"),
    "minutes": Words("分钟", "minutes"),
}
"""A column, by its name in `SHEETS`."""

SHEETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "printed": (
        "打印 printed",
        (
            *("ordered_by", "printer", "lot", "style", "name", "size", "hour", "drawn", "printed", "commissioned"),
            *("in_doubt", "sending", "scrapped", "invalid", "replacing"),
        ),
    ),
    "moved": ("逐张处理 one by one", ("who", "became", "reason", "printer", "lot", "style", "name", "size", "labels")),
    "packed": ("装箱 packed", ("who", "garments", "cartons")),
    "copies": (
        "无码标签 without a code",
        ("at", "ordered_by", "printer", "template", "style", "name", "size", "state", "ordered", "proven", "unproven"),
    ),
    "stood": ("停机 stood", ("printer", "reason", "times", "minutes")),
}
"""A table, by its name: what its tab is called, and its columns."""

BY: Mapping[str, Words] = {
    "operator": COLUMNS["ordered_by"],
    "printer": COLUMNS["printer"],
    "lot": COLUMNS["lot"],
    "style": COLUMNS["style"],
    "hour": COLUMNS["hour"],
}
"""What labels are summed by, by the names of `reports/report.py`."""
