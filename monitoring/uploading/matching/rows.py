"""The columns that the product needs, as the page about columns shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.layout_words import label_of
from monitoring.uploading.matching.layout_fields import MOST_CODES, MOST_SPLITS
from monitoring.uploading.matching.questions import Question
from monitoring.uploading.matching.shape_fields import numbered

if TYPE_CHECKING:
    from django.forms import BoundField

    from monitoring.uploading.matching.columns_form import ColumnsForm


@dataclass(frozen=True)
class MatchRow:
    """A column that the product needs, and the fields that say where it is in the file.

    `sample` is what the file has under the chosen heading; `figures` are the unit and the sign.
    `missing` is the heading that the layout has for it, where the file does not have that.
    """

    spec: ColumnSpec
    label: str
    column: BoundField
    sample: str
    fixed: BoundField | None
    figures: list[BoundField]
    missing: str

    @property
    def meaning(self) -> str:
        """The meaning of the column, with the words that it takes where there are few."""
        choices = self.spec.choices
        return (
            f"{self.spec.meaning} One of: {', '.join(choices)}." if choices else self.spec.meaning
        )

    @property
    def is_open(self) -> bool:
        """True where a person has to look at the row: its heading is missing, or it has a fault."""
        fields = [self.column, *self.figures, *([self.fixed] if self.fixed else [])]
        return bool(self.missing) or any(field.errors for field in fields)


def match_rows(form: ColumnsForm) -> list[MatchRow]:
    """Return the product's columns, the needed ones first."""
    samples = {value: sample for value, _, sample in form.options}
    missing = _missing_by_column(form)
    return [
        MatchRow(
            spec=spec,
            label=label_of(spec.name),
            column=(column := form[f"column_{spec.name}"]),
            sample=samples.get(column.value() or "", ""),
            fixed=None if spec.kind == AMOUNT else form[f"fixed_{spec.name}"],
            figures=[form[f"{part}_{spec.name}"] for part in ("unit", "sign")]
            if spec.kind == AMOUNT
            else [],
            missing=missing.get(spec.name, ""),
        )
        for spec in sorted(form.specs, key=lambda spec: not spec.required)
    ]


def _missing_by_column(form: ColumnsForm) -> dict[str, str]:
    """Return the layout's headings that the file does not have, by the columns they were for."""
    layout = form.base_layout
    if layout is None:
        return {}
    return {
        own: heading for heading, own in layout.columns.items() if heading in form.headings.missing
    }


def describe_missing(form: ColumnsForm) -> list[tuple[str, str]]:
    """Return each heading of the layout that the file does not have, and what it was used for."""
    of_column = {heading: own for own, heading in _missing_by_column(form).items()}
    return [
        (heading, label_of(of_column[heading]) if heading in of_column else _use_of(form, heading))
        for heading in form.headings.missing
    ]


def _use_of(form: ColumnsForm, heading: str) -> str:
    layout = form.base_layout
    if layout is None:
        return ""
    for rule in layout.debit_credits:
        if heading in (rule.debit, rule.credit):
            side = "debits" if heading == rule.debit else "credits"
            return f"{label_of(rule.own)}, {side}"
    for split in layout.splits:
        if split.heading == heading:
            return ", ".join(map(label_of, split.into))
    return "The shape of the file"


def new_headings(form: ColumnsForm) -> list[str]:
    """Return the headings of the file that the layout does not use."""
    if form.base_layout is None:
        return []
    used = {form.headings.place_of(heading) for heading in form.base_layout.headings}
    used |= {str(place) for place in form.headings.naming_steps}
    return [heading for value, heading in form.choices[1:] if value not in used]


def more_groups(form: ColumnsForm) -> list[Question]:
    """Return the questions for what few files need, each folded away until it is answered."""
    sides = [form[f"{side}_{own}"] for own in form.amounts for side in ("debit", "credit")]
    fixed = [form[f"fixed_{own}"] for own in form.amounts]
    signs = [form["income_beginnings"], form["income_patterns"]]
    skips = [form[name] for name in ("skip_starts", "skip_blank_codes", "skip_unheaded")]
    splits = [_split_fields(form, prefix) for prefix in numbered("split", MOST_SPLITS)]
    groups = [
        Question("Debits and credits have a column each", sides, _SIDES_HINT, in_pairs=True),
        Question("Income is printed as positive in some accounts", signs, _INCOME_HINT),
        Question("Some rows or columns do not belong to the table", skips),
        Question("One column holds several other codes", splits[0], again=splits[1:]),
        Question("An amount is the same in every row", fixed),
    ]
    if form.splits:
        together = [form[name] for name in ("together", "separator", "together_lengths")]
        groups = [Question("Cost centre and account are together in one column", together), *groups]
    return [group for group in groups if group.fields]


def _split_fields(form: ColumnsForm, prefix: str) -> list[BoundField]:
    names = ["column", "separator", "lengths"]
    names += [f"into_{code}" for code in range(1, MOST_CODES + 1)]
    return [form[f"{prefix}_{name}"] for name in names]


_SIDES_HINT = "The figure is the debit less the credit."
_INCOME_HINT = "The amounts of these accounts are reversed, in every column of figures."


def describe_kept(form: ColumnsForm) -> list[str]:
    """Return in sentences what the layout says beside its steps and the form cannot show."""
    kept = form.kept
    said = [f"“{heading}” is read as {own}." for heading, own in kept.get("columns", {}).items()]
    said += [f"“{value}” is {own} in every row." for own, value in kept.get("fixed", {}).items()]
    said += [
        f"“{heading}” holds {', '.join(rule['into'])}."
        for heading, rule in kept.get("split", {}).items()
    ]
    said += [
        f"“{rule['debit']}” less “{rule['credit']}” is {own}."
        for own, rule in kept.get("debit_credit", {}).items()
    ]
    said += [f"{own} is in “{unit}”." for own, unit in kept.get("units", {}).items()]
    lists = {**kept.get("suffix", {}), **kept.get("sign", {}), **kept.get("skip", {})}
    said += [f"{name}: {', '.join(map(repr, values))}." for name, values in lists.items()]
    return said


def steps_that_are_kept(form: ColumnsForm) -> list[str]:
    """Return in sentences the layout's steps, where the form cannot show them."""
    if "keep_steps" not in form.fields or form.base_layout is None:
        return []
    return [step.in_words for step in form.base_layout.steps]
