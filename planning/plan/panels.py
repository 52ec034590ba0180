"""The search for items of the plan."""

from django.urls import reverse

from council_finance import registry
from monitoring.reports.selectors.report_data import ReportData
from planning.plan.selectors.plan_data import plan_of

FOUND_AT_MOST = 20


@registry.finder("Plan", noun="plan item")
def find_plan_items(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return items of the report's plan that have all the words in reference or title."""
    place = [facts.period.year.start, facts.period.number]
    address = reverse("plan-of-report", args=place)
    return [
        registry.Found(item.reference, item.title, address)
        for item in plan_of(facts.of_year).roll.items
        if all(word in f"{item.reference} {item.title}".casefold() for word in words)
    ][:FOUND_AT_MOST]
