"""The rows of a report, in pence, built from the plain data that publishing keeps. Pure.

Amounts have no suffix `_pence`; None means that there is no such figure. An older report may lack
a field that has a default.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from council_finance.periods import period_name
from monitoring.structure.trees import CLOSED_ENDING

PlainData = Mapping[str, Any]
"""A row as JSON keeps it: the same names as the fields of its dataclass."""

_FROZEN_NAMES = (
    *("key", "parent_key", "level", "kind", "label", "total_label", "section"),
    *("lines", "lines_without_forecast", "lines_carried", "explanation"),
    *("budget_without_forecast", "original_budget", "budget", "actual_to_date", "forecast"),
    *("gross_variance", "use_of_reserves", "use_of_capital_receipts", "net_variance"),
    *("previous_as_published", "previous_net_variance", "movement", "movement_as_published"),
    *("service", "commitments", "lines_without_actual", "lines_without_commitments"),
)
"""The fields of a row in the order in which publishing keeps them."""


@dataclass(frozen=True, slots=True)
class PreviousReport:
    """The report that a report is compared with."""

    period: int
    version: int

    @property
    def period_text(self) -> str:
        """Return its period within a sentence: `month 2`, `close`."""
        return period_name(self.period).lower()


@dataclass(frozen=True, slots=True)
class RestatementCause:
    """A virement, or lines moved between services, that changed a previous net variance.

    `cause` is "virement" (of `reference`), "moved in" or "moved out" (of `lines` from or to the
    `service` of that name). `effect` is what it adds to the previous figure, in pence.
    """

    cause: str
    effect: int
    reference: str = ""
    service: str = ""
    lines: int = 0

    @property
    def is_virement(self) -> bool:
        """Tell whether a virement is the cause."""
        return self.cause == "virement"

    @property
    def is_moved_in(self) -> bool:
        """Tell whether the lines came to the service, rather than left it."""
        return self.cause == "moved in"

    @property
    def lines_text(self) -> str:
        """Return how many lines moved: `1 line`, `12 lines`."""
        return "1 line" if self.lines == 1 else f"{self.lines} lines"


@dataclass(frozen=True, slots=True)
class ForecastLines:
    """Lines that are forecast for the first time, or no longer.

    `lines` are the names of the first of them; `more` is the number of the others.
    """

    lines: tuple[str, ...]
    more: int


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
    commitments: int | None = None
    lines_without_actual: int = 0
    lines_without_commitments: int = 0
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
    def restatements(self) -> list[RestatementCause]:
        """Return what restated the previous figure of the row."""
        return [RestatementCause(**each) for each in self.explanation.get("restatements", ())]

    @property
    def first_forecast(self) -> ForecastLines | None:
        """Return the lines that are forecast for the first time."""
        return self._read_forecast_change("first_forecast")

    @property
    def no_longer_forecast(self) -> ForecastLines | None:
        """Return the lines that were forecast in the previous report and are no longer."""
        return self._read_forecast_change("no_longer_forecast")

    def _read_forecast_change(self, name: str) -> ForecastLines | None:
        found = self.explanation.get(name)
        return ForecastLines(tuple(found["lines"]), found["more"]) if found else None

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


@dataclass(frozen=True, slots=True)
class LegEnd:
    """A budget line that a virement takes budget from, or gives it to.

    `name` is how readers may see it named; `key` that of the row of the tree that it belongs to.
    """

    line: int
    code: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class VirementLeg:
    """A leg of a virement in the register, in pence: budget, and the spending that moves with it.

    An end is None where it lies outside the council's budget. Without `approved_on` it is pending.
    `decision_reference` names the decision that is its authority; older reports lack it.
    """

    id: int
    reference: str
    leg: int
    period: int
    giver: LegEnd | None
    receiver: LegEnd | None
    amount: int
    forecast_amount: int
    kind: str
    approved_by: str
    approved_on: datetime.date | None
    reason: str
    reverses: str = ""
    decision_reference: str = ""

    @property
    def is_approved(self) -> bool:
        """Tell whether the leg is approved, and so has effect."""
        return self.approved_on is not None

    @property
    def ends(self) -> tuple[LegEnd, ...]:
        """Return the ends within the budget: the giver, then the receiver."""
        return tuple(end for end in (self.giver, self.receiver) if end is not None)

    def change_of(self, lines: Collection[int]) -> int:
        """Return what the leg adds to the budget of these lines (ids), in pence."""
        gains = self.receiver is not None and self.receiver.line in lines
        loses = self.giver is not None and self.giver.line in lines
        return self.amount * (gains - loses)

    @classmethod
    def from_data(cls, data: PlainData) -> "VirementLeg":
        """Read a leg from plain data."""
        given = dict(data)
        giver, receiver, approved_on = (given.pop(name) for name in ("from", "to", "approved_on"))
        return cls(
            **given,
            giver=LegEnd(**giver) if giver else None,
            receiver=LegEnd(**receiver) if receiver else None,
            approved_on=datetime.date.fromisoformat(approved_on) if approved_on else None,
        )


@dataclass(frozen=True, slots=True)
class ContingencyLine:
    """A budget line of the contingency, in pence; None is not given."""

    line: int
    code: str
    original_budget: int | None
    budget: int
    forecast: int | None
    planned_use: int

    @property
    def net_variance(self) -> int | None:
        """Return forecast less budget with planned use; None without a forecast."""
        return None if self.forecast is None else self.forecast - self.budget + self.planned_use


@dataclass(frozen=True, slots=True)
class MonthlyOffset:
    """A notional offset that was entered, in pence, and the number of the period it was for."""

    amount: int
    period: int
