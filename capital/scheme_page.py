"""The page of one scheme: its terms, and what each report said of it, over the years."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from capital.calculations import SchemeFigures, difference, figures_of, revenue_cost
from capital.models import CapitalScheme, SchemePosition
from capital.published_schemes import scheme_in_reports
from capital.report_rows import ReasonRow, SchemeRow
from capital.report_section import draft_section
from capital.scheme_list import read_lines
from capital.settings_tables import financing_terms
from capital.statements.programme import NAME as PROGRAMME
from council_finance.periods import CLOSE
from council_finance.statements import Display
from monitoring.models import FinancialYear, Period, PeriodState, ReportFigure, Service
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.selectors.calendar import periods as all_periods


@dataclass(frozen=True)
class SchemeReport:
    """A scheme in the latest version of a report, or in a draft (`version` None)."""

    period: Period
    version: int | None
    scheme: SchemeRow
    figures: SchemeFigures
    reasons: tuple[ReasonRow, ...]


@dataclass(frozen=True)
class HistoryRow:
    """A report's figures of a scheme as printed, in pounds.

    `spent` is what was spent as a percentage of the original budget; `rephased` is how often, up to
    this report, its completion moved or spending was moved to another year.
    """

    period: Period
    version: int | None
    budget: str
    forecast: str
    variance: str
    sense: str
    total_forecast: str
    completion: str
    rephased: int
    spent: str


def reports_of_scheme(
    year: FinancialYear, reference: str, *, with_drafts: bool
) -> list[SchemeReport]:
    """Return the scheme in each report that has it, of this year and those before, in order."""
    found = list(_find_published(year, reference))
    if with_drafts:
        found += _find_drafts(year, reference)
    order = {id(each): place for place, each in enumerate(found)}
    return sorted(
        found,
        key=lambda each: (
            each.period.year.start,
            each.period.number,
            each.version is None,
            order[id(each)],
        ),
    )


def _find_published(year: FinancialYear, reference: str) -> Iterator[SchemeReport]:
    found = list(scheme_in_reports(reference, until=year))
    of_found = all_periods().filter(pk__in=[each.period for each in found])
    periods = {each.pk: each for each in of_found}
    for each in found:
        yield _build_report(periods[each.period], each.version, each.line, each.reasons)


def _find_drafts(year: FinancialYear, reference: str) -> Iterator[SchemeReport]:
    scheme = CapitalScheme.objects.select_related("service").filter(year=year, reference=reference)
    reported = SchemePosition.objects.filter(scheme__in=scheme).values("period")
    drafts = all_periods().filter(year=year, state=PeriodState.OPEN, pk__in=reported)
    for period in drafts.order_by("number"):
        listed = read_lines(period, draft_section(period), list(scheme))
        for line in listed.lines:
            yield _build_report(period, None, line, listed.reasons.get(reference, ()))


def _build_report(
    period: Period, version: int | None, scheme: SchemeRow, reasons: Iterable[ReasonRow]
) -> SchemeReport:
    reasons = tuple(reasons)
    return SchemeReport(period, version, scheme, figures_of(scheme, reasons), reasons)


def history_rows(reports: list[SchemeReport], display: Display) -> list[HistoryRow]:
    """Return the reports of a scheme as rows of its history, the first report first."""
    rows, rephased, completion = [], 0, ""
    for report in reports:
        scheme, figures = report.scheme, report.figures
        now = scheme.completion or scheme.planned_completion
        moved = figures.rephasing != 0 or bool(completion and now and now != completion)
        rephased += moved
        completion = now or completion
        rows.append(
            HistoryRow(
                period=report.period,
                version=report.version,
                budget=_print_amount(figures.budget, display),
                forecast=_print_amount(figures.forecast, display),
                variance=_print_amount(figures.variance, display),
                sense=display.sense(figures.variance),
                total_forecast=_print_amount(figures.total_forecast, display),
                completion=now or "–",
                rephased=rephased,
                spent=_spent_text(scheme, display),
            )
        )
    return rows


def _spent_text(scheme: SchemeRow, display: Display) -> str:
    if scheme.actual is None or not scheme.original:
        return "–"
    return display.percent(scheme.actual, scheme.original)


def _print_amount(pence: int | None, display: Display) -> str:
    return "–" if pence is None else display.amount(pence)


def display_in_pounds(settings: CouncilSettings) -> Display:
    """Return the programme's display in pounds: one scheme would round to little in thousands."""
    return replace(settings.display_for(PROGRAMME), unit="pounds")


def finding_of(report: SchemeReport, display: Display) -> str:
    """Return in a sentence how the scheme's forecast compares with its budgets."""
    figures, words = report.figures, display.in_words
    if figures.variance is None or figures.forecast is None:
        return "It is not reported in this period."
    side = _describe_side(figures.variance, display)
    spends = "spent" if report.period.number == CLOSE else "is forecast to spend"
    year = f"This year it {spends} {words(figures.forecast)}, {side}"
    if figures.total_variance is None:
        return f"{year}."
    return f"{year}; the whole scheme is {_describe_side(figures.total_variance, display)}."


def _describe_side(variance: int, display: Display) -> str:
    if not variance:
        return "as budgeted"
    side = "over" if variance > 0 else "under"
    return f"{display.in_words(abs(variance))} {side} budget"


@dataclass(frozen=True)
class SchemeTerms:
    """The terms of a scheme as a list of label and text."""

    facts: list[tuple[str, str]]


def terms_of(report: SchemeReport, service: str, settings: CouncilSettings) -> SchemeTerms:
    """Return the terms of a scheme: budgets on both time scales, and what more of it costs."""
    scheme, display = report.scheme, display_in_pounds(settings)
    spent = (scheme.prior_years or 0) + (scheme.actual or 0)
    known = scheme.prior_years is not None
    to_come = difference(scheme.total_forecast, spent) if known else None
    pounds = [
        ("Original budget, this year", scheme.original),
        ("Approved budget, whole scheme", scheme.total_budget),
        ("Forecast, whole scheme", scheme.total_forecast),
        ("Spent in earlier years", scheme.prior_years),
        ("Spent this year", scheme.actual),
        ("Still to be spent", to_come),
    ]
    facts = [("Service", service)] if service else []
    facts += [(label, f"£{display.amount(pence)}") for label, pence in pounds if pence is not None]
    if scheme.purpose:
        facts.append(("Purpose", scheme.purpose))
    completion = scheme.completion or scheme.planned_completion
    if completion:
        facts.append(("Completion", completion))
    if scheme.planned_completion and scheme.planned_completion != completion:
        facts.append(("Completion as in the year’s programme", scheme.planned_completion))
    if cost := _cost_of_increase(report.figures, settings, display):
        facts.append(("If the increase is borrowed", cost))
    return SchemeTerms(facts)


def _cost_of_increase(figures: SchemeFigures, settings: CouncilSettings, display: Display) -> str:
    terms, more = financing_terms(settings), figures.total_variance
    if terms is None or more is None or more <= 0:
        return ""
    cost = revenue_cost(more, terms.years, terms.rate_percent)
    return f"{display.in_words(cost)} a year for revenue, in the first full year"


def service_name(report: SchemeReport) -> str:
    """Return the name of a scheme's service as the report has it; "" for the whole council.

    A published report keeps its own name: today's may belong to a draft.
    """
    home = report.scheme.home
    if not home:
        return ""
    if report.version is None:
        services = Service.objects.filter(year=report.period.year_id, code=home)
        return str(services.values_list("name", flat=True).first() or home)
    rows = ReportFigure.objects.filter(
        report__period=report.period, report__version=report.version, key=home
    )
    return str(rows.values_list("label", flat=True).first() or home)


def settings_of_year(year: FinancialYear) -> CouncilSettings:
    """Return the council's settings of a year."""
    return read_settings(year.settings)
