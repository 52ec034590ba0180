"""Aged debt by service (Somerset, Table 4)."""

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.debt.selectors import BANDS, NAME, AgedDebtRow, band_sum, debt_of, display_of_debt
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

TITLE = "Aged debt"
_LABELS = ("Not overdue", "0–30 days", "31–90 days", "91–365 days", "Over 365 days")
_ALL = CrossCast("total", tuple((band, 1) for band in BANDS))


@registry.statement(NAME, title=TITLE, after=registry.ALL_OTHERS)
def aged_debt(facts: ReportData) -> Statement:
    """Per service: debt by days overdue and together; the total, and its bands as a share of it."""
    rows, display = debt_of(facts), display_of_debt(facts)
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
            rows=_rows(rows, display) if rows else (),
            footnotes=notes,
            cross_casts=(_ALL,),
        )
    )


def _rows(rows: list[AgedDebtRow], display: Display) -> tuple[Row, ...]:
    services = [
        Row(f"{row.service}:{row.name}", row.name, "service", _cells([row], display))
        for row in rows
    ]
    keys = tuple(row.key for row in services)
    total = Row("total", "Total", "total", _cells(rows, display), sum_of=keys)
    return (*services, total, Row("percent", "% of total", "percent", _shares(rows, display)))


def _sums(rows: list[AgedDebtRow]) -> dict[str, int | None]:
    return {band: band_sum(rows, band) for band in BANDS} | {"total": band_sum(rows, *BANDS)}


def _cells(rows: list[AgedDebtRow], display: Display) -> dict[str, Cell]:
    return {key: Cell.of_amount(value, display) for key, value in _sums(rows).items()}


def _shares(rows: list[AgedDebtRow], display: Display) -> dict[str, Cell]:
    sums = _sums(rows)
    return {key: Cell.of_percent(value, sums["total"], display) for key, value in sums.items()}
