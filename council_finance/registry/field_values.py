"""Read the values of settings by their fields: amounts, whole numbers and lists of texts."""

from collections.abc import Iterable, Mapping
from typing import Any

from council_finance.registry.settings_fields import FieldKind, SettingsField
from council_finance.registry.settings_tables import SettingsError, read_pounds


def read_fields(
    table: Mapping[str, object], fields: Iterable[SettingsField], table_name: str
) -> dict[str, Any]:
    """Return the values that are given, by key: amounts in pence, lists as tuples.

    Raise `SettingsError` for an amount below nil, a number outside its field's range, or what is
    no list of texts. Other kinds of fields are not read here.
    """
    return {
        field.key: _READERS[field.kind](table[field.key], field, f"[{table_name}]: {field.key}")
        for field in fields
        if field.key in table
    }


def _read_amount(value: object, _field: SettingsField, where: str) -> int:
    pence = read_pounds(value, where)
    if pence < 0:
        raise SettingsError(f"{where} cannot be below nil.")
    return pence


def _read_whole_number(value: object, field: SettingsField, where: str) -> int:
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and field.least <= value <= field.most
    ):
        return value
    raise SettingsError(f"{where} must be a whole number from {field.least} to {field.most}.")


def _read_texts(value: object, _field: SettingsField, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SettingsError(f'{where} must be a list of texts, such as ["ADULTS"].')
    return tuple(each.strip() for each in value)


_READERS = {
    FieldKind.POUNDS: _read_amount,
    FieldKind.WHOLE_NUMBER: _read_whole_number,
    FieldKind.TEXTS: _read_texts,
}
