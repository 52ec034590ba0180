"""The statement of forecast accuracy: errors by service, beside the present forecast."""

from council_finance import registry
from council_finance.periods import CLOSE, financial_year_label
from council_finance.prose import in_series
from council_finance.statements import Cell, Column, Display, Footnote, Statement
from council_finance.statements.model import BLANK
from monitoring.accuracy.calculations import Errors
from monitoring.accuracy.selectors import NAME, errors_by_key, years_of
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import tree_rows

TITLE = "Forecast accuracy"


@registry.statement(NAME, title=TITLE, after="mitigations", of_ledger=True)
def forecast_accuracy(facts: ReportData) -> Statement:
    """Return how close forecasts came to the outturn, by row, with the present net variance.

    Before the close the errors are those of earlier years at the same month; at the close those of
    the year's own reports. There are no rows without a year to judge by.
    """
    display, errors = facts.display(NAME), errors_by_key(facts)
    at_close, unit = facts.period.number == CLOSE, display.unit_label
    judged = any(each.count for each in errors.values())
    last = "the last report" if at_close else "last year"
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=display,
        columns=(
            Column("net_variance", "Net variance now", unit),
            Column("last_error", f"Error of {last}", unit),
            Column("bias", "Mean error (bias)", unit),
            Column("mean_size", "Mean size of the error", unit),
            Column("count", f"{'Reports' if at_close else 'Years'} compared"),
        ),
        rows=tree_rows(
            facts, lambda node: _build_cells(node, errors[node.key], display), headings=False
        )
        if judged
        else (),
        footnotes=tuple(Footnote("", text) for text in _note_texts(facts, judged)),
        uncast=("last_error", "bias", "mean_size"),
    )


def _note_texts(facts: ReportData, judged: bool) -> list[str]:
    """Return what an error is, and which years it is from."""
    years = years_of(facts)
    if not judged:
        return ["No closed year has reports to judge forecasts by."]
    texts = [
        "An error is the net variance that was forecast less that of the outturn: positive where "
        "the year ended better than the forecast, negative where it ended worse."
    ]
    if facts.period.number == CLOSE:
        texts.append("The reports of the year are restated to its close.")
        return texts
    for restated, words in (
        (True, "restated to the close of its year"),
        (False, "as published, not restated"),
    ):
        labels = [financial_year_label(year.start) for year in years if year.restated is restated]
        if labels:
            texts.append(f"The forecast of the same month in {in_series(labels)} is {words}.")
    return texts


def _build_cells(node: ReportRow, errors: Errors, display: Display) -> dict[str, Cell]:
    return {
        "net_variance": Cell.of_amount(node.net_variance, display),
        "last_error": Cell.of_amount(errors.last, display),
        "bias": Cell.of_amount(errors.bias, display),
        "mean_size": Cell.of_amount(errors.size, display),
        "count": Cell(str(errors.count)) if errors.count else BLANK,
    }
