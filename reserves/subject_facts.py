"""Reserves, for the page that has everything reported on a service."""

from collections.abc import Iterator

from django.urls import reverse

from council_finance import registry
from council_finance.periods import CLOSE
from monitoring.reports.selectors.report_data import ReportData
from reserves.report_section import balances, section_of


@registry.subject_facts("reserves")
def reserve_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield each reserve that is held for a service; one in deficit is bad."""
    display, start = facts.display("reserves-schedule"), facts.period.year.start
    section = section_of(facts)
    at_close = facts.period.number == CLOSE
    closing = balances(section.reserves, section.movements, at_close=at_close)
    for reserve in section.reserves:
        if not reserve.service:
            continue
        now = closing[reserve.code].closing
        yield registry.SubjectFact(
            kind="Reserve",
            reference=reserve.code,
            service=reserve.service,
            name=reserve.name,
            figure=f"{display.in_words(reserve.opening)} at the start, "
            f"{display.in_words(now)} at the end",
            status="In deficit" if now < 0 else "In hand",
            is_good=now >= 0,
            url=reverse("reserve", args=[start, reserve.code]),
        )
