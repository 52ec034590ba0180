"""The thresholds of the warning signs that monitoring registers."""

from typing import NamedTuple

from council_finance.registry import (
    FieldKind,
    SettingsField,
    SettingsTable,
    read_fields,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings

NAME, TABLE = "warning-signs", "warning_signs"


class SignSettings(NamedTuple):
    """The thresholds, in pence where they are amounts; the defaults hold where none is set."""

    worse_reports: int = 2
    savings_percent_of_headroom: int = 50
    one_off_money_above: int = 100_000_00
    unexplained_budget_above: int = 100_000_00
    skipped_reports: int = 2
    late_after_days: int = 60
    casts_differ_above: int = 0
    income_years: int = 2
    income_short_percent: int = 2
    debt_cost_percent: int = 10
    debt_cost_services: tuple[str, ...] = ()


def sign_settings(settings: CouncilSettings) -> SignSettings:
    """Return the thresholds of a council's year."""
    found: SignSettings = settings.of_apps[NAME]
    return found


def _whole_number_field(key: str, label: str, meaning: str, unset: int, most: int) -> SettingsField:
    """Return a field for a whole number from 1 to `most`."""
    return SettingsField(
        key,
        label,
        f"{meaning} From 1 to {most:,}.",
        FieldKind.WHOLE_NUMBER,
        unset=str(unset),
        least=1,
        most=most,
    )


def _amount_field(key: str, label: str, meaning: str, unset: int) -> SettingsField:
    return SettingsField(key, label, meaning, FieldKind.POUNDS, unset=f"£{unset // 100:,}")


_DEFAULTS = SignSettings()
FIELDS = (
    _whole_number_field(
        "worse_reports",
        "The forecast got worse in each report: reports with a movement, at least",
        "Fewer are too few to judge.",
        _DEFAULTS.worse_reports,
        12,
    ),
    _whole_number_field(
        "savings_percent_of_headroom",
        "Savings fall short by more than this percentage of the General Fund headroom",
        "Headroom is the General Fund after the forecast, above its minimum level.",
        _DEFAULTS.savings_percent_of_headroom,
        1000,
    ),
    _amount_field(
        "one_off_money_above",
        "One-off money in the forecast rose by more than",
        "Planned use of reserves and receipts, and mitigations stated as one-off, since the last "
        "report.",
        _DEFAULTS.one_off_money_above,
    ),
    _amount_field(
        "unexplained_budget_above",
        "Changes of budgets that no virement explains come to more than",
        "Services’ changes are added without their signs.",
        _DEFAULTS.unexplained_budget_above,
    ),
    _whole_number_field(
        "skipped_reports",
        "More months than this have no report",
        "Of the months of the year so far.",
        _DEFAULTS.skipped_reports,
        12,
    ),
    _whole_number_field(
        "late_after_days",
        "A report is late after so many days from the month’s end",
        "Where the timetable has a day for the report, that day counts.",
        _DEFAULTS.late_after_days,
        366,
    ),
    _amount_field(
        "casts_differ_above",
        "A total differs from the sum of its rows by more than",
        "In any statement of the report.",
        _DEFAULTS.casts_differ_above,
    ),
    _whole_number_field(
        "income_years",
        "Income budgets missed in so many years running",
        "This report counts as this year.",
        _DEFAULTS.income_years,
        10,
    ),
    _whole_number_field(
        "income_short_percent",
        "An income budget counts as missed where income is short by more than this percentage",
        "Of all lines with a budget of income together.",
        _DEFAULTS.income_short_percent,
        100,
    ),
    _whole_number_field(
        "debt_cost_percent",
        "The cost of debt is more than this percentage of the net budget",
        "Forecast, as a share of the current net budget.",
        _DEFAULTS.debt_cost_percent,
        100,
    ),
    SettingsField(
        "debt_cost_services",
        "Services that hold the cost of debt",
        "Codes of the services or groups with interest and minimum revenue provision.",
        FieldKind.TEXTS,
        unset="none, so the sign cannot be judged",
    ),
)


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Warning signs",
        table=TABLE,
        fields=FIELDS,
        read=lambda table: SignSettings(**read_fields(table, FIELDS, TABLE)),
        after="questions",
    )
)
