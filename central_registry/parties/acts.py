"""Says who may do what: one table of acts, kinds of party and roles, for console, API and commands. Pure.

A row is an act with one meaning for a person, whichever way it comes in. `four_eyes` marks what hands something out:
whoever decides it is another person than who asked, unless their association has that off, which each audit row says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError


class Act(StrEnum):
    """What somebody does; services name it, `TABLE` says who may."""

    LOOK = "look"
    EXPORT = "export"
    MAKE_ASSOCIATION = "make_association"
    ADMIT = "admit"
    JOIN = "join"
    END_MEMBERSHIP = "end_membership"
    SET_STATUS = "set_status"
    LIFT_STATUS = "lift_status"
    APPEAL = "appeal"
    ANSWER_APPEAL = "answer_appeal"
    SET_PARTY = "set_party"
    SET_NAME = "set_name"
    MANAGE_PEOPLE = "manage_people"
    OWN_ACCOUNT = "own_account"
    IMPORT_GOODS = "import_goods"
    IMPORT_FORMER = "import_former"
    DRAW_SAMPLE = "draw_sample"
    FILE_REPORT = "file_report"
    FILE_CERTIFICATE = "file_certificate"
    APPROVE_CERTIFICATE = "approve_certificate"
    STOP_CERTIFICATE = "stop_certificate"
    LIFT_CERTIFICATE = "lift_certificate"
    SET_LIMIT = "set_limit"
    ASSIGN_FIRM = "assign_firm"
    ORDER_CODES = "order_codes"
    APPROVE_CODES = "approve_codes"
    OVERRIDE_QUANTITY = "override_quantity"
    WRITE_OFF = "write_off"
    LOWER_ALLOTMENT = "lower_allotment"
    ADD_AGENT = "add_agent"
    REVOKE_AGENT = "revoke_agent"
    ROTATE_AGENT = "rotate_agent"
    DECIDE_CLONE = "decide_clone"
    ADMIT_TOLD = "admit_told"
    ANSWER_ALARM = "answer_alarm"
    HAND_ROLL = "hand_roll"
    SCAN_ROLL = "scan_roll"
    TELL_PLACE = "tell_place"
    SUSPEND = "suspend"
    LIFT_SUSPENSION = "lift_suspension"
    RECALL = "recall"
    CONFIRM = "confirm"
    HANDLE_CASE = "handle_case"
    SPEAK_IN_CASE = "speak_in_case"
    SPOT_CHECK = "spot_check"
    ROTATE_CHECK_KEY = "rotate_check_key"
    MANAGE_VERIFY_KEYS = "manage_verify_keys"
    MANAGE_WEBHOOKS = "manage_webhooks"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the act in words, who may (by kind of party and role), whether two people are needed."""

    zh: str
    en: str
    kinds: frozenset[PartyKind]
    roles: frozenset[Role]
    four_eyes: bool = False


_EVERYBODY = tuple(PartyKind)
_OPERATOR = (PartyKind.OPERATOR,)
_ASSOCIATION = (PartyKind.ASSOCIATION,)
_FIRM = (PartyKind.FIRM,)
_BOTH = (PartyKind.ASSOCIATION, PartyKind.FIRM)
_OTHERS = tuple(kind for kind in PartyKind if kind not in (*_OPERATOR, *_ASSOCIATION))
_WORK = (Role.OFFICER, Role.APPROVER)
_IT = (Role.IT, Role.OFFICER)


def _row(zh: str, en: str, kinds: Iterable[PartyKind], roles: Iterable[Role], *, four_eyes: bool = False) -> Rule:
    return Rule(zh, en, frozenset(kinds), frozenset(roles), four_eyes)


TABLE: Mapping[Act, Rule] = {
    Act.LOOK: _row("查看", "look", _EVERYBODY, Role),
    Act.EXPORT: _row("导出", "export", _EVERYBODY, Role),
    Act.MAKE_ASSOCIATION: _row("建立协会", "make an association", _OPERATOR, (Role.OFFICER,)),
    Act.ADMIT: _row("准入企业、机构", "admit a firm, lab or other party", _ASSOCIATION, (Role.OFFICER,)),
    Act.JOIN: _row("答复协会的准入", "say whether an association may have one's party", _OTHERS, (Role.OFFICER,)),
    Act.END_MEMBERSHIP: _row("终止准入", "end a membership", (PartyKind.ASSOCIATION, *_OTHERS), (Role.OFFICER,)),
    Act.SET_STATUS: _row("调整主体状态", "set a party's status", _ASSOCIATION, _WORK),
    Act.LIFT_STATUS: _row("解除停用、黑名单", "lift a bar", _ASSOCIATION, (Role.APPROVER,), four_eyes=True),
    Act.APPEAL: _row("申诉", "appeal against a status", _EVERYBODY, (Role.OFFICER,)),
    Act.ANSWER_APPEAL: _row("答复申诉", "answer an appeal", _ASSOCIATION, _WORK),
    Act.SET_PARTY: _row("修改主体资料、设置", "change a party's particulars and settings", _EVERYBODY, (Role.OFFICER,)),
    # a name and a telephone stand before consumers
    Act.SET_NAME: _row(
        "核准名称、电话的变更", "agree to another name or telephone", _ASSOCIATION, (Role.APPROVER,), four_eyes=True
    ),
    Act.MANAGE_PEOPLE: _row("管理人员", "manage people", _EVERYBODY, (Role.OFFICER,)),
    Act.OWN_ACCOUNT: _row("管理自己的账号", "change one's own password and code", _EVERYBODY, Role),
    Act.IMPORT_GOODS: _row("导入款式、批次", "import styles and lots", _BOTH, _WORK),
    # it hands nothing out: what it brings lets nobody order codes
    Act.IMPORT_FORMER: _row("导入原平台的资料", "import a former platform", _ASSOCIATION, (Role.OFFICER,)),
    Act.DRAW_SAMPLE: _row(
        "抽样登记",
        "record a sample",
        (PartyKind.ASSOCIATION, PartyKind.LAB, PartyKind.INSPECTOR),
        (*_WORK, Role.LAB, Role.INSPECTOR),
    ),
    Act.FILE_REPORT: _row("上传检验报告", "file a report", (PartyKind.ASSOCIATION, PartyKind.LAB), (*_WORK, Role.LAB)),
    Act.FILE_CERTIFICATE: _row(
        "提交证书", "file a certificate", (PartyKind.ASSOCIATION, PartyKind.LAB), (*_WORK, Role.LAB)
    ),
    Act.APPROVE_CERTIFICATE: _row("批准证书", "approve a certificate", _ASSOCIATION, (Role.APPROVER,), four_eyes=True),
    Act.STOP_CERTIFICATE: _row("暂停、撤回证书", "suspend or withdraw a certificate", _ASSOCIATION, _WORK),
    Act.LIFT_CERTIFICATE: _row(
        "恢复证书", "lift a certificate's suspension", _ASSOCIATION, (Role.APPROVER,), four_eyes=True
    ),
    Act.SET_LIMIT: _row("设定无证书品类的限量", "set a limit for goods without certificate", _ASSOCIATION, _WORK),
    Act.ASSIGN_FIRM: _row("归属旧资料到企业", "assign what was here before to firms", _ASSOCIATION, (Role.OFFICER,)),
    Act.ORDER_CODES: _row("申请赋码", "order codes", _BOTH, _WORK),
    Act.APPROVE_CODES: _row("批准赋码", "approve a code order", _ASSOCIATION, (Role.APPROVER,), four_eyes=True),
    Act.OVERRIDE_QUANTITY: _row(
        "超量批准", "allow more than is certified", _ASSOCIATION, (Role.APPROVER,), four_eyes=True
    ),
    Act.WRITE_OFF: _row("核销失联打印端的余量", "write off a silent agent's rest", _ASSOCIATION, (Role.APPROVER,)),
    Act.LOWER_ALLOTMENT: _row("调低打印端的数量", "lower what an agent may have", _ASSOCIATION, _WORK),
    Act.ADD_AGENT: _row("新增打印端、发口令", "add an agent, give a token", _BOTH, _IT),
    Act.REVOKE_AGENT: _row("停用打印端", "revoke an agent", _BOTH, _IT),
    Act.ROTATE_AGENT: _row("更换打印端密钥", "have an agent change its secret", _BOTH, _IT),
    Act.DECIDE_CLONE: _row("裁定两台同名打印端", "decide between two machines of one identity", _BOTH, (Role.IT,)),
    Act.ADMIT_TOLD: _row(
        "裁定停用后上报的标签", "admit or reject what was told after revocation", _ASSOCIATION, (Role.APPROVER,)
    ),
    Act.ANSWER_ALARM: _row("处理警报", "take, answer and close an alarm", _BOTH, (*_WORK, Role.IT)),
    Act.HAND_ROLL: _row("交接成卷标签", "hand over a printed roll", _ASSOCIATION, _WORK),
    Act.SCAN_ROLL: _row("逐件贴签登记", "scan a roll's label onto its garment", _FIRM, Role),
    # it moves what one's own party has, and nothing of others; it hands nothing out
    Act.TELL_PLACE: _row(
        "登记装箱、发货、退货",
        "tell where garments are",
        (PartyKind.ASSOCIATION, *_OTHERS),
        (*_WORK, Role.LAB, Role.INSPECTOR),
    ),
    Act.SUSPEND: _row("暂停", "suspend", (PartyKind.ASSOCIATION, PartyKind.INSPECTOR), (*_WORK, Role.INSPECTOR)),
    Act.LIFT_SUSPENSION: _row("解除暂停", "lift a suspension", _ASSOCIATION, (Role.APPROVER,), four_eyes=True),
    Act.RECALL: _row("召回", "recall", _ASSOCIATION, _WORK),
    Act.CONFIRM: _row("确认临时措施", "confirm a provisional act", _ASSOCIATION, (Role.APPROVER,), four_eyes=True),
    Act.HANDLE_CASE: _row(
        "办理投诉", "handle a complaint", (PartyKind.ASSOCIATION, PartyKind.INSPECTOR), (*_WORK, Role.INSPECTOR)
    ),
    Act.SPOT_CHECK: _row(
        "抽查", "make a spot check", (PartyKind.ASSOCIATION, PartyKind.INSPECTOR), (*_WORK, Role.INSPECTOR)
    ),
    Act.SPEAK_IN_CASE: _row("对投诉作说明", "explain oneself in a complaint", _FIRM, _WORK),
    # the registry's own secret: every association's labels are checked with it
    Act.ROTATE_CHECK_KEY: _row("更换防伪码密钥", "change the key of check codes", _OPERATOR, _IT),
    Act.MANAGE_VERIFY_KEYS: _row(
        "发放、停用核验密钥", "give and end keys to verify codes", _ASSOCIATION, (Role.OFFICER,)
    ),
    Act.MANAGE_WEBHOOKS: _row("管理推送地址", "manage addresses that are told", (*_BOTH, PartyKind.MARKETPLACE), _IT),
}


def may(actor: Actor, act: Act) -> bool:
    """Whether this person may do that."""
    rule = TABLE[act]
    return actor.kind in rule.kinds and bool(actor.roles & rule.roles)


def require(actor: Actor, act: Act) -> None:
    """Raises ProblemError (403) unless this person may do that."""
    if not may(actor, act):
        rule = TABLE[act]
        who = "/".join(sorted(rule.roles)), "/".join(sorted(rule.kinds))
        raise ProblemError(
            "forbidden",
            f"您的账号不能“{rule.zh}” · {rule.en}: expected a person with role {who[0]} of {who[1]}, got "
            f"{'/'.join(sorted(actor.roles))} of {actor.kind}; ask somebody who has it",
        )


def require_second(actor: Actor, act: Act, maker: str) -> str:
    """What the audit row says of four eyes: 'kept', 'one_hand', 'off', or '' for an act of one person.

    Raises:
        ProblemError: 403; the same person asked for it.
    """
    if not TABLE[act].four_eyes:
        return ""
    if actor.person != maker:
        return kept(actor, maker)
    if not actor.four_eyes:
        return "off"
    raise ProblemError(
        "forbidden",
        f"提出和批准不能是同一人 · {TABLE[act].en}: expected another person than who asked, got the same; "
        "ask a second one",
    )


def kept(actor: Actor, other: str) -> str:
    """Four eyes of two persons: 'kept', or 'one_hand' if one could have come in with a word that the other gave.

    It is no refusal: who begins in an association of two was let in by the other one, and has to work. Somebody else
    hears of it (`door.acting`).
    """
    return "one_hand" if other in actor.one_hand else "kept"
