"""What an act of the audit is called where a person reads it. Pure.

Most have the words of the table of acts; those that are steps of one have theirs here.
"""

from __future__ import annotations

from collections.abc import Mapping

from central_registry.parties.acts import TABLE

_STEPS: Mapping[str, str] = {
    "log_in": "登录",
    "change_password": "改自己的密码",
    "begin_totp": "开始绑定手机",
    "confirm_totp": "绑定手机",
    "add_person": "添加人员",
    "set_roles": "改角色",
    "reset_person": "重置密码",
    "person_left": "登记离开",
    "erase_name": "清除姓名",
    "set_four_eyes": "双人复核开关",
    "init": "初始化",
    "break_glass": "应急登录",
    "ask_name": "申请变更名称、电话",
    "ask_to_join": "征询准入",
    "join_taken_back": "撤回准入征询",
    "membership_end_taken_back": "撤回终止准入",
    "ask_lift": "申请解除状态",
    "set_status_confirmed": "确认状态",
    "set_status_rejected": "撤销临时状态",
    "lift_status_confirmed": "同意解除状态",
    "lift_status_rejected": "不同意解除状态",
    "take_alarm": "接手警报",
    "give_back_alarm": "放回警报",
    "close_alarm": "关闭警报",
    "reopen_alarm": "重新打开警报",
    "ask_lift_suspension": "申请解除暂停",
    "suspend_labels": "暂停若干标签",
    "recall_labels": "召回若干标签",
    "ask_lift_suspension_labels": "申请恢复若干标签",
    "lift_suspension_labels": "恢复若干标签",
    "close_label_stop": "标签停用结案",
    "assign": "归属旧资料到企业",
    "draw_sample": "登记抽样",
    "roll_returned": "登记成卷标签退回",
    "roll_lost": "登记成卷标签丢失",
    "certificate_approved": "批准证书",
    "certificate_rejected": "退回证书",
    "certificate_suspended": "暂停证书",
    "certificate_withdrawn": "撤回证书",
    "certificate_confirmed": "确认证书的暂停或撤回",
    "certificate_lifted": "恢复证书",
    "case_take": "接办投诉",
    "case_note": "投诉内部记录",
    "case_ask_firm": "请企业说明投诉",
    "case_firm_says": "对投诉作说明",
    "case_answer": "答复投诉人",
    "case_close": "办结投诉",
    "spot_check_planned": "抽定要抽查的批次",
    "spot_check_sampled": "抽查取样",
    "spot_check_passed": "抽查合格",
    "spot_check_failed": "抽查不合格",
}
_ENDS: Mapping[str, str] = {"_confirmed": "：同意", "_rejected": "：不同意", "_refused": "：被拒绝"}
"""What became of an act, at the end of its name."""

_WORDS: Mapping[str, str] = {**{act.value: rule.zh for act, rule in TABLE.items()}, **_STEPS}


def act_of(name: str) -> str:
    """The act in words; one without any stands as it is."""
    if name in _WORDS:
        return _WORDS[name]
    ends = ((name.removesuffix(end), zh) for end, zh in _ENDS.items() if name.endswith(end))
    return next((f"{_WORDS[act]}{zh}" for act, zh in ends if act in _WORDS), name)
