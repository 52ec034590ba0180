"""The form of a row: a field for each column of its kind of file."""

from collections.abc import Sequence
from typing import Any

from django import forms

from council_finance.uploads.columns import AMOUNT, CHOICE, WHOLE, YES, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import quote_cell
from council_finance.uploads.template_files import CodeList
from planning.entry.registers import Row
from planning.entry.rows import ORDER, StoredRows, read_cells, text_of_cell

_SERVICE = "service_code"
_NOTE = "note"
_LABELS = {
    _SERVICE: "Service",
    "subjective_code": "Subjective",
    ORDER: "Place in the list",
    "band_d_general": "Band D, general",
    "band_d_adult_social_care": "Band D, adult social care",
}


class RowForm(forms.Form):
    """A row of a register; its cells are read as those of a file are."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(
        self,
        stored: StoredRows,
        services: Sequence[tuple[str, str]],
        lists: dict[str, str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = stored.columns
        self.row: Row = {}
        for spec in stored.columns:
            if spec.name == _SERVICE:
                choices = [("", spec.blank.rstrip(".") or "Choose a service"), *services]
            elif spec.name in stored.lists:
                current = str(self.initial.get(spec.name, ""))
                choices = [("", "Choose"), *_code_choices(stored.lists[spec.name], current)]
            else:
                choices = _choices_of(spec)
            self.fields[spec.name] = _field_of(spec, choices, lists.get(spec.name, ""))

    def clean(self) -> dict[str, Any]:
        """Read the cells. Add an error to each field that a file would be refused for."""
        data = super().clean() or self.cleaned_data
        self.row, faults = read_cells(self.columns, data)
        for name, fault in faults.items():
            self.add_error(name, Problem(fault, found=quote_cell(data.get(name))).sentence)
        return data

    def take_faults(self, faults: dict[str, str]) -> None:
        """Add the faults that the check of the whole register found in this row."""
        for name, sentence in faults.items():
            self.add_error(name, sentence)


def column_label(spec: ColumnSpec) -> str:
    """Return the name of a column in words."""
    words = spec.name.replace("_", " ")
    return _LABELS.get(spec.name, f"{words[:1].upper()}{words[1:]}")


def word_label(word: str) -> str:
    """Return a word of a column's choices as people read it."""
    return f"{word[:1].upper()}{word[1:]}".replace("_", " ")


def _choices_of(spec: ColumnSpec) -> list[tuple[str, str]]:
    words = ("yes", "no") if spec.kind == YES else spec.choices if spec.kind == CHOICE else ()
    if not words:
        return []
    first = "Choose" if spec.required and not spec.may_be_blank else spec.blank or "Not given"
    return [("", first.rstrip(".")), *((word, word_label(word)) for word in words)]


def _field_of(
    spec: ColumnSpec, choices: Sequence[tuple[str, str]], list_id: str
) -> forms.CharField:
    """Return the field of a column; a field with a list is text too, which the reader judges."""
    needed = spec.required and not spec.may_be_blank
    label, widget = column_label(spec), _widget_of(spec, choices, list_id)
    verb = "Choose" if choices else "Enter"
    return forms.CharField(
        label=label if needed else f"{label} (optional)",
        help_text=_hint_of(spec, has_choices=bool(choices)),
        required=needed,
        widget=widget,
        error_messages={"required": f"{verb} the {label[:1].lower()}{label[1:]}."},
    )


def _widget_of(spec: ColumnSpec, choices: Sequence[tuple[str, str]], list_id: str) -> forms.Widget:
    if choices:
        return forms.Select(choices=choices)
    if spec.name == _NOTE:
        return forms.Textarea({"rows": 2})
    attrs = {"class": "amount"} if spec.kind in (AMOUNT, WHOLE) else {}
    return forms.TextInput(attrs | ({"list": list_id} if list_id else {}))


def _hint_of(spec: ColumnSpec, *, has_choices: bool) -> str:
    if spec.kind == AMOUNT and spec.name[:4].isdigit():
        return ""  # the page says once what the columns of years hold
    blank = "" if has_choices or not spec.blank else f" If empty: {_lower_first(spec.blank)}"
    return f"{spec.meaning}{blank}"


def _lower_first(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"


def row_texts(stored: StoredRows, row: Row) -> dict[str, str]:
    """Return the texts with which the form of a stored row begins."""
    return {spec.name: text_of_cell(spec, row.get(spec.name)) for spec in stored.columns}


def _code_choices(listed: CodeList, current: str) -> list[tuple[str, str]]:
    """Return the codes of a list, and the one that is stored, which may have closed since."""
    found = {each.code: f"{each.name} ({each.code})" for each in listed.codes}
    return list(({current: current} | found if current else found).items())
