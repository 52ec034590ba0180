"""The forms of a record and of the rows under it, made from the columns of their files."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from council_finance.forms.fields import as_sentence, text_field
from council_finance.uploads.columns import AMOUNT, CHOICE, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.template_files import CodeList
from planning.record_entry.records import RecordKind, Texts

_LONGEST = 10_000
_MOST_ROWS, _MORE_ROWS = 200, 3
_LINES = 3

Choices = Sequence[tuple[str, str]]


class ColumnsForm(forms.Form):
    """A row of a file with a field for each of its columns, whose cells are texts.

    The fields do not check what is typed: the reader of the file does.
    """

    def __init__(
        self,
        *args: Any,
        record: RecordKind,
        specs: Sequence[ColumnSpec],
        lists: Mapping[str, CodeList],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for spec in specs:
            current = str(self.initial.get(spec.name, ""))
            self.fields[spec.name] = _build_field(record, spec, lists.get(spec.name), current)

    @property
    def texts(self) -> Texts:
        """Return what a valid form holds, by column."""
        return {name: str(self.cleaned_data.get(name, "")) for name in self.fields}

    @property
    def is_given(self) -> bool:
        """Return whether anything was typed."""
        return any(self.texts.values())

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """Show the faults that the reader of the file found, each at its field."""
        for problem in problems:
            name = problem.column if problem.column in self.fields else None
            self.add_error(name, as_sentence(problem.message))


def _build_field(
    record: RecordKind, spec: ColumnSpec, codes: CodeList | None, current: str
) -> forms.Field:
    label = record.label_of(spec.name) + ("" if spec.required else " (optional)")
    choices = _choices_of(spec, codes)
    if choices is not None:
        known = {value for value, _ in choices}
        more = [] if current in known else [(current, current)]
        widget = forms.Select(choices=[*choices, *more])
        return forms.CharField(label=label, help_text=spec.meaning, widget=widget, required=False)
    rows = _LINES if spec.name in record.long else 0
    attrs = {"class": "amount"} if spec.kind == AMOUNT else None
    hint = f"{spec.meaning} Such as {spec.example}." if spec.example and not rows else spec.meaning
    return text_field(
        label,
        hint,
        max_length=_LONGEST,
        rows=rows,
        attrs=attrs if not rows else None,
        required=False,
    )


def _choices_of(spec: ColumnSpec, codes: CodeList | None) -> Choices | None:
    """Return what a column offers to choose from, with a blank first; None where it is typed."""
    if codes is not None:
        found = [(each.code, f"{each.name} ({each.code})") for each in codes.codes]
    elif spec.kind == CHOICE:
        found = [(word, word.replace("_", " ").capitalize()) for word in spec.choices]
    else:
        return None
    return [("", "Choose" if spec.required else spec.blank.rstrip(".")), *found]


class RecordForm(ColumnsForm):
    """A record; `seen` is the digest that the person saw. A stored one keeps its reference."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(
        self,
        *args: Any,
        record: RecordKind,
        lists: Mapping[str, CodeList],
        is_new: bool,
        **kwargs: Any,
    ) -> None:
        specs = [spec for spec in record.specs if is_new or spec.name != "reference"]
        super().__init__(*args, record=record, specs=specs, lists=lists, **kwargs)

    @property
    def texts(self) -> Texts:
        """Return what a valid form holds, by column."""
        return {name: text for name, text in super().texts.items() if name != "seen"}


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
