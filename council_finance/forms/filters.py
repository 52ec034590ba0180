"""Forms that narrow a list: what they ask for is part of the page's address."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms


@dataclass(frozen=True)
class Filter:
    """A field that narrows a list, by its name in the address, with its present value.

    With `choices`, as value and label, it is a list to choose from, else a text to search for.
    """

    name: str
    label: str
    value: str
    choices: Sequence[tuple[str, str]] = ()
    help_text: str = ""


def filter_form(*filters: Filter, auto_id: str = "%s") -> forms.Form:
    """Return the form with these fields. Its views read the address; it refuses nothing."""
    form = forms.Form(initial={each.name: each.value for each in filters}, auto_id=auto_id)
    for each in filters:
        if each.choices:
            field: forms.Field = forms.ChoiceField(choices=each.choices)
        else:
            field = forms.CharField(widget=forms.SearchInput({"spellcheck": "false"}))
        field.label, field.help_text = each.label, each.help_text
        form.fields[each.name] = field
    return form
