"""The statement of aged debt by service (Somerset, Table 4)."""

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.debt.selectors import BANDS, NAME, AgedDebtRow, band_sum, debt_display, debt_rows
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

TITLE = "Aged debt"
_LABELS = ("Not overdue", "0–30 days", "31–90 days", "91–365 days", "Over 365 days")
_TOTAL_OF_BANDS = CrossCast("total", tuple((band, 1) for band in BANDS))


@registry.statement(NAME, title=TITLE, after=registry.ALL_OTHERS)
def aged_debt(facts: ReportData) -> Statement:
    """Return debt of each service by days overdue, with totals, and each band's share of them."""
    rows, display = debt_rows(facts), debt_display(facts)
    unit = display.unit_label
    bands = zip(BANDS, _LABELS, strict=True)
    notes = () if rows else (Footnote("", "No aged debt has been brought in for this period."),)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                *(Column(band, label, unit) for band, label in bands),
                Column("total", "Total", unit),
            ),
            rows=_build_rows(rows, display) if rows else (),
            footnotes=notes,
            cross_casts=(_TOTAL_OF_BANDS,),
        )
    )


def _build_rows(rows: list[AgedDebtRow], display: Display) -> tuple[Row, ...]:
    services = [
        Row(f"{row.service}:{row.name}", row.name, "service", _amount_cells([row], display))
        for row in rows
    ]
    keys = tuple(row.key for row in services)
    total = Row("total", "Total", "total", _amount_cells(rows, display), sum_of=keys)
    return (*services, total, Row("percent", "% of total", "percent", _share_cells(rows, display)))


def _sum_bands(rows: list[AgedDebtRow]) -> dict[str, int | None]:
    return {band: band_sum(rows, band) for band in BANDS} | {"total": band_sum(rows, *BANDS)}


def _amount_cells(rows: list[AgedDebtRow], display: Display) -> dict[str, Cell]:
    return {key: Cell.of_amount(value, display) for key, value in _sum_bands(rows).items()}


def _share_cells(rows: list[AgedDebtRow], display: Display) -> dict[str, Cell]:
    sums = _sum_bands(rows)
    # Without a total no band is given either, and no share is printed.
    total = sums["total"] or 0
    return {key: Cell.of_percent(value, total, display) for key, value in sums.items()}
