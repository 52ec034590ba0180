"""Forms to upload a file and to match its columns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from council_finance.forms.fields import set_choices, text_field
from council_finance.forms.widgets import (
    ChoiceDetail,
    DetailedRadios,
    SampleSelect,
)
from council_finance.money import is_amount
from council_finance.registry import AnyKind
from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, ColumnSpec
from council_finance.uploads.limits import letters
from council_finance.uploads.matching import choosable, guess_columns
from council_finance.uploads.units import UNIT_LABELS, unit_of
from monitoring.uploading.shape_forms import ShapeForm, shape_of

_UNITS = (("", "As headed"), ("pounds", "£"), ("k", "£000"), ("m", "£m"), ("bn", "£bn"))
_SIGNS = (("", "As in the file"), ("reverse", "Reversed"))
_TOGETHER = ("cost_centre", "account")
"""Codes that ledgers print in one column."""

_KEYS = {
    "sheet",
    "columns",
    "fixed",
    "split",
    "sign",
    "units",
    "round_to_penny",
    "header_rows",
    "steps",
}
"""The keys of a layout that the form about columns can say."""


class UploadForm(forms.Form):
    """A file and its kind; `scope` is the service that it is limited to.

    `explained` has by the kind's name what is shown below it while it is chosen.
    """

    kind = forms.ChoiceField(label="What is in the file?", widget=DetailedRadios)
    file = forms.FileField(
        label="File",
        help_text="CSV, XLSX, XLS or ODS, up to 50 MB. The file is checked first; nothing is "
        "stored until you confirm.",
        widget=forms.FileInput({"data-drop": True, "accept": ".csv,.txt,.xlsx,.xls,.ods"}),
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
    )

    layout = forms.ChoiceField(
        label="Saved layout",
        help_text="How your ledger’s own export is read: its headings, signs and units.",
        required=False,
    )
    scope = forms.CharField(required=False)

    def __init__(
        self,
        kinds: Sequence[AnyKind],
        layouts: Sequence[str],
        *args: Any,
        asked: str = "",
        explained: Mapping[str, SafeString],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = ("", "The product’s own headings, or the layout whose headings fit")
        set_choices(self, "layout", [own, *((name, name) for name in layouts)])
        names = [kind.name for kind in kinds]
        set_choices(self, "kind", [(kind.name, kind.label) for kind in kinds])
        self.fields["kind"].initial = asked if asked in names else names[0]
        self.fields["kind"].widget.details = {
            kind.name: ChoiceDetail(hint=kind.purpose, reveals=explained[kind.name])
            for kind in kinds
        }
        if not layouts:
            self.fields[
                "file"
            ].help_text += (
                " If its headings are your ledger’s own, you match them once, after the check."
            )


@dataclass(frozen=True)
class MatchRow:
    """A column that the product needs, and the fields that say where it is in the file.

    `sample` is what the file has under the chosen heading; `figures` are the unit and the sign.
    """

    spec: ColumnSpec
    label: str
    meaning: str
    column: BoundField
    sample: str
    fixed: BoundField | None
    figures: list[BoundField]


class ColumnsForm(forms.Form):
    """The columns of a file, whose headings are `found`, matched with the product's.

    `layout` is the name and definition that the file was read with before. The form begins with
    it where its fields can express all of it, else with what the headings suggest.
    """

    error_link = "#shape"
    name = text_field(
        "Name of the layout",
        "People choose it by this name if several layouts fit a file.",
        max_length=100,
        attrs={"class": "govuk-input--width-20"},
        error_messages={"required": "Give the layout a name.", "max_length": "Use a shorter name."},
    )
    round_to_penny = forms.BooleanField(
        label="Round figures with more than two decimals to the penny, and say by how much",
        required=False,
    )
    replace = forms.BooleanField(label="Replace the layout of this name", required=False)

    def __init__(
        self,
        kind: AnyKind,
        found: dict[str, Any],
        layout: tuple[str, dict[str, Any] | None],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.kind = kind
        self.specs = tuple(spec for spec in kind.columns if not spec.aside)
        self.texts, self.cells = found["headings"], found["cells"]
        self.header_rows = found.get("header_rows", 1)
        self.headings = choosable(self.texts)
        self.units = found.get("units") or [unit_of(text).scale for text in self.texts]
        super().__init__(*args, **kwargs)
        self.choices = [("", "Not in the file")] + [
            (str(place), heading) for place, heading in self.headings.items()
        ]
        for spec in self.specs:
            self._add_fields(spec)
        self.splits = {spec.name for spec in self.specs} >= set(_TOGETHER)
        if self.splits:
            self.fields["together"] = self._choose_column("Column with both codes")
            self.fields["separator"] = forms.CharField(
                label="Character between them",
                help_text="A hyphen where the file has A100-NET. The cost centre comes first.",
                max_length=5,
                required=False,
                strip=False,
                widget=forms.TextInput({"class": "govuk-input--width-4"}),
            )
        self.initial = self._fields_of_layout(*layout) or self._guess_fields()
        shape = self._read_shape(layout[1] or {}) if "replace" in self.initial else {}
        self.shape = ShapeForm(self.specs, self.headings, *args, initial=shape)

    def _choose_column(self, label: str, **attributes: str) -> forms.ChoiceField:
        """Return a list of the file's columns, each with its sample."""
        widget = SampleSelect(attributes)
        widget.samples = {value: sample for value, _, sample in self.options}
        return forms.ChoiceField(label=label, choices=self.choices, required=False, widget=widget)

    def _add_fields(self, spec: ColumnSpec) -> None:
        name = f"column_{spec.name}"
        meaning, sample = f"id_{name}_default_meaning", f"id_{name}_sample"
        self.fields[name] = self._choose_column(
            "Column in the file",
            **{"data-samples": sample, "aria-describedby": f"{meaning} {sample}"},
        )
        if spec.kind == AMOUNT:
            unit = forms.ChoiceField(label="Unit", choices=_UNITS, required=False)
            self.fields[f"unit_{spec.name}"] = unit
            sign = forms.ChoiceField(label="Sign", choices=_SIGNS, required=False)
            self.fields[f"sign_{spec.name}"] = sign
        elif spec.required or spec.kind in (CODE, CHOICE):
            self.fields[f"fixed_{spec.name}"] = forms.CharField(
                label="Or the same for every row", max_length=200, required=False
            )

    def _has_fixed(self, spec: ColumnSpec) -> bool:
        return f"fixed_{spec.name}" in self.fields

    def _guess_fields(self) -> dict[str, Any]:
        guessed = guess_columns(self.texts, self.specs)
        found = {f"column_{name}": str(place) for name, place in guessed.items()}
        return found | {"name": f"{self.kind.label} export"}

    def _fields_of_layout(self, name: str, definition: dict[str, Any] | None) -> dict[str, Any]:
        """Return the fields that say a layout; none where this form cannot say all of it."""
        definition = definition or {}
        columns, split = definition.get("columns", {}), definition.get("split", {})
        sign = definition.get("sign", {})
        places = {heading: str(place) for place, heading in self.headings.items()}
        if self._read_shape(definition) is None:
            return {}
        if definition.get("header_rows", 1) != self.header_rows:
            return {}
        if not (definition.keys() <= _KEYS and sign.keys() <= {"reverse"} and len(split) <= 1):
            return {}
        if not columns or not places.keys() >= {*columns, *split}:
            return {}
        found: dict[str, Any] = {
            f"column_{own}": places[heading] for heading, own in columns.items()
        }
        found |= {f"fixed_{own}": value for own, value in definition.get("fixed", {}).items()}
        found |= {f"unit_{own}": unit for own, unit in definition.get("units", {}).items()}
        found |= {f"sign_{own}": "reverse" for own in sign.get("reverse", ())}
        for heading, rule in split.items():
            if rule["into"] != [*_TOGETHER] or "separator" not in rule:
                return {}
            found |= {"together": places[heading], "separator": rule["separator"]}
        found |= {"name": name, "replace": True}
        found |= {"round_to_penny": bool(definition.get("round_to_penny"))}
        return found if found.keys() <= self.fields.keys() else {}

    def _read_shape(self, definition: dict[str, Any]) -> dict[str, Any] | None:
        """Return the fields that say a layout's steps; None where they cannot say them."""
        steps = definition.get("steps", [])
        named = self._name_repeated(self.headings.values())
        others = [step for step in steps if step["do"] != "name_column"]
        if any(step not in named for step in steps if step["do"] == "name_column"):
            return None
        return shape_of(others, definition.get("columns", {}), self.headings)

    def _name_repeated(self, headings: Collection[str]) -> list[dict[str, str]]:
        """Return the steps that name those of the headings that are in the file more than once."""
        return [
            {"do": "name_column", "column": letters(at), "heading": self.texts[at], "name": name}
            for at, name in self.headings.items()
            if name in headings and name != self.texts[at]
        ]

    @property
    def rows(self) -> list[MatchRow]:
        """Return the product's columns, the needed ones first."""
        samples = {value: sample for value, _, sample in self.options}
        return [
            MatchRow(
                spec=spec,
                label=in_words(spec.name),
                meaning=_meaning_with_choices(spec),
                column=(column := self[f"column_{spec.name}"]),
                sample=samples.get(column.value(), ""),
                fixed=self[f"fixed_{spec.name}"] if self._has_fixed(spec) else None,
                figures=[self[f"{part}_{spec.name}"] for part in ("unit", "sign")]
                if spec.kind == AMOUNT
                else [],
            )
            for spec in sorted(self.specs, key=lambda spec: not spec.required)
        ]

    @cached_property
    def options(self) -> list[tuple[str, str, str]]:
        """Return value, heading and sample of each choice: its cells in the first rows."""
        options = [(*self.choices[0], "")]
        for value, heading in self.choices[1:]:
            under = [row[int(value)] for row in self.cells if row[int(value)]]
            shown = " · ".join(under) or "nothing in the first rows"
            unit = self._unit_in_words(int(value)) if any(map(is_amount, under)) else ""
            options.append((value, heading, f"{heading}: {shown}{unit}"))
        return options

    def _unit_in_words(self, place: int) -> str:
        scale = self.units[place]
        if scale is None:
            return " – the file does not say clearly in which unit"
        return "" if scale == 1 else f" – in {UNIT_LABELS[scale]}"

    def clean(self) -> dict[str, Any]:
        """Refuse a column given in several ways, a needed one in none, and a heading used twice."""
        super().clean()
        data = self.cleaned_data
        if not self.shape.is_valid():
            self.add_error(None, "Correct what is said about the shape of the file.")
        shaped = self.shape.makes()
        taken: dict[str, str] = {}
        if self.splits and (data.get("together") or data.get("separator")):
            self._clean_together(data, taken)
        for spec in self.specs:
            place, fixed = data.get(f"column_{spec.name}"), data.get(f"fixed_{spec.name}")
            together = bool(data.get("together")) and spec.name in _TOGETHER
            label = in_words(spec.name)
            ways = [bool(place), bool(fixed), together, spec.name in shaped]
            if sum(ways) > 1:
                self._add_fault(
                    spec,
                    f"{label}: give a column of its own, or one value, or both codes "
                    "in one column, or make it by the shape of the file; not several of these.",
                )
            elif spec.required and not any(ways) and not self.has_error(f"column_{spec.name}"):
                or_one = ", or give one value for every row" if self._has_fixed(spec) else ""
                self._add_fault(spec, f"{label}: choose the column that holds it{or_one}.")
            if place and spec.kind == AMOUNT and not data.get(f"unit_{spec.name}"):
                self._require_unit(spec, int(place))
            if place and place in taken:
                heading = self.headings[int(place)]
                self._add_fault(
                    spec, f"{label}: “{heading}” is chosen for {taken[place].lower()} too."
                )
            elif place:
                taken[place] = label
        return data

    def _clean_together(self, data: dict[str, Any], taken: dict[str, str]) -> None:
        if not data.get("together"):
            self.add_error("together", "Choose the column that holds both codes.")
        elif not data.get("separator"):
            self.add_error("separator", "Say what stands between the two codes.")
        else:
            taken[data["together"]] = "Cost centre and account"

    def _require_unit(self, spec: ColumnSpec, place: int) -> None:
        if self.units[place] is None:
            self.add_error(
                f"unit_{spec.name}",
                f"{in_words(spec.name)}: choose the unit. The file does not say clearly in which "
                f"unit the figures under “{self.headings[place]}” are.",
            )

    def _add_fault(self, spec: ColumnSpec, sentence: str) -> None:
        self.add_error(f"column_{spec.name}", sentence)

    def definition(self) -> dict[str, Any]:
        """Return the layout, as read_layout takes it."""
        data = self.cleaned_data

        def given(part: str) -> dict[str, str]:
            values = {spec.name: data.get(f"{part}_{spec.name}") for spec in self.specs}
            return {name: value for name, value in values.items() if value}

        columns = given("column")
        figures = {*columns, *self.shape.makes()}
        made: dict[str, Any] = {
            "columns": {self.headings[int(place)]: name for name, place in columns.items()},
            "fixed": given("fixed"),
            "units": {name: unit for name, unit in given("unit").items() if name in figures},
        }
        if reverse := [name for name in given("sign") if name in columns]:
            made["sign"] = {"reverse": reverse}
        if data.get("together"):
            heading = self.headings[int(data["together"])]
            separator = data["separator"].strip() or " "
            made["split"] = {heading: {"into": [*_TOGETHER], "separator": separator}}
        steps = self.shape.steps(made["columns"])
        used = {*made["columns"], *made.get("split", ())}
        used |= {text for step in steps for text in _texts_of_step(step)}
        made["steps"] = [*self._name_repeated(used), *steps]
        if data.get("round_to_penny"):
            made["round_to_penny"] = True
        if self.header_rows > 1:
            made["header_rows"] = self.header_rows
        return {key: table for key, table in made.items() if table}


def _texts_of_step(step: Mapping[str, Any]) -> list[str]:
    """Return every heading that a step may name."""
    lists = [value for value in step.values() if isinstance(value, list)]
    return [*map(str, step.values()), *(str(each) for values in lists for each in values)]


def in_words(column: str) -> str:
    """Return a column's name as a reader sees it: `Current budget` for `current_budget`."""
    return column.replace("_", " ").capitalize()


def _meaning_with_choices(spec: ColumnSpec) -> str:
    words = f" One of: {', '.join(spec.choices)}." if spec.choices else ""
    return f"{spec.meaning}{words}"
