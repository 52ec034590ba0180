"""Checks that the plan's statements agree with each other, with the register and the ledger."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.statements.casting import Check
from monitoring.reports.selectors.year_data import YearData
from planning.plan.calculations import register_of
from planning.plan.marks import SIGNS
from planning.plan.programmes import programmes
from planning.plan.report_rows import IN_NET
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statements.council_tax import COUNCIL_TAX
from planning.plan.statements.funding import PROGRAMME, headings_of
from planning.plan.statements.items import GROWTH_ITEMS, SAVINGS_ITEMS
from planning.plan.statements.summary import SUMMARY
from planning.plan.taxes import basic_amount


@registry.check("plan-rolls", of_year=True)
def plan_rolls(facts: YearData) -> Iterator[Check]:
    """Compare the last net budget with the base and the cumulative amounts of the last year."""
    plan = plan_of(facts)
    if plan.version is None or plan.base is None or not plan.summary:
        return
    last = len(plan.settings.years) - 1
    sums = [plan.roll.sum_of(plan.roll.tops(kind), last) or 0 for kind in IN_NET]
    title = "The base, transfers and cumulative growth and savings are the last net budget"
    yield Check.compare(title, SUMMARY, plan.base + sum(sums), plan.summary[-1].net or 0)


@registry.check("plan-opens-with-ledger", of_year=True)
def plan_opens_with_ledger(facts: YearData) -> Iterator[Check]:
    """Compare the plan's opening base with the ledger's budget and its permanent virements."""
    plan = plan_of(facts)
    section = plan.section
    if plan.version is None or not section.ledger_base or not plan.summary:
        return
    # The ledger is that of the year before this one: it opens a plan that begins with this year.
    if plan.settings.years[0] != facts.year.start or plan.summary[0].subtotal is None:
        return
    ledger = sum(section.ledger_base.values()) + sum(section.permanent_virements.values())
    title = "The plan opens with the original budget and its permanent virements"
    yield Check.compare(title, SUMMARY, ledger, plan.summary[0].subtotal)


@registry.check("plan-register", of_year=True)
def plan_register(facts: YearData) -> Iterator[Check]:
    """Compare the savings of an adopted year with the register, item by item and in all."""
    plan = plan_of(facts)
    year = plan.version.adopted_year if plan.version else None
    if year is None or year != facts.year.start or year not in plan.settings.years:
        return
    register = plan.section.register
    agreed = {item.reference: pence for item, pence in register_of(plan.roll, year)}
    for reference in sorted(agreed.keys() | register.keys()):
        there, here = agreed.get(reference, 0), register.get(reference, 0)
        if there != here:
            title = f"{reference}: the register has the saving of the adopted plan"
            yield Check.compare(title, SAVINGS_ITEMS, there, here)
    title = f"The register of {financial_year_label(year)} is the savings line of the plan"
    yield Check.compare(title, SUMMARY, sum(agreed.values()), sum(register.values()))


@registry.check("plan-marks", of_year=True)
def plan_marks(facts: YearData) -> Iterator[Check]:
    """Name items whose entered mark is not that worked out against the version before.

    Compared are the cumulative amounts of the last year: before, and now.
    """
    plan = plan_of(facts)
    for item in plan.roll.items:
        worked_out = plan.marks.get(item.reference, "")
        if worked_out and item.change and worked_out != item.change:
            name = GROWTH_ITEMS if item.type == "growth" else SAVINGS_ITEMS
            signs = SIGNS[worked_out] or "no mark"
            title = f"{item.reference} is entered as {item.change} and is {worked_out} ({signs})"
            yield _compare_versions(plan, item.reference, title, name)


def _compare_versions(plan: PlanView, reference: str, title: str, name: str) -> Check:
    before = plan.previous_roll.cumulative.get(reference) if plan.previous_roll else None
    was, now = (before or (0,))[-1] or 0, plan.roll.cumulative[reference][-1] or 0
    return Check(title, name, was, now, "differs")


@registry.check("funding-programme", of_year=True)
def funding_programmes(facts: YearData) -> Iterator[Check]:
    """Compare the cumulative balance of each programme with all its funding less all its cost."""
    plan = plan_of(facts)
    if plan.version is None or not plan.settings.years:
        return
    for programme in programmes(plan.roll, headings_of(plan.funding)):
        for place, year in enumerate(plan.settings.years):
            found = programme.cumulative_balance[place]
            paid = programme.funding[: place + 1]
            if found is None or None in paid:
                continue
            spent = sum(programme.cost[: place + 1])
            title = f"{programme.heading}, {financial_year_label(year)}: funding less cost so far"
            yield Check.compare(title, PROGRAMME, sum(each or 0 for each in paid) - spent, found)


@registry.check("council-tax", of_year=True)
def council_tax_check(facts: YearData) -> Iterator[Check]:
    """Compare Band D with the requirement over the tax base, to the penny."""
    for row in plan_of(facts).section.council_tax:
        label = financial_year_label(row.year)
        if row.gross_expenditure is not None and row.gross_income is not None:
            title = f"{label}: Band D is the requirement over the tax base"
            yield Check.compare(title, COUNCIL_TAX, basic_amount(row), row.band_d)
        title = f"{label}: the parts of Band D are the whole"
        parts = row.general + (row.adult_social_care or 0)
        yield Check.compare(title, COUNCIL_TAX, row.band_d, parts)
