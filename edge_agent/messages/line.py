"""What a lead reads while a line stands still, because another printer may stand there."""

from __future__ import annotations

from edge_agent.messages.text import Words
from edge_agent.model.printer_identity import PrinterIdentity, PrinterQuestion
from label_protocol.kinds import LineAnswer, LineQuestion

TITLE = Words("换了打印机？", "is this another printer?")

ANSWERS = {
    LineAnswer.ANOTHER: Words(
        "已确认换用现在这台，可以继续", "confirmed: the printer that is there now; the line goes on"
    ),
    LineAnswer.PUT_BACK: Words(
        "已记录：等接回原来那台打印机，之前不打印", "recorded: nothing is printed until the confirmed printer is back"
    ),
}


def of_question(asked: PrinterQuestion) -> Words:
    """What is asked, what it rests on, and what to do."""
    why, todo = _why(asked), _todo(put_back=asked.put_back)
    return Words(f"{TITLE.zh}{why.zh}；{todo.zh}", f"{TITLE.en} {why.en}; {todo.en}")


def _why(asked: PrinterQuestion) -> Words:
    if asked.question == LineQuestion.COUNT_BACK:
        return Words(
            f"计数从 {asked.before} 变小到 {asked.after}", f"its counter went back from {asked.before} to {asked.after}"
        )
    if asked.question == LineQuestion.COUNT_JUMPED:
        return Words(
            f"计数从 {asked.before} 跳到 {asked.after}，又认不出是不是原来那台",
            f"its counter jumped from {asked.before} to {asked.after}, and nothing shows that it is the same one",
        )
    return Words(
        f"原来是 {_named(asked.known)}，现在是 {_named(asked.found)}",
        f"confirmed is {_named(asked.known)}, found is {_named(asked.found)}",
    )


def _named(identity: PrinterIdentity | None) -> str:
    return "?" if identity is None else str(identity)


def _todo(*, put_back: bool) -> Words:
    if put_back:
        return Words(
            "已答“不对”：请接回原来那台，或改答“就用这台”",
            "answered no: put the confirmed one back, or answer otherwise",
        )
    return Words("请组长看一下，再回答", "a lead has to look and answer")
