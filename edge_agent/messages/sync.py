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
CLONED: Mapping[str, Words] = {
    "": Words(
        "另一台电脑在使用同一身份，已停止发码，请联系平台",
        "another computer uses this identity; issuing is stopped, ask the platform",
    ),
    "waits": Words(
        "另一台电脑也用着本机的登记身份，本机先不发码，打过的照常上报；"
        "请本企业 IT 到平台「两台同名的打印端」裁定由哪台继续",
        "another computer uses this identity too; issuing waits here, telling goes on; let your firm's IT say at the "
        "registry's console (two machines) which of them goes on",
    ),
    "other": Words(
        "登记身份已由另一台电脑接着用，本机不再发码，打过的照常上报；本机要打印，请向平台要一次性口令重新登记",
        "another computer has gone on with this identity; issuing has ended here, telling goes on; to print here "
        "ask the platform for a one-time token and enrol it anew",
    ),
    "this": Words(
        "平台认定由本机继续；请用平台给的一次性口令重新登记，登记后接着发码",
        "the registry goes on with this machine: enrol it anew with the one-time token that came with the decision, "
        "then issuing goes on",
    ),
    "ended": Words(
        "登记身份已归另一台电脑，本机的密钥已换掉，打不了也报不了；"
        "没上报的请导出账本（edge-agent ledger export）交给协会，要打印请向平台要一次性口令重新登记",
        "the identity is another computer's and this one's secret has ended: hand what is untold to the association as "
        "a file (edge-agent ledger export); to print here ask the platform for a one-time token and enrol anew",
    ),
}
"""By how it stands between two machines of one identity, as `ClonedError` says; "": the registry does not say."""


def of_cloned(standing: str) -> Words:
    """What a machine that may not go on says of itself."""
    return CLONED.get(standing, CLONED[""])


def twin(fingerprint: str) -> Words:
    """What the machine that goes on says of the other one; of the fingerprint as much as tells two machines apart."""
    mark = fingerprint[:8]
    return Words(
        f"另一台电脑（指纹 {mark}）也用本机的登记身份联系了平台，平台没让它发码；本机照常打印。"
        "请本企业 IT 到平台「两台同名的打印端」裁定",
        f"another computer (fingerprint {mark}) spoke to the registry under this identity and may issue nothing; "
        "printing goes on here; let your firm's IT decide at the registry's console (two machines)",
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
