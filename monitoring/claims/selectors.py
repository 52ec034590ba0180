"""The figures of a report's tables that a text can mean."""

from collections.abc import Container, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from council_finance.statements import Statement
from monitoring.claims.reading import Kind, may_state_figures
from monitoring.claims.statement_figures import figures_of_statement
from monitoring.claims.verdicts import Answer, TableFigure, Verdict, judge_text
from monitoring.claims.words import Measure
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.largest_lines import LargeLine, find_largest_lines
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import all_statements

LINES = 50
"""Lines under a row whose figures a text may state, the largest first."""

MOST_ROWS = 1_000
"""Up to so many rows of a report every statement is compared with a text."""


class TableFigures:
    """The figures that texts on rows of a report can mean, for one reader.

    They are those of every statement. Of a person who may see only some services (`readable`:
    the keys of their rows), they are the figures of those services. Statements are made once for
    all texts.
    """

    def __init__(self, facts: ReportData, readable: frozenset[str] | None = None) -> None:
        self.facts = facts
        self.services = frozenset(node.key for node in facts.nodes)
        self.readable = self.services if readable is None else readable
        self.sees_lines = readable is None
        self._largest: dict[str, list[LargeLine]] = {}
        self._of: dict[str, list[TableFigure]] = {}

    @cached_property
    def statements(self) -> list[Statement]:
        """Return the statements of the report; none of a very long one, as it takes seconds."""
        if len(self.facts.nodes) > MOST_ROWS:
            return []
        return list(all_statements(self.facts).values())

    @cached_property
    def _by_row(self) -> list[tuple[str, TableFigure]]:
        """Return the figures of all statements with the keys of their rows."""
        return [
            (key, figure)
            for statement in self.statements
            for key, figure in figures_of_statement(statement, self.services)
            if key in self.readable or (figure.names and self.sees_lines)
        ]

    def of(self, node: ReportRow) -> list[TableFigure]:
        """Return the figures that a text on a row can mean, its own first; put together once."""
        if node.key not in self._of:
            self._of[node.key] = self._put_together(node)
        return self._of[node.key]

    def _put_together(self, node: ReportRow) -> list[TableFigure]:
        found = _page_figures(self.facts, node, own=True)
        if not self.statements:
            for other in self.facts.nodes:
                if other.key in self.readable and other.key != node.key:
                    found += _page_figures(self.facts, other, own=False)
        for key, figure in self._by_row:
            found.append(replace(figure, own=True) if key == node.key else figure)
        if self.facts.report is None:
            self.read_lines_under([node])
            found += self._line_figures(node.key)
        return sorted(found, key=lambda figure: not figure.own)

    def read_lines_under(self, nodes: Iterable[ReportRow]) -> None:
        """Find the largest lines under these rows of a draft together, before their texts."""
        missing = [node for node in nodes if node.key not in self._largest]
        if missing and self.facts.report is None:
            self._largest |= find_largest_lines(self.facts, missing, with_exempt=False, count=LINES)

    def _line_figures(self, key: str) -> list[TableFigure]:
        """Return the figures of the largest lines under a row of a draft, but for exempt ones."""
        display = self.facts.display("annex-a")
        return [
            TableFigure(
                f"{line.name}: {title}",
                line.description,
                display.amount(pence),
                Kind.AMOUNT,
                measure,
                Fraction(pence),
            )
            for line in self._largest[key]
            if line.description
            for title, measure, pence in (
                ("Budget", Measure.BUDGET, line.budget),
                ("Forecast", Measure.FORECAST, line.forecast),
                ("Net variance", Measure.VARIANCE, line.net_variance),
            )
            if pence is not None
        ]


def _page_figures(facts: ReportData, node: ReportRow, *, own: bool) -> list[TableFigure]:
    """Return the figures of a row's page, which statements without its total do not print."""
    display = facts.display("annex-a")
    figures = (
        ("Budget", Measure.BUDGET, node.budget),
        ("Forecast", Measure.FORECAST, node.net_forecast),
        ("Net variance", Measure.VARIANCE, node.net_variance),
        ("Previous report", Measure.PREVIOUS, node.previous_net_variance),
        ("Movement", Measure.MOVEMENT, node.movement),
    )
    found = [
        TableFigure(
            f"{node.label}: {title}",
            node.label,
            display.amount(pence),
            Kind.AMOUNT,
            measure,
            Fraction(pence),
            own=own,
            column=title,
        )
        for title, measure, pence in figures
        if pence is not None
    ]
    if node.net_variance is not None and node.budget:
        percent = Fraction(100 * node.net_variance, abs(node.budget))
        printed = display.percent(node.net_variance, node.budget)
        label = f"{node.label}: Net variance in per cent of the budget"
        found.append(
            TableFigure(
                label, node.label, printed, Kind.PERCENT, Measure.VARIANCE, percent, own=own
            )
        )
    return found


def other_services(facts: ReportData, node: ReportRow) -> list[str]:
    """Return the names of the other rows, but for those that the row's own name contains."""
    own = node.label.casefold()
    labels = {each.label for each in facts.nodes if each.key != node.key}
    return [label for label in labels if label.casefold() not in own]


def readable_rows(facts: ReportData, reach: Container[int]) -> frozenset[str]:
    """Return the keys of the rows of a draft whose services are in a person's reach."""
    return frozenset(node.key for node in facts.nodes if node.service in reach)


def judge_row_text(figures: TableFigures, node: ReportRow, text: str) -> list[Verdict]:
    """Return the verdicts on the figures of a text on a row of the report.

    The tables are not read for a text without figures, such as a heading of the outline.
    """
    if not may_state_figures(text):
        return []
    return judge_text(text, figures.of(node), other_services(figures.facts, node))


def texts_to_look_at(figures: TableFigures) -> list[tuple[ReportRow, list[Verdict]]]:
    """Return the rows with figures in their commentary that differ or are not found, in order."""
    facts, found = figures.facts, []
    texts = {key: text for key, text in facts.commentary.items() if may_state_figures(text)}
    nodes = [node for node in facts.nodes if node.key in texts]
    figures.read_lines_under(nodes)
    for node in nodes:
        verdicts = judge_row_text(figures, node, texts[node.key])
        if left := [each for each in verdicts if each.answer is not Answer.AGREES]:
            found.append((node, left))
    return found
