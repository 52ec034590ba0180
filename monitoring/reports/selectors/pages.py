"""Rows of the year's page, and the sentence at the head of a report."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.prepared import prepared
from council_finance.statements import Display
from monitoring.figures.models import NodeFigure
from monitoring.ledger.models import Position
from monitoring.published.models import ReportFigure
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import calendar_of
from monitoring.structure.selectors.settings import settings_of
from monitoring.uploading.models import UNDER_WAY, Upload

NO_LEDGER = "This report has no figures of the ledger, so it says nothing of budgets and forecasts."


@dataclass(frozen=True)
class PeriodRow:
    """A period on the year's page: the figures that its reader may see, as printed.

    `takes_figures` says that figures are to be uploaded next for it, or that it is a draft already;
    later months that may be published are reached by their names.
    """

    period: Period
    state: str
    version: int | None
    budget: str
    net_variance: str
    movement: str
    unit: str
    uploads_under_way: int
    may_be_published: bool
    takes_figures: bool


def next_period(year: FinancialYear) -> Period | None:
    """Return the first period after the latest published one; None at the end of the year."""
    calendar = calendar_of(year)
    last = max(calendar.versions, default=APPROVED_BUDGET)
    return next((period for period in calendar.periods if period.number > last), None)


def period_rows(
    year: FinancialYear, following: Period | None, *, with_drafts: bool
) -> list[PeriodRow]:
    """Return every period with figures; without drafts, those with a published report.

    `following` is the next period, as next_period gives it.
    """
    calendar = calendar_of(year)
    published = {(each.period, each.version): each for each in _published_tops(year.pk)}
    tops = {each.period_id: each for each in _draft_tops(year.pk)} if with_drafts else {}
    under_way = _count_uploads_under_way(year) if with_drafts else Counter()
    rows: list[PeriodRow] = []
    display = settings_of(year).display
    first_open = following.number if following else CLOSE + 1
    for period in calendar.periods:
        version, top = calendar.versions.get(period.number), tops.get(period.pk)
        if with_drafts and not period.is_published:
            if period.number == APPROVED_BUDGET and top is None:
                continue
            row = PeriodRow(
                period=period,
                state="Draft" if top else "",
                version=version,
                **_print_figures(display, top if top and top.lines else None),
                unit=display.unit_label,
                uploads_under_way=under_way[period.number],
                may_be_published=period.number >= first_open or version is not None,
                takes_figures=period.number == first_open or bool(top) or version is not None,
            )
            rows.append(row)
        elif version is not None:
            row = PeriodRow(
                period=period,
                state="Published",
                version=version,
                **_print_figures(display, published.get((period.pk, version))),
                unit=display.unit_label,
                uploads_under_way=0,
                may_be_published=False,
                takes_figures=False,
            )
            rows.append(row)
    return rows


def _count_uploads_under_way(year: FinancialYear) -> Counter[int]:
    """Return the number of unfinished uploads (being checked, ready or being stored) by period."""
    return Counter(
        period for period in _periods_of_uploads_under_way(year.pk) if period is not None
    )


@prepared
def _periods_of_uploads_under_way(year_id: int) -> QuerySet[Upload, int | None]:
    """Return the number of the period of each unfinished upload; None of those of the year."""
    found = Upload.objects.filter(year=year_id, state__in=UNDER_WAY)
    return found.values_list("period", flat=True)


@prepared
def _published_tops(year_id: int) -> QuerySet[Any, Any]:
    """Return the figures of the council's row with `period` (id) and `version`; with a ledger."""
    of_ledger = Exists(Position.objects.of(year_id, OuterRef("report__batch")))
    figures = ReportFigure.objects.filter(of_ledger, report__period__year=year_id, place=0)
    figures = figures.only("budget_pence", "net_variance_pence", "movement_pence")
    return figures.annotate(period=F("report__period"), version=F("report__version"))


@prepared
def _draft_tops(year_id: int) -> QuerySet[NodeFigure]:
    """Return the figures of the council's row of each draft."""
    return NodeFigure.objects.filter(period__year=year_id, place=0).defer("explanation")


def _print_figures(display: Display, top: NodeFigure | ReportFigure | None) -> dict[str, str]:
    """Return the council's budget, net variance and movement as printed; "" where not given."""
    amounts: dict[str, int | None] = dict.fromkeys(("budget", "net_variance", "movement"))
    if top is not None:
        amounts = {
            "budget": top.budget_pence,
            "net_variance": top.net_variance_pence,
            "movement": top.movement_pence,
        }
    return {name: "" if pence is None else display.amount(pence) for name, pence in amounts.items()}


def position_sentence(facts: ReportData) -> str:
    """Return the council's position in a sentence made from the figures."""
    return node_sentence(facts, facts.top)


def outcome(facts: ReportData) -> str:
    """Return the word for a report's variance: Outturn at the close, else Forecast."""
    return "Outturn" if facts.period.number == CLOSE else "Forecast"


def node_sentence(facts: ReportData, node: ReportRow) -> str:
    """Return the position of one row of a report in a sentence made from the figures."""
    if not facts.has_ledger:
        return NO_LEDGER
    display = facts.display("annex-a")
    variance, movement = node.net_variance, node.movement
    if variance is None:
        return "No forecast has been given yet."
    budget, what = display.in_words(node.budget), outcome(facts)
    if display.rounded_pence(variance) == 0:
        text = f"{what} on budget, against a net budget of {budget}"
    else:
        sense = "overspend" if variance > 0 else "underspend"
        text = f"{what} {sense} of {display.in_words(abs(variance))} on a net budget of {budget}"
    if movement is None:
        return f"{text}. It is the first report of the year."
    if display.rounded_pence(movement) == 0:
        return f"{text}, unchanged since the previous report."
    change = "worse" if movement > 0 else "better"
    return f"{text}, {display.in_words(abs(movement))} {change} than the previous report."
