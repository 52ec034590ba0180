"""The settings of the medium-term plan: its name and version, its years, and how amounts read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from council_finance.periods import NotAYear, financial_year_label, parse_financial_year
from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings

_NAME = "plan"
CUMULATIVE, STEP, ABSOLUTE = "cumulative", "step", "absolute"
_TEXTS = ("name", "version", "decision", "compare")
_LONGEST = 300


@dataclass(frozen=True)
class PlanSettings:
    """The settings of a plan.

    `years` are the calendar years in which its financial years begin, in order. `amounts` says
    what the year columns of its items hold: cumulative amounts or steps; "" where nothing is set.
    `funding_amounts` says it of sources of funding: what each pays in a year, or steps from its
    first amount. `base_pence` is the original budget of the year before the first, before
    transfers.
    """

    name: str = ""
    version: str = ""
    decision: str = ""
    years: tuple[int, ...] = ()
    amounts: str = ""
    funding_amounts: str = ABSOLUTE
    base_pence: int | None = None
    compare: str = ""
    delivery_rate_percent: int | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the settings as plain data for JSON."""
        return asdict(self) | {"years": list(self.years)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "PlanSettings":
        """Return the settings of plain data."""
        return cls(**{**data, "years": tuple(data["years"])}) if data else cls()


def plan_settings(settings: CouncilSettings) -> PlanSettings:
    """Return the settings of the council's plan."""
    found: PlanSettings = settings.of_apps[_NAME]
    return found


def _read_plan(table: Mapping[str, object]) -> PlanSettings:
    texts = {key: _read_text(table, key) for key in _TEXTS}
    amounts = table.get("amounts", "")
    if amounts not in ("", CUMULATIVE, STEP):
        raise SettingsError(f"[plan]: amounts must be {CUMULATIVE} or {STEP}, not “{amounts}”.")
    funding = table.get("funding_amounts", ABSOLUTE)
    if funding not in (ABSOLUTE, STEP):
        raise SettingsError(
            f"[plan]: funding_amounts must be {ABSOLUTE} or {STEP}, not “{funding}”."
        )
    base, rate = table.get("base"), table.get("delivery_rate_percent")
    if rate is not None and (type(rate) is not int or not 0 <= rate <= 100):
        raise SettingsError("[plan]: delivery_rate_percent must be a whole number from 0 to 100.")
    return PlanSettings(
        name=texts["name"],
        version=texts["version"],
        decision=texts["decision"] or texts["name"],
        years=_read_years(table.get("years", [])),
        amounts=str(amounts),
        funding_amounts=str(funding),
        base_pence=None if base is None else read_pounds(base, "[plan]: base"),
        compare=texts["compare"],
        delivery_rate_percent=rate if isinstance(rate, int) else None,
    )


def _read_text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise SettingsError(f"[plan]: {key} must be a text of at most {_LONGEST} characters.")
    return value.strip()


def _read_years(value: object) -> tuple[int, ...]:
    """Return the years of the plan. Raise `SettingsError` where they do not follow each other."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SettingsError('[plan]: years must be a list such as ["2019/20", "2020/21"].')
    try:
        years = [parse_financial_year(each) for each in value]
    except NotAYear as error:
        raise SettingsError(f"[plan]: years: {error}") from error
    if years and years != list(range(years[0], years[0] + len(years))):
        labels = ", ".join(map(financial_year_label, years))
        raise SettingsError(f"[plan]: years must follow each other, not {labels}.")
    return tuple(years)


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Medium-term plan",
        table="plan",
        fields=(
            SettingsField("name", "Name", "What the plan is called.", unset="no plan"),
            SettingsField(
                "version",
                "Version",
                "The version that is worked on, such as the draft for cabinet.",
                unset="no version",
            ),
            SettingsField(
                "decision",
                "Decision of the savings",
                "The decision that the savings of the year’s register name.",
                unset="the name of the plan",
            ),
            SettingsField(
                "years",
                "Years",
                "The financial years of the plan, one to a line, such as 2019/20.",
                FieldKind.TEXTS,
                unset="no years",
            ),
            SettingsField(
                "amounts",
                "Amounts of the items",
                "What the columns of the years hold in the file of the plan.",
                FieldKind.CHOICE,
                unset="not set: a file of the plan is refused",
                choices=(
                    (CUMULATIVE, "Cumulative: the difference to the base of the opening year"),
                    (STEP, "Steps: the change from the year before"),
                ),
            ),
            SettingsField(
                "funding_amounts",
                "Amounts of the funding",
                "What the columns of the years hold in the file of the funding.",
                FieldKind.CHOICE,
                unset="what each source pays in the year",
                choices=(
                    (ABSOLUTE, "What each source pays in the year"),
                    (STEP, "Steps: the first year’s amount, then the change from the year before"),
                ),
            ),
            SettingsField(
                "base",
                "Base budget",
                "The original budget of the year before the first, before transfers.",
                FieldKind.POUNDS,
                unset="the ledger’s original budget of that year, where it is here",
            ),
            SettingsField(
                "compare",
                "Version compared with",
                "The version against which items are marked as new, amended or unchanged.",
                unset="the version stored before",
            ),
            SettingsField(
                "delivery_rate_percent",
                "Savings delivered, in per cent",
                "How much of the agreed savings the council expects to deliver.",
                FieldKind.WHOLE_NUMBER,
                unset="the council’s own history",
                most=100,
            ),
        ),
        read=_read_plan,
    )
)
