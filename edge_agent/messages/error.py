"""What people read before a refusal's own sentence: a few words in Chinese for each class of errors, one table for the
page and the commands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from edge_agent import errors
from label_protocol.errors import (
    AgentError,
    CodeError,
    ConfigError,
    ConflictError,
    InputError,
    LedgerError,
    RecordError,
    StateError,
)

WORDS: Mapping[type[AgentError], str] = {
    InputError: "填写的内容不对，没有改动",
    RecordError: "资料不对，没有改动",
    errors.TemplateError: "模板不对，请改正",
    ConfigError: "配置不对，请改正",
    CodeError: "码不对，请重新扫描标签上的二维码",
    errors.AccessError: "没有权限，没有改动",
    errors.LogInError: "请先扫工牌登录，没有改动",
    errors.NotFoundError: "本机没有这条记录，请核对",
    ConflictError: "现在不能这样做，没有改动",
    StateError: "当前状态不能这样做，没有改动",
    errors.LotStoppedError: "批号已停用，没有改动",
    errors.FirmNeededError: "请先选为哪家打",
    errors.FindingsError: "资料不符合标签规则，不能打印",
    errors.RenderError: "内容放不进标签",
    errors.IssuingError: "现在不能发码",
    LedgerError: "账本出错，请联系技术人员",
    errors.LedgerBusyError: "账本正被别的程序使用",
    errors.LedgerFullError: "磁盘已满，请清理磁盘",
    errors.CatalogError: "资料文件出错，请联系技术人员",
    errors.OrderBookError: "生产单的账本出错，请联系技术人员",
    errors.UpdateError: "更新没有做，程序还是原来的",
    errors.PrinterError: "打印机做不到",
    errors.LinkError: "与打印机的连接出错",
    errors.SyncError: "与中心平台的通信出错",
}
"""The nearest class upwards counts; a test proves that every class of the tree has one."""


def words_of(cause: AgentError) -> str:
    """The words of an error's class."""
    return next(WORDS[one] for one in type(cause).__mro__ if one in WORDS)


def of_class(cause: Exception) -> str:
    """What a log may tell of an error: its class and the words for it. Its own sentence may quote what people wrote."""
    return f"{words_of(cause)} · {type(cause).__name__}" if isinstance(cause, AgentError) else type(cause).__name__


def sentence(words: str, detail: str) -> str:
    """Words and sentence as one; a sentence that begins in Chinese needs no other before it."""
    return detail if not words or re.match("[\u4e00-\u9fff]", detail) else f"{words} · {detail}"
