"""The form of a whole table of settings, with its rows that come and go."""

from collections.abc import Mapping
from typing import Any

from django import forms

from council_finance.registry import FieldKind, SettingsError, SettingsTable
from monitoring.settings.forms.faults import Fault, find_fault
from monitoring.settings.forms.field_rows import FieldRows, typed_field_rows
from monitoring.settings.forms.fields import SIMPLE, SettingForm, typed_values
from monitoring.settings.forms.rows import (
    ConditionRows,
    RuleRows,
    StatementRows,
    check_each,
    typed_conditions,
    typed_options,
    typed_rules,
    typed_statements,
)
from monitoring.settings.forms.typed import Typed
from monitoring.structure.settings_order import order_values

_CONDITIONS = "conditions"
"""Name of the rows of conditions that are keys of the table itself."""


class TableForm:
    """The form of a table of settings, made from its fields."""

    def __init__(self, table: SettingsTable, typed: Typed, *, check: bool):
        self.table, self.typed = table, typed
        self.faults: list[str] = []
        fields = table.fields
        simple = tuple(each for each in fields if each.kind in SIMPLE)
        self.main = SettingForm(simple, **typed_options(typed, check=check))
        self.conditions = [
            (each, ConditionRows(each, each.key or _CONDITIONS, typed, check=check))
            for each in fields
            if each.kind is FieldKind.CONDITIONS
        ]
        self.rules = [
            RuleRows(each, typed, check=check) for each in fields if each.kind is FieldKind.RULES
        ]
        self.lists = [
            FieldRows(each, typed, check=check) for each in fields if each.kind is FieldKind.ROWS
        ]
        self.statements = StatementRows(fields, typed, check=check) if table.by_statement else None

    def is_valid(self) -> bool:
        """Check every field, then the table as loading pack.toml does."""
        if not check_each(self._all_parts()):
            return False
        try:
            self.value = self.table.read(self.values())
        except SettingsError as error:
            self._place_fault(find_fault(self.table, str(error)))
            return False
        return True

    def values(self) -> dict[str, Any]:
        """Return the keys and values for pack.toml, in order, once the fields are valid."""
        found: dict[str, Any] = self.main.values()
        for setting, rows in self.conditions:
            found |= {setting.key: rows.values()} if setting.key else rows.values()
        for each in self._own_lists():
            found |= each.values()
        if self.statements is not None:
            found |= self.statements.values()
        return order_values(self.table, found)

    @property
    def errors(self) -> list[Any]:
        """Return what the page's summary of errors reads, in the order of the page."""
        rows = [form for part in self._all_parts()[1:] for form in part.forms]
        beside = [each.faults for each in self._own_lists()]
        return [*self.faults, self.main, *beside, *rows]

    def _own_lists(self) -> list[RuleRows | FieldRows]:
        """Return the lists of rows that have faults of their own."""
        return [*self.rules, *self.lists]

    def _all_parts(self) -> list[Any]:
        """Return the parts of the form; each can be checked and has values."""
        statements = [self.statements] if self.statements is not None else []
        conditions = [rows for _, rows in self.conditions]
        return [self.main, *conditions, *self.rules, *self.lists, *statements]

    def _place_fault(self, fault: Fault) -> None:
        """Say a fault beside its field, rule or statement; else above the form."""
        rules = next((each for each in self.rules if each.setting.key == fault.key), None)
        if rules is not None:
            if not _place_beside_rule(rules, fault):
                rules.faults.append(fault.text)
            return
        rows = next((each for each in self.lists if each.setting.key == fault.key), None)
        if rows is not None:
            rows.faults.append(fault.text)
            return
        form = self._find_statement(fault.statement) or self.main
        if fault.name in form.fields:
            form.add_error(fault.name, fault.text)
        else:
            self.faults.append(fault.text)

    def _find_statement(self, name: str) -> forms.Form | None:
        rows = self.statements.forms if self.statements is not None else []
        return next((each for each in rows if each.cleaned_data["statement"] == name), None)


def _place_beside_rule(rules: RuleRows, fault: Fault) -> bool:
    """Say a fault beside the rule that it numbers or whose status it quotes, where there is one.

    Of two statuses that it quotes, it is about the later.
    """
    if fault.rule:
        row = rules.rows[fault.rule - 1]
    else:
        quoted = [each for each in rules.rows if f"“{each.status}”" in fault.text]
        if not quoted:
            return False
        row = quoted[-1]
    row.form.add_error(None, f"{row.title}: {fault.text[:1].lower()}{fault.text[1:]}")
    return True


def typed_from(table: SettingsTable, values: Mapping[str, Any]) -> Typed:
    """Return the texts with which the form begins, from a table's values in their order."""
    texts: dict[str, str] = {}
    for setting in table.fields:
        if setting.kind in SIMPLE:
            texts |= typed_values(setting, values)
        elif setting.kind is FieldKind.RULES:
            texts |= typed_rules(setting, values.get(setting.key, []))
        elif setting.kind is FieldKind.ROWS:
            texts |= typed_field_rows(setting, values.get(setting.key) or setting.begins_with)
        else:
            own = values.get(setting.key, {}) if setting.key else values
            texts |= typed_conditions(setting, setting.key or _CONDITIONS, own)
    if table.by_statement:
        texts |= typed_statements(table.fields, values)
    return Typed(texts)
