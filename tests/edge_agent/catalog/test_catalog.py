"""The catalogue: a change is whole or absent, a lost file is never a new one, an import is all or nothing."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from edge_agent.catalog import Catalog, Operator, Printer
from edge_agent.errors import CatalogError, NotFoundError
from garment.record import record_from
from garment.sheets.cells import letters
from garment.sheets.columns import SPREADSHEETS
from label_protocol.codes.gs1 import check_digit
from label_protocol.errors import AgentError, RecordError

SAMPLES = {
    path.stem: path for path in sorted((Path(__file__).parents[3] / "edge_agent" / "demo" / "samples").glob("*.json"))
}
OPERATOR = {"code": "A01", "name": "一号"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalogue.json"


@pytest.fixture
def catalog(path: Path) -> Catalog:
    return Catalog.open(path)


# --- documents -----------------------------------------------------------------------------------------------------


def test_put_get_list_delete(catalog: Catalog, path: Path) -> None:
    catalog.operators.put({"code": "B02", "name": "二号"})
    catalog.operators.put(Operator(code="A01", name="一号"))
    catalog.operators.put({"code": "A01", "name": "三号"})
    assert Catalog.open(path).operators.get("A01").name == "三号"
    assert [one.code for one in catalog.operators.list()] == ["A01", "B02"]
    catalog.operators.delete("A01")
    with pytest.raises(NotFoundError, match="operators: expected code 'A01', got no such document"):
        catalog.operators.get("A01")
    with pytest.raises(NotFoundError):
        catalog.operators.delete("A01")


def test_a_style_is_one_size_and_the_record_is_put_together_again(catalog: Catalog) -> None:
    for sample in SAMPLES.values():
        catalog.import_file(sample)
    for sample in SAMPLES.values():
        record = record_from(json.loads(sample.read_text("utf-8")))
        assert record.lot is not None
        key = (record.product.style_no, record.product.size)
        assert catalog.record(*key, record.lot.lot_no) == record
        assert catalog.record(*key).facts() == {"product": record.facts()["product"]}
    with pytest.raises(NotFoundError, match="style_no 'PY-B-0933', size '180/100A'"):
        catalog.record("PY-B-0933", "180/100A")


@pytest.mark.parametrize(
    ("kind", "document", "part"),
    [
        ("printers", {"id": "p 1", "name": "x", "url": "tcp://h", "profile": "zpl"}, "printers, id: expected"),
        ("printers", {"id": "p1", "name": "x", "url": "192.168.1.9", "profile": "zpl"}, "printers, url: expected"),
        (
            "printers",
            {"id": "p1", "name": "x", "url": "tcp://h", "profile": "zpl", "dpi": 20},
            "printers, dpi: expected",
        ),
        ("operators", {"code": "A1", "nam": "x"}, "operators, name: expected a value, got nothing"),
        ("lots", {"lot_no": "L1", "grade": {}}, "lots, grade.scheme: expected a value"),
    ],
)
def test_a_wrong_document_is_refused_by_field(catalog: Catalog, kind: str, document: Any, part: str) -> None:
    with pytest.raises(RecordError) as caught:
        getattr(catalog, kind).put(document)
    assert part in str(caught.value)
    assert not getattr(catalog, kind).list()


def test_a_document_edited_by_hand_into_nonsense_is_the_catalogues_turn(catalog: Catalog, path: Path) -> None:
    catalog.operators.put(OPERATOR)
    path.write_text(path.read_text("utf-8").replace('"name"', '"nam"'), "utf-8")
    with pytest.raises(CatalogError, match="edited by hand"):
        catalog.operators.list()


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "expected the file that was in use, got none"),
        (b"", "got an empty file"),
        (b"\0" * 512, "got an empty file"),
        (b'{"operators": {"1": {"code"', "got a damaged file"),
        (b"[]", "got other JSON"),
        (b'{"operators": {"x": 1}}', "got other JSON"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 100_000, "got a damaged file"),
    ],
)
def test_a_lost_or_damaged_file_is_an_error_that_names_it(
    catalog: Catalog, path: Path, content: bytes | None, part: str
) -> None:
    catalog.operators.put(OPERATOR)
    path.unlink() if content is None else path.write_bytes(content)
    for attempt in (lambda: Catalog.open(path), catalog.operators.list, lambda: catalog.operators.put(OPERATOR)):
        with pytest.raises(CatalogError) as caught:
            attempt()
        assert part in str(caught.value)
        assert str(path) in str(caught.value)
        assert "restore" in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == content


def test_an_empty_file_is_refused_even_without_the_marker(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(CatalogError, match="empty file"):
        Catalog.open(path)


def test_a_crash_between_the_first_file_and_its_marker_is_healed(catalog: Catalog, path: Path) -> None:
    catalog.operators.put(OPERATOR)
    marker = path.with_name(path.name + ".used")
    marker.unlink()
    assert Catalog.open(path).operators.get("A01").name == "一号"
    assert marker.read_bytes()


def no_space(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_whole(
    catalog: Catalog, path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.operators.put(OPERATOR)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, no_space)
        with pytest.raises(CatalogError, match=r"did not take the change .*No space left.*free some space"):
            catalog.operators.put({"code": "B02", "name": "二号"})
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["catalogue.json", "catalogue.json.used"]
    catalog.operators.put({"code": "B02", "name": "二号"})
    assert len(catalog.operators.list()) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_disk_that_is_full_at_the_write_itself(catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.operators.put(OPERATOR)
    before, real = path.read_bytes(), os.open
    full = lambda name, *a, **k: real("/dev/full" if str(name).endswith(".tmp") else name, *a, **k)  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with pytest.raises(CatalogError, match="did not take the change"):
            catalog.operators.put({"code": "B02", "name": "二号"})
    assert path.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of open files are read from /proc")
def test_the_temporary_file_is_synced_before_it_takes_the_name(
    catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.operators.put(OPERATOR)
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(fd: int) -> None:
        steps.append(Path(f"/proc/self/fd/{fd}").readlink().name)
        fsync(fd)

    def note_replace(a: Path, b: Path) -> None:
        steps.append("replace")
        replace(a, b)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    catalog.operators.put(OPERATOR)
    assert steps == ["catalogue.json.tmp", "replace", "data"]


KILLED = """
import os, signal, sys
from pathlib import Path
from edge_agent.catalog import Catalog, storage
catalog = Catalog.open(Path(sys.argv[1]))
storage.os.replace = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
catalog.operators.put({"code": "B02", "name": "二号"})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_between_write_and_replace_changes_nothing(catalog: Catalog, path: Path) -> None:
    catalog.operators.put(OPERATOR)
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert path.read_bytes() == before
    assert path.with_name("catalogue.json.tmp").exists(), "the kill came too early to prove anything"
    again = Catalog.open(path)
    assert [one.code for one in again.operators.list()] == ["A01"]
    again.operators.put({"code": "C03", "name": "三号"})
    assert not path.with_name("catalogue.json.tmp").exists()


def test_a_scanner_that_holds_the_file_for_a_moment_is_waited_for(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refusals = os.replace, [PermissionError("in use")] * 2
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def replace(a: Path, b: Path) -> None:
        if refusals:
            raise refusals.pop()
        real(a, b)

    monkeypatch.setattr(os, "replace", replace)
    catalog.operators.put(OPERATOR)
    assert len(catalog.operators.list()) == 1
    refusals[:] = [PermissionError("in use")] * 99
    with pytest.raises(CatalogError, match="in use"):
        catalog.operators.put({"code": "B02", "name": "二号"})


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogError, match="cannot make the folder"):
        Catalog.open(tmp_path / "file" / "catalogue.json")


def test_concurrent_puts_of_threads_all_arrive(catalog: Catalog, path: Path) -> None:
    other = Catalog.open(path)

    def work(one: Catalog, prefix: str) -> None:
        for number in range(8):
            one.operators.put({"code": f"{prefix}{number}", "name": "x"})

    threads = [threading.Thread(target=work, args=(one, f"{at}-")) for at, one in enumerate([catalog, catalog, other])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Catalog.open(path).operators.list()) == 24


WRITER = """
import sys
from pathlib import Path
from edge_agent.catalog import Catalog
catalog = Catalog.open(Path(sys.argv[1]))
for number in range(15):
    catalog.operators.put({"code": f"{sys.argv[2]}{number}", "name": "x"})
"""


def test_concurrent_puts_of_processes_all_arrive(catalog: Catalog, path: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("a", "b")]
    for number in range(15):
        catalog.operators.put({"code": f"c{number}", "name": "x"})
    assert [worker.wait(30) for worker in workers] == [0, 0]
    assert len(catalog.operators.list()) == 45


# --- import and export ---------------------------------------------------------------------------------------------


def test_export_goes_in_again(catalog: Catalog, tmp_path: Path) -> None:
    for sample in SAMPLES.values():
        catalog.import_file(sample)
    catalog.operators.put(OPERATOR)
    catalog.printers.put(Printer(id="p1", name="一号机", url="tcp://127.0.0.1:9100", profile="zd421", dpi=203))
    other = Catalog.open(tmp_path / "other.json")
    report = other.import_json(json.dumps(catalog.export()).encode())
    assert other.export() == catalog.export()
    assert report.added == {"styles": 5, "lots": 5, "printers": 1, "operators": 1}
    assert other.import_json(json.dumps(catalog.export()).encode()).replaced == report.added


def test_a_list_with_one_wrong_record_brings_nothing(catalog: Catalog, path: Path) -> None:
    records = [json.loads(sample.read_text("utf-8")) for sample in SAMPLES.values()]
    del records[3]["product"]["size"]
    before = path.read_bytes()
    with pytest.raises(RecordError, match=r"record 4 of 5: .*product\.size: .*nothing was imported"):
        catalog.import_json(json.dumps(records).encode())
    assert path.read_bytes() == before


def test_an_import_is_one_write(catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, renames = os.replace, []

    def note(a: Path, b: Path) -> None:
        renames.append(b)
        real(a, b)

    monkeypatch.setattr(os, "replace", note)
    catalog.import_file(SAMPLES["down_graded"])
    assert len(renames) == 1
    assert (len(catalog.styles.list()), len(catalog.lots.list())) == (1, 1)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b'{"stiles": []}', "got 'stiles'"),
        (b'{"styles": [1]}', "styles, the whole: expected an object"),
        (b"[1]", "record 1 of 1"),
        (b'"x"', "record 1 of 1"),
        (b"{", "line 1, column 2"),
    ],
)
def test_json_that_is_no_import_says_so(catalog: Catalog, data: bytes, part: str) -> None:
    with pytest.raises(RecordError) as caught:
        catalog.import_json(data)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("name", "part"), [("x.xls", "ending in .json, .csv or .xlsx"), ("gone.csv", "cannot be read")]
)
def test_a_file_that_is_no_import_is_named(catalog: Catalog, tmp_path: Path, name: str, part: str) -> None:
    if name == "x.xls":
        (tmp_path / name).touch()
    with pytest.raises(RecordError, match=part):
        catalog.import_file(tmp_path / name)


GARMENT_ROW = {
    "品牌": "示例羽",
    "品名": "男式连帽羽绒服",
    "款号": "YR2026-0801",
    "颜色": "黑色",
    "商品条码": "06901234567892",
    "号型": "175/92A",
    "适用人群": "成人",
    "执行标准": "GB/T 14272-2021",
    "质量等级": "合格品",
    "安全类别": "GB 18401-2010 C类",
    "成分": "面料：锦纶 100%；里料：聚酯纤维100",
    "羽绒种类": "鹅绒",
    "绒子含量": "90",
    "充绒量": "150",
    "维护符号": "wash_30_mild bleach_no，tumble_no dry_flat_shade iron_110 dryclean_no",
    "制造者": "示例服饰有限公司",
    "制造者地址": "浙江省嘉兴市平湖市示例路1号",
    "统一社会信用代码": "91330482MA0000000L",
    "批号": "L20261118A",
    "报告编号": "PHJ-2026-000123",
    "检验机构": "示例检测中心",
    "检验日期": "2026-11-10",
    "批量": "5000",
    "分级方案": "pinghu-down",
    "总等级": "AAAA",
    "绒子含量等级": "AAAAA",
    "蓬松度等级": "AAAA",
    "浊度等级": "AAAA",
    "钻绒值等级": "AAAAA",
    "色牢度等级": "AAAA",
}


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_brings_the_same_record_as_the_sample(catalog: Catalog, encoding: str, delimiter: str) -> None:
    catalog.import_sheet(table(GARMENT_ROW, delimiter=delimiter).encode(encoding))
    sample = json.loads(SAMPLES["down_graded"].read_text("utf-8"))
    sample["product"]["fill_weight_g"] = {"175/92A": 150}
    assert catalog.record("YR2026-0801", "175/92A", "L20261118A") == record_from(sample)


def test_a_sheet_brings_a_carbon_mark_where_there_is_one(catalog: Catalog) -> None:
    stated = {
        "碳足迹证书号": "示例-0001",
        "碳足迹数值": "35.880",
        "碳足迹声明单位": "1 件",
        "碳足迹图案指纹": "ab" * 32,
    }
    catalog.import_sheet(table(GARMENT_ROW | stated).encode())
    mark = catalog.record("YR2026-0801", "175/92A", None).facts()["product"]["carbon_mark"]
    assert list(mark.values()) == ["示例-0001", "35.88", "1 件", "ab" * 32]


def test_english_headings_are_the_same_sheet(catalog: Catalog) -> None:
    names = {column.zh: column.name for column in SPREADSHEETS["style_no"]}
    catalog.import_sheet(table({names[word]: cell for word, cell in GARMENT_ROW.items()}).encode())
    assert catalog.lots.get("L20261118A").quantity == 5000


def test_sizes_of_a_style_share_their_lot_and_blank_rows_do_not_count(catalog: Catalog) -> None:
    other = GARMENT_ROW | {"号型": "170/88A", "商品条码": "06901234567908", "充绒量": "142"}
    blank = dict.fromkeys(GARMENT_ROW, " ")
    report = catalog.import_sheet(table(GARMENT_ROW, blank, other, blank).encode())
    assert report.added == {"styles": 2, "lots": 1}
    assert str(report) == "styles: +2, ~0; lots: +1, ~0"


@pytest.mark.parametrize(
    ("sheet", "kind", "count"),
    [
        ("批号,批量\nL1,100\nL2,\n", "lots", 2),
        ("id,name,url,profile,dpi\np1,一号机,tcp://10.0.0.9:9100,zd421,203\n", "printers", 1),
        ("工号,姓名\nA01,一号\n", "operators", 1),
    ],
)
def test_the_other_sheets(catalog: Catalog, sheet: str, kind: str, count: int) -> None:
    catalog.import_sheet(sheet.encode())
    assert len(getattr(catalog, kind).list()) == count


@pytest.mark.parametrize(
    "cell",
    [
        "大身:绵羊毛50.5,粘纤28,锦纶18.5,其他纤维3;罗口:棉96,氨纶4",
        "大身：50.5% 绵羊毛，28%粘纤、18.5%锦纶，３%其他纤维\n罗口：96%棉,4%氨纶",
    ],
)
def test_composition_is_written_as_on_the_label(catalog: Catalog, cell: str) -> None:
    catalog.import_sheet(table(GARMENT_ROW | {"成分": cell, "羽绒种类": "", "绒子含量": ""}).encode())
    sample = record_from(json.loads(SAMPLES["knit_blend"].read_text("utf-8")))
    assert catalog.styles.get("YR2026-0801", "175/92A").composition == sample.product.composition


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"商品条码": "6.90123E+12"}, "商品条码 (gtin)：商品条码应是 8、12、13 或 14 位数字"),
        ({"商品条码": "06901234567891"}, "商品条码 (gtin)：商品条码的校验位不对"),
        ({"款号": "1.00E+05"}, "款号 (style_no)：Excel 已把这个号码改成日期或数字"),
        ({"号型": "1月2日"}, "号型 (size)：Excel 已把这个号码改成日期或数字"),
        ({"批号": "2026/3/4"}, "批号 (lot_no)：Excel 已把这个号码改成日期或数字"),
        (
            {"成分": "棉 100"},
            "成分 (composition)：部位用分号分开，纤维用逗号分开，不能用空格或句号代替；读不懂“棉",
        ),
        ({"成分": "面料: 棉 101"}, "成分 (composition)：缺少内容或写法不对 · row 3, composition.0.fibres.0.percent"),
        ({"绒子含量": "多"}, "绒子含量 (down_cluster_percent)：应是百分数"),
        ({"绒子含量": "0.8"}, "0.8 是 0.8% 还是 80.0%"),
        ({"充绒量": "0"}, "充绒量 (fill_weight_g)：缺少内容或写法不对"),
        ({"适用人群": "狗"}, "适用人群 (wearer)：缺少内容或写法不对 · row 3, wearer: expected 'adult'"),
        ({"品牌": ""}, "品牌 (brand)：缺少内容或写法不对 · row 3, brand: expected a value, got nothing"),
        ({"品牌": "#N/A"}, "品牌 (brand)：格子里是 Excel 的错误值"),
        ({"制造者地址": ""}, "制造者地址 (maker_address)：缺少内容"),
        ({"检验日期": "10/11/2026"}, "检验日期 (inspected_on)：看不出哪个是月、哪个是日"),
        ({"检验日期": "46336"}, "检验日期 (inspected_on)：这是 Excel 的日期序号"),
        ({"批量": "5,00"}, "批量 (quantity)：应是整数"),
        ({"维护符号": "机洗"}, "维护符号 (care)：缺少内容或写法不对"),
        ({"号型": "175/92A"}, "第 3 行：YR2026-0801 / 175/92A 在 第 2 行"),
        ({"批量": "6000"}, "第 3 行：L20261118A 在 第 2 行"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_comes_in(
    catalog: Catalog, path: Path, change: dict[str, str], part: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(RecordError) as caught:
        catalog.import_sheet(table(GARMENT_ROW, GARMENT_ROW | {"号型": "170/88A"} | change).encode())
    assert part in str(caught.value)
    places = [f"{letters(list(GARMENT_ROW).index(name))}3 {name}" for name in change]
    assert part.startswith("第") or any(f"表格 {place}" in str(caught.value) for place in places)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "row 1: expected headings"),
        ("款号,价格\n".encode(), "B1：不认识的标题“价格”"),
        ("款号,style_no\nA,B\n".encode(), "expected every heading once"),
        ("工号,姓名\n".encode(), "expected at least one row"),
        ("工号,姓名\nA01,一号,多\n".encode(), "row 2: expected 2 cells, got 3"),
        ('工号,姓名\nA01,"一\n'.encode(), "expected CSV"),
        (b"\xff\xfe\x00\x00\xff", "expected UTF-8 or GB18030"),
        ("工号,姓名\n".encode("utf-16"), "sheet"),
        (b"code,name\n" + b"a" * 200_000, "expected CSV"),
    ],
)
def test_a_text_that_is_no_sheet_says_so(catalog: Catalog, data: bytes, part: str) -> None:
    with pytest.raises(RecordError) as caught:
        catalog.import_sheet(data)
    assert part in str(caught.value)


def test_a_damaged_sheet_is_an_import_or_a_record_error(catalog: Catalog) -> None:
    good = table(GARMENT_ROW).encode()
    for at in range(0, len(good), 7):
        for damage in (b"", b'"', b",", b"\xff", b"\0", b";", "：".encode()):
            try:
                catalog.import_sheet(good[:at] + damage + good[at + 1 :])
            except AgentError as error:
                assert isinstance(error, RecordError)


def test_an_import_of_2000_styles_takes_one_pass(catalog: Catalog) -> None:
    rows = [
        GARMENT_ROW | {"款号": f"S{n}", "批号": f"L{n}", "商品条码": (body := f"0690{n:09d}") + check_digit(body)}
        for n in range(2000)
    ]
    data = table(*rows).encode()
    assert catalog.import_sheet(data).added["styles"] == 2000
    assert catalog.import_sheet(data).replaced["styles"] == 2000


def test_every_column_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text("utf-8")
    for column in {column for columns in SPREADSHEETS.values() for column in columns}:
        assert f"| {column.zh} | `{column.name}` |" in text
