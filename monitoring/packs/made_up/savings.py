"""The savings of the made-up council, and what became of them month by month. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitoring.packs.made_up.chance import Chance, rounded
from monitoring.packs.made_up.tree import Council, Service

_TITLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "care": (
        ("Review of the most expensive packages", "efficiency"),
        ("Equipment and technology in place of visits", "efficiency"),
        ("Fees agreed with providers for two years", "efficiency"),
        ("Contributions reviewed every year", "income"),
    ),
    "placement": (
        ("Placements reviewed every month", "efficiency"),
        ("Families reunited with support", "efficiency"),
        ("Contributions from the health service", "income"),
    ),
    "transport": (
        ("Routes planned again", "efficiency"),
        ("Personal travel budgets offered to families", "efficiency"),
    ),
    "team": (
        ("Posts held vacant", "efficiency"),
        ("Teams brought together", "efficiency"),
        ("Fewer agency staff", "efficiency"),
        ("Work moved online", "service reduction"),
    ),
    "contract": (
        ("Contract renegotiated", "efficiency"),
        ("Prices compared with those of other councils", "efficiency"),
        ("Lower standard of the service", "service reduction"),
    ),
    "trading": (
        ("Fees raised above inflation", "income"),
        ("New customers", "income"),
    ),
    "venue": (
        ("Shorter opening hours", "service reduction"),
        ("Energy saved by insulation", "efficiency"),
        ("Rooms let in the evening", "income"),
    ),
}
_CARE_LETTERS = "AC"
"""The first letters of cost centres of the directorates whose buildings are homes and day centres.

Nobody would shorten their opening hours to save.
"""

_EVERY = 5
"""One service in so many has a saving."""

_ON_TRACK = (("full", 1.0), ("full", 1.0), ("full", 1.0), ("more", 1.08), ("slips", 0.9))
_AT_RISK = (("full", 1.0), ("full", 1.0), ("slips", 0.75), ("slips", 0.6), ("fails", 0.3))
"""The outcomes of savings of services within their budget, and of those that overspend."""

_REASONS = {
    "slips": (
        "The work began {months} months late; the rest follows next year.",
        "Consultation took longer than planned, so the change started {months} months late.",
        "Providers have agreed part of it. Talks with the others go on.",
    ),
    "fails": (
        "It cannot be made in this way. Other proposals come to Cabinet with the next budget.",
        "Demand rose faster than the change could take hold. It is replaced in next year’s budget.",
        "The staff were not found to carry it out, and the project is being reviewed.",
    ),
    "more": ("More than agreed, as the new prices apply from an earlier date.",),
}


@dataclass(frozen=True)
class Saving:
    """A saving of a group of services; amounts in pence, `made` the part made in the end.

    One that `is_carried` was agreed for the year before.
    """

    reference: str
    title: str
    group: str
    category: str
    decision: str
    agreed: int
    investment: int
    outcome: str
    made: float
    is_carried: bool

    @property
    def plan_reference(self) -> str:
        """Return its reference in the year's plan; one carried forward is in none of it."""
        return "" if self.is_carried else self.reference


@dataclass(frozen=True)
class SavingMonth:
    """A saving in a month, in pence."""

    saving: Saving
    forecast: int
    delivered: int
    phasing: tuple[int, int, int, int]
    commentary: str


def make_savings(council: Council, start: int, *, with_carried: bool = False) -> list[Saving]:
    """Return the year's savings: those of the services of kinds that can save.

    `with_carried` marks some as carried forward from the year before.
    """
    able = [
        each
        for each in council.services
        if each.kind in _TITLES and not (each.kind == "venue" and each.centre[0] in _CARE_LETTERS)
    ]
    return [
        _make_saving(service, start, number, is_carried=with_carried and number % 4 == 0)
        for number, service in enumerate(able[start % 3 :: _EVERY], start=1)
    ]


def _make_saving(service: Service, start: int, number: int, *, is_carried: bool) -> Saving:
    chance = Chance("saving", start, service.code)
    title, category = chance.one_of(_TITLES[service.kind])
    outcome, made = chance.one_of(_AT_RISK if service.variance > 0.01 else _ON_TRACK)
    agreed = max(3_000_000, rounded(abs(service.budget) * chance.between(0.025, 0.09), 5000))
    return Saving(
        reference=f"S{start % 100}-{number:02d}",
        title=f"{title}: {service.name}",
        group=service.group,
        category=category,
        decision=f"February {start - is_carried}" + " (carried forward)" * is_carried,
        agreed=agreed,
        investment=rounded(agreed * 0.2, 1000) if number % 7 == 0 else 0,
        outcome=outcome,
        made=made * chance.between(0.96, 1.0) if outcome in ("slips", "fails") else made,
        is_carried=is_carried,
    )


def savings_in(savings: Sequence[Saving], start: int, month: int) -> Iterator[SavingMonth]:
    """Yield the positions of a month, 13 for the close."""
    for saving in savings:
        chance = Chance("position", start, saving.reference)
        known_in = chance.whole(2, 9)
        part = min(1.0, max(0.0, (month - known_in + 3) / 3))
        made = 1 + (saving.made - 1) * part
        forecast = rounded(saving.agreed * made, 100)
        first = chance.whole(0, 5)
        done = min(1.0, max(0.0, (min(month, 12) - first) / (12 - first)))
        changed = part > 0 and saving.made != 1
        yield SavingMonth(
            saving=saving,
            forecast=forecast,
            delivered=forecast if month >= 12 else rounded(forecast * done, 100),
            phasing=_phase_quarters(forecast, first),
            commentary=_write_comment(saving, chance) if changed else "",
        )


def _phase_quarters(forecast: int, first: int) -> tuple[int, int, int, int]:
    """Return the forecast by quarter; the quarters add up to it."""
    months = [max(0, min(3, 3 * quarter - first)) for quarter in (1, 2, 3, 4)]
    one, two, three = (rounded(forecast * part / sum(months), 100) for part in months[:3])
    return one, two, three, forecast - one - two - three


def _write_comment(saving: Saving, chance: Chance) -> str:
    return chance.one_of(_REASONS[saving.outcome]).format(months=chance.whole(2, 5))
