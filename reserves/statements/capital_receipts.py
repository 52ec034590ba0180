"""Capital receipts flexibilities, project by project (Somerset, Appendix A)."""

from collections.abc import Iterable, Iterator

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.receipts import Difference, differences, projects_by_node
from reserves.selectors import part_of

NAME = "capital-receipts"
TITLE = "Capital receipts flexibilities"


@registry.statement(NAME, title=TITLE, after="reserves-schedule")
def capital_receipts(facts: ReportData) -> Statement:
    """Projects under their services, subtotals as in Annex A, the total, and what differs."""
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
            rows=tuple(_Rows(facts).of(facts.top)),
            footnotes=tuple(_notes(facts)),
            row_heading="Project",
        )
    )


class _Rows:
    """The tree's nodes that have projects under them, as rows."""

    def __init__(self, facts: ReportData):
        self.facts, self.display = facts, facts.display(NAME)
        self.own = projects_by_node(facts)

    def of(self, node: dict) -> Iterator[Row]:
        """The rows of a node and of all under it; none where it has no projects."""
        under = self._under(node)
        if not under:
            return
        if own := self.own.get(node["key"], []):
            yield Row(f"heading:{node['key']}", node["label"], "heading")
        for project in own:
            yield Row(project["reference"], project["project"], "line", self._cells([project]), 1)
        for child in self._children(node):
            yield from self.of(child)
        top = node["key"] == self.facts.top["key"]
        if top or node["total_label"]:
            label = node["total_label"] or f"Total {node['label']}"
            parts = tuple(self._parts(node))
            kind = "total" if top else "subtotal"
            yield Row(f"total:{node['key']}", label, kind, self._cells(under), sum_of=parts)

    def _children(self, node: dict) -> list[dict]:
        return self.facts.children.get(node["key"], [])

    def _under(self, node: dict) -> list[dict]:
        found = list(self.own.get(node["key"], []))
        for child in self._children(node):
            found += self._under(child)
        return found

    def _parts(self, node: dict) -> Iterator[str]:
        """What a reader adds up to the node's total."""
        yield from (project["reference"] for project in self.own.get(node["key"], []))
        for child in self._children(node):
            if child["total_label"] and self._under(child):
                yield f"total:{child['key']}"
            else:
                yield from self._parts(child)

    def _cells(self, projects: list[dict]) -> dict[str, Cell]:
        cells = {
            key: _sum((project[key] for project in projects), self.display)
            for key in ("original_planned", "forecast", "previous_forecast")
        }
        if self.facts.compared_with is None:
            cells["previous_forecast"] = BLANK
        return cells


def _sum(values: Iterable[int | None], display: Display) -> Cell:
    given = [value for value in values if value is not None]
    return Cell.of_amount(sum(given) if given else None, display)


def _notes(facts: ReportData) -> list[Footnote]:
    projects = part_of(facts)["projects"]
    if not projects:
        return [Footnote("", "No projects have been brought in.")]
    missing = [project["project"] for project in projects if project["forecast"] is None]
    if len(missing) == len(projects):
        return [Footnote("", "No forecasts have been brought in for this period.")]
    notes = [_difference(each) for each in differences(facts) if each.pence]
    if missing:
        notes.append(f"Without a forecast in this period: {', '.join(missing)}.")
    return [Footnote("", note) for note in notes]


def _difference(found: Difference) -> str:
    sense = "more" if found.pence > 0 else "less"
    return (
        f"{found.label}: the projects are forecast to use {plain_pounds(abs(found.pence))} {sense} "
        "than the planned use of capital receipts in Annex A."
    )
