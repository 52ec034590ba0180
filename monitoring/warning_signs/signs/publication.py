"""Signs read from the reports as they were published: skipped, late, or not adding up."""

import datetime

from django.utils import timezone

from council_finance.money import plain_pounds
from council_finance.periods import as_at, period_name
from council_finance.prose import in_series
from council_finance.registry import Finding, SignState, warning_sign
from council_finance.statements.casting import DIFFERS, cast_statement
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import all_statements
from monitoring.timetable.selectors import due_dates_in
from monitoring.warning_signs.selectors import reports_before, state_of
from monitoring.warning_signs.settings_tables import sign_settings

_NAMED = 3


@warning_sign(
    "reports-skipped-or-late",
    title="Reports are skipped or late",
    rule="Months of the year so far have no report, or the first version of a report was published "
    "after its day: that of the timetable, else a number of days after the month’s end.",
    after="debt-cost",
)
def reports_skipped_or_late(facts: ReportData) -> Finding:
    """Count the months without a report, and name the reports that were late.

    A report that a command loaded may have been published long before, so its day is not known.
    """
    settings, number = sign_settings(facts.settings), facts.period.number
    threshold = (
        f"more than {settings.skipped_reports} months without a report, or later than the "
        f"timetable, else {settings.late_after_days} days"
    )
    held = {*reports_before(facts), number}
    skipped = [month for month in range(1, min(number, 12) + 1) if month not in held]
    late, unknown = _find_late(facts, settings.late_after_days)
    parts = [_describe_skipped(skipped)]
    if late:
        parts.append(f"Late: {in_series(late)}.")
    missing = (
        f"The day of publication is not known for {in_series(unknown)}, which a command loaded."
        if unknown
        else ""
    )
    shown = len(skipped) > settings.skipped_reports or bool(late)
    state = SignState.NOT_JUDGED if unknown and not shown else state_of(shown)
    return Finding(state, " ".join(parts), threshold, missing)


def _describe_skipped(skipped: list[int]) -> str:
    if not skipped:
        return "Every month so far has a report."
    names = in_series([period_name(month).lower() for month in skipped])
    return f"{len(skipped)} month{'' if len(skipped) == 1 else 's'} without a report: {names}."


def _find_late(facts: ReportData, days: int) -> tuple[list[str], list[str]]:
    """Return the reports of the year so far that were late, and those of an unknown day."""
    reports = Report.objects.filter(
        period__year=facts.period.year,
        period__number__lte=facts.period.number,
        period__number__gte=1,
        version=1,
    )
    late, unknown = [], []
    for report in reports.select_related("period").order_by("period__number"):
        name = report.period.name.lower()
        if report.published_by_id is None:
            unknown.append(name)
            continue
        due = _due_date(facts, report.period.number, days)
        after = (timezone.localdate(report.published_at) - due).days
        if after > 0:
            late.append(f"{name} by {after} day{'' if after == 1 else 's'}")
    return late, unknown


def _due_date(facts: ReportData, number: int, days: int) -> datetime.date:
    """Return the day by which a report is to be published."""
    start = facts.period.year.start
    of_timetable = due_dates_in(start, number, facts.settings).get("report")
    return of_timetable or as_at(start, number) + datetime.timedelta(days=days)


@warning_sign(
    "total-does-not-cast",
    title="A total does not add up",
    rule="A total of one of the report’s statements differs from the sum of its rows, or a row "
    "does not add up across, by more than the threshold. Rounding in print does not count.",
    after="reports-skipped-or-late",
)
def total_does_not_cast(facts: ReportData) -> Finding:
    """Cast every statement of the report again."""
    limit = sign_settings(facts.settings).casts_differ_above
    threshold = f"more than {plain_pounds(limit)}"
    statements = all_statements(facts)
    checks = [check for each in statements.values() for check in cast_statement(each)]
    differs = [
        check
        for check in checks
        if check.status == DIFFERS and abs(check.actual_pence - check.expected_pence) > limit
    ]
    if not differs:
        figure = f"All {len(checks):,} totals of {len(statements)} statements add up."
        return Finding(SignState.NOT_SHOWN, figure, threshold)
    named = "; ".join(
        f"{statements[check.statement].title}, {check.name}: "
        f"{plain_pounds(check.actual_pence)} for {plain_pounds(check.expected_pence)}"
        for check in differs[:_NAMED]
    )
    more = f"; and {len(differs) - _NAMED} more" if len(differs) > _NAMED else ""
    figure = f"{len(differs):,} of {len(checks):,} totals differ: {named}{more}."
    return Finding(SignState.SHOWN, figure, threshold)
