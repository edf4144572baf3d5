"""Reads a certificate as programs hand it in: the body of the API, and a file of a command with the day of its report.
Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central_registry.goods.certify import Filing
from central_registry.goods.records import read_json
from central_registry.goods.reports import Report
from central_registry.problems import RefusedError
from garment.strict_json import first_flaw

_LINE, _MOST = 200, 1_000_000_000


class CertificateToFile(BaseModel):
    """`grade`, `product`: as in a garment record; what is left out of `product` is not certified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    firm: str = Field(max_length=_LINE)
    lot_no: str = Field(max_length=_LINE)
    scheme: str = Field(max_length=_LINE)
    grade: dict[str, Any]
    quantity: int = Field(ge=1, le=_MOST)
    valid_from: date
    valid_to: date | None = None
    lab: str = Field(default="", max_length=_LINE)
    lab_name: str = Field(default="", max_length=_LINE)
    report_no: str = Field(max_length=_LINE)
    product: dict[str, Any] = {}
    inspected_on: date | None = None

    def filing(self) -> Filing:
        """As it is filed."""
        return Filing(**{name: getattr(self, name) for name in CertificateToFile.model_fields})


class CertificateFile(CertificateToFile):
    """The same with its report: `issued_on` and `covers` (pieces) are the report's; without `issued_on` it is filed
    already."""

    issued_on: date | None = None
    covers: int | None = Field(default=None, ge=1, le=_MOST)

    def report(self) -> Report | None:
        """The report behind it; None: it is filed already."""
        if self.issued_on is None:
            return None
        return Report(self.firm, self.lot_no, self.lab, self.report_no, self.issued_on, self.covers)


def read_certificate(data: bytes, name: str) -> CertificateFile:
    """A certificate in a JSON file. Raises RefusedError: names the first field that will not do."""
    try:
        return CertificateFile.model_validate(read_json(data, name))
    except ValidationError as cause:
        raise RefusedError(f"证书文件不对 · {name}, {first_flaw(cause)}") from cause
