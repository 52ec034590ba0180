"""The forms in which people enter, approve, decline and reverse virements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict

from council_finance.forms import fields
from council_finance.forms.fields import (
    AMOUNT_HINT,
    MoneyField,
    as_sentence,
    set_choices,
    text_field,
)
from council_finance.forms.widgets import ChoiceDetail, DetailedRadios
from council_finance.money import exact_pounds, plain_pounds
from monitoring.ledger.selectors.line_search import find_line, search_lines
from monitoring.structure.models import BudgetLine, FinancialYear
from monitoring.virements.models import VirementKind
from monitoring.virements.rules import (
    APPROVER_LENGTH,
    NewLeg,
    amount_fault,
    ends_fault,
    spending_fault,
)

MOST_LEGS = 10
CHOICE = "_choice"
"""The ending of the name of the radio buttons with which one of the lines found is chosen."""

_REASON_LENGTH = 2_000
_ENDS = {"from": "giver", "to": "receiver"}
_KIND_HINTS = {
    VirementKind.FUNDING: "Budget alone moves: it pays for a pressure. The previous report’s "
    "figures of both services are restated.",
    VirementKind.TECHNICAL: "Budget and spending move together, as when a team changes "
    "department. Nothing is restated.",
}
_LINE_HINT = (
    "Cost centre/account, or words to find the line by. Leave blank if it is outside this budget."
)
_SHORT = {"class": "virement-short"}


def _line_field(label: str) -> forms.CharField:
    """Return the field for one end; while it is typed, the browser asks for lines like it."""
    attributes = {
        "list": "line-options",
        "spellcheck": "false",
        "hx-get": "../lines/",  # beside the page of a new virement
        "hx-trigger": "input changed delay:250ms",
        "hx-target": "#line-options",
    }
    widget = forms.TextInput(attributes)
    return forms.CharField(label=label, help_text=_LINE_HINT, required=False, widget=widget)


class ReferenceField(fields.ReferenceField):
    """A reference with at least one letter or digit."""

    widget = forms.TextInput(_SHORT)

    def clean(self, value: str) -> str:
        """Return the reference. Raise `ValidationError` for what cannot be one."""
        reference = super().clean(value)
        if not any(character.isalnum() for character in reference):
            raise forms.ValidationError("A reference has a letter or a digit in it.")
        return reference


class VirementForm(forms.Form):
    """The fields that all legs of a virement share."""

    reference = ReferenceField(
        label="Reference",
        help_text="The next free one is filled in. You can use another.",
        error_messages={"required": "Give the virement a reference."},
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=VirementKind.choices,
        widget=DetailedRadios,
        error_messages={"required": "Say whether spending moves with the budget."},
    )
    reason = text_field(
        "Reason",
        "The approver sees this, and so do readers of the report’s footnotes.",
        max_length=_REASON_LENGTH,
        rows=3,
        error_messages={"required": "Say why the budget moves."},
    )

    decision_reference = fields.ReferenceField(
        label="Decision that allows it (optional)",
        help_text="The reference of a decision of the year, where one is its authority.",
        widget=forms.TextInput(_SHORT),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(DetailedRadios, self.fields["kind"].widget).details = {
            kind.value: ChoiceDetail(hint=hint) for kind, hint in _KIND_HINTS.items()
        }


class LegForm(forms.Form):
    """One leg; a line is named by its code, or found by its words and then chosen."""

    giver = _line_field("From")
    receiver = _line_field("To")
    amount = MoneyField(
        label="Amount", help_text=AMOUNT_HINT, required=False, fault_of=amount_fault
    )
    spending = MoneyField(
        label="Spending that moves",
        help_text="Leave blank for none if funding, the same if technical.",
        required=False,
        fault_of=spending_fault,
    )

    def __init__(self, *args: Any, year: FinancialYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year
        self.offered: dict[str, list[BudgetLine]] = {}

    def clean_giver(self) -> BudgetLine | None:
        """Return the line that the budget comes from; None for outside this budget."""
        return self._find_line("giver")

    def clean_receiver(self) -> BudgetLine | None:
        """Return the line that the budget goes to; None for outside this budget."""
        return self._find_line("receiver")

    def _find_line(self, name: str) -> BudgetLine | None:
        """Return the line of a field. Raise `ValidationError` where one has yet to be chosen."""
        text = self.cleaned_data[name]
        if not text:
            return None
        if line := find_line(self.year, text):
            return line
        found, more = search_lines(self.year, text)
        if not found:
            raise forms.ValidationError(
                f"There is no budget line with “{text}” in its cost centre, account, description "
                "or service."
            )
        self.offered[name] = found
        first = "These are the first of them; say more to find others. " if more else ""
        raise forms.ValidationError(f"{first}Choose the line that is meant by “{text}”.")

    def clean(self) -> None:
        """Refuse a leg without an amount, or with ends that cannot be."""
        if "amount" not in self.errors and self.cleaned_data.get("amount") is None:
            self.add_error("amount", "Say how much budget moves.")
        if {"giver", "receiver"} & set(self.errors):
            return
        ends = (self.cleaned_data["giver"], self.cleaned_data["receiver"])
        if fault := ends_fault(*ends):
            self.add_error(_ENDS[fault[0]], as_sentence(fault[1]))

    @property
    def leg(self) -> NewLeg:
        """Return the leg of a valid form."""
        giver, receiver = self.cleaned_data["giver"], self.cleaned_data["receiver"]
        return NewLeg(
            from_line_id=giver.pk if giver else None,
            to_line_id=receiver.pk if receiver else None,
            amount_pence=self.cleaned_data["amount"],
            forecast_amount_pence=self.cleaned_data["spending"],
        )


if TYPE_CHECKING:
    # Django's own class takes no parameter at run time.
    _BaseLegFormSet = forms.BaseFormSet[LegForm]
else:
    _BaseLegFormSet = forms.BaseFormSet


class LegFormSet(_BaseLegFormSet):
    """The legs of one virement; empty forms are left out."""

    form_name = "Leg"

    def clean(self) -> None:
        """Refuse a virement without any leg."""
        if not any(form.has_changed() for form in self.forms):
            self.forms[0].add_error("amount", "Say what moves: from where, to where, how much.")

    @property
    def legs(self) -> list[NewLeg]:
        """Return the legs of valid forms, in their order."""
        return [form.leg for form in self.forms if form.has_changed()]


_LEG_FORM_SET = cast(
    type[LegFormSet],
    forms.formset_factory(LegForm, LegFormSet, extra=1, max_num=MOST_LEGS, absolute_max=MOST_LEGS),
)
_PREFIX = "legs"


def leg_forms(year: FinancialYear, data: QueryDict | None = None) -> LegFormSet:
    """Return the legs' forms, empty or with what was sent: at least one, at most MOST_LEGS."""
    if data is None:
        return _LEG_FORM_SET(prefix=_PREFIX, form_kwargs={"year": year})
    data = _apply_choices(data)
    data[f"{_PREFIX}-TOTAL_FORMS"], data[f"{_PREFIX}-INITIAL_FORMS"] = str(_count_legs(data)), "0"
    return _LEG_FORM_SET(data, prefix=_PREFIX, form_kwargs={"year": year})


def with_another_leg(year: FinancialYear, data: QueryDict) -> tuple[VirementForm, LegFormSet]:
    """Return the forms with what was typed so far, unchecked, and a form for one more leg."""
    data = _apply_choices(data)
    shared = {name: data.get(name, "") for name in VirementForm.base_fields}
    typed = [
        {name: data.get(f"{_PREFIX}-{number}-{name}", "") for name in LegForm.base_fields}
        for number in range(_count_legs(data))
    ]
    return VirementForm(initial=shared), _LEG_FORM_SET(
        prefix=_PREFIX, initial=typed, form_kwargs={"year": year}
    )


def _apply_choices(data: QueryDict) -> QueryDict:
    """Return what was sent, with each line chosen by its radio button in place of the text."""
    data = data.copy()
    for name in [name for name in data if name.endswith(CHOICE) and data[name]]:
        data[name.removesuffix(CHOICE)] = str(data[name])
    return data


def _count_legs(data: QueryDict) -> int:
    text = data.get(f"{_PREFIX}-TOTAL_FORMS", "")
    total = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1
    return min(max(total, 1), MOST_LEGS)


class ApproveForm(forms.Form):
    """The name of who approved, as the register prints it."""

    approved_by = text_field(
        "Approved by",
        "As the register and the reports’ footnotes print it, such as Cabinet. The audit trail "
        "keeps your own name.",
        max_length=APPROVER_LENGTH,
        error_messages={"required": "Say who approved it, as the register is to print it."},
    )


class DeclineForm(forms.Form):
    """The reason why a virement is declined."""

    decline_reason = text_field(
        "Reason",
        "Whoever entered it will read this. It stays in the register as declined and never counts.",
        max_length=_REASON_LENGTH,
        rows=3,
        error_messages={"required": "Say why it is declined; who entered it will read it."},
    )


class ReverseForm(forms.Form):
    """The amounts that a reversal takes back, with its reference, period and reason."""

    new_reference = ReferenceField(
        label="Reference of the reversal",
        error_messages={"required": "Give the reversal a reference."},
    )
    period = forms.TypedChoiceField(label="Period", coerce=int)
    reason = text_field(
        "Reason",
        max_length=_REASON_LENGTH,
        rows=3,
        error_messages={"required": "Say why it is taken back."},
    )

    def __init__(
        self,
        rest: Sequence[tuple[int, str, int]],
        periods: Sequence[tuple[int, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Add a field for each of `rest`: the leg's number, its lines, and the pence left."""
        super().__init__(*args, **kwargs)
        self.rest = {f"amount_{number}": (number, pence) for number, _, pence in rest}
        set_choices(self, "period", [(str(number), name) for number, name in periods])
        for name, (_, words, pence) in zip(self.rest, rest, strict=True):
            self.fields[name] = MoneyField(
                label=words,
                help_text=f"{plain_pounds(pence)} can be taken back. The spending that moved goes "
                "back with it.",
                required=False,
                initial=exact_pounds(pence) if pence else "",
                fault_of=amount_fault,
            )

    @property
    def amount_fields(self) -> list[forms.BoundField]:
        """Return the fields of the ends of which something can be taken back."""
        return [self[name] for name, (_, pence) in self.rest.items() if pence]

    def clean(self) -> None:
        """Refuse a form without an amount; the service checks how much is left meanwhile."""
        given = {name: self.cleaned_data.get(name) for name in self.rest}
        if not self.errors and not any(given.values()):
            self.add_error(next(iter(given), None), "Say how much is taken back.")

    @property
    def amounts(self) -> dict[int, int]:
        """Return pence by the number of the original's leg, of a valid form."""
        given = {number: self.cleaned_data[name] for name, (number, _) in self.rest.items()}
        return {number: pence for number, pence in given.items() if pence}
