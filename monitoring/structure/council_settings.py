"""A council's settings as its pack.toml gives them, checked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.money import NotAnAmount, parse_amount
from council_finance.statements.display import UNIT_LABELS, Display
from council_finance.statuses import (
    COMMENTARY_MEASURES,
    Condition,
    Rule,
    SchemeError,
    parse_conditions,
    read_savings_scheme,
    read_variance_scheme,
)

_DISPLAY_KEYS = {
    "unit": str,
    "favourable": str,
    "percent_decimals": int,
    "percent_of_nil_budget": str,
}
_ALLOWED = {"unit": tuple(UNIT_LABELS), "favourable": ("brackets", "minus")}
_MOST_DECIMALS = 6
_SCHEMES = ("savings_declared", "savings", "variance")
SETTINGS_TABLES = (
    "display",
    "commentary",
    "contingency",
    "status_scheme",
    "virements",
    "reserves",
)
"""The tables of a pack.toml that are a year's settings."""
_APPROVERS = ("finance_officer", "finance_lead", "director")
"""The roles that may be given a limit up to which they approve virements."""


class SettingsError(ValueError):
    """Settings that cannot be used; the message says which key and what it may be."""


@dataclass(frozen=True)
class CouncilSettings:
    """Display by statement, thresholds, contingency, status rules, approvals of one year.

    A saving's status is one of `savings_declared` as officers give it, the worst first, or follows
    from `savings_rules`. `approval_limits` are in pence by role: what a virement that the role
    approves moves at most. `minimum_general_fund_pence` is the level that the council holds its
    General Fund above (None: it has set none).
    """

    display: Display
    displays: Mapping[str, Display]
    commentary: tuple[Condition, ...]
    contingency_lines: tuple[str, ...]
    notional_offset_pence: int | None
    variance_rules: tuple[Rule, ...]
    savings_rules: tuple[Rule, ...]
    savings_declared: tuple[str, ...]
    approval_limits: Mapping[str, int]
    minimum_general_fund_pence: int | None

    def display_for(self, statement: str) -> Display:
        """How a statement prints: its own table's keys over the council's."""
        return self.displays.get(statement, self.display)


def read_settings(data: Mapping) -> CouncilSettings:
    """Settings from the tables of SETTINGS_TABLES.

    Missing keys: unit `k`, favourable `minus`, one decimal for percentages, a dash for a
    percentage of nil. Raises SettingsError.
    """
    _only_known(_table(data, "contingency"), ("lines", "notional_offset"), "[contingency]")
    _only_known(_table(data, "status_scheme"), _SCHEMES, "[status_scheme]")
    _only_known(_table(data, "virements"), ("approve_up_to",), "[virements]")
    tables = dict(_table(data, "display"))
    own = {name: value for name, value in tables.items() if isinstance(value, Mapping)}
    base = {name: value for name, value in tables.items() if name not in own}
    scheme = _table(data, "status_scheme")
    contingency = _table(data, "contingency")
    try:
        commentary = parse_conditions(
            _table(data, "commentary"), COMMENTARY_MEASURES, "[commentary]"
        )
        rules = read_variance_scheme(scheme)
        savings_declared, savings_rules = read_savings_scheme(scheme)
    except SchemeError as error:
        raise SettingsError(str(error)) from error
    return CouncilSettings(
        display=_display(base, "display"),
        displays={
            name: _display({**base, **table}, f"display.{name}") for name, table in own.items()
        },
        commentary=commentary,
        contingency_lines=_lines(contingency),
        notional_offset_pence=_offset(contingency),
        variance_rules=rules,
        savings_rules=savings_rules,
        savings_declared=savings_declared,
        approval_limits=_limits(_table(data, "virements")),
        minimum_general_fund_pence=_minimum(_table(data, "reserves")),
    )


def _only_known(table: Mapping, known: tuple[str, ...], where: str) -> None:
    """A key with a typing error would else be passed over without a word."""
    for key in table:
        if key not in known:
            raise SettingsError(
                f"{where}: there is no key “{key}”. The keys are: {', '.join(known)}."
            )


def _table(data: Mapping, name: str) -> Mapping:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        raise SettingsError(f"[{name}] must be a table of keys.")
    return table


def _display(values: Mapping, where: str) -> Display:
    for key, value in values.items():
        if key not in _DISPLAY_KEYS:
            known = ", ".join(_DISPLAY_KEYS)
            raise SettingsError(f"[{where}]: there is no key “{key}”. The keys are: {known}.")
        if not isinstance(value, _DISPLAY_KEYS[key]) or isinstance(value, bool):
            raise SettingsError(f"[{where}]: {key} cannot be “{value}”.")
        if key in _ALLOWED and value not in _ALLOWED[key]:
            raise SettingsError(
                f"[{where}]: {key} must be one of {', '.join(_ALLOWED[key])}, not “{value}”."
            )
    display = Display(**values)
    if not 0 <= display.percent_decimals <= _MOST_DECIMALS:
        raise SettingsError(f"[{where}]: percent_decimals must be 0 to {_MOST_DECIMALS}.")
    return display


def _lines(contingency: Mapping) -> tuple[str, ...]:
    lines = contingency.get("lines", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise SettingsError('[contingency]: lines must be a list such as ["N110/NET"].')
    return tuple(lines)


def _offset(contingency: Mapping) -> int | None:
    offset = contingency.get("notional_offset")
    return None if offset is None else _pounds(offset, "[contingency]: notional_offset")


def _limits(virements: Mapping) -> dict[str, int]:
    limits = virements.get("approve_up_to", {})
    if not isinstance(limits, Mapping):
        raise SettingsError(
            "[virements]: approve_up_to must give a limit by role, such as { director = 100000 }."
        )
    _only_known(limits, _APPROVERS, "[virements] approve_up_to")
    found = {}
    for role, value in limits.items():
        where = f"[virements] approve_up_to: {role}"
        found[role] = _pounds(value, where)
        if found[role] < 0:
            raise SettingsError(f"{where} cannot be {value}: a limit is nil or more.")
    return found


def _minimum(reserves: Mapping) -> int | None:
    _only_known(reserves, ("minimum_general_fund",), "[reserves]")
    if "minimum_general_fund" not in reserves:
        return None
    pence = _pounds(reserves["minimum_general_fund"], "[reserves]: minimum_general_fund")
    if pence < 0:
        raise SettingsError("[reserves]: minimum_general_fund cannot be below nil.")
    return pence


def _pounds(value: object, where: str) -> int:
    """A number of pounds, in pence."""
    try:
        pence = parse_amount(value) if isinstance(value, int | float) else None
    except NotAnAmount as fault:
        raise SettingsError(f"{where} cannot be {value}: {fault}.") from fault
    if pence is None:
        raise SettingsError(f"{where} must be a number of pounds.")
    return pence
