"""A report's savings as statements, checks and pages read them: from its part alone."""

from collections.abc import Container

from monitoring.selectors.facts import ReportFacts
from savings.selectors.part import NAME


def savings_of(facts: ReportFacts) -> list[dict]:
    """The savings that count, in the order of the register; rows as selectors.part gives them.

    None in a report that was published before there was a register.
    """
    part = facts.part(NAME)
    return part["savings"] if part else []


def left_of(facts: ReportFacts) -> list[dict]:
    """The savings of the previous report that do not count any more."""
    part = facts.part(NAME)
    return part["left"] if part else []


def services_of(facts: ReportFacts) -> list[str]:
    """The rows of the tree on which savings stand, in its order; what it lacks comes last."""
    homes = dict.fromkeys(saving["home"] for saving in savings_of(facts))
    inside = [node["key"] for node in facts.nodes if node["key"] in homes]
    return [*inside, *(home for home in homes if home not in inside)]


def under(facts: ReportFacts, key: str) -> set[str]:
    """The keys of a row of the tree and of all below it."""
    found, rest = set(), [key]
    while rest:
        found.add(here := rest.pop())
        rest.extend(node["key"] for node in facts.children.get(here, []))
    return found


def labels(facts: ReportFacts) -> dict[str, str]:
    """Names of the rows on which savings stand."""
    named = {saving["home"]: saving["service_name"] for saving in savings_of(facts)}
    return named | {node["key"]: node["label"] for node in facts.nodes if node["key"] in named}


def within(facts: ReportFacts, services: Container[int]) -> ReportFacts:
    """A draft with the savings of some services alone (ids); every sum is then of these."""
    ids = {node["key"]: node["service"] for node in facts.nodes}
    part = {
        "savings": [row for row in savings_of(facts) if ids.get(row["home"]) in services],
        "left": [row for row in left_of(facts) if ids.get(row["service"]) in services],
    }
    return facts.with_part(NAME, part)
