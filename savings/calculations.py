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


def _sum(values: Iterable[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None
