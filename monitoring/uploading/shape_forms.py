"""The form about the shape of a ledger's export, which becomes the steps of a layout."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from council_finance.forms.fields import set_choices
from council_finance.forms.widgets import DetailedCheckboxes
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.step_reader import LONGEST_CODE, MOST_VALUES

KEEP, SKIP = "keep_rows", "skip_rows"
_NONE = ("", "–")
_SHORT = {"class": "govuk-input--width-4"}


class ShapeForm(forms.Form):
    """The shape of a file whose headings are `headings`, by their place.

    `heading_of` names each place as a layout does. Every part may be left out; a file with one row
    a line, one column a figure and its codes in every row needs none of them.
    """

    prefix = "shape"
    error_link = "#shape"

    fill = forms.MultipleChoiceField(
        label="Columns in which a label is printed once and applies to the rows below it",
        required=False,
        widget=DetailedCheckboxes(css_class="shape__columns"),
    )
    rows_column = forms.ChoiceField(label="Column that decides", required=False)
    rows_act = forms.ChoiceField(
        label="Rows with these values",
        choices=[
            _NONE,
            (KEEP, "Keep them, leave out all others"),
            (SKIP, "Leave them out"),
        ],
        required=False,
    )
    rows_values = forms.CharField(
        label="Values, one a line", required=False, widget=forms.Textarea({"rows": 3})
    )
    parts_column = forms.ChoiceField(label="Column with the long code", required=False)
    parts_separator = forms.CharField(
        label="Character between its parts",
        max_length=5,
        required=False,
        strip=False,
        widget=forms.TextInput(_SHORT),
    )
    months_first = forms.ChoiceField(label="First month’s column", required=False)
    months_last = forms.ChoiceField(label="Last month’s column", required=False)
    months_into = forms.ChoiceField(label="All months together are the", required=False)
    months_to_period = forms.ChoiceField(
        label="The months up to the period are the", required=False
    )
    turn_after = forms.ChoiceField(label="Last column before the figures", required=False)
    turn_headings = forms.ChoiceField(label="The headings over the figures are the", required=False)
    turn_figures = forms.ChoiceField(label="The figures are the", required=False)
    sign_column = forms.ChoiceField(label="Column that shows which rows are income", required=False)
    sign_values = forms.CharField(
        label="Its values for income, one a line",
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    add_up = forms.BooleanField(
        help_text="Choose this if the file has several rows for a budget line, such as one for "
        "each programme or project.",
        required=False,
    )

    def __init__(
        self,
        specs: Sequence[ColumnSpec],
        heading_of: Mapping[int, str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.heading_of = heading_of
        self.codes = [spec.name for spec in specs if spec.kind == CODE]
        self.keys = [spec.name for spec in specs if spec.kind == CODE and spec.required]
        self.amounts = [spec.name for spec in specs if spec.kind == AMOUNT]
        places = [(str(place), heading) for place, heading in heading_of.items()]
        for name in ("rows_column", "parts_column", "sign_column", "turn_after"):
            set_choices(self, name, [_NONE, *places])
        for name in ("months_first", "months_last"):
            set_choices(self, name, [_NONE, *places])
        set_choices(self, "fill", places)
        for name in ("months_into", "months_to_period", "turn_figures"):
            set_choices(self, name, [_NONE, *_own_choices(self.amounts)])
        set_choices(self, "turn_headings", [_NONE, *_own_choices(self.codes)])
        self.fields["add_up"].label = f"Add up rows with the same {_in_words(self.keys)}"
        for code in self.codes:
            word = code.replace("_", " ")
            self.fields[f"part_{code}"] = _whole_number(f"Part that is the {word}", 1)
            self.fields[f"pad_{code}"] = _whole_number(f"Length of the {word}", 2)

    @property
    def rows_fields(self) -> list[forms.BoundField]:
        """The fields for which rows count."""
        return [self[name] for name in ("rows_column", "rows_act", "rows_values")]

    @property
    def parts_fields(self) -> list[forms.BoundField]:
        """The fields for which part of a long code is which."""
        parts = [f"part_{code}" for code in self.codes]
        return [self[name] for name in ("parts_column", "parts_separator", *parts)]

    @property
    def months_fields(self) -> list[forms.BoundField]:
        """The fields about a month a column."""
        names = ("months_first", "months_last", "months_into", "months_to_period")
        return [self[name] for name in names]

    @property
    def turn_fields(self) -> list[forms.BoundField]:
        """The fields about a crosstab."""
        return [self[name] for name in ("turn_after", "turn_headings", "turn_figures")]

    @property
    def sign_fields(self) -> list[forms.BoundField]:
        """The fields about income that is printed positive."""
        return [self[name] for name in ("sign_column", "sign_values")]

    @property
    def pads(self) -> list[forms.BoundField]:
        """The fields for how long a code is."""
        return [self[f"pad_{code}"] for code in self.codes]

    def clean(self) -> dict[str, Any]:
        """Refuse a part of the shape of which only some fields are given."""
        super().clean()
        data = self.cleaned_data
        self._clean_values(data, "rows")
        self._clean_values(data, "sign")
        self._clean_parts(data)
        self._clean_months(data)
        turned = [data.get(name) for name in ("turn_after", "turn_headings", "turn_figures")]
        if any(turned) and not all(turned):
            self.add_error("turn_after", "Say all three: the column, the headings, the figures.")
        made = self.makes()
        if len(set(made)) < len(made):
            twice = next(own for own in made if made.count(own) > 1)
            self.add_error(
                None, f"{_in_words([twice])} is made in two ways; choose one.".capitalize()
            )
        return data

    def _clean_values(self, data: dict[str, Any], name: str) -> None:
        values = _split_lines(data.get(f"{name}_values"))
        given = [data.get(f"{name}_column"), values]
        given += [data.get("rows_act")] if name == "rows" else []
        if any(given) and not all(given):
            act = ", what to do with these rows," if name == "rows" else ""
            self.add_error(f"{name}_column", f"Give the column{act} and the values.")
        if len(values) > MOST_VALUES:
            self.add_error(f"{name}_values", f"Give at most {MOST_VALUES} values.")

    def _clean_parts(self, data: dict[str, Any]) -> None:
        parts = self._given_numbers("part")
        given = [bool(data.get("parts_column")), bool(data.get("parts_separator")), bool(parts)]
        if any(given) and not all(given):
            self.add_error(
                "parts_column",
                "Say the column, what stands between its parts, and which part is which.",
            )

    def _clean_months(self, data: dict[str, Any]) -> None:
        first, last = data.get("months_first"), data.get("months_last")
        into = data.get("months_into") or data.get("months_to_period")
        if any((first, last, into)) and not all((first, last, into)):
            self.add_error(
                "months_first", "Say the first month, the last month and what they add up to."
            )
        elif first and last and int(first) >= int(last):
            self.add_error(
                "months_last", "The last month’s column stands to the right of the first."
            )

    def _given_numbers(self, name: str) -> dict[str, int]:
        values = {code: self.cleaned_data.get(f"{name}_{code}") for code in self.codes}
        return {code: value for code, value in values.items() if value}

    def makes(self) -> list[str]:
        """Return the product's own columns that the steps make."""
        data = self.cleaned_data
        fields = ("months_into", "months_to_period", "turn_headings", "turn_figures")
        return [*self._given_numbers("part"), *(data[name] for name in fields if data.get(name))]

    def steps(self, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the layout's steps; `columns` are its headings with the product's columns."""
        data, heading = self.cleaned_data, self._heading_at
        steps: list[dict[str, Any]] = []
        if data["fill"]:
            steps.append({"do": "fill_down", "columns": [heading(each) for each in data["fill"]]})
        if data["rows_column"]:
            values = _split_lines(data["rows_values"])
            column = heading(data["rows_column"])
            steps.append({"do": data["rows_act"], "column": column, "values": values})
        if parts := self._given_numbers("part"):
            column, separator = heading(data["parts_column"]), data["parts_separator"]
            steps.append(
                {"do": "take_parts", "column": column, "separator": separator, "into": parts}
            )
        steps += self._month_steps()
        if data["turn_after"]:
            step = {"do": "turn_columns", "after": heading(data["turn_after"])}
            step |= {"headings_into": data["turn_headings"], "figures_into": data["turn_figures"]}
            steps.append(step)
        headings = {own: each for each, own in columns.items()}
        if data["sign_column"]:
            figures = [headings.get(own, own) for own in self.amounts]
            figures = [each for each in figures if each in columns or each in self.makes()]
            step = {"do": "reverse_sign", "column": heading(data["sign_column"])}
            steps.append(step | {"values": _split_lines(data["sign_values"]), "figures": figures})
        for code, length in self._given_numbers("pad").items():
            steps.append({"do": "pad", "column": headings.get(code, code), "length": length})
        if data["add_up"]:
            steps.append({"do": "add_up", "by": self.keys})
        return steps

    def _month_steps(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        if not data["months_first"]:
            return []
        first, last = int(data["months_first"]), int(data["months_last"])
        months = [name for place, name in self.heading_of.items() if first <= place <= last]
        made: list[dict[str, Any]] = []
        if data["months_into"]:
            made.append({"do": "add_columns", "columns": months, "into": data["months_into"]})
        if into := data["months_to_period"]:
            made.append({"do": "add_columns", "columns": months, "into": into, "to_period": True})
        return made

    def _heading_at(self, place: str) -> str:
        return self.heading_of[int(place)]


def shape_of(
    steps: Sequence[Mapping[str, Any]], columns: Mapping[str, str], heading_of: Mapping[int, str]
) -> dict[str, Any] | None:
    """Return the initial fields of ShapeForm for a layout; None where they cannot say its steps.

    `columns` are the headings that the layout maps, with the product's columns.
    """
    places = {heading: str(place) for place, heading in heading_of.items()}
    found: dict[str, object] = {}
    for step in steps:
        said = _fields_of_step(step, columns, places)
        if said is None or said.keys() & found.keys() - {"months_first", "months_last"}:
            return None
        found |= said
    return found


def _fields_of_step(
    step: Mapping[str, Any], columns: Mapping[str, str], places: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the fields that say one step; None without such fields or without its heading."""
    kind = step["do"]
    try:
        if kind == "fill_down":
            return {"fill": [places[each] for each in step["columns"]]}
        if kind in (KEEP, SKIP):
            values = "\n".join(step["values"])
            return {"rows_column": places[step["column"]], "rows_act": kind, "rows_values": values}
        if kind == "take_parts" and "count" not in step:
            said = {f"part_{own}": part for own, part in step["into"].items()}
            said |= {"parts_column": places[step["column"]]}
            return said | {"parts_separator": step["separator"]}
        if kind == "add_columns":
            into = "months_to_period" if step.get("to_period") else "months_into"
            first, last = (places[step["columns"][end]] for end in (0, -1))
            return {"months_first": first, "months_last": last, into: step["into"]}
        if kind == "turn_columns" and "after" in step:
            said = {"turn_after": places[step["after"]], "turn_headings": step["headings_into"]}
            return said | {"turn_figures": step["figures_into"]}
        if kind == "reverse_sign":
            values = "\n".join(step["values"])
            return {"sign_column": places[step["column"]], "sign_values": values}
    except KeyError:
        return None
    if kind == "pad":
        return {f"pad_{columns.get(step['column'], step['column'])}": step["length"]}
    return {"add_up": True} if kind == "add_up" else None


def _own_choices(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ").capitalize()) for name in names]


def _in_words(names: Sequence[str]) -> str:
    return " and ".join(name.replace("_", " ") for name in names)


def _whole_number(label: str, least: int) -> forms.IntegerField:
    widget = forms.TextInput({"inputmode": "numeric", **_SHORT})
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=LONGEST_CODE, widget=widget
    )


def _split_lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
