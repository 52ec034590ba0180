"""Totals of savings: agreed by status, service and decision, and those of the tracker. Pure.

Amounts are whole pence; None where not given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from savings.report_rows import SavingRow

QUARTERS = 4


class AgreedAmount(Protocol):
    """A saving of this report or another one, of which the status and agreed amount matter."""

    @property
    def agreed(self) -> int:
        """The agreed saving, in pence."""

    @property
    def status(self) -> str:
        """The saving's status, or ""."""


@dataclass(frozen=True)
class AgreedTotals:
    """The agreed total of some savings, and the agreed amount of each status.

    Savings without a status are in the total only.
    """

    total: int
    by_status: Mapping[str, int]


@dataclass(frozen=True)
class DecisionTotals:
    """The agreed totals of one decision, or of all combined: each service in order, and all."""

    decision: str
    services: Mapping[str, AgreedTotals]
    total: AgreedTotals


@dataclass(frozen=True)
class TrackerTotals:
    """Sums over savings; None where none was given.

    `variance` is agreed less forecast. Savings without a forecast are left out of it: there are
    `unforecast` of them, and `unforecast_agreed` was agreed of them.
    """

    agreed: int
    phasing: tuple[int | None, ...]
    forecast: int | None
    variance: int | None
    delivered: int | None
    unforecast: int
    unforecast_agreed: int

    @property
    def forecast_agreed(self) -> int:
        """The agreed total of the savings that have a forecast."""
        return self.agreed - self.unforecast_agreed


@dataclass(frozen=True)
class DeliveryBreakdown:
    """The savings that have a forecast, from agreed to delivered; None where none was given.

    `left_out` was agreed of those without a forecast; `delivery_unknown` counts the savings with
    a forecast for which no delivery was entered.
    """

    agreed: int
    forecast: int | None
    delivered: int | None
    delivery_unknown: int
    left_out: int


def agreed_by_status(savings: Iterable[AgreedAmount], statuses: Iterable[str]) -> AgreedTotals:
    """Return the agreed total of some savings, and that of each status."""
    total, sums = 0, dict.fromkeys(statuses, 0)
    for saving in savings:
        total += saving.agreed
        if saving.status:
            sums[saving.status] += saving.agreed
    return AgreedTotals(total, sums)


def statuses_in_use(savings: Iterable[AgreedAmount], statuses: Sequence[str]) -> tuple[str, ...]:
    """Return the scheme's statuses, then others that savings have, such as Not reported."""
    used = dict.fromkeys(saving.status for saving in savings if saving.status)
    return (*statuses, *(status for status in used if status not in statuses))


def totals_by_decision(
    savings: Sequence[SavingRow], statuses: Sequence[str], services: Sequence[str]
) -> list[DecisionTotals]:
    """Return the totals of each decision in register order; each names every service given."""
    decisions = dict.fromkeys(saving.decision for saving in savings)
    return [
        combined_totals(
            [saving for saving in savings if saving.decision == decision],
            statuses,
            services,
            decision,
        )
        for decision in decisions
    ]


def combined_totals(
    savings: Sequence[SavingRow],
    statuses: Sequence[str],
    services: Sequence[str],
    decision: str = "",
) -> DecisionTotals:
    """Return the totals of all these savings, and of each service (the key of a tree row)."""
    rows = {
        service: agreed_by_status((each for each in savings if each.home == service), statuses)
        for service in services
    }
    return DecisionTotals(decision, rows, agreed_by_status(savings, statuses))


def tracker_totals(savings: Sequence[SavingRow]) -> TrackerTotals:
    """Return the totals of the savings tracker."""
    without_forecast = [saving.agreed for saving in savings if saving.forecast is None]
    return TrackerTotals(
        agreed=sum(saving.agreed for saving in savings),
        phasing=tuple(_sum_given(each.phasing[n] for each in savings) for n in range(QUARTERS)),
        forecast=_sum_given(saving.forecast for saving in savings),
        variance=_sum_given(saving.shortfall for saving in savings),
        delivered=_sum_given(saving.delivered for saving in savings),
        unforecast=len(without_forecast),
        unforecast_agreed=sum(without_forecast),
    )


def delivery_breakdown(savings: Sequence[SavingRow]) -> DeliveryBreakdown:
    """Return what was agreed, forecast and delivered of the savings that have a forecast."""
    known = [saving for saving in savings if saving.forecast is not None]
    return DeliveryBreakdown(
        agreed=sum(saving.agreed for saving in known),
        forecast=_sum_given(saving.forecast for saving in known),
        delivered=_sum_given(saving.delivered for saving in known),
        delivery_unknown=sum(saving.delivered is None for saving in known),
        left_out=sum(saving.agreed for saving in savings if saving.forecast is None),
    )


def uncovered_shortfall(shortfall: int, variance: int | None) -> int | None:
    """Return the part of a net shortfall of savings that exceeds a forecast overspend, in pence.

    A budget is set as if its savings were made, so each pound short is a pound overspent unless
    something else is saved. `variance` is the gross variance, before planned use of reserves. What
    exceeds it where adverse is either saved elsewhere in the service or missing from its forecast;
    the figures do not say which. None without a variance.
    """
    if variance is None:
        return None
    return max(0, shortfall - max(0, variance))


def _sum_given(values: Iterable[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None
