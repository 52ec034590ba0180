"""The level above which a council holds its General Fund."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings

_NAME = "reserves"


def minimum_general_fund(settings: CouncilSettings) -> int | None:
    """Return the minimum of the General Fund in pence; None where the council has set none."""
    pence: int | None = settings.of_apps[_NAME]
    return pence


def _read_minimum(table: Mapping[str, object]) -> int | None:
    if "minimum_general_fund" not in table:
        return None
    pence = read_pounds(table["minimum_general_fund"], "[reserves]: minimum_general_fund")
    if pence < 0:
        raise SettingsError("[reserves]: minimum_general_fund cannot be below nil.")
    return pence


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Reserves",
        table="reserves",
        fields=(
            SettingsField(
                "minimum_general_fund",
                "Minimum of the General Fund",
                "The level above which the council holds its General Fund; nil or more.",
                FieldKind.POUNDS,
                unset="no minimum",
            ),
        ),
        read=_read_minimum,
    )
)
