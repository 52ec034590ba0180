"""The General Fund, before and after the forecast variance of the year (Somerset, Table 2)."""

from council_finance import registry
from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.statements import Cell, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from reserves.calculations import Balance
from reserves.overview import effect_of_forecast
from reserves.report_rows import GENERAL_FUND
from reserves.report_section import section_of
from reserves.rules import in_period
from reserves.settings_tables import minimum_general_fund
from reserves.statements.table import AMOUNTS, BalanceTable

NAME = "reserves-general-fund"
TITLE = "General Fund"
_KINDS = {"budgeted": "Budgeted", "anticipated": "Anticipated", "actual": "Actual"}
_WHEN = {APPROVED_BUDGET: "with the budget", CLOSE: "at the close"}


@registry.statement(NAME, title=TITLE, after="reserves-earmarked")
def reserves_general_fund(facts: ReportData) -> Statement:
    """Return the balance of the General Fund and, before the close, after the forecast variance.

    An overspend falls on the General Fund unless something else is agreed; at the close it is one
    of the actual movements and is not deducted again.
    """
    table = BalanceTable(facts, NAME, (GENERAL_FUND,))
    if not table.reserves:
        return table.build_statement(TITLE, (), table.notes())
    effect = effect_of_forecast(facts)
    rows = table.rows_with_total(table.reserves, "total", "General Fund balance")
    if effect is not None:
        rows += _forecast_rows(table, effect)
    notes = [
        *table.budget_notes(),
        *table.notes(),
        *_movement_notes(table),
        *_minimum_note(table, effect or 0),
    ]
    return table.build_statement(TITLE, rows, notes)


def _forecast_rows(table: BalanceTable, effect: int) -> list[Row]:
    total, amount = table.total(), Cell.of_amount(effect, table.display)
    after = Balance(
        total.opening,
        total.budgeted,
        total.anticipated + effect,
        total.actual,
        total.closing + effect,
    )
    variance = dict.fromkeys(AMOUNTS, BLANK) | {"anticipated": amount, "closing": amount}
    return [
        Row("variance", "Forecast net variance of the year", "line", variance),
        Row(
            "after",
            "General Fund after the forecast",
            "subtotal",
            table.cells(after),
            sum_of=("total", "variance"),
        ),
    ]


def _movement_notes(table: BalanceTable) -> list[Footnote]:
    codes = {reserve.code for reserve in table.reserves}
    notes = []
    for side in section_of(table.facts).movements:
        if side.reserve in codes and side.amount:
            purpose = f": {side.description}" if side.description else ""
            amount = table.display.in_words(side.amount)
            when = _WHEN.get(side.period, f"first reported in {in_period(side.period)}")
            notes.append(Footnote("", f"{_KINDS[side.kind]}{purpose}, {amount}, {when}."))
    return notes


def _minimum_note(table: BalanceTable, effect: int) -> list[Footnote]:
    minimum = minimum_general_fund(table.facts.settings)
    if minimum is None:
        return []
    beyond = table.total().closing + effect - minimum
    words = table.display.in_words
    side = "above" if beyond >= 0 else "below"
    return [
        Footnote(
            "",
            f"The council’s minimum level is {words(minimum)}; the balance is expected to be "
            f"{words(abs(beyond))} {side} it.",
        )
    ]
