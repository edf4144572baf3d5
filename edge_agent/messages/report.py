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
    "good": Words("好的", "good"),
    "on_garments": Words("其中已挂", "on garments"),
    "in_doubt": Words("存疑", "in doubt"),
    "sending": Words("正在打", "being printed"),
    "scrapped": Words("报废", "scrapped"),
    "invalid": Words("作废", "void"),
    "replacing": Words("其中补打", "replacements"),
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
    "serial": Words("序列号", "serial"),
    "sent": Words("送出", "sent"),
    "replaces": Words("代替", "replaces"),
    "replaced_by": Words("由哪张代替", "replaced by"),
    "when": Words("时间", "when"),
    "what": Words("经过", "what happened"),
    "level": Words("凭什么", "proven by"),
    "other": Words("另一张或箱号", "the other one, or the carton"),
}
"""A column, by its name in a table."""

LABELS = (
    "标签 labels",
    (
        *("serial", "state", "reason", "lot", "style", "name", "size", "printer", "ordered_by", "sent", "replaces"),
        "replaced_by",
    ),
)
LIFE = ("经过 life", ("when", "what", "who", "reason", "level", "printer", "other"))
"""What was found, and the life of one of them: what the tab is called, and its columns."""


def more(rows: int) -> Words:
    """Of a table that shows the first rows alone."""
    return Words(f"还有 {rows} 行，见 Excel", f"{rows} more rows, in the workbook")


def cut_off(rows: int) -> Words:
    """Of a table that does not hold all that there is."""
    return Words(f"只有最新的 {rows} 张，后面还有：请把条件写窄", f"only the newest {rows}: ask for fewer")


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

PAPER: Mapping[str, Words] = {
    "title": Words("班次报表", "shift report"),
    "as_of": Words("这一班发出的标签，现在各是什么状态；截至", "labels drawn in this shift, as they stand at"),
    "total": Words("合计", "in all"),
    "in_doubt": Words("还没处理的存疑（不分班次）", "in doubt still, of any shift"),
    "moved": Words("逐张处理：报废、作废、挂上衣服", "one by one: scrapped, void, on garments"),
    "packed": Words("装箱", "packed"),
    "copies": Words("没有码的标签", "labels without a code"),
    "stood": Words("停了多久", "stood"),
    "sign": Words("班长签字", "signed by the lead"),
    "date": Words("日期", "date"),
}
"""What the printed page says around its numbers, and what its tables are called."""

BY: Mapping[str, Words] = {
    "operator": COLUMNS["ordered_by"],
    "printer": COLUMNS["printer"],
    "lot": COLUMNS["lot"],
    "style": COLUMNS["style"],
    "hour": COLUMNS["hour"],
}
"""What labels are summed by, by the names of `reports/report.py`."""
