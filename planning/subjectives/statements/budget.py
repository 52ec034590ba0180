"""The budget of each service by subjective (Leicestershire, Appendix A)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from council_finance import registry
from council_finance.periods import financial_year_label, financial_year_slug
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.subjectives.matrix import Amounts, Matrix, MatrixColumn, list_columns
from planning.subjectives.report_rows import SubjectivesSection, TreeRow
from planning.subjectives.report_section import section_of

NAME = "budget-by-subjective"
TITLE = "Budget by subjective"
PREVIOUS, NET, TOTAL = "previous_net", "net", "total"


@registry.statement(NAME, title=TITLE, of_year=True, after="council-tax-changes")
def budget_by_subjective(facts: YearData) -> Statement:
    """Return services by what money is spent on, with subtotals across and down.

    Last year's column is net. Years after this one, where there are estimates, follow in net.
    """
    table = _Table(section_of(facts), facts.display(NAME), facts.year.start)
    unit = table.display.unit_label
    year, before = (financial_year_label(facts.year.start + step) for step in (0, -1))
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=table.display,
            columns=(
                Column(PREVIOUS, f"Net budget {before}", unit),
                *(Column(each.key, each.label, unit) for each in table.columns),
                Column(NET, f"{table.net_label} {year}", unit),
                *(
                    Column(
                        financial_year_slug(start),
                        f"Net budget {financial_year_label(start)}",
                        unit,
                    )
                    for start in table.later
                ),
            ),
            rows=tuple(table.rows()),
            footnotes=tuple(_build_notes(table)),
            cross_casts=tuple(table.cross_casts()),
        )
    )


@dataclass(frozen=True)
class _Table:
    """The rows and columns of the matrix of a year."""

    section: SubjectivesSection
    display: Display
    year: int

    @cached_property
    def _listed_columns(self) -> tuple[list[MatrixColumn], str]:
        return list_columns(self.section.analysis)

    @property
    def columns(self) -> list[MatrixColumn]:
        """Return the columns of the analysis with their running totals."""
        return self._listed_columns[0]

    @property
    def net_label(self) -> str:
        """Return the label of the net budget."""
        return self._listed_columns[1]

    @cached_property
    def later(self) -> list[int]:
        """The years after this one for which there are estimates."""
        return self.section.later_years(self.year)

    @cached_property
    def matrices(self) -> dict[int, Matrix]:
        """The matrix of each year."""
        years = (self.year - 1, self.year, *self.later)
        section = self.section
        return {
            year: Matrix.of_year(section.subjectives, section.estimates, year) for year in years
        }

    def amounts(self, row: TreeRow, year: int) -> Amounts:
        """Return the amounts of a row of the tree in a year."""
        codes = [each.key for each in self.section.leaves_under(row)]
        return self.matrices[year].of_services(codes)

    def is_empty(self, row: TreeRow) -> bool:
        """Return whether no year has an estimate of the row."""
        return all(self.amounts(row, year).net is None for year in self.matrices)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the tree, each group with a heading and its total."""
        for top in self.section.children.get("", []):
            if not self.is_empty(top):
                yield from self._rows_of(top)

    def _rows_of(self, row: TreeRow) -> Iterator[Row]:
        level = max(0, row.level - 1)
        children = [each for each in self._rows_below(row) if not self.is_empty(each)]
        if not children:
            yield Row(row.key, row.name, "service", self._build_cells(row), level)
            return
        yield Row(f"heading:{row.key}", row.name, "heading", level=level)
        for child in children:
            yield from self._rows_of(child)
        is_top = not row.parent
        if row.total_label or is_top:
            key, kind = (TOTAL, "total") if is_top else (row.key, "subtotal")
            label = row.total_label or f"Total {row.name}"
            yield Row(
                key, label, kind, self._build_cells(row), level, tuple(self._keys_to_add(row))
            )

    def _rows_below(self, row: TreeRow) -> list[TreeRow]:
        return self.section.children.get(row.key, [])

    def _keys_to_add(self, row: TreeRow) -> Iterator[str]:
        for child in self._rows_below(row):
            if self.is_empty(child):
                continue
            if not self._rows_below(child) or child.total_label:
                yield child.key
            else:
                yield from self._keys_to_add(child)

    def _build_cells(self, row: TreeRow) -> dict[str, Cell]:
        now = self.amounts(row, self.year)
        found = {PREVIOUS: self.amounts(row, self.year - 1).net, NET: now.net}
        found |= {each.key: each.amount(now) for each in self.columns}
        found |= {financial_year_slug(year): self.amounts(row, year).net for year in self.later}
        return {
            key: BLANK if pence is None else Cell.of_amount(pence, self.display)
            for key, pence in found.items()
        }

    def cross_casts(self) -> Iterator[CrossCast]:
        """Yield the rules across a row; none where a service has a net budget alone."""
        keys = {each.sums[0]: each.key for each in self.columns if not each.is_total}
        for each in self.columns:
            if each.is_total:
                yield CrossCast(each.key, tuple((keys[code], 1) for code in each.sums))
        totals = [each for each in self.columns if each.is_total]
        if keys and not self._has_net_beside_analysis():
            start = totals[-1] if totals else None
            after = [code for code in keys if start is None or code not in start.sums]
            parts = [*([start.key] if start else []), *(keys[code] for code in after)]
            yield CrossCast(NET, tuple((key, 1) for key in parts))

    def _has_net_beside_analysis(self) -> bool:
        """Return whether some services of the year are analysed and others are net alone."""
        leaves = [row for row in self.section.tree if not self._rows_below(row)]
        found = [self.amounts(row, self.year) for row in leaves]
        given = {each.has_analysis for each in found if each.net is not None}
        return len(given) > 1


def _build_notes(table: _Table) -> Iterator[Footnote]:
    if not any(each.financial_year == table.year for each in table.section.estimates):
        yield Footnote("", f"There are no estimates for {financial_year_label(table.year)}.")
