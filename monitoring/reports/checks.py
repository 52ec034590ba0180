"""The checks of a report: each statement casts, and figures agree between statements."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.errors import Refused
from council_finance.statements.casting import Check, cast_statement
from monitoring.figures.selectors.inputs import virement_legs
from monitoring.figures.selectors.late_virements import moved_by
from monitoring.ledger.selectors.position_reader import BEFORE
from monitoring.ledger.spending_without_budget import is_unbudgeted
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import NO_FIGURES, ReportData
from monitoring.reports.selectors.statements import (
    all_statements,
    statements_of_any_period,
    year_statements,
)
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.annex_a import NAME as ANNEX_A
from monitoring.reports.statements.budget_reconciliation import NAME as RECONCILIATION
from monitoring.reports.statements.budgetary_control import NAME as BUDGETARY_CONTROL
from monitoring.reports.statements.contingency import NAME as CONTINGENCY
from monitoring.reports.statements.contingency import contingency_steps
from monitoring.reports.statements.section_headlines import NAME as SECTIONS
from monitoring.structure.models import BudgetLine
from monitoring.virements.models import Virement


def check_report(facts: ReportData) -> list[Check]:
    """Run the casts of every statement, then every registered check, in a fixed order."""
    casts = [
        check for statement in all_statements(facts).values() for check in cast_statement(statement)
    ]
    return casts + [check for run in registry.checks().values() for check in run(facts)]


def check_any_period(facts: ReportData) -> list[Check]:
    """Run the casts and checks that a period has which holds nothing of its own.

    Raise `Refused` where there is nothing to check.
    """
    made = statements_of_any_period(facts)
    if not made:
        raise Refused(NO_FIGURES.format(period=facts.period))
    casts = [check for statement in made.values() for check in cast_statement(statement)]
    runs = registry.checks(of_any_period=True).values()
    return casts + [check for run in runs for check in run(facts)]


def check_year(facts: YearData) -> list[Check]:
    """Run the casts of every statement of a year, then every check of years, in a fixed order."""
    casts = [
        check
        for statement in year_statements(facts).values()
        for check in cast_statement(statement)
    ]
    runs = registry.checks(of_year=True).values()
    return casts + [check for run in runs for check in run(facts)]


@registry.check("lines-and-totals")
def lines_and_totals(facts: ReportData) -> Iterator[Check]:
    """Compare the council's totals with the sums of the positions."""
    if not facts.has_ledger:
        return
    lines = facts.positions
    sums = {
        "budget": lines["current_budget"].sum(),
        "use_of_reserves": lines["use_of_reserves"].sum(),
        "use_of_capital_receipts": lines["use_of_capital_receipts"].sum(),
        "gross_variance": (lines["forecast"] - lines["current_budget"]).sum(),
    }
    for name, value in sums.items():
        title = name.replace("_", " ")
        actual = getattr(facts.top, name) or 0
        yield Check.compare(f"The lines add up to the total {title}", ANNEX_A, int(value), actual)


@registry.check("statements-agree")
def statements_agree(facts: ReportData) -> Iterator[Check]:
    """Compare a figure between statements, and the sum of the sections with the council."""
    if not facts.has_ledger:
        return
    statements = all_statements(facts)
    sections = statements[SECTIONS]
    inner = {key for row in sections.rows for key in row.sum_of}
    rows = [row for row in sections.rows if row.key not in inner]
    for name in ("budget", "net_variance"):
        total = sum(row.cells[name].pence or 0 for row in rows)
        title = f"The sections add up to the total {name.replace('_', ' ')}"
        yield Check.compare(title, SECTIONS, getattr(facts.top, name) or 0, total)
    pairs = (
        (BUDGETARY_CONTROL, "variance", "net_variance"),
        (BUDGETARY_CONTROL, "budget", "budget"),
        (RECONCILIATION, "budget", "budget"),
    )
    annex = {row.key: row for row in statements[ANNEX_A].rows}
    for name, column, annex_column in pairs:
        for row in statements[name].rows:
            if row.cells and row.key in annex:
                here, there = row.cells[column].pence, annex[row.key].cells[annex_column].pence
                title = f"{row.label}: {column} agrees with Annex A"
                yield Check.compare(title, name, there or 0, here or 0)


@registry.check("restated-total")
def restated_total(facts: ReportData) -> Iterator[Check]:
    """Compare the restated previous total with the published one plus virements from outside."""
    top = facts.top
    if top.previous_net_variance is None:
        return
    reflected = _reflected_before(facts)
    outside = sum(
        (leg.forecast_amount - leg.amount) * (1 if leg.receiver else -1)
        for leg in facts.approved_virements
        if leg.id not in reflected and not (leg.giver and leg.receiver)
    )
    yield Check.compare(
        "The restated previous total is the published one and virements from outside",
        ANNEX_A,
        (top.previous_as_published or 0) + outside,
        top.previous_net_variance,
    )


def _reflected_before(facts: ReportData) -> set[int]:
    """Return the ids of the virements that the report compared with reflects, read once."""
    return facts.made_once("virements reflected before", _read_reflected)


def _read_reflected(facts: ReportData) -> set[int]:
    previous = _previous_report(facts)
    return set(previous.virements.values_list("pk", flat=True)) if previous else set()


def _previous_report(facts: ReportData) -> Report | None:
    """Return the report compared with, read once; its frozen statements are not read."""
    return facts.made_once("report compared with", _read_previous_report)


def _read_previous_report(facts: ReportData) -> Report | None:
    compared = (facts.report or facts.period).compared_with_id
    return None if compared is None else Report.objects.filter(pk=compared).first()


@registry.check("budget-changes")
def budget_changes(facts: ReportData) -> list[Check]:
    """Compare each line's budget with the previous report's plus the virements since.

    The approved budget is used where there is no previous report. Lines that agree share one check.
    Each other line has its own, which says so where an approved virement is not in the ledger yet.
    All lines are compared once, as the review shows these checks among all and by themselves.
    """
    return facts.made_once("budget changes", lambda facts: list(_compare_budgets(facts)))


def _compare_budgets(facts: ReportData) -> Iterator[Check]:
    if not facts.has_ledger:
        return
    lines = _budgets_before_and_now(facts)
    moved = moved_by(_new_legs(facts)).reindex(lines.index, fill_value=0)
    lines = lines.assign(moved=moved)
    known = lines.assign(expected=lines["before"] + moved)[lines["before"].notna()]
    agrees = known["now"] == known["expected"]
    wrong, right = known[~agrees], known[agrees]
    names = _line_titles(wrong.index)
    for row in wrong.itertuples():
        yield Check.compare(
            _budget_change_name(names[row.Index], row), RECONCILIATION, row.expected, row.now
        )
    yield Check.compare(
        f"{len(right)} lines have the budget that virements explain",
        RECONCILIATION,
        int(right["expected"].sum()),
        int(right["now"].sum()),
    )


def _line_titles(ids: Iterable[int]) -> dict[int, str]:
    """Return code and description of budget lines by id."""
    lines = BudgetLine.objects.in_bulk([int(number) for number in ids])
    return {number: f"{line.code} {line.description}".strip() for number, line in lines.items()}


def _budget_change_name(line: str, row: Any) -> str:
    if row.moved and row.now == row.before:
        return f"{line}: a virement is approved but not yet in the ledger's budget"
    return f"{line}: the budget changed and no virement explains it"


def _budgets_before_and_now(facts: ReportData) -> pd.DataFrame:
    """Return each line's budget before and now in pence.

    Nil where a line is new or gone; without a previous report, NA where no budget was approved.
    """
    now = facts.positions.set_index("line")
    previous = _previous_report(facts)
    if previous is None:
        return pd.DataFrame({"before": now["original_budget"], "now": now["current_budget"]})
    before = facts.reader.of_report(previous, BEFORE).set_index("line")["current_budget"]
    both = pd.concat([before.rename("before"), now["current_budget"].rename("now")], axis=1)
    return both.astype("Int64").fillna(0)


def _new_legs(facts: ReportData) -> pd.DataFrame:
    """Return the legs of approved virements that the previous report did not reflect."""
    reflected = _reflected_before(facts)
    ids = [leg.id for leg in facts.approved_virements if leg.id not in reflected]
    return virement_legs(Virement.objects.filter(pk__in=ids))


@registry.check("unbudgeted-lines")
def unbudgeted_lines(facts: ReportData) -> Iterator[Check]:
    """Record the lines that have spending, or a forecast of it, and a budget of nil."""
    lines = facts.positions
    found = lines[is_unbudgeted(lines)]
    if len(found):
        counted = "1 line is" if len(found) == 1 else f"{len(found)} lines are"
        title = f"{counted} unbudgeted: spent, or forecast to be, against a budget of nil"
        forecast = int(found["forecast"].sum())
        yield Check.compare(title, RECONCILIATION, forecast, forecast)


@registry.check("contingency")
def contingency_agrees(facts: ReportData) -> Iterator[Check]:
    """Compare the contingency after transfers with the ledger's budget of its lines."""
    steps = {key: pence for key, _, pence in contingency_steps(facts)}
    if steps:
        budget = sum(line.budget for line in facts.contingency)
        title = "The contingency after transfers is the ledger's budget of its lines"
        yield Check.compare(title, CONTINGENCY, budget, steps["after"])
