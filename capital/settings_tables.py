"""The terms on which borrowing is repaid, for what a scheme costs revenue."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings

_NAME = "capital"
_MOST_YEARS = 100
_MOST_PERCENT = 100


@dataclass(frozen=True)
class FinancingTerms:
    """The years over which borrowing is repaid, and its yearly interest in per cent."""

    years: int
    rate_percent: Decimal


def financing_terms(settings: CouncilSettings) -> FinancingTerms | None:
    """Return a council's terms; None where it has not given both, and no cost is shown."""
    terms: FinancingTerms | None = settings.of_apps[_NAME]
    return terms


def _read_terms(table: Mapping[str, object]) -> FinancingTerms | None:
    years, rate = table.get("financing_years"), table.get("financing_rate_percent")
    if years is not None and (type(years) is not int or not 1 <= years <= _MOST_YEARS):
        raise SettingsError(f"[capital]: financing_years must be 1 to {_MOST_YEARS}.")
    percent = None if rate is None else _read_percent(rate)
    return None if years is None or percent is None else FinancingTerms(years, percent)


def _read_percent(value: object) -> Decimal:
    message = f"[capital]: financing_rate_percent must be a number from 0 to {_MOST_PERCENT}."
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SettingsError(message)
    try:
        rate = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise SettingsError(message) from error
    if not rate.is_finite() or not 0 <= rate <= _MOST_PERCENT:
        raise SettingsError(message)
    return rate


register_settings_table(
    SettingsTable(
        name=_NAME,
        title="Capital programme",
        table="capital",
        fields=(
            SettingsField(
                "financing_years",
                "Years over which borrowing is repaid",
                "For what borrowing costs revenue: it is repaid in equal parts.",
                FieldKind.WHOLE_NUMBER,
                unset="the cost to revenue is not shown",
                least=1,
                most=_MOST_YEARS,
            ),
            SettingsField(
                "financing_rate_percent",
                "Interest on borrowing",
                "In per cent a year, such as 3 or 3.25.",
                FieldKind.TEXT,
                unset="the cost to revenue is not shown",
            ),
        ),
        read=_read_terms,
    )
)
