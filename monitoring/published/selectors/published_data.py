"""The frozen data of published reports, cached by each process.

A report never changes after it was published, and reading its frozen data is most of the work of
a page; so the last few that were read are kept.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.structure.council_settings import CouncilSettings, read_settings

_KEPT = 6
"""So many reports: of a council with 2,000 services each takes some ten megabytes."""


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
