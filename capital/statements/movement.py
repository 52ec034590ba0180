"""From the previous report's budget of each scheme to this one's, by kind of change.

Source: Brighton & Hove, whose capital report reconciles its budget from report to report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from capital.calculations import (
    Reconciliation,
    add_given,
    add_reconciliations,
    difference,
    reconcile,
)
from capital.report_rows import CapitalSection, ChangeRow, SchemeRow
from capital.report_section import section_of
from capital.rules import CHANGE_LABELS
from capital.statements.reconciliation import (
    NAME,
    kinds_in_use,
    reconciliation_cells,
)
from capital.statements.table import note_if_empty, programme_rows, total_row
from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

MOVEMENT = "capital-movement"
TITLE = "Capital budget since the previous report"


@registry.statement(MOVEMENT, title=TITLE, after=NAME)
def capital_movement(facts: ReportData) -> Statement:
    """Return the previous budget, changes since then by kind, the budget, forecast and variance.

    Without a previous report it begins with the original budget.
    """
    section, display = section_of(facts), facts.display(MOVEMENT)
    before = _previous_period(facts)
    since = _changes_since(section, before)
    kinds = kinds_in_use([change for changes in since.values() for change in changes])
    steps = {
        scheme.reference: _step_of(
            scheme, since.get(scheme.reference, []), has_previous=before is not None
        )
        for scheme in section.schemes
    }
    rows: list[Row] = programme_rows(
        section.schemes, lambda scheme: _build_cells(steps[scheme.reference], kinds, display)
    )
    if rows:
        total = _add_steps(list(steps.values()))
        rows.append(total_row("Total capital programme", _build_cells(total, kinds, display), rows))
    return with_rounding_note(
        Statement(
            name=MOVEMENT,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=_list_columns(kinds, display.unit_label),
            rows=tuple(rows),
            footnotes=(*note_if_empty(rows), *_first_note(rows, has_previous=before is not None)),
            row_heading="Scheme",
            cross_casts=tuple(_cross_casts(kinds, list(steps.values()))),
        )
    )


def _changes_since(section: CapitalSection, before: int | None) -> dict[str, list[ChangeRow]]:
    """Return the changes after the previous report's period by their scheme."""
    return {
        reference: [change for change in changes if before is None or change.period > before]
        for reference, changes in section.changes_by_scheme.items()
    }


def _list_columns(kinds: Sequence[str], unit: str) -> tuple[Column, ...]:
    return (
        Column("previous_budget", "Previous report’s budget", unit),
        *(Column(kind, CHANGE_LABELS[kind], unit) for kind in kinds),
        Column("other_changes", "Other changes", unit),
        Column("budget", "Revised budget", unit),
        Column("forecast", "Forecast", unit),
        Column("variance", "Variance", unit),
    )


@dataclass(frozen=True)
class _Step:
    """The way of a scheme from the previous report, with its forecast and variance now."""

    way: Reconciliation
    forecast: int | None
    variance: int | None


def _previous_period(facts: ReportData) -> int | None:
    """Return the period of the previous report; None where it had no budgets of schemes."""
    report = facts.compared_with
    if report is None:
        return None
    schemes = section_of(facts).schemes
    had = any(each.previous and each.previous.budget is not None for each in schemes)
    return report.period if had else None


def _step_of(scheme: SchemeRow, changes: Sequence[ChangeRow], *, has_previous: bool) -> _Step:
    if has_previous:
        scheme = replace(scheme, original=scheme.previous.budget if scheme.previous else None)
    return _Step(
        reconcile(scheme, changes), scheme.forecast, difference(scheme.forecast, scheme.budget)
    )


def _add_steps(steps: Sequence[_Step]) -> _Step:
    return _Step(
        add_reconciliations([step.way for step in steps]),
        add_given(step.forecast for step in steps),
        add_given(step.variance for step in steps),
    )


def _build_cells(step: _Step, kinds: Sequence[str], display: Display) -> dict[str, Cell]:
    cells = reconciliation_cells(step.way, kinds, display)
    return {
        "previous_budget": cells.pop("original_budget"),
        **cells,
        "forecast": Cell.of_amount(step.forecast, display),
        "variance": Cell.of_amount(step.variance, display),
    }


def _cross_casts(kinds: Sequence[str], steps: Sequence[_Step]) -> list[CrossCast]:
    if any(step.way.budget is None for step in steps):
        return []
    parts = (("previous_budget", 1), *((kind, 1) for kind in kinds), ("other_changes", 1))
    return [CrossCast("budget", parts)]


def _first_note(rows: Sequence[Row], *, has_previous: bool) -> list[Footnote]:
    if has_previous or not rows:
        return []
    return [
        Footnote(
            "",
            "No previous report has budgets of schemes; the table begins with the original budget.",
        )
    ]
