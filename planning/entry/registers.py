"""The registers of the plan that are entered in the browser, one for each kind of file."""

from dataclasses import dataclass

from council_finance import registry
from council_finance.registry import AnyKind
from monitoring.models import FinancialYear
from planning.plan.selectors.versions import settings_of_year
from planning.plan.settings_tables import CUMULATIVE, STEP


@dataclass(frozen=True)
class EntryRegister:
    """A register whose rows are entered one by one.

    `name` is its kind of file. A row is found by its values in the columns `keys`; `shown` are the
    columns of the list, beside the years. `statement` has the totals that a change is judged by;
    of its rows those named in `totals` are shown, or all where none is named.
    """

    name: str
    title: str
    noun: str
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    statement: str
    totals: tuple[str, ...] = ()

    @property
    def one(self) -> str:
        """Return the noun with its article, such as “an item”."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    @property
    def kind(self) -> AnyKind:
        """Return the kind of file, whose columns and checks the entry shares."""
        return registry.upload_kind(self.name, per_period=False)

    def describe_amounts(self, year: FinancialYear) -> str:
        """Return in words what the amounts of the years are; "" where a row has none."""
        if self.name != "plan":
            return _AMOUNTS if self.kind.year_column else ""
        return f"{_AMOUNTS} {_PLAN_AMOUNTS.get(settings_of_year(year).amounts, '')}"


_AMOUNTS = "In pounds, such as 12,500. An empty year is not given, which is not nil."
_PLAN_AMOUNTS = {
    CUMULATIVE: "Amounts are cumulative: what the base differs by since the opening year. Growth "
    "is positive, a saving negative.",
    STEP: "Amounts are steps: the change from the year before. Growth is positive, a saving "
    "negative.",
}
_REGISTERS = (
    EntryRegister(
        "plan",
        "Items of the plan",
        "item",
        keys=("reference",),
        shown=("title", "type", "service_code", "recurrence", "parent_reference"),
        statement="mtfs-summary",
    ),
    EntryRegister(
        "funding",
        "Funding",
        "source of funding",
        keys=("reference",),
        shown=("source", "recurrence", "last_year"),
        statement="mtfs-summary",
    ),
    EntryRegister(
        "council_tax",
        "Council tax",
        "year of council tax",
        keys=("financial_year",),
        shown=("tax_base", "band_d_general", "band_d_adult_social_care", "collection_fund"),
        statement="council-tax",
    ),
    EntryRegister(
        "plan_scenarios",
        "Scenarios",
        "row of a scenario",
        keys=("scenario", "reference"),
        shown=(),
        statement="mtfs-scenarios",
    ),
    EntryRegister(
        "capital_plan",
        "Capital plan",
        "scheme of the plan",
        keys=("reference",),
        shown=("scheme", "funding", "status"),
        statement="capital-plan",
        totals=("total",),
    ),
)
REGISTERS = {register.name: register for register in _REGISTERS}
"""The registers by the name of their kind of file, in the order of the page."""
