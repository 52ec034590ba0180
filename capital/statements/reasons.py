"""The reasons of the programme's variances: rephasing or cost, project by project."""

from collections.abc import Iterable, Iterator

from capital.report_rows import ReasonRow
from capital.report_section import section_of
from capital.rules import REASON_LABELS
from capital.statements.movement import MOVEMENT
from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note

NAME = "capital-reasons"
TITLE = "Reasons of capital variances"


@registry.statement(NAME, title=TITLE, after=MOVEMENT)
def capital_reasons(facts: ReportData) -> Statement:
    """Return a heading for each scheme with reasons, and a row for each of them."""
    section, display = section_of(facts), facts.display(NAME)
    rows: list[Row] = []
    for scheme in section.schemes:
        reasons = section.reasons_by_scheme.get(scheme.reference)
        if reasons:
            rows.append(Row(f"heading:{scheme.reference}", scheme.name, "heading"))
            rows += _reason_rows(reasons, display)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("project", "Project"),
                Column("kind", "Kind"),
                Column("amount", "This year", display.unit_label),
                Column("total_amount", "Whole scheme", display.unit_label),
                Column("reason", "Reason"),
            ),
            rows=tuple(rows),
            footnotes=() if rows else (Footnote("", "No reasons have been given."),),
            row_heading="Scheme and project",
            hidden_from_readers=("project",),
        )
    )


def _reason_rows(reasons: Iterable[ReasonRow], display: Display) -> Iterator[Row]:
    for place, reason in enumerate(reasons, start=1):
        cells = {
            "project": Cell(reason.project),
            "kind": Cell(REASON_LABELS[reason.kind]),
            "amount": Cell.of_amount(reason.amount, display),
            "total_amount": Cell.of_amount(reason.total_amount, display),
            "reason": Cell(reason.reason),
        }
        label = reason.project or REASON_LABELS[reason.kind]
        yield Row(f"{reason.scheme}:{place}", label, "line", cells, 1)
