"""The charts of a report's savings: the figures of the page in the shape that charts take."""

from collections.abc import Container
from dataclasses import dataclass

from council_finance.charts import Chart
from council_finance.periods import period_name
from monitoring.models import Report
from monitoring.selectors.facts import ReportFacts
from savings import charts
from savings.calculations import Agreed, agreed_by_status, combined, made_of, statuses_in_use
from savings.rules import statuses
from savings.selectors.overview import display_of
from savings.selectors.part import NAME
from savings.selectors.reading import labels, savings_of, services_of


@dataclass(frozen=True)
class Drawn:
    """The charts of the overview; None where there is nothing to draw."""

    services: Chart | None
    shortfall: Chart | None
    reports: Chart | None


def drawn(facts: ReportFacts, services: Container[int]) -> Drawn:
    """The charts of a report's savings, or of those of some services (ids; reading.within)."""
    display = display_of(facts)
    by_report = _by_report(facts, services)
    return Drawn(
        services=service_chart(facts),
        shortfall=charts.to_shortfall(made_of(savings_of(facts)), display),
        reports=charts.by_report(*by_report, display),
    )


def service_chart(facts: ReportFacts) -> Chart | None:
    """Agreed savings by service and status."""
    savings, names = savings_of(facts), labels(facts)
    words = statuses_in_use(savings, statuses(facts.settings))
    block = combined(savings, words, services_of(facts))
    rows = [(names[key], sums) for key, sums in block.services.items()]
    return charts.by_service(rows, words, display_of(facts))


def _by_report(
    facts: ReportFacts, services: Container[int]
) -> tuple[list[tuple[str, Agreed]], tuple[str, ...]]:
    """What each report of the year says, up to this one, and the statuses they have."""
    rows = earlier_savings(facts, services)
    rows[period_name(facts.period.number)] = savings_of(facts)
    every = [saving for savings in rows.values() for saving in savings]
    words = statuses_in_use(every, statuses(facts.settings))
    return [(name, agreed_by_status(savings, words)) for name, savings in rows.items()], words


def earlier_savings(facts: ReportFacts, services: Container[int]) -> dict[str, list[dict]]:
    """The savings of each earlier report of the year that had any, as last published.

    Those of some services (ids) by the service that the register named then.
    """
    # Only the savings of each report are read, which may hold much else.
    reports = Report.objects.filter(
        period__year=facts.period.year, period__number__lt=facts.period.number
    ).order_by("period__number", "version")
    latest = {
        number: part["savings"] if part else []
        for number, part in reports.values_list("period__number", f"frozen__parts__{NAME}")
    }
    ids = {node["key"]: node["service"] for node in facts.nodes}
    found = {}
    for number, savings in latest.items():
        if mine := [saving for saving in savings if ids.get(saving["service"]) in services]:
            found[period_name(number)] = mine
    return found
