"""Words about work orders: how they stand, and why a row was not taken."""

from __future__ import annotations

from edge_agent.messages.text import Words
from edge_agent.model.work_order import OrderLine, OrderState, Rule, Taking

ORDER_STATES: dict[OrderState, Words] = {
    OrderState.WAITING: Words("等人打印", "waits for a person"),
    OrderState.PRINTING: Words("已交给打印机", "given to a printer"),
    OrderState.PART: Words("打了一部分", "printed in part"),
    OrderState.DONE: Words("已打完", "done"),
    OrderState.CLOSED: Words("已关闭", "closed"),
}

TAKINGS: dict[Taking, Words] = {
    Taking.TAKEN: Words("已收", "taken"),
    Taking.SAME: Words("已有，相同", "known already, the same"),
    Taking.REFUSED: Words("没有收", "refused"),
}

FIELDS: dict[str, Words] = {
    "source": Words("来源", "source"),
    "order_no": Words("生产单号", "order number"),
    "line": Words("行号", "line"),
    "style_no": Words("款号", "style"),
    "size": Words("号型", "size"),
    "quantity": Words("数量", "quantity"),
    "lot_no": Words("批号", "lot"),
    "template": Words("模板", "template"),
    "printer": Words("打印机", "printer"),
    "wanted_by": Words("交期", "wanted by"),
    "remark": Words("备注", "remark"),
    "firm": Words("为哪家", "for which firm"),
}
"""What people call the fields of an order."""

NO_RULE = Words("没有班长签过规则，等人打印", "no lead signed a rule for it, it waits for a person")


def another(known: OrderLine, new: OrderLine) -> str:
    """Of an order that comes again and says something else: which fields, each with both values."""
    differ = [name for name in FIELDS if getattr(known, name) != getattr(new, name)]
    zh = "，".join(f"{FIELDS[one].zh}原来是 {_told(known, one)}、现在是 {_told(new, one)}" for one in differ)
    en = ", ".join(f"{FIELDS[one].en} {_told(known, one)}, got {_told(new, one)}" for one in differ)
    return (
        f"这张单以前收过，内容不同：{zh}；真要改，请用新的单号或行号，旧的在页面上关闭 · "
        f"expected the same as before, {en}; give a changed order another number or line, and close the old one"
    )


def twice(first: str) -> str:
    """Of a line that stands twice in one file and says two things."""
    return (
        f"单号和行号与{first}相同，内容不同；请加上“行号”列，每行一个号 · "
        f"expected each line of an order once, got it at {first} too with other content; give each row its own line"
    )


def halved(first: str) -> str:
    """Of a good row whose order has a bad one."""
    return (
        f"同一张单在{first}有错，整张单都没有收；改好后整份再放一次 · "
        f"expected the whole order without a flaw, got one at {first}; correct it and send the order again"
    )


def unknown_order(first: str) -> str:
    """Of every row of a file that has a row whose order number cannot be read."""
    return (
        f"{first}的单号读不出来，不知道它属于哪张单，所以整份都没有收 · "
        f"expected an order number in every row, got none at {first}, so no order is sure to be whole; correct it"
    )


def over_limit(limit: int, taken: int, wanted: int) -> str:
    """Of an order that a source may not send today any more."""
    return (
        f"超过这个来源每天 {limit} 张：今天已收 {taken} 张，这张单 {wanted} 张；明天再发，或请负责人改上限 · "
        f"expected at most {limit} labels a day of this source, got {taken} taken today and {wanted} more; "
        "send it tomorrow, or have its owner raise daily_limit"
    )


def counted(taken: int, same: int, refused: int) -> Words:
    """What became of a file, in numbers."""
    return Words(
        f"收了 {taken} 行，{same} 行以前已收，{refused} 行没有收",
        f"{taken} rows taken, {same} known already, {refused} refused",
    )


def rule_over(rule: Rule) -> str:
    """Of a rule that was ended, or whose last day is past."""
    return f"规则 {rule.rule_id} 已经结束，等人打印 · rule {rule.rule_id} is over, it waits for a person"


def rule_of_other_styles(rule: Rule, style_no: str) -> str:
    """Of a rule that names other styles."""
    return (
        f"规则 {rule.rule_id} 不含款号 {style_no}，等人打印 · rule {rule.rule_id} does not name style {style_no}, it "
        "waits for a person"
    )


def rule_too_small(rule: Rule, wanted: int, most: int) -> str:
    """Of a rule that lets fewer labels print, in an order or in a day."""
    return (
        f"规则 {rule.rule_id} 最多 {most} 张，这样是 {wanted} 张，等人打印 · rule {rule.rule_id} lets {most} labels "
        f"print and not {wanted}, it waits for a person"
    )


def rule_without_printer(rule: Rule) -> str:
    """Of an order without a printer, where the rule names none either."""
    return (
        f"单上和规则 {rule.rule_id} 里都没有写打印机，等人打印 · neither the order nor rule {rule.rule_id} names a "
        "printer, it waits for a person"
    )


def _told(line: OrderLine, field: str) -> str:
    value = getattr(line, field)
    return "（空）" if value in (None, "") else str(value)[:60]
