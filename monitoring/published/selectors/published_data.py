"""The frozen data of published reports and the seals of their statements, cached by each process.

A report never changes after it was published, and reading its frozen data is most of the work of
a page; so the last few that were read are kept.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Q

from monitoring.published.models import Report, ReportStatement
from monitoring.published.report_rows import ReportRow
from monitoring.structure.council_settings import CouncilSettings, read_settings

_KEPT = 6
"""So many reports: of a council with 2,000 services each takes some ten megabytes."""

_SEALS_KEPT = 100
"""Of so many reports: of each some kilobytes."""

_NO_ROWS = '\n "rows": []'
"""The rows of a statement without any, in the JSON that is frozen."""


Section = TypeVar("Section")


class FrozenReport(Mapping[str, Any]):
    """Plain data that a report was published with, and its rows, which are built once."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._typed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    @cached_property
    def rows(self) -> tuple[ReportRow, ...]:
        """The rows of the tree of services in its order."""
        return tuple(ReportRow.from_data(each) for each in self._data["nodes"])

    @cached_property
    def council_settings(self) -> CouncilSettings:
        """The council's settings with which it was published."""
        return read_settings(self._data["settings"])

    def typed_section(self, name: str, read: Callable[[Any], Section]) -> Section:
        """Return an app's data as `read` converts it; of a report without it, of None.

        It is converted once and kept as long as the report.
        """
        if name not in self._typed:
            self._typed[name] = read(self._data.get("parts", {}).get(name))
        section: Section = self._typed[name]
        return section


def frozen_of(report: Report) -> FrozenReport:
    """Return everything the report's statements were made of.

    All pages of a process share it, so nobody may change it.
    """
    return _read_frozen(report.pk, report.published_at)


@lru_cache(maxsize=_KEPT)
def _read_frozen(pk: int, _published_at: datetime.datetime) -> FrozenReport:
    """Read a report; its time of publication tells it from another with the same id before."""
    return FrozenReport(Report.objects.values_list("frozen", flat=True).get(pk=pk))


class Seal(NamedTuple):
    """The SHA-256 of a published statement, and whether it has no row."""

    sha256: str
    is_empty: bool


def statements_in(report: Report) -> Mapping[str, Seal]:
    """Return the seals of the statements that a report was published with, by name.

    All pages of a process share them, so nobody may change them.
    """
    return _read_seals(report.pk, report.published_at)


@lru_cache(maxsize=_SEALS_KEPT)
def _read_seals(pk: int, _published_at: datetime.datetime) -> Mapping[str, Seal]:
    # The frozen text is searched in the database: reading every statement takes far longer.
    is_empty = ExpressionWrapper(Q(text__contains=_NO_ROWS), output_field=BooleanField())
    rows = ReportStatement.objects.filter(report=pk).values_list("name", "sha256", is_empty)
    return {name: Seal(*seal) for name, *seal in rows}
