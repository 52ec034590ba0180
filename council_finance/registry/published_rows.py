"""Tables in which apps keep rows of published reports, to read many reports at once.

The foundation knows no app's tables: a report and a section's data are passed on as they are.
"""

from collections.abc import Callable, Mapping
from typing import Any

from council_finance.registry.order import Register

KeepFunction = Callable[[Any, Any], None]

_keepers: Register[KeepFunction] = Register("published rows", "report_section")


def published_rows(section: str) -> Callable[[KeepFunction], KeepFunction]:
    """Register a function that stores rows of a section of a report that is being published.

    It takes the report and the section's plain data, as they are frozen, and is called in the
    transaction of publishing; for a redacted version with the redacted data.
    """

    def decorate(function: KeepFunction) -> KeepFunction:
        _keepers.add(section, function)
        return function

    return decorate


def keep_published_rows(report: Any, sections: Mapping[str, Any]) -> None:
    """Store the rows of each section of a published report whose app keeps them."""
    for name, keep in _keepers.in_order().items():
        if name in sections:
            keep(report, sections[name])
