"""Whether a rule that a lead signed lets an order print without a person. Pure: the day is an argument."""

from __future__ import annotations

from edge_agent.messages import work_order as words
from edge_agent.model.work_order import OrderLine, Rule


def why_not(rule: Rule, order: OrderLine, *, today: str, used_today: int) -> str:
    """Why the rule does not hold for an order; empty: it does. `used_today` counts labels ordered under it."""
    if rule.ended_at or rule.until < today:
        return words.rule_over(rule)
    if rule.styles and order.style_no not in rule.styles:
        return words.rule_of_other_styles(rule, order.style_no)
    if order.quantity > rule.quantity_most:
        return words.rule_too_small(rule, order.quantity, rule.quantity_most)
    if used_today + order.quantity > rule.daily_most:
        return words.rule_too_small(rule, used_today + order.quantity, rule.daily_most)
    if not (order.printer or rule.printer):
        return words.rule_without_printer(rule)
    return ""
