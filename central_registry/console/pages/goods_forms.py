"""The forms of a lot's page."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from central_registry.console.pieces.form import Upload


class ReportForm(BaseModel):
    """A report behind this lot, with its file."""

    report_no: str = Field(title="报告编号 · report number", max_length=200)
    lab: str = Field("", title="检验机构 · laboratory", description="名称或代码 · name or code", max_length=200)
    issued_on: date = Field(title="签发日期 · issued on")
    covers: int | None = Field(None, title="覆盖件数 · pieces it covers", ge=1)
    file: Upload | None = Field(None, title="报告文件 · its file", description="PDF、JPEG、PNG，≤ 10 MB")


class SampleForm(BaseModel):
    """Pieces drawn from this lot for inspection."""

    sample_no: str = Field(title="样品编号 · sample number", max_length=200)
    pieces: int = Field(title="抽取件数 · pieces", ge=1, le=1_000_000_000)
    drawn_on: date = Field(title="抽样日期 · drawn on")
    drawn_by: str = Field(title="抽样人 · drawn by", max_length=200)
    place: str = Field("", title="抽样地点 · where", max_length=200)
    lab: str = Field("", title="送检机构 · laboratory", description="名称或代码 · name or code", max_length=200)


class Decide(BaseModel):
    """The reason is needed for a rejection."""

    version: int = Field(json_schema_extra={"kind": "hidden"})
    reason: str = Field("", title="说明 · note", max_length=400)


class Because(BaseModel):
    """Nothing of this is done without a reason."""

    version: int = Field(json_schema_extra={"kind": "hidden"})
    reason: str = Field(title="理由 · reason", max_length=400)
