"""What the pages of a report show of savings: on a service's page, and on the overview."""

from django.urls import reverse

from council_finance import registry
from monitoring.selectors.facts import ReportFacts
from savings.selectors.of_service import flags, in_a_sentence, of_service
from savings.selectors.overview import display_of, overview
from savings.selectors.reading import savings_of

FOUND_AT_MOST = 20


@registry.panel("savings-of-service", place="service", template="savings/of_service.html")
def savings_of_service(facts: ReportFacts, node: dict) -> dict | None:
    """The savings of a service with their sums, and a flag where its forecast cannot hold them."""
    found = of_service(facts, node)
    return None if found is None else _place(facts) | {"node": node, "savings": found}


@registry.panel("savings", place="overview", template="savings/in_brief.html")
def savings_in_brief(facts: ReportFacts, _node: dict) -> dict | None:
    """How the council's savings stand: a sentence, their statuses, and what is flagged."""
    if not savings_of(facts):
        return None
    return _place(facts) | {
        "overview": overview(facts),
        "unit": display_of(facts).unit_label,
        "flags": flags(facts),
    }


@registry.panel("savings-of-mover", place="mover", template="savings/of_mover.html")
def savings_of_mover(facts: ReportFacts, node: dict) -> dict | None:
    """Whether what moved a service is in its savings: a sentence, where the council has any."""
    return {"text": in_a_sentence(facts, node)} if savings_of(facts) else None


@registry.finder("Savings", noun="saving")
def find_savings(facts: ReportFacts, words: list[str]) -> list[registry.Found]:
    """Savings of the report by reference and title."""
    start = facts.period.year.start
    return [
        registry.Found(
            saving["reference"],
            f"{saving['title']}, {saving['service_name']}",
            reverse("saving", args=[start, saving["reference"]]),
        )
        for saving in savings_of(facts)
        if all(word in f"{saving['reference']} {saving['title']}".casefold() for word in words)
    ][:FOUND_AT_MOST]


def _place(facts: ReportFacts) -> dict:
    """Whose report it is, for links: a published one by its version."""
    return {
        "start": facts.period.year.start,
        "number": facts.period.number,
        "version": facts.version if facts.report is not None else None,
    }
