"""The table of budget and forecast by subjective, from the budget lines of a report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from council_finance.statements import Cell, Column, Statement
from council_finance.statements.model import BLANK
from monitoring.models import FinancialYear
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import tree_rows, with_rounding_note
from monitoring.structure.selectors.tree import tree_of_figures
from planning.subjectives.monitoring import (
    NOT_ANALYSED,
    LineAmounts,
    SubjectiveAmounts,
    add_up_lines,
    sum_amounts,
)
from planning.subjectives.report_section import section_of
from planning.subjectives.selectors import accounts_of_lines

NAME = "budget-by-subjective"
_TITLE = "Budget and forecast by subjective"


def read_line_amounts(
    year: FinancialYear, positions: pd.DataFrame, row_of: Callable[[int], str]
) -> Iterator[LineAmounts]:
    """Yield each position with its account; `row_of` returns the row of a service by its id."""
    accounts = accounts_of_lines(year)
    for each in positions.itertuples():
        forecast = None if pd.isna(each.forecast) else int(each.forecast)
        row, account = row_of(int(each.service)), accounts[int(each.line)]
        yield LineAmounts(row, account, int(each.current_budget), forecast)


@dataclass(frozen=True)
class MonitoringTable:
    """A report's budget and forecast by service and subjective."""

    facts: ReportData

    @cached_property
    def rules(self) -> list[tuple[str, str]]:
        """The report's rules for accounts: a pattern and the code of its subjective."""
        return [(each.account, each.subjective) for each in section_of(self.facts).account_rules]

    @cached_property
    def columns(self) -> dict[str, str]:
        """The names of the subjectives by code, and of what is not analysed where there is any."""
        found = {each.code: each.name for each in section_of(self.facts).subjectives}
        used = {code for _, code in self._amounts_by_row}
        more = {NOT_ANALYSED: "Not analysed"} if NOT_ANALYSED in used else {}
        return {code: name for code, name in found.items() if code in used} | more

    @cached_property
    def _amounts_by_row(self) -> dict[tuple[str, str], SubjectiveAmounts]:
        year = self.facts.period.year
        keys = tree_of_figures(year, self.facts.nodes).home_keys
        lines = read_line_amounts(year, self.facts.positions, keys.__getitem__)
        return dict(add_up_lines(lines, self.rules))

    def amounts(self, node: ReportRow, code: str) -> SubjectiveAmounts:
        """Return the amounts of a row and all below it for one subjective."""
        keys = self.facts.keys_under(node.key)
        return sum_amounts(
            each for (row, own), each in self._amounts_by_row.items() if own == code and row in keys
        )

    def statement(self) -> Statement:
        """Return the table: a column of budget and one of forecast for each subjective."""
        facts, display = self.facts, self.facts.display(NAME)
        unit = display.unit_label
        columns = []
        for code, name in self.columns.items():
            columns.append(Column(f"{code}:budget", f"{name}, budget", unit))
            columns.append(Column(f"{code}:forecast", f"{name}, forecast", unit))
        return with_rounding_note(
            Statement(
                name="monitoring-by-subjective",
                title=_TITLE,
                header=facts.header,
                display=display,
                columns=tuple(columns),
                rows=tree_rows(facts, self._build_cells, headings=True),
            )
        )

    def _build_cells(self, node: ReportRow) -> dict[str, Cell]:
        display = self.facts.display(NAME)
        cells: dict[str, Cell] = {}
        for code in self.columns:
            amounts = self.amounts(node, code)
            cells[f"{code}:budget"] = Cell.of_amount(amounts.budget, display)
            forecast = amounts.forecast
            cells[f"{code}:forecast"] = (
                BLANK if forecast is None else Cell.of_amount(forecast, display)
            )
        return cells

    @property
    def sentence(self) -> str:
        """Return the largest change of forecast against budget by subjective, in words."""
        display = self.facts.display(NAME)
        found = {code: self.amounts(self.facts.top, code) for code in self.columns}
        variances = {
            code: each.forecast - each.budget
            for code, each in found.items()
            if each.forecast is not None and code != NOT_ANALYSED
        }
        if not self.rules and self.facts.report is None:
            return "No accounts are matched with subjectives yet, so nothing is analysed."
        if not self.rules:
            return (
                "No accounts were matched with subjectives when this report was published, so "
                "nothing of it is analysed."
            )
        if not variances:
            return "No budget line with a forecast falls under a subjective."
        code = max(variances, key=lambda each: abs(variances[each]))
        words = display.distinct_words(abs(variances[code]))[0]
        way = "above" if variances[code] > 0 else "below"
        return f"{self.columns[code]} are forecast {words} {way} budget, the largest difference."
