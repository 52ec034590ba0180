"""The council's horizon for contracts that end, and the value from which they are published."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings
from planning.decisions.settings_tables import read_whole_number

NAME = "contracts"
_HORIZON, _MOST_MONTHS = 12, 120


@dataclass(frozen=True)
class ContractRules:
    """The rules of `[contracts]`; `publish_above` is in pence, None where it is not set."""

    renewal_horizon_months: int = _HORIZON
    publish_above: int | None = None


def contract_rules(settings: CouncilSettings) -> ContractRules:
    """Return the council's rules for contracts."""
    rules: ContractRules = settings.of_apps[NAME]
    return rules


def _read_rules(table: Mapping[str, object]) -> ContractRules:
    months = read_whole_number(table, "renewal_horizon_months", NAME, least=0, most=_MOST_MONTHS)
    return ContractRules(_HORIZON if months is None else months, _read_publish_above(table))


def _read_publish_above(table: Mapping[str, object]) -> int | None:
    if "publish_above" not in table:
        return None
    pence = read_pounds(table["publish_above"], f"[{NAME}]: publish_above")
    if pence < 0:
        raise SettingsError(f"[{NAME}]: publish_above cannot be below nil.")
    return pence


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Contracts",
        table=NAME,
        fields=(
            SettingsField(
                "renewal_horizon_months",
                "Horizon for renewals",
                "Months ahead in which contracts that end, and last days for notice, are listed.",
                FieldKind.WHOLE_NUMBER,
                unset=str(_HORIZON),
                least=0,
                most=_MOST_MONTHS,
            ),
            SettingsField(
                "publish_above",
                "Published above",
                "Contracts above this value are published under the Transparency Code.",
                FieldKind.POUNDS,
                unset="not set",
            ),
        ),
        read=_read_rules,
        after="decisions",
    )
)
