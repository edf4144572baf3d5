"""Every piece on one page, each in each of its states: for those who build pages, and for the tests that photograph
them. Nothing on it is real, and nothing on it orders anything."""

from __future__ import annotations

from aiohttp import web

from edge_agent.messages.printer import DOWN, IDLE
from edge_agent.messages.text import Words
from edge_agent.model.goods import Goods
from edge_agent.web.console.frame import show
from edge_agent.web.console.pieces.chart import chart
from edge_agent.web.console.pieces.life import Fact, Field, Moment, Question, Step
from edge_agent.web.console.pieces.state import UNKNOWN, Look, State, of_printer
from edge_agent.web.console.pieces.table import Asked, Cell, Chip, Column, Row, Table
from edge_agent.web.console.pieces.told import Told
from edge_agent.web.console.pieces.work import Work

HERE = "/console/pieces"
DAY = "2026-11-20T0"

STATES = (
    State(Look.GOOD, Words("就绪", "ready")),
    State(Look.ATTENTION, Words("已暂停", "paused")),
    State(Look.STOP, Words("缺纸", "out of labels")),
    UNKNOWN,
    State(Look.REST, Words("已完成", "done")),
)
COLUMNS = (
    Column("style", "款号 · 号型", "style · size", sortable=True),
    Column("state", "状态", "state"),
    Column("count", "张数", "labels", sortable=True, number=True),
    Column("at", "时间", "time", time=True),
)
TOLD = (
    Told(Look.GOOD, Words("已打印", "printed"), scan="PH17K3M9QX2W4T0AB"),
    Told(Look.ATTENTION, Words("前 5 张好，后 3 张？", "5 good, 3 after it?"), scan="PH17K3M9QX2W4T05B"),
    Told(Look.STOP, Words("没有登记", "Not taken"), scan="PH17K3M9QX2W4T0AB", why=Words("作废标签出现", "it is void")),
    None,
)


async def page(request: web.Request) -> web.Response:
    """All of them. `rows`: how many rows the table has."""
    rows = request.query.get("rows", "3")
    count = int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else 3
    return await show(
        request,
        "pages/pieces.html",
        states=STATES,
        told=TOLD,
        works=[work(State(Look.GOOD, Words("进行中", "running"))), work(STATES[1], paused=True, not_good=4)],
        printers=[
            of_printer(IDLE, ready=True, busy=False),
            of_printer(DOWN, ready=False, busy=False),
        ],
        table=table(request, count),
        facts=FACTS,
        moments=MOMENTS,
        steps=STEPS,
        fields=FIELDS,
        question=QUESTION,
        drawn=chart([("8:00", 120), ("9:00", 340), ("10:00", 0), ("11:00", 515)]),
    )


def work(state: State, *, paused: bool = False, not_good: int = 0) -> Work:
    """An order that is nobody's."""
    return Work(
        kind="jobs",
        key="example",
        state=state,
        goods=Goods("示例 YR2026-0801", "175/92A", "男式连帽羽绒服"),
        lot_no="L1",
        on="甲线",
        at="一号线",
        template="down_grade_60x40",
        operator="A01",
        printed=120,
        quantity=500,
        not_good=not_good,
        left=372,
        told=Words("已开始", "started"),
        opened_at=f"{DAY}9:15:03.120Z",
        open=True,
        paused=paused,
    )


def table(request: web.Request, count: int) -> Table:
    """A table of `count` rows."""
    rows = [
        Row(
            str(n),
            (
                Cell(f"YR2026-{n:04d} · 175/92A", small="男式连帽羽绒服"),
                Cell("", state=STATES[n % 5]),
                Cell(str(500 + n)),
                Cell(f"{DAY}{n % 10}:15:03.120Z"),
            ),
            href=HERE,
        )
        for n in range(count)
    ]
    return Table(
        caption=Words("任务", "Orders"),
        asked=Asked.of(HERE, request.query, ("rows",)),
        columns=COLUMNS,
        rows=tuple(rows),
        total=count,
        pages=3 if count else 1,
        empty=Words("还没有任务，到“打印”里下单", "No order yet; go to Print"),
        search=Words("款号、号型、名称", "style, size, name"),
        chips=(Chip("", "全部", "all", count), Chip("paused", "已暂停", "paused", 1)),
        export={"CSV": HERE},
        pick="picked",
    )


FACTS = (
    Fact("款号", "style", "YR2026-0801"),
    Fact("打印时间", "printed at", "今天 14:05", full="2026-11-20 14:05:03 +0800"),
    Fact("操作员", "operator", None),
)
MOMENTS = (
    Moment(f"{DAY}9:15:03Z", State(Look.GOOD, Words("已打印", "printed")), Words("计数器相符", "the counter agrees")),
    Moment(f"{DAY}9:18:40Z", STATES[2], Words("报废", "scrapped"), who="A01", why="边上撕坏了"),
)
STEPS = (
    Step(Words("打开打印头", "Open the head"), True),
    Step(Words("换上新卷", "Put the new roll in"), None, Words("标签面朝上，碳带在上面", "labels up, ribbon above")),
    Step(Words("打一张测试签", "Print a test label"), False),
)
FIELDS = (
    Field(name="quantity", zh="数量", en="quantity", value="50", help="1 到 100000 张", digits=True),
    Field(name="reason", zh="原因", en="reason", error="请写明为什么", required=True),
)
QUESTION = Question(
    title=Words("没有一张好？", "None is good?"),
    consequence=Words("8 张作废，含刚扫的这张", "8 labels void, the one just scanned among them"),
    yes=Words("8 张作废", "Void 8"),
    action=HERE,
    back=HERE,
    reason=True,
)
