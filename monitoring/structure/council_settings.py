"""A council's settings as its pack.toml gives them, checked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    read_values,
    refuse_unknown_keys,
    register_settings_table,
)
from council_finance.statements.display import MOST_DECIMALS, NOT_GIVEN, UNIT_LABELS, Display
from council_finance.statuses import (
    Condition,
    Rule,
    SchemeError,
    parse_conditions,
)
from monitoring.structure.variance_scheme import (
    COMMENTARY_MEASURES,
    MEASURES,
    read_variance_scheme,
)

_DISPLAY_KEYS = {
    "unit": str,
    "favourable": str,
    "percent_decimals": int,
    "percent_of_nil_budget": str,
    "unit_decimals": int,
}
_ALLOWED = {"unit": tuple(UNIT_LABELS), "favourable": ("brackets", "minus")}
_MOST_DECIMALS = 6
APPROVERS = ("finance_officer", "finance_lead", "director")
"""The roles that may be given a limit up to which they approve virements."""


@dataclass(frozen=True)
class DisplaySettings:
    """How the council's statements print, and the statements that print another way."""

    council: Display
    by_statement: Mapping[str, Display]


@dataclass(frozen=True)
class ContingencySettings:
    """The lines that hold the contingency, and its notional offset in pence."""

    lines: tuple[str, ...]
    notional_offset_pence: int | None


@dataclass(frozen=True)
class CouncilSettings:
    """The settings of one year: display, commentary, contingency, statuses, approval limits.

    `approval_limits` are in pence by role: the most that a virement approved by the role moves.
    `of_apps` has the values of the settings that other apps registered, by their names.
    """

    display: Display
    displays: Mapping[str, Display]
    commentary: tuple[Condition, ...]
    contingency_lines: tuple[str, ...]
    notional_offset_pence: int | None
    variance_rules: tuple[Rule, ...]
    approval_limits: Mapping[str, int]
    of_apps: Mapping[str, Any]

    def display_for(self, statement: str) -> Display:
        """Return how a statement prints: its own keys over the council's."""
        return self.displays.get(statement, self.display)

    def with_value(self, name: str, value: Any) -> "CouncilSettings":
        """Return these settings with another value of the registered settings of that name."""
        return _build_settings({**self.values, name: value})

    @property
    def values(self) -> dict[str, Any]:
        """Return the value of each of the registered settings by its name."""
        return {
            "display": DisplaySettings(self.display, self.displays),
            "commentary": self.commentary,
            "contingency": ContingencySettings(self.contingency_lines, self.notional_offset_pence),
            "variance-statuses": self.variance_rules,
            "virements": self.approval_limits,
            **self.of_apps,
        }


def read_settings(data: Mapping[str, object]) -> CouncilSettings:
    """Return the settings from the tables of a pack.toml.

    Missing keys: unit `k`, favourable `minus`, one decimal for percentages, a dash for a
    percentage of nil. Raise `SettingsError` where a value is wrong or a key is not known.
    """
    return _build_settings(read_values(data))


def _build_settings(values: dict[str, Any]) -> CouncilSettings:
    """Return the settings from the values of all registered settings by their names."""
    display: DisplaySettings = values.pop("display")
    contingency: ContingencySettings = values.pop("contingency")
    return CouncilSettings(
        display=display.council,
        displays=display.by_statement,
        commentary=values.pop("commentary"),
        contingency_lines=contingency.lines,
        notional_offset_pence=contingency.notional_offset_pence,
        variance_rules=values.pop("variance-statuses"),
        approval_limits=values.pop("virements"),
        of_apps=values,
    )


def _read_displays(table: Mapping[str, object]) -> DisplaySettings:
    own = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    base = {name: value for name, value in table.items() if name not in own}
    return DisplaySettings(
        council=_read_display(base, "display"),
        by_statement={
            name: _read_display(_over_base(base, values), f"display.{name}")
            for name, values in own.items()
        },
    )


def _over_base(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement's keys over the council's, whose decimals are those of its own unit."""
    merged = {**base, **own}
    if "unit" in own and "unit_decimals" not in own:
        merged.pop("unit_decimals", None)
    return merged


def _read_display(values: Mapping[str, Any], where: str) -> Display:
    refuse_unknown_keys(values, _DISPLAY_KEYS, f"[{where}]")
    for key, value in values.items():
        if not isinstance(value, _DISPLAY_KEYS[key]) or isinstance(value, bool):
            raise SettingsError(f"[{where}]: {key} cannot be “{value}”.")
        if key in _ALLOWED and value not in _ALLOWED[key]:
            raise SettingsError(
                f"[{where}]: {key} must be one of {', '.join(_ALLOWED[key])}, not “{value}”."
            )
    display = Display(**values)
    if not 0 <= display.percent_decimals <= _MOST_DECIMALS:
        raise SettingsError(f"[{where}]: percent_decimals must be 0 to {_MOST_DECIMALS}.")
    if not 0 <= display.decimals <= MOST_DECIMALS[display.unit]:
        most = MOST_DECIMALS[display.unit]
        raise SettingsError(
            f"[{where}]: unit_decimals must be 0 to {most} where amounts print in "
            f"{display.unit_label}."
        )
    return display


def _read_commentary(table: Mapping[str, object]) -> tuple[Condition, ...]:
    try:
        return parse_conditions(table, COMMENTARY_MEASURES, "[commentary]")
    except SchemeError as error:
        raise SettingsError(str(error)) from error


def _read_contingency(table: Mapping[str, object]) -> ContingencySettings:
    lines, offset = table.get("lines", []), table.get("notional_offset")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise SettingsError('[contingency]: lines must be a list such as ["N110/NET"].')
    return ContingencySettings(
        tuple(lines),
        None if offset is None else read_pounds(offset, "[contingency]: notional_offset"),
    )


def _read_variance_rules(table: Mapping[str, object]) -> tuple[Rule, ...]:
    try:
        return read_variance_scheme(table)
    except SchemeError as error:
        raise SettingsError(str(error)) from error


def _read_limits(table: Mapping[str, object]) -> dict[str, int]:
    limits = table.get("approve_up_to", {})
    if not isinstance(limits, Mapping):
        raise SettingsError(
            "[virements]: approve_up_to must give a limit by role, such as { director = 100000 }."
        )
    refuse_unknown_keys(limits, APPROVERS, "[virements] approve_up_to")
    found = {}
    for role, value in limits.items():
        where = f"[virements] approve_up_to: {role}"
        found[role] = read_pounds(value, where)
        if found[role] < 0:
            raise SettingsError(f"{where} cannot be {value}: a limit is nil or more.")
    return found


for _table in (
    SettingsTable(
        name="display",
        title="How figures print",
        table="display",
        fields=(
            SettingsField(
                "unit",
                "Unit",
                "In which amounts print.",
                FieldKind.CHOICE,
                unset="£000",
                choices=(
                    ("m", "£m, with three decimals"),
                    ("k", "£000"),
                    ("pounds", "£, whole pounds"),
                ),
            ),
            SettingsField(
                "unit_decimals",
                "Decimals of amounts",
                "Where they should be others than the unit’s own; down to the penny.",
                FieldKind.WHOLE_NUMBER,
                unset="those of the unit",
                most=max(MOST_DECIMALS.values()),
            ),
            SettingsField(
                "favourable",
                "Favourable figures",
                "How an underspend is marked.",
                FieldKind.CHOICE,
                unset="with a minus",
                choices=(("brackets", "In brackets: (135)"), ("minus", "With a minus: -135")),
            ),
            SettingsField(
                "percent_decimals",
                "Decimals of percentages",
                f"From 0 to {_MOST_DECIMALS}.",
                FieldKind.WHOLE_NUMBER,
                unset="1",
                most=_MOST_DECIMALS,
            ),
            SettingsField(
                "percent_of_nil_budget",
                "Percentage of a nil budget",
                "The text that prints where there is no budget to take a percentage of, such as "
                "0.00%.",
                unset=NOT_GIVEN,
                may_be_blank=True,
            ),
        ),
        read=_read_displays,
        by_statement=True,
    ),
    SettingsTable(
        name="commentary",
        title="Commentary",
        table="commentary",
        fields=(
            SettingsField(
                "",
                "Commentary is due where",
                "All conditions must hold. They compare absolute values: an overspend and an "
                "underspend of the same size are the same.",
                FieldKind.CONDITIONS,
                unset="no conditions: commentary is not due for any service",
                measures=MEASURES,
            ),
        ),
        read=_read_commentary,
        more_keys=True,
        after="display",
    ),
    SettingsTable(
        name="contingency",
        title="Contingency",
        table="contingency",
        fields=(
            SettingsField(
                "lines",
                "Budget lines",
                "The lines that hold the contingency, one to a line: cost centre/account, such as "
                "N110/NET.",
                FieldKind.TEXTS,
                unset="no lines",
            ),
            SettingsField(
                "notional_offset",
                "Notional offset",
                "The part of the contingency set against overspends.",
                FieldKind.POUNDS,
                unset="what the lines themselves forecast as favourable",
            ),
        ),
        read=_read_contingency,
        after="commentary",
    ),
    SettingsTable(
        name="variance-statuses",
        title="Statuses of variances",
        table="status_scheme",
        fields=(
            SettingsField(
                "variance",
                "Rules",
                "In order: the first that holds gives a service or total its status. An overspend "
                "is above nil, an underspend below.",
                FieldKind.RULES,
                unset="no statuses",
                measures=MEASURES,
                levels=(
                    ("total", "the council’s total"),
                    ("subtotal", "subtotals"),
                    ("service", "services"),
                ),
            ),
        ),
        read=_read_variance_rules,
        after="contingency",
    ),
    SettingsTable(
        name="virements",
        title="Approval of virements",
        table="virements",
        fields=(
            SettingsField(
                "approve_up_to",
                "Limits",
                "The most that a virement may move which the role approves.",
                FieldKind.POUNDS_BY_NAME,
                unset="only the finance lead approves, without a limit",
                choices=(
                    ("finance_officer", "Finance officer"),
                    ("finance_lead", "Finance lead"),
                    ("director", "Director"),
                ),
                choice_label="The most that a {name} may approve",
            ),
        ),
        read=_read_limits,
        after="variance-statuses",
    ),
):
    register_settings_table(_table)
