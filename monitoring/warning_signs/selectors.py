"""What warning signs share: the reports of a year, and the answer of a rule."""

from council_finance.registry import SignState
from monitoring.published.models import Report, ReportFigure
from monitoring.reports.selectors.report_data import ReportData


def state_of(shown: bool) -> SignState:
    """Return the state of a sign whose rule could be judged."""
    return SignState.SHOWN if shown else SignState.NOT_SHOWN


def compared_report(facts: ReportData) -> Report | None:
    """Return the report that a draft or a report is compared with; None for the year's first."""
    pk = (facts.report or facts.period).compared_with_id
    return None if pk is None else Report.objects.select_related("period").get(pk=pk)


def reports_before(facts: ReportData) -> dict[int, Report]:
    """Return the latest report of each earlier period of the year, by its number."""
    reports = Report.objects.filter(
        period__year=facts.period.year, period__number__lt=facts.period.number
    )
    ordered = reports.select_related("period").order_by("period__number", "version")
    return {report.period.number: report for report in ordered}


def movements_of_year(facts: ReportData) -> dict[int, int]:
    """Return the council's movement in each report of the year up to this one, in pence.

    Reports without a movement, such as the first, are left out.
    """
    earlier = [report.pk for report in reports_before(facts).values()]
    figures = ReportFigure.objects.filter(report__in=earlier, place=0)
    found = dict(figures.values_list("report__period__number", "movement_pence"))
    found[facts.period.number] = facts.top.movement
    return {number: pence for number, pence in sorted(found.items()) if pence is not None}
