"""From the original to the revised budget of each scheme, by kind of change.

What no approved change explains is shown as other changes. Source: "Capital programme" in
docs/rules.md.
"""

from collections.abc import Sequence

from capital.calculations import Reconciliation, add_reconciliations, reconcile
from capital.report_rows import ChangeRow
from capital.report_section import section_of
from capital.rules import CHANGE_LABELS
from capital.statements.programme import NAME as PROGRAMME
from capital.statements.table import note_if_empty, programme_rows, total_row
from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "capital-reconciliation"
TITLE = "Changes of the capital programme"


@registry.statement(NAME, title=TITLE, after=PROGRAMME)
def capital_reconciliation(facts: ReportData) -> Statement:
    """Return original budget, approved changes by kind, other changes and revised budget."""
    section, display = section_of(facts), facts.display(NAME)
    kinds = kinds_in_use(section.changes)
    ways = {
        scheme.reference: reconcile(scheme, section.changes_by_scheme.get(scheme.reference, ()))
        for scheme in section.schemes
    }
    rows: list[Row] = programme_rows(
        section.schemes, lambda scheme: reconciliation_cells(ways[scheme.reference], kinds, display)
    )
    if rows:
        total = add_reconciliations(list(ways.values()))
        cells = reconciliation_cells(total, kinds, display)
        rows.append(total_row("Total capital programme", cells, rows))
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("original_budget", "Original budget", unit),
                *(Column(kind, CHANGE_LABELS[kind], unit) for kind in kinds),
                Column("other_changes", "Other changes", unit),
                Column("budget", "Revised budget", unit),
            ),
            rows=tuple(rows),
            footnotes=tuple(note_if_empty(rows)),
            row_heading="Scheme",
            cross_casts=tuple(_cross_casts(kinds, list(ways.values()))),
        )
    )


def kinds_in_use(changes: Sequence[ChangeRow]) -> list[str]:
    """Return the kinds of the changes in their order."""
    used = {change.kind for change in changes}
    return [kind for kind in CHANGE_LABELS if kind in used]


def reconciliation_cells(
    way: Reconciliation, kinds: Sequence[str], display: Display
) -> dict[str, Cell]:
    """Return a way from one budget to another as cells."""
    amounts = {
        "original_budget": way.original,
        **{kind: way.by_kind.get(kind, 0) for kind in kinds},
        "other_changes": way.other,
        "budget": way.budget,
    }
    return {key: Cell.of_amount(pence, display) for key, pence in amounts.items()}


def _cross_casts(kinds: Sequence[str], ways: Sequence[Reconciliation]) -> list[CrossCast]:
    """Return the rule across a row; there is none where a scheme has no revised budget."""
    if any(way.budget is None for way in ways):
        return []
    parts = (("original_budget", 1), *((kind, 1) for kind in kinds), ("other_changes", 1))
    return [CrossCast("budget", parts)]
