"""Capital receipts flexibilities, project by project (Somerset, Appendix A)."""

from collections.abc import Iterable, Iterator, Sequence

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.receipts_comparison import (
    ReceiptsComparison,
    compare_with_annex_a,
    projects_by_node,
)
from reserves.report_rows import ReceiptsProject
from reserves.report_section import section_of

NAME = "capital-receipts"
TITLE = "Capital receipts flexibilities"


@registry.statement(NAME, title=TITLE, after="reserves-schedule")
def capital_receipts(facts: ReportData) -> Statement:
    """Return projects by service, with subtotals as in Annex A and notes of differences."""
    display = facts.display(NAME)
    unit = display.unit_label
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("original_planned", "Original planned", unit),
                Column("forecast", "Current forecast", unit),
                Column("previous_forecast", "Previous forecast", unit),
            ),
            rows=tuple(_ProjectRows(facts).of_node(facts.top)),
            footnotes=tuple(_build_notes(facts)),
            row_heading="Project",
        )
    )


class _ProjectRows:
    """The rows of the projects under the rows of the tree that they belong to."""

    def __init__(self, facts: ReportData) -> None:
        self.facts, self.display = facts, facts.display(NAME)
        self.own = projects_by_node(facts)

    def of_node(self, node: ReportRow) -> Iterator[Row]:
        """Yield the rows of a node and all below it; none where it has no projects."""
        under = self._projects_under(node)
        if not under:
            return
        if own := self.own.get(node.key, []):
            yield Row(f"heading:{node.key}", node.label, "heading")
        for project in own:
            cells = self._build_cells([project])
            yield Row(project.reference, project.project, "line", cells, 1)
        for child in self._children_of(node):
            yield from self.of_node(child)
        top = node.key == self.facts.top.key
        if top or node.total_label:
            label = node.total_label or f"Total {node.label}"
            kind = "total" if top else "subtotal"
            cells, parts = self._build_cells(under), tuple(self._keys_to_add(node))
            yield Row(f"total:{node.key}", label, kind, cells, sum_of=parts)

    def _children_of(self, node: ReportRow) -> Sequence[ReportRow]:
        return self.facts.children.get(node.key, [])

    def _projects_under(self, node: ReportRow) -> list[ReceiptsProject]:
        found = list(self.own.get(node.key, []))
        for child in self._children_of(node):
            found += self._projects_under(child)
        return found

    def _keys_to_add(self, node: ReportRow) -> Iterator[str]:
        """Yield the keys of the rows that add up to the node's total."""
        yield from (project.reference for project in self.own.get(node.key, []))
        for child in self._children_of(node):
            if child.total_label and self._projects_under(child):
                yield f"total:{child.key}"
            else:
                yield from self._keys_to_add(child)

    def _build_cells(self, projects: Sequence[ReceiptsProject]) -> dict[str, Cell]:
        display = self.display
        compared = self.facts.compared_with is not None
        previous = _sum_cell((project.previous_forecast for project in projects), display)
        return {
            "original_planned": _sum_cell((each.original_planned for each in projects), display),
            "forecast": _sum_cell((each.forecast for each in projects), display),
            "previous_forecast": previous if compared else BLANK,
        }


def _sum_cell(values: Iterable[int | None], display: Display) -> Cell:
    given = [value for value in values if value is not None]
    return Cell.of_amount(sum(given) if given else None, display)


def _build_notes(facts: ReportData) -> list[Footnote]:
    projects = section_of(facts).projects
    if not projects:
        return [Footnote("", "No projects have been brought in.")]
    missing = [project.project for project in projects if project.forecast is None]
    if len(missing) == len(projects):
        return [Footnote("", "No forecasts have been brought in for this period.")]
    notes = [_difference_text(each) for each in compare_with_annex_a(facts) if each.difference]
    if missing:
        notes.append(f"Without a forecast in this period: {', '.join(missing)}.")
    return [Footnote("", note) for note in notes]


def _difference_text(found: ReceiptsComparison) -> str:
    sense = "more" if found.difference > 0 else "less"
    amount = plain_pounds(abs(found.difference))
    return (
        f"{found.label}: the projects are forecast to use {amount} {sense} "
        "than the planned use of capital receipts in Annex A."
    )
