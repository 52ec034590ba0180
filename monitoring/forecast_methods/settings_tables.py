"""The setting of the method by which lines without a chosen one are forecast."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)
from monitoring.forecast_methods.calculations import METHODS
from monitoring.structure.council_settings import CouncilSettings

_NAME = "forecasting"
_KEY = "default_method"


def default_method(settings: CouncilSettings) -> str:
    """Return the name of the council's own method; "" where it has none."""
    name: str = settings.of_apps[_NAME]
    return name


def _read_default(table: Mapping[str, object]) -> str:
    name = table.get(_KEY, "")
    if not isinstance(name, str) or (name and name not in METHODS):
        known = ", ".join(METHODS)
        raise SettingsError(f"[{_NAME}]: {_KEY} must be one of {known}, not “{name}”.")
    return name


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Forecast methods",
        table=_NAME,
        fields=(
            SettingsField(
                _KEY,
                "Method of lines without their own",
                "The forecast proposed for a line where no method is chosen for it, its service "
                "or a service above. A proposal changes nothing until a person takes it.",
                FieldKind.CHOICE,
                unset="no forecast is proposed",
                choices=tuple((name, method.label) for name, method in METHODS.items()),
            ),
        ),
        read=_read_default,
        after="virements",
    )
)
