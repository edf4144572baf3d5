"""Each way in which an update is refused, in one sentence: the attacks of the TUF specification, section 1.5.2, and
what is no attack. The first row that fits counts. Pure."""

from __future__ import annotations

from tuf.api import exceptions

from edge_agent.errors import UpdateError
from edge_agent.messages.text import Words

ROWS: tuple[tuple[type[Exception], Words], ...] = (
    (
        exceptions.ExpiredMetadataError,
        Words(
            "更新清单已过期：源太旧或被人扣住，也可能本机时钟不对",
            "expected lists that still hold, got one that has ended: the source is old or held back, or the clock of "
            "this computer is wrong; look at both",
        ),
    ),
    (
        exceptions.BadVersionNumberError,
        Words(
            "更新清单比本机见过的旧，或几份清单对不上",
            "expected lists no older than those seen here, which belong together, got others: an old copy or a "
            "mixture; use another source",
        ),
    ),
    (
        exceptions.UnsignedMetadataError,
        Words(
            "签名不够：不是发布方签的",
            "expected signatures of enough of the makers' keys, got too few: it is not theirs; use another source and "
            "tell the makers",
        ),
    ),
    (
        exceptions.LengthOrHashMismatchError,
        Words(
            "文件损坏或被换过",
            "expected the bytes that the makers signed, got others: damaged or exchanged; fetch it again",
        ),
    ),
    (
        exceptions.DownloadLengthMismatchError,
        Words(
            "文件比签名里写的长，已停止",
            "expected no more bytes than the makers signed, got more, and stopped there; use another source",
        ),
    ),
    (
        exceptions.SlowRetrievalError,
        Words("源太慢或没有应答", "expected an answer in time, got too little; try again, or bring it on a stick"),
    ),
    (
        exceptions.DownloadHTTPError,
        Words("源里缺文件", "expected every file that the lists name, got none of one; copy the whole source again"),
    ),
    (
        exceptions.DownloadError,
        Words("源打不开", "expected a source that can be read, got none; check address, network or folder"),
    ),
    (
        exceptions.RepositoryError,
        Words("清单不是更新清单", "expected lists of TUF, got something else; use another source"),
    ),
)


def refusal(source: str, cause: Exception) -> UpdateError:
    """What is said of `cause`, of which `ROWS` must have one."""
    words = next(words for kind, words in ROWS if isinstance(cause, kind))
    why = " ".join(str(cause.__cause__ or cause).split())[:200]
    return UpdateError(f"更新：{words.zh} · update from {source}: {words.en} ({why}); nothing was changed")


def disk_refused(cause: OSError) -> UpdateError:
    """A folder or a disk that did not take what was fetched."""
    return UpdateError(
        f"更新：本机的文件夹或磁盘写不进去，请清理磁盘 · update: expected room and rights for its files, got "
        f"{cause.strerror or cause}; make room; nothing was changed"
    )
