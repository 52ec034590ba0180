"""Checks of activity: totals, effects, products of volume and price, and ties to the ledger."""

from collections.abc import Iterator
from fractions import Fraction

from council_finance import registry
from council_finance.statements import Row
from council_finance.statements.casting import AGREES, DIFFERS, ROUNDING, Check
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles
from performance.activity.report_rows import ActivitySection, GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.rules import product_of, round_pence, rounding_of_product
from performance.activity.selectors.ties import ties_of
from performance.activity.settings_tables import groups_that_tie
from performance.activity.statements.activity import NAME as ACTIVITY
from performance.activity.statements.effects import NAME as EFFECTS
from performance.activity.totals import ActivityTotal

_DECIMALS_OF_POUNDS = 2


def _has_statement(facts: ReportData, name: str) -> bool:
    """Return whether the report has the statement: one published before activity has none."""
    return name in dict(statement_titles(facts))


@registry.check("activity-volumes")
def activity_volumes(facts: ReportData) -> Iterator[Check]:
    """Cast the volumes of every total from the printed rows, without lines that do not count."""
    section = section_of(facts)
    if not section.lines or not _has_statement(facts, ACTIVITY):
        return
    made = statement(facts, ACTIVITY)
    uncounted = {line.reference for line in section.lines if not line.counts}
    rows = {row.key: row for row in made.rows}
    volumes = [column for column in made.columns if column.key.endswith("volume")]
    for row in made.rows:
        for column in volumes if row.sum_of else ():
            parts = [
                rows[key].cells[column.key].number for key in row.sum_of if key not in uncounted
            ]
            total = row.cells[column.key].number
            name = f"{_name_row(row)}: {column.label} is the sum of its rows that count"
            yield Check.of_words(name, ACTIVITY, agrees=sum(filter(None, parts)) == (total or 0))


def _name_row(row: Row) -> str:
    """Return a row's label with its code, as totals of several groups may have one label."""
    return f"{row.key.removeprefix('total:')} {row.label}"


@registry.check("activity-effects")
def activity_effects(facts: ReportData) -> Iterator[Check]:
    """Compare the parts of every variance with the variance itself."""
    if not section_of(facts).lines or not _has_statement(facts, EFFECTS):
        return
    for row in statement(facts, EFFECTS).rows:
        if row.cells and (variance := row.cells["variance"].pence) is not None:
            parts = (row.cells[key].pence for key in ("volume_effect", "unit_cost_effect", "other"))
            name = f"{_name_row(row)}: people, price and other add up to the variance"
            yield Check.compare(name, EFFECTS, variance, sum(part or 0 for part in parts))


@registry.check("activity-products")
def activity_products(facts: ReportData) -> Iterator[Check]:
    """Compare budgeted volume × unit cost × units a year with the annual budget.

    It is a question, not a rule: a council may set a budget in another way. Where the difference is
    within the rounding of the printed unit cost and budget, it is rounding.
    """
    section = section_of(facts)
    for line in section.lines:
        if (found := budgeted_product(line)) is not None and line.budget is not None:
            product, tolerance = found
            yield _compare_product(f"{line.reference} {line.name}", line.budget, product, tolerance)
    for group in section.groups:
        yield from _group_product(section, group)


def budgeted_product(line: LineRow) -> tuple[Fraction, Fraction] | None:
    """Return the product of a line's stated budget, and by how much rounding may move it, in pence.

    None where volume, stated unit cost or units are not given.
    """
    stated = line.stated_budget_unit_cost
    if not line.has_volume or stated is None:
        return None
    product = product_of(line.budget_volume, Fraction(stated), line.units)
    if product is None or line.budget_volume is None or line.units is None:
        return None
    decimals = _DECIMALS_OF_POUNDS if line.decimals is None else line.decimals
    return product, rounding_of_product(line.budget_volume, line.units, decimals)


def _group_product(section: ActivitySection, group: GroupRow) -> Iterator[Check]:
    """Yield the comparison of a total's budget with the products of its lines, where all have one.

    The money that is not yet on a line is part of the budget and of no product, so a group whose
    lines are set too high, and are put right by an adjustment, is found here.
    """
    lines = section.lines_of[group.code]
    volumes = [line for line in lines if line.has_volume]
    products = [budgeted_product(line) for line in volumes]
    found = [each for each in products if each is not None]
    only_volumes = all(line.has_volume or line.is_adjustment for line in lines)
    budget = ActivityTotal(lines).budget
    if not found or len(found) < len(volumes) or not only_volumes or budget is None:
        return
    product = sum((each[0] for each in found), Fraction(0))
    tolerance = sum((each[1] for each in found), Fraction(0))
    yield _compare_product(f"{group.code} {group.name}", budget, product, tolerance)


def _compare_product(name: str, budget: int, product: Fraction, tolerance: Fraction) -> Check:
    status = DIFFERS
    if abs(product - budget) <= tolerance:
        status = AGREES if product == budget else ROUNDING
    title = f"{name}: budgeted volume × unit cost × units a year gives the annual budget"
    return Check(title, ACTIVITY, round_pence(product), budget, status)


@registry.check("activity-ties")
def activity_ties(facts: ReportData) -> Iterator[Check]:
    """Compare the budget and forecast of groups with those of the service that they name.

    A service holds more than its activity, so a difference is an error only for groups that the
    council's settings name.
    """
    must_agree = groups_that_tie(facts.settings)
    for tie in ties_of(facts):
        name = (
            f"{tie.code} {tie.name}: {tie.what} beside that of {tie.service_name} ({tie.service})"
        )
        if tie.code in must_agree:
            yield Check.compare(name, ACTIVITY, tie.of_service, tie.of_group)
        else:
            title = f"{name}, which need not agree"
            yield Check(title, ACTIVITY, tie.of_service, tie.of_group, AGREES)
