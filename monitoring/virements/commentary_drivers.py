"""Virements since the previous report as drivers of a variance, beside its commentary."""

from collections.abc import Iterator, Mapping, Sequence

from council_finance.accounts.models import User
from council_finance.registry import commentary_driver
from monitoring.figures.selectors.inputs import unreflected_virements
from monitoring.people.rights import may_see_drafts, may_see_exempt_lines, reach_of
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree
from monitoring.virements.selectors.register import OUTSIDE, Leg, RegisterEntry, register

_NAMED = 3


@commentary_driver("virements", title="Virements")
def virement_drivers(
    facts: ReportData, nodes: Sequence[ReportRow], user: User
) -> Mapping[str, Sequence[str]]:
    """Return the approved virements into and out of each row that the last report had not."""
    period = facts.period
    new = set(unreflected_virements(period, period.compared_with).values_list("pk", flat=True))
    if not new:
        return {}
    reach = None if may_see_drafts(user) else reach_of(user, period.year)
    entries = register(period.year, exempt=may_see_exempt_lines(user), reach=reach)
    homes = current_tree(period.year).home_keys
    shown = [each for each in entries if each.first.pk in new]
    found = {}
    for node in nodes:
        keys = facts.keys_under(node.key)
        services = {service for service, key in homes.items() if key in keys}
        found[node.key] = _describe_virements(shown, services)
    return found


def _describe_virements(entries: Sequence[RegisterEntry], services: set[int]) -> list[str]:
    texts = [text for entry in entries for text in _describe_entry(entry, services)]
    if len(texts) <= _NAMED:
        return texts
    return [*texts[:_NAMED], f"And {len(texts) - _NAMED} more: see the register of virements."]


def _describe_entry(entry: RegisterEntry, services: set[int]) -> Iterator[str]:
    """Yield a sentence for each leg with one end in the services, and the other outside them."""
    for leg in entry.legs:
        comes_in = leg.receiver is not None and leg.receiver.service_id in services
        goes_out = leg.giver is not None and leg.giver.service_id in services
        if comes_in != goes_out:
            yield f"{entry.reference}: {_describe_leg(leg, comes_in=comes_in)}."


def _describe_leg(leg: Leg, *, comes_in: bool) -> str:
    other = leg.giver if comes_in else leg.receiver
    name = OUTSIDE if other is None else ", ".join(filter(None, (other.name, other.service)))
    return f"{leg.amount_text} {'in, from' if comes_in else 'out, to'} {name}"
