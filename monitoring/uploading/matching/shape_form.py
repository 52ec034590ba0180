"""The form about the shape of a ledger's export, which becomes the steps of a layout."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from council_finance.forms.widgets import DetailedCheckboxes
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.layout_words import label_of
from council_finance.uploads.step_reader import LONGEST_CODE, MOST_VALUES
from monitoring.uploading.matching.file_headings import FileHeadings
from monitoring.uploading.matching.questions import Question
from monitoring.uploading.matching.shape_fields import (
    KEEP,
    MOST_ADDS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_SIGNS,
    SKIP,
    given_values,
    makes_of_fields,
    numbered,
    parts_of_fields,
    steps_of_fields,
)

_NONE = ("", "–")
_SHORT = {"class": "govuk-input--width-4"}
_ACTS = [_NONE, (KEEP, "Keep them, leave out all others"), (SKIP, "Leave them out")]


class ShapeForm(forms.Form):
    """The shape of a file with these headings; every question may be left out.

    A file with one row a line, one column a figure and its codes in every row needs none of them.
    """

    prefix = "shape"
    error_link = "#shape"

    def __init__(
        self,
        specs: Sequence[ColumnSpec],
        headings: FileHeadings,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        self.codes = [spec.name for spec in specs if spec.kind == CODE]
        self.keys = [spec.name for spec in specs if spec.kind == CODE and spec.required]
        self.amounts = [spec.name for spec in specs if spec.kind == AMOUNT]
        self.places = [(str(place), name) for place, name in headings.names.items()]
        self._add_fill_and_rows()
        self._add_parts()
        self._add_sums()
        self._add_turn_and_signs()
        for code in self.codes:
            word = code.replace("_", " ")
            self.fields[f"pad_{code}"] = _whole_number(f"Length of the {word}", 2)
        self.fields["add_up"] = forms.BooleanField(
            label=f"Add up rows with the same {_join_words(self.keys)}",
            help_text="Choose this if the file has several rows for a budget line, such as one for "
            "each programme or project.",
            required=False,
        )
        self.fields["add_up_by"] = _tick_any(
            "Or rows with the same", [(code, label_of(code)) for code in self.codes]
        )

    def _add_fill_and_rows(self) -> None:
        self.fields["fill"] = _tick_any(
            "Columns in which a label is printed once and applies to the rows below it", self.places
        )
        for prefix in numbered("rows", MOST_ROWS):
            self.fields[f"{prefix}_column"] = _pick_one("Column that decides", self.places)
            self.fields[f"{prefix}_act"] = forms.ChoiceField(
                label="Rows with these values", choices=_ACTS, required=False
            )
            self._add_values(prefix, "Values, one a line", 3)

    def _add_values(self, prefix: str, label: str, rows: int) -> None:
        self.fields[f"{prefix}_values"] = forms.CharField(
            label=label, required=False, widget=forms.Textarea({"rows": rows})
        )
        self.fields[f"{prefix}_blank"] = forms.BooleanField(
            label="And where the column is blank", required=False
        )

    def _add_parts(self) -> None:
        for prefix in numbered("parts", MOST_PARTS):
            self.fields[f"{prefix}_column"] = _pick_one("Column with the long code", self.places)
            self.fields[f"{prefix}_separator"] = forms.CharField(
                label="Character between its parts",
                max_length=10,
                required=False,
                strip=False,
                widget=forms.TextInput(_SHORT),
            )
            self.fields[f"{prefix}_count"] = _whole_number("Parts that every code must have", 1)
            for code in self.codes:
                word = code.replace("_", " ")
                name = f"{prefix}_of_{code}"
                self.fields[name] = _whole_number(f"Part that is the {word}", 1)

    def _add_sums(self) -> None:
        amounts = _own_choices(self.amounts)
        self.fields["months_first"] = _pick_one("First month’s column", self.places)
        self.fields["months_last"] = _pick_one("Last month’s column", self.places)
        self.fields["months_into"] = _pick_one("All months together are the", amounts)
        self.fields["months_to_period"] = _pick_one("The months up to the period are the", amounts)
        for prefix in numbered("adds", MOST_ADDS):
            self.fields[f"{prefix}_columns"] = _tick_any("Columns to add up", self.places)
            self.fields[f"{prefix}_into"] = _pick_one("Together they are the", amounts)
            self.fields[f"{prefix}_until"] = forms.BooleanField(
                label="They are months, April first: add up those up to the period",
                required=False,
            )

    def _add_turn_and_signs(self) -> None:
        amounts = _own_choices(self.amounts)
        self.fields["turn_after"] = _pick_one("Last column before the figures", self.places)
        self.fields["turn_headings"] = _pick_one(
            "The headings over the figures are the", _own_choices(self.codes)
        )
        self.fields["turn_figures"] = _pick_one("The figures are the", amounts)
        self.fields["turn_columns"] = _tick_any("Or only these columns of figures", self.places)
        for prefix in numbered("sign", MOST_SIGNS):
            label = "Column that shows which rows are income"
            self.fields[f"{prefix}_column"] = _pick_one(label, self.places)
            self._add_values(prefix, "Its values for income, one a line", 2)
            label = "Figures that are reversed; none chosen: all"
            self.fields[f"{prefix}_figures"] = _tick_any(label, amounts)

    def _get_fields(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def parts(self) -> list[Question]:
        """The questions, in the order in which the steps change the rows."""
        return [*self._questions_on_rows(), *self._questions_on_figures(), *self._last_questions()]

    def _questions_on_rows(self) -> list[Question]:
        rows = [self._rows_fields(prefix) for prefix in numbered("rows", MOST_ROWS)]
        codes = [self._parts_fields(prefix) for prefix in numbered("parts", MOST_PARTS)]
        fill = self._get_fields("fill")
        title = "Only some rows apply: several years or types in one file"
        long_code = "One column has a long code made of several codes"
        return [
            Question("A label is printed once and applies to the rows below it", fill),
            Question(title, rows[0], again=rows[1:]),
            Question(long_code, codes[0], _PARTS_HINT, codes[1:]),
        ]

    def _questions_on_figures(self) -> list[Question]:
        names = ("months_first", "months_last", "months_into", "months_to_period")
        months = self._get_fields(*names)
        sums = [
            self._get_fields(f"{prefix}_columns", f"{prefix}_into", f"{prefix}_until")
            for prefix in numbered("adds", MOST_ADDS)
        ]
        names = ("turn_after", "turn_headings", "turn_figures", "turn_columns")
        turn = self._get_fields(*names)
        crosstab = "A crosstab: codes are the headings of the columns of figures"
        return [
            Question("Each month has a column", months, _MONTHS_HINT),
            Question("Several columns make one figure", sums[0], again=sums[1:]),
            Question(crosstab, turn, _TURN_HINT),
        ]

    def _last_questions(self) -> list[Question]:
        signs = [self._sign_fields(prefix) for prefix in numbered("sign", MOST_SIGNS)]
        pads = self._get_fields(*(f"pad_{code}" for code in self.codes))
        add_up = self._get_fields("add_up", "add_up_by")
        title = "Income is printed as positive, and a column shows which rows are income"
        return [
            Question(title, signs[0], again=signs[1:]),
            Question("Codes have lost their leading zeros", pads, _PAD_HINT),
            Question("Several rows make one budget line", add_up, _ADD_UP_HINT),
        ]

    def _rows_fields(self, prefix: str) -> list[forms.BoundField]:
        return self._get_fields(
            *(f"{prefix}_{name}" for name in ("column", "act", "values", "blank"))
        )

    def _sign_fields(self, prefix: str) -> list[forms.BoundField]:
        names = ("column", "values", "blank", "figures")
        return self._get_fields(*(f"{prefix}_{name}" for name in names))

    def _parts_fields(self, prefix: str) -> list[forms.BoundField]:
        of_codes = [f"{prefix}_of_{code}" for code in self.codes]
        names = (f"{prefix}_column", f"{prefix}_separator", *of_codes, f"{prefix}_count")
        return self._get_fields(*names)

    def clean(self) -> dict[str, Any]:
        """Refuse a part of the shape of which only some fields are given."""
        super().clean()
        data = self.cleaned_data
        for prefix in numbered("rows", MOST_ROWS):
            self._clean_values(data, prefix, ", what to do with these rows,")
        for prefix in numbered("sign", MOST_SIGNS):
            self._clean_values(data, prefix, "")
        for prefix in numbered("parts", MOST_PARTS):
            self._clean_parts(data, prefix)
        self._clean_sums(data)
        self._clean_turn(data)
        data["add_up_by"] = data.get("add_up_by") or self.keys
        made = self.makes()
        if len(set(made)) < len(made):
            twice = next(own for own in made if made.count(own) > 1)
            self.add_error(None, f"{label_of(twice)} is made in two ways; choose one.")
        return data

    def _clean_values(self, data: dict[str, Any], prefix: str, act: str) -> None:
        values = given_values(data, prefix)
        given = [data.get(f"{prefix}_column"), values]
        given += [data.get(f"{prefix}_act")] if act else []
        if any(given) and not all(given):
            self.add_error(f"{prefix}_column", f"Give the column{act} and the values.")
        if len(values) > MOST_VALUES:
            self.add_error(f"{prefix}_values", f"Give at most {MOST_VALUES} values.")

    def _clean_parts(self, data: dict[str, Any], prefix: str) -> None:
        parts = parts_of_fields(data, prefix, self.codes)
        given = [
            bool(data.get(f"{prefix}_column")),
            bool(data.get(f"{prefix}_separator")),
            bool(parts),
        ]
        if any(given) and not all(given):
            self.add_error(
                f"{prefix}_column",
                "Say the column, what stands between its parts, and which part is which.",
            )
        count = data.get(f"{prefix}_count")
        if count and parts and max(parts.values()) > count:
            self.add_error(f"{prefix}_count", f"Part {max(parts.values())} is taken: give more.")

    def _clean_sums(self, data: dict[str, Any]) -> None:
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
        for prefix in numbered("adds", MOST_ADDS):
            given = [bool(data.get(f"{prefix}_columns")), bool(data.get(f"{prefix}_into"))]
            if any(given) and not all(given):
                self.add_error(f"{prefix}_into", "Say the columns and what they are together.")

    def _clean_turn(self, data: dict[str, Any]) -> None:
        after, columns = data.get("turn_after"), data.get("turn_columns")
        given = [after or columns, data.get("turn_headings"), data.get("turn_figures")]
        if any(given) and not all(given):
            self.add_error("turn_after", "Say all three: the column, the headings, the figures.")
        elif after and columns:
            self.add_error(
                "turn_after", "Choose the last column before the figures, or the columns; not both."
            )

    def makes(self) -> list[str]:
        """Return the product's own columns that the steps make."""
        return makes_of_fields(self.cleaned_data, self.codes)

    def steps(self, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the layout's steps; `columns` are its headings with the product's columns."""
        data, codes, amounts = self.cleaned_data, self.codes, self.amounts
        return list(steps_of_fields(data, self.headings, columns, codes, amounts))


_PARTS_HINT = "Parts are counted from 1. Where the number of parts is given, others are refused."
_MONTHS_HINT = (
    "The columns are side by side, April first. “Up to the period” adds the first three for "
    "month 3."
)
_TURN_HINT = (
    "Every column to the right of the one you choose holds figures. Columns headed Total are "
    "compared and left out."
)
_PAD_HINT = (
    "Leading zeros are added to codes of digits up to this length. Other codes stay as they are."
)
_ADD_UP_HINT = "Totals are compared before the rows are added up."


def _pick_one(label: str, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[_NONE, *choices], required=False)


def _tick_any(label: str, choices: Sequence[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices),
        required=False,
        widget=DetailedCheckboxes(css_class="shape__columns"),
    )


def _own_choices(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, label_of(name)) for name in names]


def _join_words(names: Sequence[str]) -> str:
    return " and ".join(name.replace("_", " ") for name in names)


def _whole_number(label: str, least: int) -> forms.IntegerField:
    widget = forms.TextInput({"inputmode": "numeric", **_SHORT})
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=LONGEST_CODE, widget=widget
    )
