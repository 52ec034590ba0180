"""The plan as statements, checks and pages read it: rows with named fields, amounts in pence. Pure.

Amounts of several years are by the calendar year in which each year begins; a year that is not
given has no entry.
"""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from council_finance.periods import long_date

TRANSFER, INFLATION, GROWTH, SAVING = "transfer", "inflation", "growth", "saving"
RESERVES, UNDER_DEVELOPMENT, RISK = "reserves", "under_development", "risk"
IN_NET = (TRANSFER, INFLATION, GROWTH, SAVING)
"""The types that change the net budget, in the order of the summary."""
RECURRING, ONE_OFF, TIME_LIMITED = "recurring", "one_off", "time_limited"
RECURRENT, FUNDING_TIME_LIMITED, NON_RECURRENT = "recurrent", "time-limited", "non-recurrent"

Amounts = Mapping[int, int]


def read_amounts(data: Mapping[str, int]) -> dict[int, int]:
    """Return amounts as JSON keeps them, by year."""
    return {int(year): int(pence) for year, pence in data.items()}


@dataclass(frozen=True)
class PlanRow:
    """An item of the plan. `service` is a code, "" where none is given; `parent` a reference."""

    reference: str
    title: str
    type: str
    service: str = ""
    heading: str = ""
    kind: str = ""
    change: str = ""
    recurrence: str = RECURRING
    parent: str = ""
    depends_on: str = ""
    ends: str = ""
    driver: str = ""
    low: int | None = None
    high: int | None = None
    note: str = ""
    amounts: Amounts = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "PlanRow":
        """Return the item of plain data."""
        return cls(**{**data, "amounts": read_amounts(data["amounts"])})


@dataclass(frozen=True)
class FundingRow:
    """A source of funding; amounts are positive."""

    reference: str
    source: str
    heading: str = ""
    service: str = ""
    recurrence: str = "not stated"
    last_year: str = ""
    grant: str = ""
    amounts: Amounts = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "FundingRow":
        """Return the source of plain data."""
        return cls(**{**data, "amounts": read_amounts(data["amounts"])})


@dataclass(frozen=True)
class SchemeRow:
    """A scheme of the capital plan."""

    reference: str
    scheme: str
    heading: str = ""
    service: str = ""
    funding: str = ""
    status: str = ""
    note: str = ""
    low: int | None = None
    high: int | None = None
    amounts: Amounts = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "SchemeRow":
        """Return the scheme of plain data."""
        return cls(**{**data, "amounts": read_amounts(data["amounts"])})


@dataclass(frozen=True)
class TaxRow:
    """The council tax of a year; the base and percentages in ten-thousandths."""

    year: int
    tax_base: int
    general: int
    collection_rate: int | None = None
    adult_social_care: int | None = None
    collection_fund: int | None = None
    limit_general: int | None = None
    limit_adult_social_care: int | None = None
    gross_expenditure: int | None = None
    gross_income: int | None = None
    special_items: int | None = None

    @property
    def band_d(self) -> int:
        """Return the whole Band D: general and adult social care precept."""
        return self.general + (self.adult_social_care or 0)


@dataclass(frozen=True)
class ScenarioRow:
    """The amounts of an item or a source in a scenario."""

    scenario: str
    reference: str
    amounts: Amounts

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ScenarioRow":
        """Return the row of plain data."""
        return cls(data["scenario"], data["reference"], read_amounts(data["amounts"]))


@dataclass(frozen=True)
class GapRow:
    """A gap that the plan quotes; positive where money is short."""

    year: int
    gap: int
    scope: str


@dataclass(frozen=True)
class VersionRows:
    """A version of the plan with its items; `settings` are plain data of PlanSettings."""

    name: str
    version: str
    settings: Mapping[str, Any]
    adopted_on: str = ""
    adopted_year: int | None = None
    items: tuple[PlanRow, ...] = ()

    @property
    def adopted_text(self) -> str:
        """Return the day on which it was adopted in words; "" where it was not."""
        return long_date(datetime.date.fromisoformat(self.adopted_on)) if self.adopted_on else ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "VersionRows":
        """Return the version of plain data."""
        items = tuple(PlanRow.from_data(each) for each in data["items"])
        return cls(**{**data, "items": items})

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class ShortfallRow:
    """A saving at the close with what it lacks; `delivered` is None where nothing was reported."""

    reference: str
    title: str
    agreed: int
    delivered: int | None
    shortfall: int
    recurring: int
    written_out: int
    brought_forward: int


def read_shortfalls(data: list[dict[str, Any]] | None) -> tuple[ShortfallRow, ...]:
    """Return the shortfalls of plain data; none for a report published without."""
    return tuple(ShortfallRow(**each) for each in data or ())


@dataclass(frozen=True)
class ServiceNode:
    """A service of the tree: its code, name, the code above it, and its level from the top."""

    code: str
    name: str
    parent: str
    level: int
    total_label: str = ""


@dataclass(frozen=True)
class Delivery:
    """What a closed year delivered of its agreed savings."""

    year: int
    agreed: int
    delivered: int


@dataclass(frozen=True)
class PlanSection:
    """Everything that the statements of the plan need of a year.

    `current` is the version that is worked on or adopted, `versions` are all of them, the oldest
    first. `ledger_base` is the original budget of the year before, by service, and `ledger` that
    of this year's first figures; both are empty where there are none. `decisions` are the statuses
    of decisions by reference, `permanent_virements` what those of the year before moved, by
    service. `not_started` are items whose savings of the register are not started,
    `register` the agreed savings that came from the plan, by reference, `deliveries` what earlier
    years delivered.
    """

    current: VersionRows | None = None
    versions: tuple[VersionRows, ...] = ()
    funding: tuple[FundingRow, ...] = ()
    scenarios: tuple[ScenarioRow, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    council_tax: tuple[TaxRow, ...] = ()
    schemes: tuple[SchemeRow, ...] = ()
    services: tuple[ServiceNode, ...] = ()
    ledger_base: Mapping[str, int] = field(default_factory=dict)
    ledger: Mapping[str, int] = field(default_factory=dict)
    permanent_virements: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    not_started: tuple[str, ...] = ()
    register: Mapping[str, int] = field(default_factory=dict)
    deliveries: tuple[Delivery, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> "PlanSection":
        """Return the section of plain data; an empty one for a report published without."""
        if not data:
            return cls()
        versions = tuple(VersionRows.from_data(each) for each in data["versions"])
        current = data["current"]
        return cls(
            current=None if current is None else versions[current],
            versions=versions,
            funding=tuple(FundingRow.from_data(each) for each in data["funding"]),
            scenarios=tuple(ScenarioRow.from_data(each) for each in data["scenarios"]),
            gaps=tuple(GapRow(**each) for each in data["gaps"]),
            council_tax=tuple(TaxRow(**each) for each in data["council_tax"]),
            schemes=tuple(SchemeRow.from_data(each) for each in data["schemes"]),
            services=tuple(ServiceNode(**each) for each in data["services"]),
            ledger_base=data["ledger_base"],
            ledger=data["ledger"],
            permanent_virements=data["permanent_virements"],
            decisions=data["decisions"],
            not_started=tuple(data["not_started"]),
            register=data["register"],
            deliveries=tuple(Delivery(**each) for each in data["deliveries"]),
        )
