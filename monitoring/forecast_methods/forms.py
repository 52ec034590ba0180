"""The lists from which forecast methods are chosen, and reading what was chosen."""

from collections.abc import Mapping, Sequence

from django import forms
from django.http import QueryDict

from council_finance.forms.fields import select_field
from council_finance.typed_text import whole_number
from monitoring.forecast_methods.selectors.methods_page import MethodTarget
from monitoring.forecast_methods.services import MethodChange

_SEEN = "seen-"
_KINDS = ("line", "service")


class MethodsForm(forms.Form):
    """A list of the methods for each line and service of a page; blank is none of its own.

    `targets` begin with the service or group that the page is about.
    """

    def __init__(
        self,
        targets: Sequence[MethodTarget],
        labels: Mapping[str, str],
        data: QueryDict | None = None,
    ):
        super().__init__(data, initial={each.field: each.own for each in targets})
        choices = [("", "None of its own"), *labels.items()]
        for each in targets:
            # The first has a label of its own on the page; the others are cells of a table.
            named = {"aria-label": f"Forecast method of {each.code}"}
            described = {"aria-describedby": "own-hint"}
            widget = forms.Select(attrs=described if each is targets[0] else named)
            field = select_field(each.code, choices=choices, required=False, widget=widget)
            self.fields[each.field] = field


def read_changes(post: QueryDict) -> list[MethodChange]:
    """Return what was sent for each line and service; `seen` is what the page showed."""
    changes = []
    for name in post:
        kind, _, number = name.partition("-")
        pk = whole_number(number, digits=18)
        if kind in _KINDS and pk is not None:
            changes.append(
                MethodChange(
                    line=pk if kind == "line" else None,
                    service=pk if kind == "service" else None,
                    seen=post.get(f"{_SEEN}{name}", ""),
                    method=post.get(name, ""),
                )
            )
    return changes
