"""The step of virements that await approval."""

from collections.abc import Iterator
from functools import reduce

from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.registry import Due, Link, MonthStep, Outstanding, Person, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import count_of, month_url
from monitoring.virements.rights import may_approve_amount
from monitoring.virements.selectors.pending import PendingVirement, pending_virements

_FINANCE = (Role.FINANCE_OFFICER, Role.FINANCE_LEAD)
_DIRECTORS = frozenset({Role.DIRECTOR})


@month_step(
    "virements",
    title="Virements",
    after="aged-debt",
    warns_of={"virements": "Virements awaiting approval"},
)
def virements_step(month: Month) -> MonthStep | None:
    """Return the virements that await approval, and who approves them; None where none does.

    Directors see those that touch their own services.
    """
    if month.period.is_published or not (month.duties.review or month.duties.sign_off):
        return None
    shown = {row.node.service for row in month.rows}
    pending = [
        each
        for each in pending_virements(month.period)
        if month.duties.review or each.services & shown
    ]
    if not pending:
        return None
    link = Link("See the virements", month_url("virements", month))
    is_one = len(pending) == 1
    text = (
        f"{count_of(len(pending), 'virement')} {'is' if is_one else 'are'} awaiting approval and "
        f"{'has' if is_one else 'have'} no effect yet."
    )
    return MonthStep(
        "To be approved",
        "amber",
        text,
        links=(link,),
        due=tuple(_approvals_due(month, pending)),
        outstanding=(Outstanding("virements", text, link),),
    )


def _approvals_due(month: Month, pending: list[PendingVirement]) -> Iterator[Due]:
    """Yield each virement for the roles, and for the directors, that may approve it."""
    for each in pending:
        text = f"Approve virement {each.reference}"
        url = reverse("virement", args=[month.period.year.start, each.reference])
        if roles := _find_roles(month, each):
            yield Due("", "virements", text, url, roles=roles, besides=each.entered_by)
        if directors := _find_directors(month, each):
            people = tuple(sorted(directors, key=lambda person: person.pk))
            yield Due("", "virements", text, url, people=people, besides=each.entered_by)


def _find_roles(month: Month, virement: PendingVirement) -> frozenset[str]:
    """Return the roles of finance that may approve a virement of that amount."""
    settings = month.facts.settings
    return frozenset(
        role for role in _FINANCE if may_approve_amount(role, virement.pence, settings)
    )


def _find_directors(month: Month, virement: PendingVirement) -> frozenset[Person]:
    """Return the directors who may approve a virement: all of it is in their services."""
    may_approve = may_approve_amount(Role.DIRECTOR, virement.pence, month.facts.settings)
    if not may_approve or not virement.services:
        return frozenset()
    keys = {node.service: node.key for node in month.facts.nodes}
    return reduce(
        frozenset.intersection,
        (month.ties.all_above(keys.get(each, ""), _DIRECTORS) for each in virement.services),
    )
