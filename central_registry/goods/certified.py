"""Builds what a certificate says, as the certified part of a garment record, and asks the schemes whether it can be so.
Pure.

A certificate never says more than its scheme has: a level or an indicator of another scheme, a figure in another unit,
a stated 绒子含量 off the steps of GB/T 14272 are refused by the rules labels are checked by (docs/rules.md: D2, D8,
D9). What those rules only doubt is told to whoever approves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, ValidationError

from central_registry.problems import ProblemError
from garment.finding import Finding, Severity
from garment.record import MAX_ROWS, GarmentRecord, Grams, Lot, Part, Product, StrictModel, Text
from garment.schemes import SCHEMES
from garment.standards import CheckContext, check_record
from garment.strict_json import first_flaw

_RULES = frozenset({"D2", "D8", "D9"})


class CertifiedProduct(StrictModel):
    """What is certified of the style; all but its number may be left out."""

    style_no: Text
    standard: Text | None = None
    quality_class: Text | None = None
    safety: Text | None = None
    composition: Annotated[tuple[Part, ...], Field(max_length=MAX_ROWS)] | None = None
    fill_weight_g: Annotated[dict[Text, Grams], Field(max_length=MAX_ROWS)] | None = None


class Certified(StrictModel):
    """The certified part of a garment record."""

    product: CertifiedProduct
    lot: Lot


def certified(product: Mapping[str, Any], lot: Mapping[str, Any]) -> Certified:
    """Read what is to be certified. Raises ProblemError (422): names the first field that is wrong."""
    try:
        return Certified.model_validate({"product": product, "lot": lot})
    except ValidationError as cause:
        at = ".".join(str(step) for step in cause.errors(include_url=False)[0]["loc"])
        raise ProblemError("unprocessable", f"证书内容不对 · certificate, {first_flaw(cause)}", field=at) from cause


def facts_of(found: Certified) -> dict[str, Any]:
    """As it is kept, hashed and sent to agents: JSON without floats."""
    facts: dict[str, Any] = found.model_dump(mode="json", exclude_none=True)
    return facts


def require_of_scheme(found: Certified, scheme: str, on: str) -> list[str]:
    """What the rules doubt, in words; `on`: the day as YYYY-MM-DD.

    Raises:
        ProblemError: 422; the scheme is unknown, is not that of the grade, or has no such level, indicator or figure.
    """
    if scheme not in SCHEMES:
        raise ProblemError(
            "unprocessable",
            f"没有这个分级方案 · scheme: expected one of {', '.join(SCHEMES)}, got {scheme[:40]!r}; choose one",
        )
    grade = found.lot.grade
    if grade is None or grade.scheme != scheme:
        got = "no grade" if grade is None else f"a grade of {grade.scheme[:40]}"
        raise ProblemError(
            "unprocessable", f"等级和分级方案不一致 · grade: expected one of scheme {scheme}, got {got}; correct it"
        )
    findings = [one for one in check_record(_as_record(found), _context(on)) if one.rule in _RULES]
    _require_none(findings)
    return [f"{one.zh} · {one.en}" for one in findings]


def _as_record(found: Certified) -> GarmentRecord:
    """What the rules read of a record; what a certificate does not state is empty, and asked for by no rule of ours."""
    product = found.product
    stated: dict[str, Any] = {"style_no": product.style_no, "standard": product.standard or ""}
    stated |= {"composition": product.composition or (), "wearer": "adult"}
    empty: dict[str, Any] = dict.fromkeys(("brand", "name", "gtin", "size"), "")
    return GarmentRecord.model_construct(product=Product.model_construct(**empty, **stated), lot=found.lot)


def _context(on: str) -> CheckContext:
    return CheckContext(kind=None, on_date=on)


def _require_none(findings: Sequence[Finding]) -> None:
    refused = [one for one in findings if one.severity is Severity.BLOCK]
    if refused:
        first = refused[0]
        more = f" (+{len(refused) - 1})" if len(refused) > 1 else ""
        raise ProblemError(
            "unprocessable",
            f"{first.zh} · {first.rule}, {first.path}: expected {first.expected}, got {first.got!r}{more}; {first.en}",
            field=first.path,
        )
