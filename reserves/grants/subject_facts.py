"""Grants, for the page that has everything reported on a service."""

from collections.abc import Iterator

from council_finance import registry
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.report_section import section_of


@registry.subject_facts("grants")
def grant_facts(facts: ReportData) -> Iterator[registry.SubjectFact]:
    """Yield each service's share of a grant; one that is overspent is bad."""
    display = facts.display("grants")
    for grant in section_of(facts).grants:
        carried = grant.carried_forward
        for share in grant.shares:
            if not share.service or share.expected is None:
                continue
            figure = f"{display.in_words(share.expected)} expected"
            if carried is not None:
                figure += f", {display.in_words(carried)} carried forward"
            yield registry.SubjectFact(
                kind="Grant",
                reference=grant.reference,
                service=share.service,
                name=grant.name,
                figure=figure,
                status="Overspent" if (carried or 0) < 0 else "Within the grant",
                is_good=None if carried is None else carried >= 0,
            )
