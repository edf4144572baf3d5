"""Who plays: parties of every kind, people of every role, all of them made up. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from label_protocol.codes.uscc import check_character

ASSOCIATION, OPERATOR, FIRM_A, FIRM_B, LAB = "association", "operator", "firm-a", "firm-b", "lab"


@dataclass(frozen=True, slots=True)
class Party:
    """`key`: its name in this play; `number`: seven digits of a USCC that no company has; `officer`: its first person's
    login, who has every role that fits the kind."""

    key: str
    kind: str
    name: str
    number: int
    officer: str
    officer_name: str

    @property
    def uscc(self) -> str:
        """With its right check digit."""
        body = f"91330482MA{self.number:07d}"
        return f"{body}{check_character(body)}"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a party's officer adds."""

    login: str
    name: str
    role: str


PARTIES = (
    Party(OPERATOR, "operator", "示例登记平台", 9000001, "operator", "示例甲"),
    Party(ASSOCIATION, "association", "示例羽绒行业协会", 9000002, "officer", "示例乙"),
    Party(FIRM_A, "firm", "示例服饰有限公司", 9000003, "firm-a", "示例丙"),
    Party(FIRM_B, "firm", "示例云裳有限公司", 9000004, "firm-b", "示例丁"),
    Party(LAB, "lab", "示例检测中心", 9000005, "lab", "示例戊"),
    Party("inspector", "inspector", "示例市场监管所", 9000006, "inspector", "示例己"),
    Party("marketplace", "marketplace", "示例电商平台", 9000007, "marketplace", "示例庚"),
    Party("supplier", "supplier", "示例羽绒原料有限公司", 9000008, "supplier", "示例辛"),
)
"""The operator and the association first: they are there when the registry begins."""

COLLEAGUES = (
    Colleague("approver", "示例壬", "approver"),
    Colleague("viewer", "示例癸", "viewer"),
    Colleague("it-desk", "示例子", "it"),
)
"""Of the association: whoever asked for something does not approve it."""

BY_KEY = {party.key: party for party in PARTIES}
