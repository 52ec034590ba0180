"""The sign of income budgets that are missed, read from the lines behind the reports."""

from dataclasses import dataclass

from django.db.models import Q, Sum

from council_finance.periods import CLOSE, financial_year_label
from council_finance.registry import Finding, SignState, warning_sign
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_amounts import current_forecast
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period
from monitoring.warning_signs.selectors import state_of
from monitoring.warning_signs.settings_tables import sign_settings


@dataclass(frozen=True)
class Income:
    """Income of a report, as positive pence: budget and forecast of lines with a negative budget.

    Lines without a forecast are in neither.
    """

    budget: int
    forecast: int

    @property
    def short(self) -> int:
        """Return by how much the forecast is short of the budget; negative where it is above."""
        return self.budget - self.forecast

    def is_missed(self, percent: int) -> bool:
        """Return whether income is short by more than this percentage of its budget."""
        return self.short * 100 > percent * self.budget


@warning_sign(
    "income-missed",
    title="Income budgets are missed year after year",
    rule="Income of all lines with a budget of income together is short of that budget by more "
    "than a percentage, in this report and at the close of each year before.",
    after="total-does-not-cast",
)
def income_missed(facts: ReportData) -> Finding:
    """Judge the income of this report and of the closes before it."""
    settings = sign_settings(facts.settings)
    years, percent = settings.income_years, settings.income_short_percent
    threshold = f"short by more than {percent}% in {years} years running"
    if not facts.has_ledger:
        missing = "The report has no figures of the ledger."
        return Finding(SignState.NOT_JUDGED, "Income is not known.", threshold, missing)
    last = facts.report.last_forecast_entry if facts.report is not None else None
    found = {facts.period.year.start: _income_of(facts.period, facts.batch.pk, last)}
    found |= _incomes_of_closes(facts.period.year.start, years - 1)
    known = {start: income for start, income in found.items() if income is not None}
    lacking = [financial_year_label(start) for start, income in found.items() if income is None]
    figure = " ".join(_describe_income(facts, start, each) for start, each in known.items())
    missed = [income.is_missed(percent) for income in known.values()]
    if lacking and all(missed):
        missing = f"No lines with a budget of income at the close of, or in: {', '.join(lacking)}."
        words = figure or "No line of this report has a budget of income."
        return Finding(SignState.NOT_JUDGED, words, threshold, missing)
    return Finding(state_of(all(missed)), figure, threshold)


def _describe_income(facts: ReportData, start: int, income: Income) -> str:
    words = facts.display("annex-a").in_words
    verb = "is forecast" if start == facts.period.year.start else "came in"
    if start == facts.period.year.start and facts.period.number == CLOSE:
        verb = "came in"
    way = "short" if income.short > 0 else "above"
    by = f"{words(abs(income.short))} {way}" if income.short else "on budget"
    return f"{financial_year_label(start)}: {words(income.budget)} of income {verb} {by}."


def _incomes_of_closes(start: int, years: int) -> dict[int, Income | None]:
    """Return the income at the close of so many years before, None where it is not known."""
    before = range(start - 1, start - 1 - years, -1)
    reports = Report.objects.filter(period__year__start__in=before, period__number=CLOSE)
    latest = {
        report.period.year.start: report
        for report in reports.select_related("period__year").order_by("version")
    }
    return {
        year: _income_of(report.period, report.batch_id, report.last_forecast_entry)
        if (report := latest.get(year))
        else None
        for year in before
    }


def _income_of(period: Period, batch: int, last_entry: int | None) -> Income | None:
    """Return the income of a batch with the forecasts typed so far; None where no line has any."""
    lines = Position.objects.of(period.year_id, batch).filter(current_budget_pence__lt=0)
    lines = lines.annotate(holds=current_forecast(period.pk, through=last_entry))
    sums = lines.filter(Q(holds__isnull=False)).aggregate(
        budget=Sum("current_budget_pence"), forecast=Sum("holds")
    )
    if sums["budget"] is None:
        return None
    return Income(-sums["budget"], -sums["forecast"])
