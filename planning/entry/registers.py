"""The registers of the plan that are entered in the browser, one for each kind of file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from council_finance import registry
from council_finance.registry import AnyKind
from council_finance.statements import Statement
from council_finance.uploads.template_files import Value
from monitoring.models import FinancialYear
from monitoring.reports.selectors.year_data import current_year_data
from monitoring.structure.selectors.calendar import find_year
from planning.decisions.meetings import keep_meetings
from planning.entry.storing import kind_of
from planning.plan.selectors.versions import settings_of_year
from planning.plan.settings_tables import CUMULATIVE, STEP
from planning.subjectives.account_totals import account_totals
from planning.subjectives.services import keep_accounts, keep_estimates, keep_subjectives

Row = Mapping[str, Value]
"""The values of a row by column: pence, ten-thousandths, texts, dates; None where blank."""
Totals = Callable[[FinancialYear], Statement | None]


def read_statement(name: str, *rows: str) -> Totals:
    """Return a function that makes a statement of a year as it is now.

    Of its rows those named are kept, or all where none is named.
    """

    def read(year: FinancialYear) -> Statement:
        made: Statement = registry.statement_entry(name).make(
            current_year_data(find_year(year.start))
        )
        kept = tuple(row for row in made.rows if not rows or row.key in rows)
        return replace(made, rows=kept)

    return read


def _keep_all(year: FinancialYear, rows: Sequence[Row]) -> None:
    """Leave everything: storing a file of this kind has replaced the rows before."""


@dataclass(frozen=True)
class EntryRegister:
    """A register whose rows are entered one by one.

    `name` is its kind of file. A row is found by its values in the columns `keys`; `shown` are the
    columns of the list, beside the years. `read_totals` makes the table of totals that a change is
    judged by, if any is. Where a file of the kind leaves the rows that it does not name,
    `keep_only` deletes those that are not among the rows of the register.
    """

    name: str
    title: str
    noun: str
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    read_totals: Totals | None
    keep_only: Callable[[FinancialYear, Sequence[Row]], None] = _keep_all

    @property
    def one(self) -> str:
        """Return the noun with its article, such as “an item”."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    @property
    def has_totals(self) -> bool:
        """Return whether any total depends on the rows."""
        return self.read_totals is not None

    def make_totals(self, year: FinancialYear) -> Statement | None:
        """Return the table of totals of a year as it is now; None where there is none."""
        return None if self.read_totals is None else self.read_totals(year)

    @property
    def kind(self) -> AnyKind:
        """Return the kind of file, whose columns and checks the entry shares."""
        return kind_of(self.name)

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
        read_totals=read_statement("mtfs-summary"),
    ),
    EntryRegister(
        "funding",
        "Funding",
        "source of funding",
        keys=("reference",),
        shown=("source", "recurrence", "last_year"),
        read_totals=read_statement("mtfs-summary"),
    ),
    EntryRegister(
        "council_tax",
        "Council tax",
        "year of council tax",
        keys=("financial_year",),
        shown=("tax_base", "band_d_general", "band_d_adult_social_care", "collection_fund"),
        read_totals=read_statement("council-tax"),
    ),
    EntryRegister(
        "plan_scenarios",
        "Scenarios",
        "row of a scenario",
        keys=("scenario", "reference"),
        shown=(),
        read_totals=read_statement("mtfs-scenarios"),
    ),
    EntryRegister(
        "capital_plan",
        "Capital plan",
        "scheme of the plan",
        keys=("reference",),
        shown=("scheme", "funding", "status"),
        read_totals=read_statement("capital-plan", "total"),
    ),
    EntryRegister(
        "plan_gap",
        "Quoted gaps",
        "quoted gap",
        keys=("financial_year", "scope"),
        shown=("gap",),
        read_totals=read_statement("mtfs-summary", "cumulative_gap", "annual_gap"),
    ),
    EntryRegister(
        "subjectives",
        "Subjectives",
        "subjective",
        keys=("code",),
        shown=("name", "group", "kind", "subtotal_after"),
        read_totals=read_statement("budget-by-subjective", "total"),
        keep_only=keep_subjectives,
    ),
    EntryRegister(
        "accounts",
        "Accounts",
        "account",
        keys=("account",),
        shown=("name", "subjective_code"),
        read_totals=account_totals,
        keep_only=keep_accounts,
    ),
    EntryRegister(
        "estimates",
        "Estimates",
        "estimate",
        keys=("financial_year", "service_code", "subjective_code", "step"),
        shown=("amount",),
        read_totals=read_statement("budget-by-subjective", "total"),
        keep_only=keep_estimates,
    ),
    EntryRegister(
        "meetings",
        "Meetings",
        "meeting",
        keys=("meeting_on", "committee"),
        shown=("provisional", "reports_due_on", "despatch_on"),
        read_totals=None,
        keep_only=keep_meetings,
    ),
)
REGISTERS = {register.name: register for register in _REGISTERS}
"""The registers by the name of their kind of file, in the order of the page."""
