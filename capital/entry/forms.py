"""The forms of a scheme's forecast with its reasons, and of a change of the programme."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from capital.entry.models import PartKind
from capital.entry.selectors import PartKey
from capital.entry.services import ForecastDetails, ReasonDetails
from capital.models import (
    COMPLETION_LENGTH,
    NAME_LENGTH,
    TEXT_LENGTH,
    CapitalScheme,
    ChangeKind,
    ReasonKind,
    SchemePosition,
    VarianceReason,
)
from council_finance.forms.fields import (
    AMOUNT_HINT,
    MoneyField,
    ReferenceField,
    select_field,
    set_choices,
    text_field,
)
from council_finance.periods import financial_year_label, month_name

MONTHS, QUARTERS = "month", "quarter"
_LATER_YEARS = 4

MOST_LISTED = 100
"""Schemes that a form lists; of more, a person types the reference."""
_PARTS = {MONTHS: 12, QUARTERS: 4}


def _in_pounds(pence: int | None) -> str:
    return "" if pence is None else f"{pence / 100:,.2f}"


def part_labels(start: int, by: str) -> dict[PartKey, str]:
    """Return the parts that a forecast is divided into, with their labels.

    They are the months or the quarters of this year, and the years after it.
    """
    kind = PartKind.MONTH if by == MONTHS else PartKind.QUARTER
    labels: dict[PartKey, str] = {}
    for number in range(1, _PARTS[by] + 1):
        label = month_name(start, number) if by == MONTHS else f"Quarter {number}"
        labels[kind, number] = label
    for later in range(start + 1, start + 1 + _LATER_YEARS):
        last = later == start + _LATER_YEARS
        words = f"{financial_year_label(later)}{' and after' if last else ''}"
        labels[PartKind.LATER_YEAR, later] = words
    return labels


class SpendByForm(forms.Form):
    """The last day on which a source's money may be spent; `seen` is the day the person saw."""

    spend_by = forms.DateField(
        label="Spend by (optional)",
        help_text="The last day on which its money may be spent. Blank: none is known.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        required=False,
        error_messages={"invalid": "Give the last day as a date, such as 2026-03-31."},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=10, required=False)


class ForecastForm(forms.Form):
    """A scheme's forecast in a period; `seen` is the forecast_digest that the person saw."""

    actual = MoneyField(
        label="Spent to date (optional)",
        help_text=f"This year, up to the end of the period. {AMOUNT_HINT}",
        required=False,
    )
    forecast = MoneyField(
        label="Forecast for this year",
        help_text="Leave it empty where you divide it below: it is then the sum.",
        required=False,
    )
    total_forecast = MoneyField(
        label="Forecast of the whole scheme",
        help_text="Over all years. Leave it empty where you give the later years below.",
        required=False,
    )
    completion = text_field(
        "Completion (optional)",
        "When it is expected to be complete, such as March 2027.",
        max_length=COMPLETION_LENGTH,
        required=False,
    )
    commentary = text_field("Commentary (optional)", max_length=TEXT_LENGTH, rows=3, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, labels: Mapping[PartKey, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = {f"{kind}-{number}": (kind, number) for kind, number in labels}
        for name, key in self.parts.items():
            self.fields[name] = MoneyField(label=labels[key], required=False)

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields of the scheme, without the parts of its forecast."""
        return [field for field in self.visible_fields() if field.name not in self.parts]

    @property
    def year_parts(self) -> list[forms.BoundField]:
        """Return the fields of this year's months or quarters."""
        return self._fields_of(is_later=False)

    @property
    def later_years(self) -> list[forms.BoundField]:
        """Return the fields of the later years."""
        return self._fields_of(is_later=True)

    def _fields_of(self, *, is_later: bool) -> list[forms.BoundField]:
        return [
            self[name]
            for name, (kind, _) in self.parts.items()
            if (kind == PartKind.LATER_YEAR) == is_later
        ]

    def details(self, reasons: Sequence[ReasonDetails]) -> ForecastDetails:
        """Return what a valid form says, with the reasons that were typed."""
        data = self.cleaned_data
        return ForecastDetails(
            actual_to_date_pence=data["actual"],
            forecast_pence=data["forecast"],
            total_forecast_pence=data["total_forecast"],
            completion=data["completion"],
            commentary=data["commentary"],
            parts={key: data[name] for name, key in self.parts.items() if data[name] is not None},
            reasons=tuple(reasons),
        )


def forecast_fields(
    position: SchemePosition | None, parts: Mapping[PartKey, int], seen: str
) -> dict[str, str]:
    """Return the texts with which the form of a forecast begins."""
    now = position or SchemePosition()
    return {
        "actual": _in_pounds(now.actual_to_date_pence),
        "forecast": _in_pounds(now.forecast_pence),
        "total_forecast": _in_pounds(now.total_forecast_pence),
        "completion": now.completion,
        "commentary": now.commentary,
        "seen": seen,
        **{f"{kind}-{number}": _in_pounds(pence) for (kind, number), pence in parts.items()},
    }


class ReasonForm(forms.Form):
    """A part of a scheme's variance, explained as rephasing or cost."""

    project = text_field(
        "Project (optional)",
        "Where the scheme is a block of projects.",
        max_length=NAME_LENGTH,
        required=False,
    )
    kind = select_field(
        "Kind",
        "Rephasing moves spending between years; cost makes the scheme dearer or cheaper.",
        choices=[("", "Choose a kind"), *ReasonKind.choices],
        required=False,
    )
    amount = MoneyField(
        label="This year", help_text="Less than budgeted is negative.", required=False
    )
    total_amount = MoneyField(
        label="Whole scheme (optional)", help_text="Nil for rephasing.", required=False
    )
    reason = text_field("Reason", max_length=TEXT_LENGTH, rows=2, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a reason that lacks its kind, its amount or its words."""
        data = super().clean() or self.cleaned_data
        if self.errors or not self.is_given:
            return data
        for name, sentence in (
            ("kind", "Choose whether it is rephasing or cost."),
            ("reason", "Say why, in words."),
        ):
            if not data.get(name):
                self.add_error(name, sentence)
        if data.get("amount") is None and data.get("total_amount") is None:
            self.add_error("amount", "Give the amount of this year or of the whole scheme.")
        if data.get("kind") == ReasonKind.REPHASING and data.get("total_amount"):
            self.add_error(
                "total_amount", "Rephasing is nil over the whole scheme: leave this empty."
            )
        return data

    @property
    def is_given(self) -> bool:
        """Return whether anything was typed."""
        return any(value not in (None, "") for value in self.cleaned_data.values())

    @property
    def details(self) -> ReasonDetails:
        """Return what a valid form says."""
        data = self.cleaned_data
        return ReasonDetails(
            project=data["project"],
            kind=data["kind"],
            amount_pence=data["amount"],
            total_amount_pence=data["total_amount"],
            reason=data["reason"],
        )


ReasonForms = forms.formset_factory(ReasonForm, extra=2, max_num=50, absolute_max=60)


def reason_fields(reasons: Sequence[VarianceReason]) -> list[dict[str, str]]:
    """Return the texts with which the forms of reasons begin."""
    return [
        {
            "project": each.project,
            "kind": each.kind,
            "amount": _in_pounds(each.amount_pence),
            "total_amount": _in_pounds(each.total_amount_pence),
            "reason": each.reason,
        }
        for each in reasons
    ]


class SchemeReferenceField(ReferenceField):
    """The reference of one of some schemes, which are too many for a list."""

    def __init__(self, schemes: QuerySet[CapitalScheme], label: str, help_text: object) -> None:
        where = "The programme’s list finds it by name."
        super().__init__(label=label, help_text=f"{help_text} {where}".strip(), required=False)
        self._schemes = schemes

    def clean(self, value: str) -> str:
        """Return the reference. Raise `ValidationError` where none of the schemes has it."""
        reference = super().clean(value)
        if reference and not self._schemes.filter(reference=reference).exists():
            raise forms.ValidationError(
                f"There is no scheme {reference} among those that you look after. Search the "
                "programme’s list for its reference."
            )
        return reference


class ChangeForm(forms.Form):
    """A change of the programme that is proposed."""

    reference = ReferenceField(
        label="Reference",
        help_text="A reference of your own, such as CC-12.",
        error_messages={"required": "Give the change a reference."},
    )
    kind = select_field(
        "Kind",
        "A carry forward and rephasing move spending between years; a variation is new or less "
        "funding; a virement moves budget between two schemes.",
        choices=[("", "Choose a kind"), *ChangeKind.choices],
        error_messages={"required": "Choose which kind of change it is."},
    )
    scheme = select_field(
        "Scheme (empty for a new scheme)",
        "Whose budget changes; of a virement, the one that gives.",
        required=False,
    )
    to_scheme = select_field("Scheme that receives (virement)", required=False)
    new_reference = ReferenceField(label="Reference of the new scheme", required=False)
    new_name = text_field("Name of the new scheme", max_length=NAME_LENGTH, required=False)
    new_service = select_field("Service of the new scheme", required=False)
    amount = MoneyField(
        label="Amount this year",
        help_text=f"What is added to this year’s budget; what leaves it has a minus. Of a "
        f"virement, what moves, positive. {AMOUNT_HINT}",
        error_messages={"required": "Say how much changes this year; 0 for nothing."},
    )
    total_amount = MoneyField(
        label="Amount over the whole scheme (optional)",
        help_text="Empty: nil for a carry forward and rephasing, else the amount of this year.",
        required=False,
    )
    source = select_field(
        "Paid for by (optional)",
        "The source whose budget changes with it. Without one, funding no longer equals "
        "expenditure until it is balanced.",
        required=False,
    )
    reason = text_field(
        "Reason",
        max_length=TEXT_LENGTH,
        rows=3,
        error_messages={"required": "Say why the programme changes."},
    )

    def __init__(
        self,
        schemes: QuerySet[CapitalScheme],
        sources: Sequence[tuple[str, str]],
        services: Sequence[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer_schemes(schemes)
        set_choices(self, "source", [("", "None"), *sources])
        set_choices(self, "new_service", [("", "The whole council"), *services])

    def _offer_schemes(self, schemes: QuerySet[CapitalScheme]) -> None:
        """Let a scheme be chosen from a list; of a long list, by its reference."""
        offered = [
            (each.reference, f"{each.name} ({each.reference})")
            for each in schemes[: MOST_LISTED + 1]
        ]
        if len(offered) <= MOST_LISTED:
            set_choices(self, "scheme", [("", "Choose a scheme"), *offered])
            set_choices(self, "to_scheme", [("", "None"), *offered])
            return
        for name, words in (
            ("scheme", "Reference of the scheme (empty for a new scheme)"),
            ("to_scheme", "Reference of the scheme that receives (virement)"),
        ):
            self.fields[name] = SchemeReferenceField(schemes, words, self.fields[name].help_text)

    def clean(self) -> dict[str, Any]:
        """Refuse a change that lacks its scheme, or names what its kind has no use for."""
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind == ChangeKind.NEW_SCHEME:
            for name, words in (("new_reference", "a reference"), ("new_name", "a name")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, f"Give the new scheme {words}.")
        elif kind and not data.get("scheme"):
            self.add_error("scheme", "Choose the scheme whose budget changes.")
        if kind == ChangeKind.VIREMENT:
            self._check_virement(data)
        return data

    def _check_virement(self, data: Mapping[str, Any]) -> None:
        if not data.get("to_scheme"):
            self.add_error("to_scheme", "Choose the scheme that receives.")
        elif data["to_scheme"] == data.get("scheme"):
            self.add_error("to_scheme", "A virement is between two schemes.")
        if (data.get("amount") or 0) < 0:
            self.add_error("amount", "Give what moves as a positive amount.")
        if data.get("source"):
            self.add_error("source", "A virement needs no funding: leave this empty.")
