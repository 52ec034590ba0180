"""The council's settings in one order and one spelling, so that equal settings are equal bytes.

Databases keep no order of keys, and pack.toml may write one number in several ways. Pure.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from council_finance.registry import (
    FieldKind,
    SettingsField,
    SettingsTable,
    settings_tables,
    statements,
    values_of,
)
from council_finance.statuses import COMPARISONS

_BY_NAME = (FieldKind.POUNDS_BY_NAME, FieldKind.NUMBERS_BY_NAME)


def order_settings(data: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Return the tables of a council's settings in order, without those that hold nothing."""
    found: dict[str, dict[str, object]] = {}
    for table in settings_tables().values():
        if values := order_values(table, values_of(table, data)):
            found.setdefault(table.table, {}).update(values)
    return found


def order_values(table: SettingsTable, values: Mapping[str, object]) -> dict[str, object]:
    """Return a table's keys and values in the order of its fields, without empty lists.

    Values for a statement follow, in the order of a report, then keys that are no field's.
    """
    ordered: dict[str, object] = {}
    for field in table.fields:
        if not field.key:
            ordered |= _order_conditions(field, values)
        elif field.key in values:
            ordered[field.key] = _order_value(field, values[field.key])
    rest = sorted(values.keys() - ordered.keys())
    if table.by_statement:
        rest = sorted(rest, key=_statement_place)
    for key in rest:
        ordered[key] = _order_other(table, values[key])
    return {key: value for key, value in ordered.items() if value not in ([], {})}


def digest_of(table: SettingsTable, data: Mapping[str, object]) -> str:
    """Return a fingerprint of a table's values; the same for values that are equal."""
    values = order_values(table, values_of(table, data))
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def plain_number(value: object) -> object:
    """Return a whole number as an int, whether or not it was written with decimals."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _order_value(field: SettingsField, value: object) -> object:
    if field.kind is FieldKind.RULES and isinstance(value, Sequence):
        return [_order_rule(field, rule) for rule in value if isinstance(rule, Mapping)]
    if field.kind is FieldKind.ROWS and isinstance(value, Sequence):
        return [_order_row(field, row) for row in value if isinstance(row, Mapping)]
    if field.kind is FieldKind.SEVERAL and isinstance(value, Sequence):
        return [name for name, _ in field.choices if name in value]
    if field.kind is FieldKind.TEXT_BY_NAME and isinstance(value, Mapping):
        return {name: value[name] for name in sorted(value)}
    if field.kind in _BY_NAME and isinstance(value, Mapping):
        names = [name for name, _ in field.choices if name in value]
        return {name: plain_number(value[name]) for name in names}
    return plain_number(value)


def _order_rule(field: SettingsField, rule: Mapping[str, object]) -> dict[str, object]:
    named = {key: rule[key] for key in ("status", "label", "level") if rule.get(key)}
    return named | _order_conditions(field, rule)


def _order_row(field: SettingsField, row: Mapping[str, object]) -> dict[str, object]:
    keys = (column.key for column in field.columns)
    return {key: plain_number(row[key]) for key in keys if row.get(key) not in (None, "")}


def _order_conditions(field: SettingsField, values: Mapping[str, object]) -> dict[str, object]:
    keys = (f"{measure.name}_{name}" for measure in field.measures for name in COMPARISONS)
    return {key: plain_number(values[key]) for key in keys if key in values}


def _order_other(table: SettingsTable, value: object) -> object:
    """Return the values for a statement in the order of the fields; anything else as it is."""
    if not (table.by_statement and isinstance(value, Mapping)):
        return plain_number(value)
    return {
        field.key: plain_number(value[field.key]) for field in table.fields if field.key in value
    }


def _statement_place(name: str) -> tuple[int, str]:
    known = list(statements())
    return (known.index(name) if name in known else len(known), name)
