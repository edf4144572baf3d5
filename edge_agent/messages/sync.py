"""What the sync with the central registry is doing, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words

ASKING = Words("正在联系登记平台", "asking the registry")
IN_STEP = Words("已与登记平台同步", "in step with the registry")
BUSY = Words("登记平台繁忙，稍后自动继续上传", "the registry is busy; telling it goes on in a moment")
AWAY = Words(
    "联系不上登记平台，打印不受影响，稍后自动重试",
    "the registry does not answer; printing goes on, it will be asked again",
)
CLONED = Words(
    "另一台电脑在使用同一身份，已停止发码，请联系平台",
    "another computer uses this identity; issuing is stopped, ask the platform",
)
FAILED = Words("同步出错，请联系信息部门", "sync failed; ask your IT department")

REFUSED: Mapping[int, Words] = {
    401: Words("登记平台不认可本机密钥，请重新登记", "the registry does not accept this agent's secret; enrol again"),
    413: Words(
        "单条记录过大，登记平台拒收，请联系平台", "a single event is too large for the registry; ask the platform"
    ),
    422: Words("登记平台拒收本机数据，请联系平台", "the registry refuses what it was sent; ask the platform"),
}
"""By the status of the registry's answer; any other is `REFUSED_ELSE`."""
REFUSED_ELSE = Words("登记平台拒绝了请求，请联系平台", "the registry said no; ask the platform")


def of_refusal(status: int) -> Words:
    """What a registry's answer that says no asks of people."""
    return REFUSED.get(status, REFUSED_ELSE)
