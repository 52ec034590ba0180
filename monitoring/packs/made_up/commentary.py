"""Commentary of the made-up council, where its variances ask for some. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitoring.packs.made_up.chance import Chance
from monitoring.packs.made_up.ledger import LineFigures
from monitoring.packs.made_up.tree import TOP, Council

_LARGE_GROUP = 300_000
"""A group with a larger variance, in pounds, has a text of its own."""

_WORTH_NAMING = 2_000_000
"""The least variance of a service, in pence, that the text of a group names."""

THRESHOLD, PERCENT = 200_000, 2
"""Commentary is due where the variance is above both: pounds, and per cent of the budget."""

_UNITS = {
    "care": 46_000,
    "placement": 165_000,
    "lodging": 9_500,
    "transport": 11_500,
    "team": 52_000,
}
"""The cost of one person, child, household, pupil or post in a year, in pounds."""

_OVER: dict[str, tuple[str, ...]] = {
    "care": (
        "About {count} more people are supported than the budget allows for, mostly after a stay "
        "in hospital, and new packages cost more than those that end. The most expensive packages "
        "are being reviewed, and every new one goes to a panel.",
        "The number of people is as budgeted, but more of them need two carers at once, or care at "
        "night. Each such package is looked at again after six weeks, and {count} have been "
        "made smaller so far.",
        "Stays meant to be short have become long for about {count} people, who wait for a place "
        "or for their homes to be adapted. Two more officers arrange moves since the summer.",
        "People who paid for their own care have run out of savings faster than expected: about "
        "{count} more of them are now paid for by the council.",
        "Prices of new packages have risen by {percent}% since the budget was set. Together with "
        "about {count} more people this explains the overspend. Prices for two years are being "
        "agreed with the largest providers.",
    ),
    "placement": (
        "There are about {count} more placements than budgeted, and few of our own carers have "
        "room. Each placement is reviewed every month, and {carers} new foster carers are being "
        "assessed.",
        "{count} young people with high needs came into care at short notice, when only providers "
        "far away had room. Moves nearer home are planned.",
        "The number of placements is close to the budget, but {count} of them need far more "
        "support than was expected. The health service is being asked for its part of the cost.",
    ),
    "lodging": (
        "About {count} more households than budgeted are in temporary accommodation, and few homes "
        "can be let at rents that benefits cover. {carers} flats are being leased in place of "
        "rooms paid for by the night.",
    ),
    "transport": (
        "Two operators have given contracts back, and new ones cost {percent}% more. Routes of "
        "{carers} schools are put together from the spring term.",
        "About {count} more pupils than budgeted have transport, and single journeys by taxi have "
        "become more frequent. Routes are planned anew for the next term, and families are "
        "offered personal travel budgets.",
    ),
    "team": (
        "Caseloads are above the agreed level, so {count} agency staff were kept for longer than "
        "planned. They leave as those who were recruited begin.",
        "Agency staff cover about {count} posts that could not be filled. Recruitment has begun "
        "again, with a first group of newly qualified staff to start in the autumn.",
    ),
    "contract": (
        "Prices under the contract rose by {percent}%, above the allowance in the budget, and "
        "volumes are higher. The service is looking for savings in the rest of its budget.",
        "Demand is higher than in any of the last three years. The contract is being reviewed "
        "with the provider.",
    ),
    "trading": (
        "Income is below the budget because there are fewer customers than before. Fees were "
        "reviewed in the summer, and costs are being held down to make up for part of it.",
    ),
    "other": (
        "Costs are higher than budgeted because prices rose by {percent}%. The budget for next "
        "year takes this into account.",
    ),
}
_UNDER: dict[str, tuple[str, ...]] = {
    "team": (
        "About {count} posts are vacant while the team is being reorganised. Some are to be filled "
        "before the end of the year.",
    ),
    "care": (
        "Fewer people than budgeted need this support. Part of the budget is to be moved to where "
        "demand is higher.",
    ),
    "reserve": (
        "What is not needed of this provision is held against overspends of other services.",
    ),
    "financing": (
        "Less was borrowed than planned because capital projects run late, so interest is lower.",
    ),
    "other": ("Spending is lower than budgeted, and is expected to stay so for the year.",),
}
_FOLLOWING = (
    "The director reports to the finance board each month.",
    "No further change is expected before the end of the quarter.",
    "The forecast takes into account what has been agreed so far.",
)


@dataclass(frozen=True)
class Variance:
    """The budget and the net variance of a service in a month, in pence."""

    code: str
    name: str
    kind: str
    budget: int
    net_variance: int

    @property
    def needs_commentary(self) -> bool:
        """Return whether it is above both limits of the council's settings."""
        size = abs(self.net_variance)
        share = 100 * size / abs(self.budget) if self.budget else 0
        return size > THRESHOLD * 100 and share > PERCENT


def variances(council: Council, figures: Sequence[LineFigures]) -> list[Variance]:
    """Return the variance of each service as the council's tree is."""
    names = {row.code: row.name for row in council.rows}
    kinds: dict[str, str] = {}
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in figures:
        code = council.home(each.line.service)
        kinds.setdefault(code, each.line.service.kind)
        sums[code][0] += each.budget
        sums[code][1] += each.net_variance
    return [Variance(code, names[code], kinds[code], *both) for code, both in sums.items()]


def texts_for(
    council: Council, figures: Sequence[LineFigures], start: int, month: int
) -> Iterator[tuple[str, str]]:
    """Yield code and text of each service that needs commentary, and of large groups above."""
    found = variances(council, figures)
    yield from _texts_of_groups(council, found)
    for variance in found:
        if variance.needs_commentary:
            yield variance.code, _write_text(variance, start, month)


def _texts_of_groups(council: Council, found: Sequence[Variance]) -> Iterator[tuple[str, str]]:
    """Yield a text for each directorate, and for each group with a large variance."""
    parents = {row.code: row.parent for row in council.rows}
    under: defaultdict[str, list[Variance]] = defaultdict(list)
    for variance in found:
        code = parents[variance.code]
        while code != TOP:
            under[code].append(variance)
            code = parents[code]
    for code, services in under.items():
        size = abs(sum(each.net_variance for each in services))
        if parents[code] == TOP or size > _LARGE_GROUP * 100:
            yield code, _write_about_group(services)


def _write_about_group(services: Sequence[Variance]) -> str:
    ranked = sorted(services, key=lambda each: (-each.net_variance, each.code))
    over = [each for each in ranked[:2] if each.net_variance >= _WORTH_NAMING]
    under = [each for each in reversed(ranked[-2:]) if each.net_variance <= -_WORTH_NAMING]
    sentences = [
        f"The largest {sense}{'s are' if len(named) > 1 else ' is'} in {_name_services(named)}."
        for sense, named in (("overspend", over), ("underspend", under))
        if named
    ]
    return " ".join(sentences) or "All services are close to their budgets."


def _name_services(named: Sequence[Variance]) -> str:
    return " and ".join(
        f"{each.name} (£{abs(each.net_variance) / 100_000:,.0f}k)" for each in named
    )


def _write_text(variance: Variance, start: int, month: int) -> str:
    texts = _OVER if variance.net_variance > 0 else _UNDER
    chance = Chance("text", start, variance.code, month // 4)
    text = chance.one_of(texts.get(variance.kind, texts["other"]))
    unit = 100 * _UNITS.get(variance.kind, 50_000)
    filled = text.format(
        count=max(2, round(abs(variance.net_variance) / unit)),
        percent=chance.whole(4, 9),
        carers=chance.whole(3, 12),
    )
    return f"{filled} {Chance('then', variance.code, month).one_of(_FOLLOWING)}"
