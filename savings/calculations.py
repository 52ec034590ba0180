"""Sums of agreed savings by status, service and decision, and of the tracker. Pure.

Savings are rows of the report's part: amounts in whole pence, None where not given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

QUARTERS = 4


@dataclass(frozen=True)
class Agreed:
    """Agreed savings in all and by status, in pence; savings without a status in all only."""

    total: int
    by_status: dict[str, int]


@dataclass(frozen=True)
class Block:
    """One decision, or all combined: its services in order, and its total."""

    decision: str
    services: dict[str, Agreed]
    total: Agreed


@dataclass(frozen=True)
class TrackerTotals:
    """Sums over savings; None where none was given.

    What has no forecast is left out of the variance: `unforecast` savings of `unforecast_agreed`.
    """

    agreed: int
    phasing: tuple[int | None, ...]
    forecast: int | None
    variance: int | None
    delivered: int | None
    unforecast: int
    unforecast_agreed: int


@dataclass(frozen=True)
class MadeOf:
    """What becomes of the savings that have a forecast; None where none was given.

    `left_out` was agreed of those without one; `delivery_unknown` counts forecast savings of
    which nobody said what is delivered.
    """

    agreed: int
    forecast: int | None
    delivered: int | None
    delivery_unknown: int
    left_out: int


def agreed_by_status(savings: Iterable[dict], statuses: Sequence[str]) -> Agreed:
    """Agreed amounts, each under the saving's status."""
    total, sums = 0, dict.fromkeys(statuses, 0)
    for saving in savings:
        total += saving["agreed"]
        if saving["status"]:
            sums[saving["status"]] += saving["agreed"]
    return Agreed(total, sums)


def statuses_in_use(savings: Iterable[dict], statuses: Sequence[str]) -> tuple[str, ...]:
    """The scheme's statuses, and others that savings have, such as Not reported."""
    used = dict.fromkeys(saving["status"] for saving in savings if saving["status"])
    return (*statuses, *(status for status in used if status not in statuses))


def by_decision(
    savings: Sequence[dict], statuses: Sequence[str], services: Sequence[str]
) -> list[Block]:
    """A block a decision, in the order of the register; each has every one of the services."""
    decisions = dict.fromkeys(saving["decision"] for saving in savings)
    return [
        combined([s for s in savings if s["decision"] == decision], statuses, services, decision)
        for decision in decisions
    ]


def combined(
    savings: Sequence[dict], statuses: Sequence[str], services: Sequence[str], decision: str = ""
) -> Block:
    """All the savings by the row of the tree where they stand."""
    rows = {
        service: agreed_by_status((s for s in savings if s["home"] == service), statuses)
        for service in services
    }
    return Block(decision, rows, agreed_by_status(savings, statuses))


def tracker_totals(savings: Sequence[dict]) -> TrackerTotals:
    """What the tracker adds up to."""
    known = [saving for saving in savings if saving["forecast"] is not None]
    unknown = [saving["agreed"] for saving in savings if saving["forecast"] is None]
    return TrackerTotals(
        agreed=sum(saving["agreed"] for saving in savings),
        phasing=tuple(_sum(s["phasing"][n] for s in savings) for n in range(QUARTERS)),
        forecast=_sum(saving["forecast"] for saving in savings),
        variance=_sum(saving["agreed"] - saving["forecast"] for saving in known),
        delivered=_sum(saving["delivered"] for saving in savings),
        unforecast=len(unknown),
        unforecast_agreed=sum(unknown),
    )


def made_of(savings: Sequence[dict]) -> MadeOf:
    """From what was agreed to what is forecast, over the savings that have a forecast."""
    known = [saving for saving in savings if saving["forecast"] is not None]
    return MadeOf(
        agreed=sum(saving["agreed"] for saving in known),
        forecast=_sum(saving["forecast"] for saving in known),
        delivered=_sum(saving["delivered"] for saving in known),
        delivery_unknown=sum(saving["delivered"] is None for saving in known),
        left_out=sum(saving["agreed"] for saving in savings if saving["forecast"] is None),
    )


def uncontained(shortfall: int, variance: int | None) -> int | None:
    """How much of a net shortfall of savings a forecast variance cannot hold, in pence.

    A budget is set as if its savings were made, so that each pound short is a pound overspent
    unless something else is saved. What exceeds the overspend (the gross variance, before planned
    use of reserves, where adverse) is therefore made up elsewhere in the service, or is not in its
    forecast: which of the two, the figures do not tell. None where there is no variance.
    """
    if variance is None:
        return None
    return max(0, shortfall - max(0, variance))


def _sum(values: Iterable[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None
