"""Forms that change the structure of services; their cleaned data are keyword arguments."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from council_finance.forms.fields import select_field, text_field
from council_finance.typed_text import whole_number
from monitoring.restructuring.changes import LONGEST_CODE, LONGEST_TEXT, Register
from monitoring.structure.trees import ServiceRow

_FIRST, _LAST, _AFTER = "first", "last", "after:"
_INDENT = "\N{EM SPACE}"


def _list_options(register: Register, rows: list[ServiceRow]) -> list[tuple[str, str]]:
    """Return services to choose from, indented by their level in the tree."""
    levels = {node.key: node.level for node in register.tree.nodes}
    return [(row.code, f"{_INDENT * levels[row.code]}{row.name} ({row.code})") for row in rows]


def _set_choices(form: forms.Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field with choices")
    field.choices = choices


class PlaceForm(forms.Form):
    """The service above this one, and its place among the services there."""

    parent = select_field(
        "Service above it", error_messages={"required": "Choose the service above it."}
    )
    after = select_field("Order", "Where it is printed among the services there.")

    def __init__(
        self,
        register: Register,
        *args: Any,
        without: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = [row for row in register.fit_as_parents() if row.code not in without]
        none_yet = [] if self.initial.get("parent") else [("", "Choose a service")]
        _set_choices(self, "parent", [*none_yet, *_list_options(register, rows)])
        groups: list[tuple[str, str | list[tuple[str, str]]]] = [(_LAST, "Last"), (_FIRST, "First")]
        for row in rows:
            siblings = [
                (f"{_AFTER}{each.code}", f"After {each.name} ({each.code})")
                for each in register.siblings(row.id)
                if register.state(each) != "closed" and each.code not in without
            ]
            if siblings:
                groups.append((f"Under {row.name}", siblings))
        _set_choices(self, "after", groups)

    def clean_after(self) -> str | None:
        """Return None for last, "" for first, else the code of the service before it."""
        place = self.cleaned_data["after"]
        return {_LAST: None, _FIRST: ""}.get(place, place.removeprefix(_AFTER))


class WordsForm(forms.Form):
    """The names under which a service is printed."""

    name = text_field(
        "Name", max_length=LONGEST_TEXT, error_messages={"required": "Give the service a name."}
    )
    total_label = text_field(
        "Total label (optional)",
        "Printed with the total after the services under it. Without it, no total is printed.",
        max_length=LONGEST_TEXT,
        required=False,
    )
    section = text_field(
        "Section (optional)",
        "Services of one section share a headline in the report.",
        max_length=LONGEST_TEXT,
        required=False,
    )


class _CodeForm(forms.Form):
    """The code of a new service."""

    code = text_field(
        "Code",
        "As the ledger’s files name it, for example CHILD-OPS. It cannot be changed later.",
        max_length=LONGEST_CODE,
        attrs={"class": "govuk-input--width-20"},
        error_messages={"required": "Give the service a code."},
    )


class FirstForm(WordsForm, _CodeForm):
    """The first service of a year: the top of its tree, which stands for the council."""

    field_order = ("code", "name", "total_label", "section")

    def clean(self) -> dict[str, Any]:
        """Add that it has no service above it."""
        super().clean()
        return {**self.cleaned_data, "parent": "", "after": None}


class AddForm(WordsForm, PlaceForm, _CodeForm):
    """A new service."""

    field_order = ("code", "name", "parent", "after", "total_label", "section")


class MergeForm(forms.Form):
    """The service that takes another's lines."""

    successor = select_field(
        "Merge into",
        error_messages={"required": "Choose the service that takes its lines."},
    )

    def __init__(self, register: Register, code: str, *args: Any) -> None:
        super().__init__(*args)
        rows = [row for row in register.fit_for_lines() if row.code != code]
        choices = _list_options(register, rows)
        _set_choices(self, "successor", [("", "Choose a service"), *choices])


class LinesForm(forms.Form):
    """Lines of one service, and the service they move to."""

    destination = select_field("Move to", error_messages={"required": "Choose where the lines go."})
    reason = text_field(
        "Reason, for the audit trail",
        max_length=1000,
        error_messages={"required": "Say why the lines move."},
    )
    all = forms.BooleanField(required=False)
    # Its checkboxes are in the table of lines, which has this id.
    line = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.SelectMultiple({"id": "lines"})
    )

    def __init__(self, register: Register, code: str, data: QueryDict | None) -> None:
        super().__init__(data)
        rows = [row for row in register.fit_for_lines() if row.code != code]
        choices = _list_options(register, rows)
        _set_choices(self, "destination", [("", "Choose a service"), *choices])
        sent = [] if data is None else data.getlist("line")
        numbers = [value for value in sent if whole_number(value, digits=40)]
        _set_choices(self, "line", [(value, value) for value in numbers])

    def label_all(self, found: int, *, searched: bool, pages: bool) -> None:
        """Say beside the checkbox for all lines how many these are."""
        lines = f"{found:,} line{'' if found == 1 else 's'}"
        self.fields[
            "all"
        ].label = f"All {lines}{' found' if searched else ''}{', on every page' if pages else ''}"

    def clean(self) -> dict[str, Any]:
        """Refuse a form that names no line."""
        super().clean()
        data = self.cleaned_data
        if not data.get("all") and not data.get("line"):
            self.add_error("line", "Choose at least one line.")
        return data
