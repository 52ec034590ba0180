"""The data of statements that belong to a year as a whole, such as those of its plan."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from council_finance import registry
from council_finance.periods import financial_year_label
from council_finance.statements import Display, Header
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.models import FinancialYear

Section = TypeVar("Section")


@dataclass(frozen=True)
class YearData:
    """A year as its statements and checks read it: live, or as frozen in a published report.

    `read_section` returns an app's data of the year by name; None where a report was published
    without it.
    """

    year: FinancialYear
    header: Header
    settings: CouncilSettings
    read_section: Callable[[str], Any]
    _typed: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def of_year(self) -> "YearData":
        """Return the data itself, as a report returns those of its year."""
        return self

    def display(self, statement: str) -> Display:
        """Return how that statement prints amounts."""
        return self.settings.display_for(statement)

    def typed_section(self, name: str, read: Callable[[Any], Section]) -> Section:
        """Return an app's data as `read` converts it, once for all statements and checks."""
        if name not in self._typed:
            self._typed[name] = read(self.read_section(name))
        section: Section = self._typed[name]
        return section


def year_header(year: FinancialYear, *, council: str, status: str, version: int) -> Header:
    """Return the header of a statement of the year: it has no period and no date."""
    label = financial_year_label(year.start)
    return Header(council, label, period=None, status=status, version=version, as_at=None)


def current_year_data(year: FinancialYear) -> YearData:
    """Return a year's data as they are today."""
    return YearData(
        year,
        year_header(year, council=year.council, status="draft", version=1),
        read_settings(year.settings),
        lambda name: registry.read_report_section(name, year=year),
    )
