"""Grants on the overview and on services' pages, and the search for grants."""

from typing import Any

from django.urls import reverse

from council_finance import registry
from council_finance.money import plain_pounds
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.calculations import add_given
from reserves.grants.overview import GrantsOverview, summary_sentence
from reserves.grants.report_rows import GrantRow
from reserves.grants.report_section import section_of

FOUND_AT_MOST = 20
_AMOUNTS = ("expected", "applied", "carried_forward")
Context = dict[str, Any]


@registry.panel("grants", place="overview", template="reserves/grants/overview_panel.html")
def grants_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the finding about grants; None without grants."""
    if not section_of(facts).grants:
        return None
    return _report_address(facts) | {"sentence": summary_sentence(GrantsOverview(facts))}


@registry.panel("grants-of-a-service", place="service", template="reserves/grants/of_service.html")
def grants_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the grants of a service and those under it, with its shares; None without any.

    None for the council as a whole too, which has a page of all grants.
    """
    keys = facts.keys_under(node.key)
    rows = [
        (grant, [_in_pounds(pence) for pence in amounts])
        for grant in section_of(facts).grants
        if (amounts := _own_amounts(grant, keys)) is not None
    ]
    if not rows or node.key == facts.top.key:
        return None
    return _report_address(facts) | {"rows": rows, "draft": facts.report is None}


def _own_amounts(grant: GrantRow, keys: set[str]) -> list[int | None] | None:
    """Return a service's share of what a grant is expected to bring, applied and carries forward.

    None where the grant is not the service's. A share is divided as the expected amounts are.
    """
    places = [place for place, share in enumerate(grant.shares) if share.service in keys]
    if not places:
        return None
    divided = [grant.divided(getattr(grant, name)) for name in _AMOUNTS]
    return [add_given([parts[place] for place in places]) for parts in divided]


def _in_pounds(pence: int | None) -> str:
    return "–" if pence is None else plain_pounds(pence)


@registry.finder("Grants", noun="grant")
def find_grants(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return grants of the report that have all the words in reference, name, body or purpose."""
    start = facts.period.year.start
    return [
        registry.Found(
            grant.name,
            ", ".join(filter(None, (grant.reference, grant.awarding_body, grant.group))),
            reverse("grant", args=[start, grant.reference]),
        )
        for grant in section_of(facts).grants
        if all(word in _searched_text(grant) for word in words)
    ][:FOUND_AT_MOST]


def _searched_text(grant: GrantRow) -> str:
    return f"{grant.reference} {grant.name} {grant.awarding_body} {grant.purpose}".casefold()


def _report_address(facts: ReportData) -> Context:
    return {"start": facts.period.year.start, "number": facts.period.number}
