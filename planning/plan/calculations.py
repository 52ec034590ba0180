"""The roll of a plan: steps added to a base that holds what came before. Pure; amounts in pence.

Steps and cumulative amounts are never confused: a base takes the step of each item in each year,
so that nothing is counted twice. What is one-off comes back out in the year after its last.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from planning.plan.report_rows import (
    FUNDING_TIME_LIMITED,
    IN_NET,
    NON_RECURRENT,
    ONE_OFF,
    RECURRING,
    RESERVES,
    SAVING,
    TRANSFER,
    FundingRow,
    PlanRow,
)

STEP = "step"

ByYear = tuple[int | None, ...]
"""An amount for each year of the plan, in order; None where there is none."""


@dataclass(frozen=True)
class Roll:
    """The items of a plan with the amounts of each year.

    `cumulative` is what the base differs by since the opening year, `steps` the change from the
    year before, both by reference. Of reserves both are what is used in the year.
    """

    years: tuple[int, ...]
    items: tuple[PlanRow, ...]
    cumulative: Mapping[str, ByYear]
    steps: Mapping[str, ByYear]

    def children(self, reference: str) -> list[PlanRow]:
        """Return the parts of an item."""
        return [item for item in self.items if item.parent == reference]

    def tops(self, *types: str) -> list[PlanRow]:
        """Return the items of these types that are no parts of another, in order."""
        return [item for item in self.items if item.type in types and not item.parent]

    def leaves(self, *types: str) -> list[PlanRow]:
        """Return the items of these types that have no parts: the parts instead of their item."""
        parents = {item.parent for item in self.items}
        return [i for i in self.items if i.type in types and i.reference not in parents]

    def sum_of(self, items: Sequence[PlanRow], place: int, *, steps: bool = False) -> int | None:
        """Return the sum of items in a year; None where none of them gives an amount."""
        amounts = self.steps if steps else self.cumulative
        given = [amounts[item.reference][place] for item in items]
        found = [pence for pence in given if pence is not None]
        return sum(found) if found else None


def roll_forward(items: Sequence[PlanRow], years: Sequence[int], amounts: str) -> Roll:
    """Return the items with their amounts of each year; `amounts` says what was entered."""
    ended = {item.ends for item in items if item.ends}
    cumulative = {
        item.reference: _accumulate_amounts(item, years, amounts, keeps=item.reference in ended)
        for item in items
    }
    steps = {
        item.reference: cumulative[item.reference]
        if item.type == RESERVES
        else steps_of(cumulative[item.reference])
        for item in items
    }
    return Roll(tuple(years), tuple(items), cumulative, steps)


def _accumulate_amounts(
    item: PlanRow, years: Sequence[int], amounts: str, *, keeps: bool
) -> ByYear:
    """Return the cumulative amount of each year; an item that `keeps` is ended by another."""
    if item.type == RESERVES:
        return tuple(item.amounts.get(year) for year in years)
    stays = keeps or item.recurrence == RECURRING
    if amounts == STEP:
        return _accumulate_steps(item, years, stays=stays)
    found: list[int | None] = []
    last: int | None = None
    for year in years:
        given = item.amounts.get(year)
        if given is None and last is not None and not stays:
            given = 0
        last = last if given is None else given
        found.append(last)
    return tuple(found)


def _accumulate_steps(item: PlanRow, years: Sequence[int], *, stays: bool) -> ByYear:
    """Return the cumulative amounts of entered steps; nil after the last unless it `stays`."""
    given = [
        year
        for year in years
        if item.amounts.get(year) is not None and (item.recurrence != ONE_OFF or item.amounts[year])
    ]
    end = max(given, default=None)
    found: list[int | None] = []
    total: int | None = None
    for year in years:
        if not stays and end is not None and year > end:
            total = 0
        elif (step := item.amounts.get(year)) is not None:
            total = (total or 0) + step
        found.append(total)
    return tuple(found)


def steps_of(cumulative: ByYear) -> ByYear:
    """Return the step of each year: the first is the amount, then the change from the year before.

    None where there is no amount yet.
    """
    before = (0, *(pence or 0 for pence in cumulative[:-1]))
    return tuple(
        None if now is None else now - last for now, last in zip(cumulative, before, strict=True)
    )


@dataclass(frozen=True)
class YearSummary:
    """A column of the summary: the base, what changes it, and the gap.

    Funding and reserves used are negative. Without funding there is no gap.
    """

    base: int | None
    changes: Mapping[str, int | None]
    subtotal: int | None
    net: int | None
    funding: int | None = None
    reserves: int | None = None
    gap_before_reserves: int | None = None
    cumulative_gap: int | None = None
    annual_gap: int | None = None


def summarise(
    roll: Roll, base: int | None, funding: Sequence[int | None] = ()
) -> list[YearSummary]:
    """Return the summary of each year. The net budget of a year opens the next.

    `funding` is the positive sum of sources by year, empty where the plan has no gap of its own.
    Reserves close the gap of their year only, so the next year's annual gap contains them again.
    """
    found: list[YearSummary] = []
    opening, gap_before = base, 0
    for place in range(len(roll.years)):
        changes = {kind: roll.sum_of(roll.tops(kind), place, steps=True) for kind in IN_NET}
        subtotal = None if opening is None else opening + (changes[TRANSFER] or 0)
        rest = sum(changes[kind] or 0 for kind in IN_NET if kind != TRANSFER)
        net = None if subtotal is None else subtotal + rest
        reserves = roll.sum_of(roll.tops(RESERVES), place)
        gaps = _gaps_of(net, funding[place] if funding else None, reserves, gap_before)
        summary = YearSummary(opening, changes, subtotal, net, reserves=reserves, **gaps)
        found.append(summary)
        opening, gap_before = net, summary.cumulative_gap or 0
    return found


def _gaps_of(
    net: int | None, funding: int | None, reserves: int | None, gap_before: int
) -> dict[str, int | None]:
    if net is None or funding is None:
        return {}
    cumulative = net - funding + (reserves or 0)
    return {
        "funding": -funding,
        "gap_before_reserves": net - funding,
        "cumulative_gap": cumulative,
        "annual_gap": cumulative - gap_before,
    }


def absolute_funding(
    sources: Sequence[FundingRow], years: Sequence[int], amounts: str
) -> tuple[FundingRow, ...]:
    """Return the sources with what each pays in a year; `amounts` says what was entered.

    Of steps a source's first amount is what it pays, and each later one changes it. A year without
    a step leaves what a source pays as it was, unless the source does not last.
    """
    if amounts != STEP:
        return tuple(sources)
    return tuple(replace(source, amounts=_add_steps(source, years)) for source in sources)


def _add_steps(source: FundingRow, years: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    total: int | None = None
    lasts = source.recurrence not in (FUNDING_TIME_LIMITED, NON_RECURRENT)
    for year in sorted({*years, *source.amounts}):
        step = source.amounts.get(year)
        if step is not None:
            total = (total or 0) + step
        if total is not None and (step is not None or lasts):
            found[year] = total
    return found


def funding_by_year(sources: Sequence[FundingRow], years: Sequence[int]) -> list[int | None]:
    """Return the sum of the sources in each year; None for a year that no source gives."""
    found: list[int | None] = []
    for year in years:
        given = [source.amounts[year] for source in sources if year in source.amounts]
        found.append(sum(given) if given else None)
    return found


def funding_of_net_budget(sources: Sequence[FundingRow], years: Sequence[int]) -> list[int | None]:
    """Return the funding against which the net budget is held, by year; [] where there is none.

    It must be given for every year of the plan: a department's plan lists grants of some years and
    has no gap of its own. Headings with the same total over the years are the same money spread in
    another way (Kent's New Monies, as allocated and smoothed), of which the first counts.
    """
    counted: dict[str, list[FundingRow]] = {}
    for source in sources:
        counted.setdefault(source.heading, []).append(source)
    totals: dict[int, str] = {}
    for heading, listed in counted.items():
        total = sum(pence or 0 for pence in funding_by_year(listed, years))
        totals.setdefault(total, heading)
    kept = [source for heading in totals.values() for source in counted[heading]]
    found = funding_by_year(kept, years)
    return found if years and None not in found else []


def register_of(roll: Roll, year: int) -> list[tuple[PlanRow, int]]:
    """Return the savings that a year's register takes, with the agreed amount, positive.

    Each item without parts that has a step below nil in the year; a positive step is growth.
    """
    place = roll.years.index(year)
    steps = [(item, roll.steps[item.reference][place] or 0) for item in roll.leaves(SAVING)]
    return [(item, -step) for item, step in steps if step < 0]


def net_changes_by_service(roll: Roll, place: int) -> dict[str, int]:
    """Return the sum of the steps of a year by the code of the items' service; "" for none."""
    found: dict[str, int] = {}
    for item in roll.leaves(*IN_NET):
        step = roll.steps[item.reference][place] or 0
        found[item.service] = found.get(item.service, 0) + step
    return found


def parts_that_differ(roll: Roll) -> list[tuple[PlanRow, int, int, int]]:
    """Return parents whose parts do not add up: item, year, its amount and the sum of its parts."""
    found = []
    for item in roll.items:
        parts = roll.children(item.reference)
        for year in roll.years if parts else ():
            given = [part.amounts.get(year) for part in parts]
            own, total = item.amounts.get(year) or 0, sum(each or 0 for each in given)
            if own != total:
                found.append((item, year, own, total))
    return found


def circles(links: Mapping[str, Collection[str]]) -> list[str]:
    """Return the names that lead back to themselves, in order."""
    return [name for name in links if name in _names_reached(links, name)]


def _names_reached(links: Mapping[str, Collection[str]], name: str) -> set[str]:
    found: set[str] = set()
    rest = list(links.get(name, ()))
    while rest:
        here = rest.pop()
        if here not in found:
            found.add(here)
            rest.extend(links.get(here, ()))
    return found
