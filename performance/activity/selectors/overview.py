"""The activity of a report in brief: a row for each group, and why its variance is."""

from collections.abc import Iterable
from dataclasses import dataclass

from council_finance import registry
from council_finance.statements import Display, Statement
from council_finance.statements.display import NOT_GIVEN
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_rows import ActivitySection, GroupRow
from performance.activity.report_section import section_of
from performance.activity.selectors.report_activity import groups_under_row
from performance.activity.totals import ActivityTotal
from performance.activity.words import (
    describe_cause,
    describe_run_rate,
    describe_variance,
    main_cause,
    volume_name,
)

_STATEMENT = "activity"


@dataclass(frozen=True)
class SummaryRow:
    """A group in brief, its amounts printed; senses are adverse, favourable or ""."""

    code: str
    name: str
    level: int
    budget: str
    volume_effect: str
    unit_cost_effect: str
    other: str
    variance: str
    sense: str
    cause: str


@dataclass(frozen=True)
class ActivitySummary:
    """The groups of a report, or of a part of it, with the finding in a sentence."""

    sentence: str
    rows: tuple[SummaryRow, ...]
    unit: str


def activity_display(facts: ReportData) -> Display:
    """Return how the council prints activity."""
    return facts.display(_STATEMENT)


def activity_statement(facts: ReportData, name: str) -> Statement:
    """Return a statement of activity, made from this report's activity."""
    return registry.statement_entry(name).make(facts)


def activity_summary(facts: ReportData) -> ActivitySummary | None:
    """Return the outermost groups and those in them that have a total; None without activity."""
    section = section_of(facts)
    if not section.lines:
        return None
    outermost = section.children.get("", [])
    rows = [*_rows_of(section, outermost, 0, activity_display(facts))]
    return ActivitySummary(
        _largest_sentence(section, outermost, activity_display(facts)),
        tuple(rows),
        activity_display(facts).unit_label,
    )


def summary_of_row(facts: ReportData, key: str) -> ActivitySummary | None:
    """Return the groups that belong to a row of the tree or one below it; None without any."""
    section = section_of(facts)
    found = [group for code in groups_under_row(facts, key) if (group := section.find(code))]
    groups = [group for group in found if section.lines_under(group.code)]
    if not groups:
        return None
    display = activity_display(facts)
    rows = [_build_row(section, group, 0, display) for group in groups]
    return ActivitySummary(
        _largest_sentence(section, groups, display), tuple(rows), display.unit_label
    )


def _rows_of(
    section: ActivitySection, groups: Iterable[GroupRow], level: int, display: Display
) -> Iterable[SummaryRow]:
    for group in groups:
        if section.lines_under(group.code):
            yield _build_row(section, group, level, display)
            inner = [each for each in section.children.get(group.code, ()) if each.home]
            yield from _rows_of(section, inner, level + 1, display)


def _build_row(
    section: ActivitySection, group: GroupRow, level: int, display: Display
) -> SummaryRow:
    total = ActivityTotal(section.lines_under(group.code))
    return SummaryRow(
        code=group.code,
        name=group.name,
        level=level,
        budget=print_amount(total.budget, display),
        volume_effect=print_amount(total.volume_effect, display),
        unit_cost_effect=print_amount(total.unit_cost_effect, display),
        other=print_amount(total.other_effect, display),
        variance=print_amount(total.variance, display),
        sense=display.sense(total.variance),
        cause=main_cause(total, volume_name(group)),
    )


def print_amount(pence: int | None, display: Display) -> str:
    """Return an amount in the council's unit, a dash where there is none."""
    return NOT_GIVEN if pence is None else display.amount(pence)


def _largest_sentence(
    section: ActivitySection, groups: Iterable[GroupRow], display: Display
) -> str:
    """Return the sentences on the group with the largest variance."""
    totals = [(group, ActivityTotal(section.lines_under(group.code))) for group in groups]
    given = [(group, total) for group, total in totals if total.variance is not None]
    if not given:
        return "No activity has been reported in this period."
    group, total = max(given, key=lambda each: abs(each[1].variance or 0))
    return " ".join(describe_group(group, total, display)[:2])


def describe_group(group: GroupRow, total: ActivityTotal, display: Display) -> list[str]:
    """Return the sentences on a group: its variance, why it is, and its run-rate."""
    counted = volume_name(group)
    sentences = (
        describe_variance(group.name, total, display),
        describe_cause(total, counted, display),
        describe_run_rate(total, counted, display),
    )
    return [sentence for sentence in sentences if sentence]
