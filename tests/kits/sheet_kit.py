"""One row of a garment and its lot under Chinese headings, as a factory's sheet has it; tests change a cell of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

JACKET = {
    "品牌": "示例羽",
    "品名": "男式羽绒服",
    "款号": "A1",
    "颜色": "黑色",
    "号型": "175/92A",
    "执行标准": "GB/T 14272-2021",
    "质量等级": "合格品",
    "安全类别": "GB 18401-2010 C类",
    "商品条码": "6901234567892",
    "适用人群": "成人",
    "成分": "面料: 锦纶 100; 里料: 聚酯纤维 100",
    "羽绒种类": "鹅绒",
    "绒子含量": "90",
    "充绒量": "150",
    "维护符号": "wash_30_mild bleach_no tumble_no",
    "制造者": "示例服饰有限公司",
    "制造者地址": "浙江省平湖市",
    "统一社会信用代码": "91330482MA0000000L",
    "批号": "L1",
    "报告编号": "R-1",
    "检验机构": "示例检测中心",
    "检验日期": "2026-11-10",
    "批量": "5000",
}


def text(*rows: Sequence[str], separator: str = ",") -> str:
    """Rows as a CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def jacket(
    change: Mapping[str, str] | None = None, headings: Mapping[str, str] | None = None, separator: str = ","
) -> str:
    """The jacket as a CSV with other cells, or other headings above them."""
    row = JACKET | (change or {})
    return text([(headings or {}).get(name, name) for name in row], list(row.values()), separator=separator)
