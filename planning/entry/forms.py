"""Forms made from the columns of a kind of file: of a row, and of a record with rows under it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from council_finance.forms.fields import as_sentence, text_field
from council_finance.uploads.columns import AMOUNT, CHOICE, WHOLE, YES, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import quote_cell
from council_finance.uploads.template_files import CodeList
from monitoring.models import FinancialYear
from monitoring.structure.selectors.tree import open_service_choices
from planning.entry.registers import Row
from planning.entry.rows import ORDER, StoredRows, Texts, read_cells

_LONGEST = 10_000
_MOST_ROWS, _MORE_ROWS = 200, 3
_LINES = 3
_LABELS = {
    "service_code": "Service",
    "subjective_code": "Subjective",
    ORDER: "Place in the list",
    "meeting_on": "Day of the meeting",
    "reports_due_on": "Reports due on",
    "band_d_general": "Band D, general",
    "band_d_adult_social_care": "Band D, adult social care",
}

Choices = Sequence[tuple[str, str]]


class ColumnsForm(forms.Form):
    """A row of a file with a field for each of its columns, whose cells are texts.

    A field says what is needed, and the reader of the file judges what is typed. `choices` are what
    columns offer to choose from, `labels` what they are called where their name would not do,
    `long` those that take several lines, and `list_ids` the lists of references that they may name.
    Unless it `asks_needed`, a form may be left empty.
    """

    def __init__(
        self,
        *args: Any,
        specs: Sequence[ColumnSpec],
        choices: Mapping[str, Choices],
        labels: Mapping[str, str] | None = None,
        long: Sequence[str] = ("note",),
        list_ids: Mapping[str, str] | None = None,
        asks_needed: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for spec in specs:
            needed = spec.required and not spec.may_be_blank
            label = column_label(spec, labels)
            offered = _choices_of(spec, choices, str(self.initial.get(spec.name, "")))
            list_id = (list_ids or {}).get(spec.name, "")
            lines = _LINES if spec.name in long else 0
            field = _build_field(spec, offered, label, lines, list_id)
            field.label = label if needed else f"{label} (optional)"
            field.required = needed and asks_needed
            self.fields[spec.name] = field

    @property
    def texts(self) -> Texts:
        """Return what a valid form holds, by column."""
        names = (name for name in self.fields if name != "seen")
        return {name: str(self.cleaned_data.get(name, "")) for name in names}

    @property
    def is_given(self) -> bool:
        """Return whether anything was typed."""
        return any(self.texts.values())

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """Show the faults that the reader of the file found, each at its field."""
        for problem in problems:
            name = problem.column if problem.column in self.fields else None
            self.add_error(name, as_sentence(problem.message))


class RowForm(ColumnsForm):
    """A row of a register; its cells are read as those of a file are.

    `seen` is the digest of the rows that the person saw.
    """

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, stored: StoredRows, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, specs=stored.columns, **kwargs)
        self.columns = stored.columns
        self.row: Row = {}

    def clean(self) -> dict[str, Any]:
        """Read the cells. Add an error to each field that a file would be refused for."""
        data = super().clean() or self.cleaned_data
        self.row, faults = read_cells(self.columns, data)
        for name, fault in faults.items():
            self.add_error(name, Problem(fault, found=quote_cell(data.get(name))).sentence)
        return data


class RecordForm(ColumnsForm):
    """A record; `seen` is the digest that the person saw."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


if TYPE_CHECKING:
    _BaseRows = forms.BaseFormSet[ColumnsForm]
else:
    _BaseRows = forms.BaseFormSet


class PartRows(_BaseRows):
    """Rows under a record; `form_name` is what each is called in the list of faults."""

    form_name = "Row"


PartForms = forms.formset_factory(
    ColumnsForm,
    formset=PartRows,
    extra=_MORE_ROWS,
    max_num=_MOST_ROWS,
    absolute_max=_MOST_ROWS,
)
"""The rows under a record, with blank ones to fill in."""


def choices_of_year(year: FinancialYear, lists: Mapping[str, CodeList]) -> dict[str, Choices]:
    """Return what columns offer to choose from: the year's services, and the codes of lists."""
    found: dict[str, Choices] = {
        name: [(each.code, f"{each.name} ({each.code})") for each in listed.codes]
        for name, listed in lists.items()
    }
    return found | {"service_code": open_service_choices(year)}


def column_label(spec: ColumnSpec, labels: Mapping[str, str] | None = None) -> str:
    """Return the name of a column in words; `labels` are those of its form."""
    words = spec.name.replace("_", " ")
    return (_LABELS | dict(labels or {})).get(spec.name, f"{words[:1].upper()}{words[1:]}")


def word_label(word: str) -> str:
    """Return a word of a column's choices as people read it."""
    return f"{word[:1].upper()}{word[1:]}".replace("_", " ")


def _choices_of(spec: ColumnSpec, choices: Mapping[str, Choices], current: str) -> Choices | None:
    """Return what a column offers, with a blank first; None where it is typed.

    What is stored is among it, as a service or a word may have gone since.
    """
    words = ("yes", "no") if spec.kind == YES else spec.choices if spec.kind == CHOICE else ()
    found = choices.get(spec.name) or [(word, word_label(word)) for word in words]
    if not found and spec.name not in choices:
        return None
    needed = spec.required and not spec.may_be_blank
    first = "Choose" if needed else spec.blank.rstrip(".") or "Not given"
    more = [] if current in ("", *(value for value, _ in found)) else [(current, current)]
    return [("", first), *found, *more]


def _build_field(
    spec: ColumnSpec, choices: Choices | None, label: str, lines: int, list_id: str
) -> forms.CharField:
    """Return the field of a column; a field with a list is text too, which the reader judges."""
    verb = "Enter" if choices is None else "Choose"
    wanted = {"required": f"{verb} the {label[:1].lower()}{label[1:]}."}
    if choices is not None:
        widget = forms.Select(choices=choices)
        return forms.CharField(help_text=spec.meaning, widget=widget, error_messages=wanted)
    attrs = {"class": "amount"} if spec.kind in (AMOUNT, WHOLE) else {}
    return text_field(
        label,
        _build_hint(spec, with_example=not lines),
        max_length=_LONGEST,
        rows=lines,
        attrs=None if lines else attrs | ({"list": list_id} if list_id else {}),
        error_messages=wanted,
    )


def _build_hint(spec: ColumnSpec, *, with_example: bool) -> str:
    if spec.kind == AMOUNT and spec.name[:4].isdigit():
        return ""  # the page says once what the columns of years hold
    example = f" Such as {spec.example}." if spec.example and with_example else ""
    blank = f" If empty: {spec.blank[:1].lower()}{spec.blank[1:]}" if spec.blank else ""
    return f"{spec.meaning}{example}{blank}"
