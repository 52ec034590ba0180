"""The medium-term plan of the made-up council, its funding and council tax. Pure: whole pence.

The plan of a year is made to fit its budget: each directorate's items add up to what its budget
changes by, and the funding of the first year is the net budget. Later years have a gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitoring.packs.made_up.chance import rounded
from monitoring.packs.made_up.ledger import Line
from monitoring.packs.made_up.savings import Saving, savings_in
from monitoring.packs.made_up.tree import TOP, Council

Amounts = tuple[int | None, ...]

YEARS = 4
"""The financial years of a plan."""

KINDS = {"efficiency": "Eff", "service reduction": "SR", "income": "Inc"}
_INFLATION, _LATER_GROWTH = 0.024, 0.45
"""A year's pay and prices as a share of the base; growth of later years as one of the first."""

_DEMAND = {
    "ADULT": "More people who need care, and higher fees",
    "CHILD": "More children in care, and dearer placements",
    "EDUC": "More pupils whose transport the council pays for",
    "PLACE": "More households, and dearer treatment of waste",
    "HOUSING": "More households in temporary accommodation",
    "HEALTH": "Services paid for by the public health grant",
    "CORP": "Licences and cloud services",
    "STRAT": "Staff for the change programme",
    "CENTRAL": "Borrowing for the capital programme",
}
_TAX_SHARE, _TAX_BASE_GROWTH = 0.48, 1.008
"""The part of the first year's net budget that council tax pays; the growth of its base."""
_FIRST_BAND_D, _GENERAL, _SOCIAL_CARE = 2022, 144_076, 20_135
"""The year of the first Band D, and its parts in pence."""
_GENERAL_LIMIT, _SOCIAL_CARE_LIMIT = 299, 200
"""The most by which each part of Band D rises, in hundredths of a per cent of the whole."""


@dataclass(frozen=True)
class Item:
    """An item of the plan; `amounts` are cumulative, None where a year is not given."""

    reference: str
    title: str
    type: str
    service: str
    heading: str
    amounts: Amounts
    kind: str = ""
    recurrence: str = "recurring"
    depends_on: str = ""
    driver: str = ""
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Tax:
    """The council tax of a year: tax base in ten-thousandths, parts of Band D in pence."""

    start: int
    base: int
    general: int
    social_care: int

    @property
    def amount(self) -> int:
        """Return the yield in pence, to the pound."""
        return rounded(self.base * (self.general + self.social_care) / 10_000, 1)


@dataclass(frozen=True)
class Source:
    """A source of funding; amounts are positive."""

    reference: str
    name: str
    heading: str
    recurrence: str
    last_year: str
    amounts: Amounts


@dataclass(frozen=True)
class MadeUpPlan:
    """A plan from the year `start`; `base` is the original budget of the year before."""

    start: int
    base: int
    items: Sequence[Item]
    funding: Sequence[Source]
    taxes: Sequence[Tax]

    @property
    def labels(self) -> list[str]:
        """Return its financial years."""
        return [label_of(self.start + place) for place in range(YEARS)]


def label_of(start: int) -> str:
    """Return a financial year, such as 2023/24."""
    return f"{start}/{(start + 1) % 100:02d}"


def plan_name(start: int) -> str:
    """Return what the plan from a year is called; it is adopted by that name."""
    return f"Medium-term financial strategy {label_of(start)} to {label_of(start + YEARS - 1)}"


def make_plan(
    council: Council,
    start: int,
    *,
    before: Sequence[Line],
    now: Sequence[Line],
    savings: Sequence[Saving],
    earlier: Sequence[Saving],
) -> MadeUpPlan:
    """Return the plan of a year with these budget lines, after a year with those of `before`.

    `savings` are the year's, `earlier` those of the year before: the plan writes out the first two
    of these that failed.
    """
    base, budget = (_sum_by_directorate(council, lines) for lines in (before, now))
    own = [
        *_inflation_items(base),
        *_saving_items(council, [each for each in savings if each.plan_reference]),
        *_written_out(council, earlier, start - 1),
    ]
    items = [*own, *_demand_items(council, base, budget, own), *_later_items(council)]
    total, net = sum(base.values()), sum(budget.values())
    taxes = _make_taxes(start, net)
    return MadeUpPlan(start, total, items, list(_make_sources(start, taxes, net)), taxes)


def _find_directorates(council: Council) -> dict[str, str]:
    """Return the code of the directorate of each row under the council."""
    parents = {row.code: row.parent for row in council.rows}
    found: dict[str, str] = {}
    for code in parents:
        above = code
        while parents.get(above, TOP) != TOP:
            above = parents[above]
        found[code] = above
    return found


def _sum_by_directorate(council: Council, lines: Iterable[Line]) -> dict[str, int]:
    directorates = _find_directorates(council)
    found: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        found[directorates[council.home(line.service)]] += line.budget
    return dict(found)


def _inflation_items(base: Mapping[str, int]) -> Iterator[Item]:
    for number, (code, pence) in enumerate(base.items(), start=1):
        amounts = tuple(
            rounded(abs(pence) * _INFLATION * (place + 1), 1000) for place in range(YEARS)
        )
        title = "Pay awards and contract prices"
        yield Item(f"I{number:02d}", title, "inflation", code, "Inflation", amounts)


def _saving_items(council: Council, savings: Sequence[Saving]) -> Iterator[Item]:
    names = {row.code: row.name for row in council.rows}
    for each in savings:
        amounts = (-each.agreed,) * YEARS
        heading = names[_find_directorates(council)[each.group]]
        kind = KINDS[each.category]
        yield Item(each.reference, each.title, "saving", each.group, heading, amounts, kind)


def _written_out(council: Council, earlier: Sequence[Saving], start: int) -> Iterator[Item]:
    """Yield growth for savings of the year before that will not be made: each names its saving."""
    failed = [each for each in savings_in(earlier, start, 13) if each.saving.outcome == "fails"]
    for each in failed[:2]:
        saving, missing = each.saving, each.saving.agreed - each.forecast
        title = f"Saving that cannot be made: {saving.title}"
        reference = f"G-{saving.reference}"
        heading = "Savings of earlier plans"
        amounts = (missing,) * YEARS
        item = Item(reference, title, "growth", saving.group, heading, amounts)
        yield replace(item, driver=saving.reference)


def _demand_items(
    council: Council, base: Mapping[str, int], budget: Mapping[str, int], own: Sequence[Item]
) -> Iterator[Item]:
    """Yield growth by which the items of each directorate are the change of its budget."""
    directorates = _find_directorates(council)
    planned: defaultdict[str, int] = defaultdict(int)
    for item in own:
        planned[directorates[item.service]] += item.amounts[0] or 0
    for number, code in enumerate(budget, start=1):
        first = budget[code] - base.get(code, 0) - planned[code]
        later = rounded(abs(first) * _LATER_GROWTH, 1000)
        amounts = tuple(first + place * later for place in range(YEARS))
        yield Item(f"G{number:02d}", _DEMAND[code], "growth", code, "Demand", amounts)


def _later_items(council: Council) -> Iterator[Item]:
    """Yield what the plan has from its second year on, what it draws, and what is in no total."""
    thousand = 100_000
    later = "Later years"
    yield Item(
        *("G20", "Local elections", "growth", "CORP", later, (0, 0, 450 * thousand, None)),
        recurrence="one_off",
    )
    yield Item(
        *("S-OFFICE", "Fewer offices", "saving", "CORP", later),
        (0, *(-600 * thousand, -900 * thousand, -900 * thousand)),
        kind="Eff",
        depends_on="CAP2",
    )
    yield Item(
        *("S-TBI", "Savings to be identified", "saving", TOP, later),
        (0, *(-2_000 * thousand, -4_500 * thousand, -7_000 * thousand)),
        kind="Eff",
    )
    yield Item(
        *("R-GF", "General Fund", "reserves", TOP, later),
        (0, -1_500 * thousand, -1_000 * thousand, 0),
    )
    yield Item(
        *("U-FOSTER", "Fostering with neighbouring councils", "under_development", "CHILD"),
        *("Under development", (None,) * YEARS),
        low=500 * thousand,
        high=1_200 * thousand,
    )
    yield Item(
        *("K-FEES", "Fees of care homes rise by more", "risk", "ADULT"),
        *("Risks outside the plan", (None,) * YEARS),
        low=3_000 * thousand,
        high=6_000 * thousand,
    )


def _make_taxes(start: int, net: int) -> list[Tax]:
    """Return the tax of the year before the plan and of its years, for a first net budget."""
    parts = [(_GENERAL, _SOCIAL_CARE)]
    while len(parts) < start + YEARS - _FIRST_BAND_D:
        whole = sum(parts[-1])
        rises = (whole * limit // 10_000 for limit in (_GENERAL_LIMIT, _SOCIAL_CARE_LIMIT))
        parts.append((parts[-1][0] + next(rises), parts[-1][1] + next(rises)))
    first = net * _TAX_SHARE / sum(parts[start - _FIRST_BAND_D])
    return [
        Tax(year, round(first * _TAX_BASE_GROWTH ** (year - start)) * 10_000, *parts[place])
        for place, year in enumerate(range(_FIRST_BAND_D, start + YEARS))
        if year >= start - 1
    ]


def _make_sources(start: int, taxes: Sequence[Tax], net: int) -> Iterator[Source]:
    """Yield the funding, which is the net budget in the first year."""
    tax = tuple(each.amount for each in taxes if each.start >= start)
    yield Source("F1", "Council tax", "Local taxes", "recurrent", "", tax)
    left = net - tax[0]
    surplus, passing, grants, rates = (
        rounded(left * part, 1000) for part in (0.01, 0.05, 0.25, 0.5)
    )
    steady = left - surplus - passing - rates - grants
    growing = tuple(rounded(rates * 1.02**place, 1000) for place in range(YEARS))
    yield Source("F2", "Business rates", "Local taxes", "recurrent", "", growing)
    yield Source(
        *("F3", "Surplus of the collection fund", "Local taxes", "non-recurrent", label_of(start)),
        (surplus, *(None,) * (YEARS - 1)),
    )
    yield Source(
        *("F4", "Social care grant", "Government grants", "recurrent", ""),
        (grants,) * YEARS,
    )
    last = label_of(start + 1)
    yield Source(
        *("F5", "Market sustainability grant", "Government grants", "time-limited", last),
        (passing, passing, *(None,) * (YEARS - 2)),
    )
    yield Source(
        *("F6", "Revenue support grant", "Government grants", "recurrent", "", (steady,) * YEARS)
    )


SCHEMES = (
    ("CAP1", "Extra care housing", "Care", "ADULT", "discretionary", "approved", 4200),
    ("CAP2", "Move into fewer offices", "Buildings", "CORP", "discretionary", "draft", 2600),
    ("CAP3", "Resurfacing of roads", "Highways", "PLACE", "external", "approved", 9100),
)
"""Reference, scheme, heading, service, funding, status, and £000 a year."""


def scenarios_of(plan: MadeUpPlan) -> Iterator[tuple[str, str, Amounts]]:
    """Yield scenario, reference and amounts: of prices, of delivery and of the tax base."""
    for item in plan.items:
        if item.type == "inflation":
            amounts = _scale_amounts(item.amounts, 34, 24)
            yield "Prices rise 1% more", item.reference, amounts
        elif item.type == "saving":
            amounts = _scale_amounts(item.amounts, 4, 5)
            yield "Four fifths of savings are made", item.reference, amounts
    for source in plan.funding:
        if source.name == "Council tax":
            amounts = _scale_amounts(source.amounts, 99, 100)
            yield "The tax base is 1% smaller", source.reference, amounts


def _scale_amounts(amounts: Amounts, part: int, whole: int) -> Amounts:
    return tuple(
        None if pence is None else rounded(pence * part / whole, 1000) for pence in amounts
    )
