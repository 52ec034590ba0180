"""The rows of a report, in pence, built from the plain data that publishing keeps. Pure.

Amounts have no suffix `_pence`; None means that there is no such figure. An older report may lack
a field that has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitoring.structure.trees import CLOSED_ENDING

PlainData = Mapping[str, Any]
"""A row as JSON keeps it: the same names as the fields of its dataclass."""

_FROZEN_NAMES = (
    *("key", "parent_key", "level", "kind", "label", "total_label", "section"),
    *("lines", "lines_without_forecast", "lines_carried", "explanation"),
    *("budget_without_forecast", "original_budget", "budget", "actual_to_date", "forecast"),
    *("gross_variance", "use_of_reserves", "use_of_capital_receipts", "net_variance"),
    *("previous_as_published", "previous_net_variance", "movement", "movement_as_published"),
    "service",
)
"""The fields of a row in the order in which publishing keeps them."""


def add_planned_use(figure: int | None, planned_use: int) -> int | None:
    """Return a forecast or gross variance net of planned use of reserves and receipts, in pence.

    Without a forecast it is the planned use alone, which the totals hold too: so a column adds up.
    None where there is neither.
    """
    return planned_use or None if figure is None else figure + planned_use


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of the tree of services in a report: a service, a group of services, or the council.

    `service` is the id of its service. `kind` is "service", "node" (a group of services) or
    "closed" (lines that are left on a service that has closed or has other services under it).
    `lines_carried` counts lines whose forecast is that of an earlier month. A net variance is
    forecast less budget with planned use of reserves and receipts: positive is an overspend.
    `previous_net_variance` is restated for virements and moves of lines, and `movement` is the
    change since it; both are None in the first report of a year. `explanation` holds what restated
    the previous figure, and the lines whose forecast came or went.
    """

    key: str
    parent_key: str
    level: int
    kind: str
    service: int
    label: str
    lines: int
    lines_without_forecast: int
    budget_without_forecast: int
    budget: int
    use_of_reserves: int
    use_of_capital_receipts: int
    original_budget: int | None = None
    actual_to_date: int | None = None
    forecast: int | None = None
    gross_variance: int | None = None
    net_variance: int | None = None
    previous_as_published: int | None = None
    previous_net_variance: int | None = None
    movement: int | None = None
    movement_as_published: int | None = None
    total_label: str = ""
    section: str = ""
    lines_carried: int = 0
    explanation: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Return the code of the row's service, as addresses of pages have it."""
        return self.key.removesuffix(CLOSED_ENDING)

    @property
    def is_group(self) -> bool:
        """Tell whether the row is the sum of other rows."""
        return self.kind == "node"

    @property
    def is_service(self) -> bool:
        """Tell whether the row is an open service without others under it."""
        return self.kind == "service"

    @property
    def is_closed(self) -> bool:
        """Tell whether the row holds lines left on a service that has closed."""
        return self.kind == "closed"

    @property
    def is_restated(self) -> bool:
        """Tell whether the previous net variance is not the published one."""
        previous = self.previous_net_variance
        return previous is not None and previous != (self.previous_as_published or 0)

    @property
    def has_restated_mark(self) -> bool:
        """Tell whether the previous figure is marked as restated; totals carry no mark."""
        return self.is_service and self.is_restated

    @property
    def planned_use(self) -> int:
        """Return the planned use of reserves and capital receipts; negative where they pay."""
        return self.use_of_reserves + self.use_of_capital_receipts

    @property
    def net_forecast(self) -> int | None:
        """Return the forecast net of planned use of reserves and receipts, as `add_planned_use`."""
        return add_planned_use(self.forecast, self.planned_use)

    @classmethod
    def from_data(cls, data: PlainData) -> "ReportRow":
        """Read a row from plain data."""
        return cls(**data)

    def to_data(self) -> dict[str, Any]:
        """Return the row as publishing keeps it."""
        return {name: getattr(self, name) for name in _FROZEN_NAMES}
