"""Council tax: requirement, Band D, its increases, and what changes it. Pure; amounts in pence.

The tax base is in ten-thousandths (council_finance.quantities).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from council_finance.money import round_half_away
from council_finance.quantities import PARTS
from planning.plan.report_rows import TaxRow


def yield_of(row: TaxRow) -> int:
    """Return the yield of the tax: the tax base times Band D."""
    return round_half_away(row.tax_base * row.band_d, PARTS)


def requirement_of(row: TaxRow) -> int:
    """Return the council tax requirement, section 31A(4): gross expenditure less gross income.

    Where these are not given it is the yield of the tax.
    """
    if row.gross_expenditure is None or row.gross_income is None:
        return yield_of(row)
    return row.gross_expenditure - row.gross_income


def basic_amount(row: TaxRow) -> int:
    """Return the requirement without special items over the tax base (Item T), to the penny."""
    return band_d_of(requirement_of(row) - (row.special_items or 0), row.tax_base)


def band_d_of(pence: int, tax_base: int) -> int:
    """Return the effect of an amount on Band D: the amount over the tax base, to the penny."""
    return round_half_away(pence * PARTS, tax_base)


@dataclass(frozen=True)
class TaxChange:
    """A line between last year's tax and this year's; the base changes Band D and no amount."""

    key: str
    label: str
    amount: int | None
    band_d: int


def tax_changes(
    last: TaxRow, now: TaxRow, lines: Iterable[tuple[str, str, int]]
) -> list[TaxChange]:
    """Return the lines, by key and label, with their effect on Band D, then the tax base.

    What they leave unexplained is a line of its own, so that the lines add up.
    """
    found = [
        TaxChange(key, label, pence, band_d_of(pence, now.tax_base)) for key, label, pence in lines
    ]
    brought = yield_of(last)
    by_base = band_d_of(brought, now.tax_base) - last.band_d
    base = TaxChange("tax_base", "Change of the tax base", None, by_base)
    amount = yield_of(now) - brought - sum(change.amount or 0 for change in found)
    band_d = now.band_d - last.band_d - by_base - sum(change.band_d for change in found)
    rest = TaxChange("other", "Other changes, and rounding", amount, band_d)
    return [*found, base, *([rest] if amount or band_d else [])]


def years_to_compare(rows: Sequence[TaxRow], year: int) -> tuple[TaxRow, TaxRow] | None:
    """Return the taxes of the year before and of the year; of the last pair where it has none."""
    by_year = {row.year: row for row in rows}
    wanted = [year, *sorted(by_year, reverse=True)]
    for each in wanted:
        if each in by_year and each - 1 in by_year:
            return by_year[each - 1], by_year[each]
    return None
