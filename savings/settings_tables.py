"""The scheme of statuses that a council gives its savings."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)
from council_finance.statuses import Rule, SchemeError
from monitoring.structure.council_settings import CouncilSettings
from savings.scheme import MEASURES, read_savings_scheme

_NAME = "savings-statuses"


@dataclass(frozen=True)
class SavingsScheme:
    """The statuses that officers declare, the worst first, or the rules that give them."""

    declared: tuple[str, ...]
    rules: tuple[Rule, ...]


def savings_scheme(settings: CouncilSettings) -> SavingsScheme:
    """Return the scheme of a council's settings."""
    scheme: SavingsScheme = settings.of_apps[_NAME]
    return scheme


def _read_scheme(table: Mapping[str, object]) -> SavingsScheme:
    try:
        return SavingsScheme(*read_savings_scheme(table))
    except SchemeError as error:
        raise SettingsError(str(error)) from error


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Statuses of savings",
        table="status_scheme",
        fields=(
            SettingsField(
                "savings_declared",
                "Statuses that officers give",
                "One to a line, the worst first. Leave it empty where rules give the status.",
                FieldKind.TEXTS,
                unset="officers give no status themselves",
            ),
            SettingsField(
                "savings",
                "Rules",
                "In order: the first that holds gives a saving its status. A shortfall is the "
                "agreed saving less its forecast.",
                FieldKind.RULES,
                unset="no rules",
                measures=MEASURES,
            ),
        ),
        read=_read_scheme,
    )
)
