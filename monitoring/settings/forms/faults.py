"""A refusal of settings, which names keys of pack.toml, as a page says it beside a field. Pure."""

import re
from dataclasses import dataclass

from council_finance.forms.fields import as_sentence
from council_finance.registry import FieldKind, SettingsField, SettingsTable

_PLACE = re.compile(r"^\[+([^\]]+)\]+(?P<rule>, rule (?P<number>\d+))?:? *")

_BY_NAME = (FieldKind.POUNDS_BY_NAME, FieldKind.NUMBERS_BY_NAME)


@dataclass(frozen=True)
class Fault:
    """A sentence, and where it belongs: a setting's key, the number of a rule, a statement.

    `name` is that of the field on the form, where the setting has several.
    """

    text: str
    key: str = ""
    name: str = ""
    rule: int = 0
    statement: str = ""


def find_fault(table: SettingsTable, message: str) -> Fault:
    """Return a `SettingsError` in the page's words, with the field that it is about."""
    place = _PLACE.match(message)
    path = place[1] if place else ""
    rest = message[place.end() :] if place else message
    own = path.removeprefix(f"{table.table}.") if path != table.table else ""
    named = next((field for field in table.fields if field.key and field.key == own), None)
    if named is None:
        named = next((field for field in table.fields if _is_named(field, rest)), None)
    return Fault(
        text=_write_sentence(table, rest),
        key=named.key if named else "",
        name=_field_name(named, rest) if named else "",
        rule=int(place["number"]) if place and place["number"] else 0,
        statement=own if table.by_statement else "",
    )


def _field_name(field: SettingsField, text: str) -> str:
    """Return the name of the form's field; of an amount by name, the one that the text names."""
    if field.kind in _BY_NAME:
        named = [name for name, _ in field.choices if name in text]
        return f"{field.key}-{named[0]}" if named else ""
    return field.key


def _is_named(field: SettingsField, text: str) -> bool:
    return bool(field.key) and re.search(rf"\b{re.escape(field.key)}\b", text) is not None


def _write_sentence(table: SettingsTable, text: str) -> str:
    """Return the text with labels in place of the keys of pack.toml."""
    for field in table.fields:
        if field.key:
            text = text.replace(f"[[{table.table}.{field.key}]]", f"“{field.label}”")
            text = re.sub(rf"^{re.escape(field.key)}\b", field.label, text)
            text = re.sub(rf"\b{re.escape(field.key)}\b", f"“{field.label}”", text)
        if field.kind in _BY_NAME:
            for name, words in field.choices:
                text = text.replace(name, words.lower())
    return as_sentence(text.rstrip("."))
