"""The form on which a person matches the columns of a file."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property

from council_finance.forms.fields import text_field
from council_finance.forms.widgets import SampleSelect
from council_finance.money import is_amount
from council_finance.registry import AnyKind
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.layout_words import label_of
from council_finance.uploads.layouts import read_layout
from council_finance.uploads.matching import choosable, guess_columns
from council_finance.uploads.saved_layout import SavedLayout
from council_finance.uploads.units import UNIT_LABELS
from monitoring.uploading.matching.checks import check_columns
from monitoring.uploading.matching.file_headings import (
    possible_header_rows,
    read_headings,
    units_of_titles,
)
from monitoring.uploading.matching.layout_fields import (
    BOTH,
    LONGEST_SEPARATOR,
    MOST_CODES,
    MOST_SPLITS,
    REVERSE,
    SUFFIX,
    TOGETHER,
    FieldsOfLayout,
    definition_of_fields,
    keep_unchanged_parts,
    with_kept_parts,
)
from monitoring.uploading.matching.shape_fields import (
    are_same_steps,
    fields_of_steps,
    numbered,
)
from monitoring.uploading.matching.shape_form import ShapeForm

_UNITS = (("", "As headed"), ("pounds", "£"), ("k", "£000"), ("m", "£m"), ("bn", "£bn"))
_SIGNS = (
    ("", "As in the file"),
    (REVERSE, "Reversed"),
    (SUFFIX, "CR is negative"),
    (BOTH, "DR is negative"),
)


class ColumnsForm(forms.Form):
    """The columns of a file matched with the product's.

    `found` are the file's headings and first rows, as the check found them. `base` is the layout
    that the form begins with; what it says and no field can say stays in the definition. Without
    one, the form begins with what the headings suggest.
    """

    error_link = "#shape"
    name = text_field(
        "Name of the layout",
        "People choose it by this name if several layouts fit a file.",
        max_length=100,
        attrs={"class": "govuk-input--width-20"},
        error_messages={"required": "Give the layout a name.", "max_length": "Use a shorter name."},
    )
    replace = forms.BooleanField(
        label="Save as a new version of the layout of this name", required=False
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    round_to_penny = forms.BooleanField(
        label="Round figures with more than two decimals to the penny, and say by how much",
        required=False,
    )

    def __init__(
        self,
        kind: AnyKind,
        found: Mapping[str, Any],
        base: SavedLayout | None,
        sheets: list[str],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.kind, self.found, self.base = kind, found, base
        self.specs = tuple(spec for spec in kind.columns if not spec.aside)
        self.amounts = [spec.name for spec in self.specs if spec.kind == AMOUNT]
        self.base_layout = read_layout(base.definition) if base else None
        super().__init__(*args, **kwargs)
        self.rows_offered = possible_header_rows(found)
        self.headings = read_headings(found, self.base_layout, self._read_header_rows())
        self.units = units_of_titles(found, self.headings.titles)
        shown = choosable(self.headings.titles)
        self.choices = [("", "Not in the file")] + [
            (str(place), shown.get(place, self.headings.titles[place]))
            for place in self.headings.names
        ]
        for spec in self.specs:
            self._add_fields(spec)
        self._add_split_fields()
        self._add_rule_fields(sheets)
        self._set_first_values(*args)

    def _read_header_rows(self) -> int:
        """Return from how many rows the headings are taken: as sent, in the layout, or found."""
        own = self.base_layout.header_rows if self.base_layout else 0
        sent = str(self.data.get("header_rows", "")) if self.is_bound else ""
        wanted = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 2 else own  # noqa: PLR2004
        return wanted if wanted in self.rows_offered else int(self.found.get("header_rows", 1))

    def _set_first_values(self, *args: Any) -> None:
        """Give the fields their first values, and make the form about the shape of the file."""
        self.kept: dict[str, Any] = {}
        shape: dict[str, Any] = {}
        definition = dict(self.base.definition) if self.base else {}
        if self.base:
            read = FieldsOfLayout(definition, self.specs, self.headings)
            self.kept = read.kept
            self.initial = read.fields | {
                "name": self.base.name,
                "replace": True,
                "seen_version": self.base.version,
            }
            shape = self._begin_shape(definition) or {}
            self._guess_missing_columns()
        else:
            self.initial = {f"column_{own}": place for own, place in self._guessed_places.items()}
            self.initial["name"] = f"{self.kind.label} export"
        self.initial["header_rows"] = str(self.headings.header_rows)
        self.shape = ShapeForm(self.specs, self.headings, *args, initial=shape)

    def _begin_shape(self, definition: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the fields that say the steps of the layout; None, and keep them, if none can."""
        steps, columns = definition.get("steps", []), definition.get("columns", {})
        codes = [spec.name for spec in self.specs if spec.kind == CODE]
        said = fields_of_steps(steps, columns, self.headings, codes, self.amounts)
        if said is not None and not self.headings.missing:
            tried = ShapeForm(self.specs, self.headings, _as_sent(said))
            made = tried.steps(columns) if tried.is_valid() else []
            names = [step for step in steps if step["do"] == "name_column"]
            if not are_same_steps([*names, *made], steps):
                said = None
        if said is None:
            self.fields["keep_steps"] = forms.BooleanField(
                label="Keep these steps. Otherwise answer the questions below.",
                required=False,
                initial=True,
            )
            if not self.is_bound or self.data.get("keep_steps"):
                self.kept["steps"] = steps
        return said

    @property
    def _guessed_places(self) -> dict[str, str]:
        guessed = guess_columns(self.headings.titles, self.specs)
        return {own: str(place) for own, place in guessed.items()}

    def _guess_missing_columns(self) -> None:
        """Suggest a column of the file where the layout's heading is not in it."""
        headings = self.base_layout.headings if self.base_layout else ()
        used = set(map(self.headings.place_of, headings))
        for own, place in self._guessed_places.items():
            if self.initial.get(f"column_{own}") == "" and place not in used:
                self.initial[f"column_{own}"] = place

    def _choose_column(self, label: str, **attributes: str) -> forms.ChoiceField:
        """Return a list of the file's columns, each with its sample."""
        widget = SampleSelect(attributes)
        widget.samples = {value: sample for value, _, sample in self.options}
        return forms.ChoiceField(label=label, choices=self.choices, required=False, widget=widget)

    def _add_fields(self, spec: ColumnSpec) -> None:
        name, label = f"column_{spec.name}", label_of(spec.name)
        meaning, sample = f"id_{name}_meaning", f"id_{name}_sample"
        self.fields[name] = self._choose_column(
            "Column in the file",
            **{"data-samples": sample, "aria-describedby": f"{meaning} {sample}"},
        )
        self.fields[f"fixed_{spec.name}"] = forms.CharField(
            label="Or the same for every row", max_length=500, required=False
        )
        if spec.kind == AMOUNT:
            self.fields[f"fixed_{spec.name}"].label = f"{label}: the same for every row"
            for part, choices in (("unit", _UNITS), ("sign", _SIGNS)):
                self.fields[f"{part}_{spec.name}"] = forms.ChoiceField(
                    label=part.capitalize(), choices=choices, required=False
                )
            for side in ("debit", "credit"):
                self.fields[f"{side}_{spec.name}"] = forms.ChoiceField(
                    label=f"{label}: column of {side}s", choices=self.choices, required=False
                )

    def _add_split_fields(self) -> None:
        own = [("", "–")] + [(spec.name, label_of(spec.name)) for spec in self.specs]
        prefixes = numbered("split", MOST_SPLITS)
        self.splits = {spec.name for spec in self.specs} >= set(TOGETHER)
        if self.splits:
            self.fields["together"] = self._choose_column("Column with both codes")
            self.fields["separator"] = _separator_field(
                "A hyphen where the file has A100-NET. The cost centre comes first."
            )
            self.fields["together_lengths"] = _lengths_field()
        for prefix in prefixes:
            self.fields[f"{prefix}_column"] = self._choose_column("Column with several codes")
            self.fields[f"{prefix}_separator"] = _separator_field("")
            self.fields[f"{prefix}_lengths"] = _lengths_field()
            for number in range(1, MOST_CODES + 1):
                self.fields[f"{prefix}_into_{number}"] = forms.ChoiceField(
                    label=f"Code {number} in it is the", choices=own, required=False
                )

    def _add_rule_fields(self, sheets: list[str]) -> None:
        self.fields["header_rows"] = forms.ChoiceField(
            label="Rows that the headings take",
            help_text="The rows are read as one heading: “Full year” over “Budget” is “Full year "
            "Budget”.",
            choices=[(str(rows), str(rows)) for rows in self.rows_offered],
            required=False,
        )
        named = [self.base_layout.sheet] if self.base_layout and self.base_layout.sheet else []
        names = list(dict.fromkeys([*sheets, *named]))
        self.fields["sheet"] = forms.ChoiceField(
            label="Sheet of the workbook",
            choices=[("", "Any sheet with these headings"), *((name, name) for name in names)],
            required=False,
        )
        self.offers_sheets = bool(names)
        self.fields["skip_starts"] = _lines_field(
            "Leave out rows whose first filled cell begins with, one a line"
        )
        self.fields["skip_blank_codes"] = forms.BooleanField(
            label="Leave out rows without any code that are not totals", required=False
        )
        self.fields["skip_unheaded"] = forms.BooleanField(
            label="Leave out columns without a heading", required=False
        )
        self.fields["income_beginnings"] = _lines_field("Accounts of income begin with, one a line")
        self.fields["income_patterns"] = _lines_field(
            "Or match these regular expressions, one a line"
        )

    @cached_property
    def options(self) -> list[tuple[str, str, str]]:
        """Return value, heading and sample of each choice: its cells in the first rows."""
        options = [(*self.choices[0], "")]
        for value, heading in self.choices[1:]:
            under = [row[int(value)] for row in self.found["cells"] if row[int(value)]]
            shown = " · ".join(under) or "nothing in the first rows"
            unit = self._describe_unit(int(value)) if any(map(is_amount, under)) else ""
            options.append((value, heading, f"{heading}: {shown}{unit}"))
        return options

    def _describe_unit(self, place: int) -> str:
        scale = self.units[place]
        if scale is None:
            return " – the file does not say clearly in which unit"
        return "" if scale == 1 else f" – in {UNIT_LABELS[scale]}"

    @property
    def kept_makes(self) -> set[str]:
        """Return the columns that are filled by parts of the layout that no field can say."""
        if self.base_layout is None:
            return set()
        made = {*self.kept.get("columns", {}).values(), *self.kept.get("fixed", ())}
        made |= {own for rule in self.kept.get("split", {}).values() for own in rule["into"]}
        made |= set(self.kept.get("debit_credit", ()))
        if "steps" in self.kept:
            made |= {own for step in self.base_layout.steps for own in step.makes}
        return made

    def clean(self) -> dict[str, Any]:
        """Refuse a column given in several ways, a needed one in none, and a heading used twice."""
        data = super().clean() or self.cleaned_data
        if not self.shape.is_valid():
            self.add_error(None, "Correct what is said about the shape of the file.")
        elif "steps" in self.kept and self.shape.steps({}):
            self.add_error("keep_steps", "Keep these steps or answer the questions; not both.")
        check_columns(self, data)
        return data

    def definition(self) -> dict[str, Any]:
        """Return the layout, as read_layout takes it.

        What the form begins with and nobody changed stays word for word.
        """
        made = definition_of_fields(self.cleaned_data, self.specs, self.headings)
        steps = self.shape.steps(made["columns"])
        if "steps" not in self.kept:
            used = {*made["columns"], *made["split"]}
            used |= {text for rule in made["debit_credit"].values() for text in rule.values()}
            used |= {text for step in steps for text in _texts_of_step(step)}
            made["steps"] = [*self.headings.steps_that_name(used), *steps]
        filled = {*made["columns"].values(), *made["fixed"], *made["debit_credit"]}
        filled |= {own for rule in made["split"].values() for own in rule["into"]}
        filled |= {*self.shape.makes(), *self.kept_makes}
        made["units"] = {own: unit for own, unit in made["units"].items() if own in filled}
        for key, name in (("suffix", "columns"), ("sign", "reverse")):
            made[key][name] = [own for own in made[key][name] if own in filled]
        whole = with_kept_parts(made, self.kept)
        return keep_unchanged_parts(whole, self.base.definition) if self.base else whole


def _texts_of_step(step: Mapping[str, Any]) -> list[str]:
    """Return every heading that a step may name."""
    lists = [value for value in step.values() if isinstance(value, list)]
    return [*map(str, step.values()), *(str(each) for values in lists for each in values)]


def _as_sent(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return initial values of the form about the shape as a browser sends them."""
    return {
        f"{ShapeForm.prefix}-{name}": value if isinstance(value, list) else str(value)
        for name, value in fields.items()
        if value not in ("", False, None)
    }


def _separator_field(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Character between them",
        help_text=help_text,
        max_length=LONGEST_SEPARATOR,
        required=False,
        strip=False,
        widget=forms.TextInput({"class": "govuk-input--width-4"}),
    )


def _lengths_field() -> forms.CharField:
    return forms.CharField(
        label="Or the length of each",
        help_text="4, 3 where the file has A100NET.",
        max_length=40,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-10"}),
    )


def _lines_field(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Textarea({"rows": 3}))
