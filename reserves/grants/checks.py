"""Checks that grants agree with the ledger, the capital programme and the reserves."""

from collections import defaultdict
from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.report_rows import CAPITAL, REVENUE, total_expected
from reserves.grants.report_section import section_of
from reserves.grants.statements.register import NAME
from reserves.report_section import balances
from reserves.report_section import section_of as reserves_of


@registry.check("grants-and-budget-lines")
def grants_and_budget_lines(facts: ReportData) -> Iterator[Check]:
    """Compare what is expected of each group with the budget of its line, which is negative.

    A revenue group without a line differs, where the council has set lines at all.
    """
    section = section_of(facts)
    for line in section.lines:
        members = [grant for grant in section.grants if grant.group == line.group]
        title = f"{line.group}: the grants expected are the budget of {line.line}"
        if line.budget is None:
            title = f"{title}, which has no budget in this period"
        elif not members:
            title = f"{line.group}: no grants are expected, but {line.line} has a budget"
        yield Check.compare(title, NAME, -(line.budget or 0), total_expected(members) or 0)
    carried = {line.group for line in section.lines}
    groups = dict.fromkeys(grant.group for grant in section.of_kind(REVENUE))
    for group in groups if carried else ():
        if group not in carried:
            members = [g for g in section.of_kind(REVENUE) if g.group == group]
            title = f"{group or 'Grants outside groups'}: the grants expected are on a budget line"
            yield Check.compare(title, NAME, 0, total_expected(members) or 0)


@registry.check("grants-and-capital-funding")
def grants_and_capital_funding(facts: ReportData) -> Iterator[Check]:
    """Compare what was applied of each grant with the capital funding that names it."""
    funding: dict[str, int] = defaultdict(int)
    for each in registry.grant_funding(facts):
        if each.forecast is not None:
            funding[each.grant_reference] += each.forecast
    for reference, pence in funding.items():
        grant = section_of(facts).find(reference)
        if grant is None:
            title = f"{reference}: capital funding names a grant of the register"
            yield Check.compare(title, NAME, pence, 0)
        elif grant.applied is not None:
            title = f"{grant.name}: the grant applied is its funding of the capital programme"
            yield Check.compare(title, NAME, pence, grant.applied)


@registry.check("grants-and-reserves")
def grants_and_reserves(facts: ReportData) -> Iterator[Check]:
    """Compare what is carried forward of capital grants with the reserves of the same name."""
    held = reserves_of(facts)
    closing = balances(held.reserves, held.movements, at_close=facts.period.number == CLOSE)
    by_name = {_plain_name(reserve.name): reserve.code for reserve in held.reserves}
    for grant in section_of(facts).of_kind(CAPITAL):
        code = by_name.get(_plain_name(grant.name))
        if code is not None and grant.carried_forward is not None:
            title = f"{grant.name}: the capital grant carried forward is the reserve of its name"
            yield Check.compare(title, NAME, closing[code].closing, grant.carried_forward)


def _plain_name(name: str) -> str:
    return " ".join(name.casefold().split())
