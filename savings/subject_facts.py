"""Savings, for the page that has everything reported on a service."""

from collections.abc import Iterator

from django.urls import reverse

from council_finance import registry
from council_finance.statuses import NOT_REPORTED
from monitoring.reports.selectors.report_data import ReportData
from savings.selectors.overview import savings_display
from savings.selectors.report_savings import savings_of


@registry.subject_facts("savings")
def savings_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield each saving with its forecast; it is good where all that was agreed is forecast."""
    display, start = savings_display(facts), facts.period.year.start
    for saving in savings_of(facts):
        figure = f"{display.in_words(saving.agreed)} agreed"
        if saving.forecast is not None:
            figure += f", {display.in_words(saving.forecast)} forecast"
        yield registry.SubjectFact(
            kind="Saving",
            reference=saving.reference,
            service=saving.home,
            name=saving.title,
            figure=figure,
            status=saving.status or NOT_REPORTED,
            is_good=None if saving.shortfall is None else not saving.is_short,
            url=reverse("saving", args=[start, saving.reference]),
            pence=saving.shortfall,
        )
