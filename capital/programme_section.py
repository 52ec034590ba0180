"""The capital section of a report, with the totals of its programme."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from capital.calculations import Balance, compare_sums, sum_columns
from capital.programme_totals import ProgrammeTotals, add_lines
from capital.report_rows import CapitalSection
from council_finance.lazy_mapping import LazyMapping

NAME = "capital"


class DraftSection(LazyMapping):
    """A draft's section as plain data, each list read when needed; its totals without the lists."""

    def __init__(
        self, readers: Mapping[str, Callable[[], Any]], read_totals: Callable[[], ProgrammeTotals]
    ) -> None:
        super().__init__(readers)
        self.read_totals = read_totals


class ProgrammeSection(CapitalSection):
    """A report's capital section, and the totals of its programme.

    Those of a draft are summed in the database, without reading the schemes.
    """

    @cached_property
    def totals(self) -> ProgrammeTotals:
        """The totals of the programme by service."""
        if isinstance(self.data, DraftSection):
            return self.data.read_totals()
        return add_lines(self.schemes, self.reasons_by_scheme, self.changes_by_scheme)

    @cached_property
    def balances(self) -> list[Balance]:
        """Expenditure and funding of the original budget, the revised budget and the forecast."""
        return compare_sums(self.totals.columns, sum_columns(self.funding))
