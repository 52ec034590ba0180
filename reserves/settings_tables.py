"""The level above which a council holds its General Fund."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_fields,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings
from reserves.sign_settings import NAME as SIGNS
from reserves.sign_settings import ReserveSigns

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


_SIGNS_TABLE = "warning_signs"
_SIGN_FIELDS = (
    SettingsField(
        "reserves_falling_years",
        "Reserves fall in so many years running",
        "This year’s forecast counts as a year. From 1 to 10.",
        FieldKind.WHOLE_NUMBER,
        unset="3",
        least=1,
        most=10,
    ),
    SettingsField(
        "dsg_balances",
        "Grants and reserves that hold the Dedicated Schools Grant",
        "References of grants or codes of reserves; a deficit is a negative balance.",
        FieldKind.TEXTS,
        unset="ring-fenced revenue grants in deficit",
    ),
    SettingsField(
        "dsg_percent_of_general_fund",
        "The deficit is more than this percentage of the General Fund",
        "Of its balance after the forecast. From 1 to 1,000.",
        FieldKind.WHOLE_NUMBER,
        unset="50",
        least=1,
        most=1000,
    ),
)
register_settings_table(
    SettingsTable(
        name=SIGNS,
        title="Warning signs about reserves",
        table=_SIGNS_TABLE,
        fields=_SIGN_FIELDS,
        read=lambda table: ReserveSigns(**read_fields(table, _SIGN_FIELDS, _SIGNS_TABLE)),
        after="warning-signs",
    )
)
