"""Indicators and the budget itself, for the page that has everything reported on a service."""

from collections.abc import Iterator

from django.urls import reverse

from council_finance import registry
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.rules import UNRATED
from performance.indicators.selectors.printed_rows import print_row
from performance.indicators.selectors.report_indicators import indicators_of


@registry.subject_facts("budget")
def budget_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield the net variance of each service; an overspend is bad."""
    display, start = facts.display("annex-a"), facts.period.year.start
    for node in facts.nodes:
        if node.net_variance is None or not node.lines:
            continue
        over = node.net_variance > 0
        words = "overspend" if over else "underspend" if node.net_variance else "no variance"
        yield registry.SubjectFact(
            kind="Budget",
            reference=node.code,
            service=node.key,
            name=node.label,
            figure=f"{display.in_words(abs(node.net_variance))} {words} on "
            f"{display.in_words(node.budget)}",
            status="Overspent" if over else "Within budget",
            is_good=not over,
            url=reverse("service", args=[start, facts.period.number, node.code]),
            pence=node.net_variance,
        )


@registry.subject_facts("indicators")
def indicator_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield each indicator; it is good where its target is met, and names what it is tied to."""
    start, number = facts.period.year.start, facts.period.number
    for row in indicators_of(facts):
        printed = print_row(row, facts)
        against = f" for a target of {printed.target}" if printed.target else ""
        is_rated = row.derived not in (*UNRATED, "") and printed.status.tone != "grey"
        yield registry.SubjectFact(
            kind="Indicator",
            reference=row.reference,
            service=row.home,
            name=row.measure,
            figure=f"{printed.actual}{against}" if printed.actual else "no value",
            status=printed.status.word,
            is_good=printed.status.tone in ("green", "blue") if is_rated else None,
            url=f"{reverse('indicator', args=[start, row.reference])}?period={number}",
            links=tuple(each for each in (row.activity_group, row.saving_reference) if each),
        )
