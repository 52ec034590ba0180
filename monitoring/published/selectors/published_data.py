"""What published reports froze, kept at hand by each process.

A report never changes after it was published, and reading what it froze is most of the work of a
page; so the last few that were read are kept.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from monitoring.published.models import Report

_KEPT = 6
"""So many reports: of a council with 2,000 services each takes some ten megabytes."""


def frozen_of(report: Report) -> Mapping[str, Any]:
    """Everything the report's statements were made of. All pages share it: nobody may change it."""
    return _read(report.pk, report.published_at)


@lru_cache(maxsize=_KEPT)
def _read(pk: int, _published_at) -> Mapping[str, Any]:
    """The moment of publication tells a report from another that had its number before."""
    return MappingProxyType(Report.objects.values_list("frozen", flat=True).get(pk=pk))
