"""The General Fund, before and after the forecast variance of the year (Somerset, Table 2)."""

from council_finance import registry
from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.statements import Cell, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from reserves.calculations import Balance
from reserves.overview import effect_of_forecast
from reserves.rules import in_period
from reserves.selectors import part_of
from reserves.settings_tables import minimum_general_fund
from reserves.statements.table import AMOUNTS, Sheet

NAME = "reserves-general-fund"
TITLE = "General Fund"
_KINDS = {"budgeted": "Budgeted", "anticipated": "Anticipated", "actual": "Actual"}
_WHEN = {APPROVED_BUDGET: "with the budget", CLOSE: "at the close"}


@registry.statement(NAME, title=TITLE, after="reserves-earmarked")
def reserves_general_fund(facts: ReportData) -> Statement:
    """The balance and, before the close, what the forecast variance leaves of it.

    An overspend falls on the General Fund unless something else is agreed; at the close it is one
    of the actual movements and is not taken off again.
    """
    sheet = Sheet(facts, NAME, ("general_fund",))
    if not sheet.reserves:
        return sheet.statement(TITLE, (), sheet.notes())
    effect = effect_of_forecast(facts)
    rows = sheet.block(sheet.reserves, "total", "General Fund balance")
    if effect is not None:
        rows += _after(sheet, effect)
    notes = [
        *sheet.after_budget(),
        *sheet.notes(),
        *_movement_notes(sheet),
        *_minimum_note(sheet, effect or 0),
    ]
    return sheet.statement(TITLE, rows, notes)


def _after(sheet: Sheet, effect: int) -> list[Row]:
    total, amount = sheet.total(), Cell.of_amount(effect, sheet.display)
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
            sheet.cells(after),
            sum_of=("total", "variance"),
        ),
    ]


def _movement_notes(sheet: Sheet) -> list[Footnote]:
    codes = {reserve["code"] for reserve in sheet.reserves}
    notes = []
    for side in part_of(sheet.facts)["movements"]:
        if side["reserve"] in codes and side["amount"]:
            said = f": {side['description']}" if side["description"] else ""
            amount = sheet.display.in_words(side["amount"])
            since = f"first reported in {in_period(side['period'])}"
            when = _WHEN.get(side["period"], since)
            notes.append(Footnote("", f"{_KINDS[side['kind']]}{said}, {amount}, {when}."))
    return notes


def _minimum_note(sheet: Sheet, effect: int) -> list[Footnote]:
    minimum = minimum_general_fund(sheet.facts.settings)
    if minimum is None:
        return []
    beyond = sheet.total().closing + effect - minimum
    words = sheet.display.in_words
    side = "above" if beyond >= 0 else "below"
    return [
        Footnote(
            "",
            f"The council’s minimum level is {words(minimum)}; the balance is expected to be "
            f"{words(abs(beyond))} {side} it.",
        )
    ]
