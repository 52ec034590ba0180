"""A setting that is a list of rows, each with the same fields: added, moved and removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from council_finance.registry import SettingsField
from monitoring.settings.forms.fields import SettingForm, typed_values
from monitoring.settings.forms.rows import check_each, typed_options
from monitoring.settings.forms.typed import Typed


class FieldRows:
    """The rows of a setting of the kind ROWS, in order."""

    def __init__(self, setting: SettingsField, typed: Typed, *, check: bool):
        self.setting, self.name = setting, setting.key
        self.faults: list[str] = []
        self.rows: list[SettingForm] = []
        for place in range(typed.count(setting.key)):
            name = f"{setting.key}-{place}"
            form = SettingForm(setting.columns, **typed_options(typed, name, check=check))
            form.error_link = f"#{name}"
            self.rows.append(form)

    @property
    def forms(self) -> list[forms.Form]:
        """Return the form of every row, in order."""
        return list(self.rows)

    def is_valid(self) -> bool:
        """Check every row."""
        return check_each(self.rows)

    def values(self) -> dict[str, Any]:
        """Return the rows by their key, once they are valid."""
        return {self.setting.key: [row.values() for row in self.rows]} if self.rows else {}


def typed_field_rows(setting: SettingsField, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the texts with which the rows begin."""
    texts = {f"{setting.key}-count": str(len(rows))}
    for place, row in enumerate(rows):
        for column in setting.columns:
            for key, text in typed_values(column, row).items():
                texts[f"{setting.key}-{place}-{key}"] = text
    return texts
