"""The adopted plan against the first figures of the ledger for its year, service by service."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.budgets import ServiceBudget, budgets_by_service
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statement_parts import amount_cell, version_notes

PLAN_TO_LEDGER = "plan-to-ledger"
_TITLE = "Adopted plan and first ledger figures"


@registry.statement(PLAN_TO_LEDGER, title=_TITLE, of_year=True, after="mtfs-scenarios")
def plan_to_ledger(facts: YearData) -> Statement:
    """Return the net budget of the plan, the ledger's original budget, and what differs."""
    plan, display = plan_of(facts), facts.display(PLAN_TO_LEDGER)
    unit = display.unit_label
    budgets = _budgets_of(plan, facts.year.start)
    return with_rounding_note(
        Statement(
            name=PLAN_TO_LEDGER,
            title=_TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("plan", "Plan", unit),
                Column("original_budget", "Original budget", unit),
                Column("difference", "Difference", unit),
            ),
            rows=tuple(_build_row(each, display) for each in budgets),
            footnotes=tuple(_build_notes(plan, bool(budgets))),
            cross_casts=(CrossCast("difference", (("original_budget", 1), ("plan", -1))),),
        )
    )


def _budgets_of(plan: PlanView, year: int) -> list[ServiceBudget]:
    """Return the budgets of the year that the plan was adopted for; [] where there is none."""
    adopted = plan.version.adopted_year if plan.version else None
    if adopted != year or year not in plan.settings.years:
        return []
    section = plan.section
    return budgets_by_service(
        plan.roll,
        year,
        services=section.services,
        base=plan.base,
        base_by_service=section.ledger_base,
        ledger=section.ledger,
    )


def _build_row(budget: ServiceBudget, display: Display) -> Row:
    differs = None
    if budget.plan is not None and budget.ledger is not None:
        differs = budget.ledger - budget.plan
    cells = {
        "plan": amount_cell(budget.plan, display),
        "original_budget": Cell.of_amount(budget.ledger, display),
        "difference": amount_cell(differs, display),
    }
    kind = {0: "total"}.get(budget.level, "subtotal" if budget.is_group else "service")
    return Row(budget.code, budget.name, kind, cells, max(0, budget.level - 1))


def _build_notes(plan: PlanView, has_rows: bool) -> Iterator[Footnote]:
    if not has_rows:
        yield Footnote("", "No plan has been adopted for this year.")
        return
    yield from version_notes(plan.version)
    if not plan.section.ledger_base:
        yield Footnote(
            "",
            "The ledger of the year before is not here, so the plan’s budget is known for the "
            "whole council alone.",
        )
    if not plan.section.ledger:
        yield Footnote("", "The first ledger figures of the year have not been uploaded yet.")
