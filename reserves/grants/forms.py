"""The forms of a grant's position in a period, and of its conditions."""

from typing import Any

from django import forms

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, text_field
from reserves.grants.models import Grant, GrantPosition
from reserves.grants.selectors import conditions_digest, position_digest
from reserves.grants.services import GrantConditions, PositionDetails

_LONGEST = 10_000
_STATED = (("", "Not stated"), ("yes", "Yes"), ("no", "No"))
_ANSWERS = {"yes": True, "no": False, "": None}
_WORDS = {True: "yes", False: "no", None: ""}


def _refuse_credit(pence: int) -> str:
    """Return what is wrong with a negative amount received, applied or given back."""
    return "give a positive amount" if pence < 0 else ""


class PositionForm(forms.Form):
    """A grant's position in a period; `seen` is the position_digest that the person saw."""

    received = MoneyField(
        label="Received this year",
        help_text=f"From 1 April to the end of the period. {AMOUNT_HINT}",
        fault_of=_refuse_credit,
        required=False,
    )
    applied = MoneyField(
        label="Applied this year",
        help_text="What was spent of it. Without what was received and applied no balance is "
        "carried forward.",
        fault_of=_refuse_credit,
        required=False,
    )
    repaid = MoneyField(
        label="Given back (optional)",
        help_text="What was repaid to the awarding body this year.",
        fault_of=_refuse_credit,
        required=False,
    )
    other_movements = MoneyField(
        label="Other movements (optional)",
        help_text="Any other change of the balance, with a minus where it falls.",
        required=False,
    )
    expected = MoneyField(
        label="Expected for the year (optional)",
        help_text="Where it is no longer what the register expects. Empty: what the register "
        "expects.",
        required=False,
    )
    commentary = text_field(
        "Commentary (optional)",
        "What is happening with the grant, and with what is unspent.",
        max_length=_LONGEST,
        rows=4,
        required=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    @property
    def details(self) -> PositionDetails:
        """The position of a valid form."""
        data = self.cleaned_data
        amounts = ("expected", "received", "applied", "repaid", "other_movements")
        return PositionDetails(
            commentary=data["commentary"], **{f"{name}_pence": data[name] for name in amounts}
        )


def position_fields(position: GrantPosition | None) -> dict[str, str]:
    """Return the texts with which the form of a position begins."""
    stored = position or GrantPosition()
    amounts = {
        name: getattr(stored, f"{name}_pence")
        for name in ("expected", "received", "applied", "repaid", "other_movements")
    }
    texts = {name: "" if p is None else f"{p / 100:,.2f}" for name, p in amounts.items()}
    return texts | {"commentary": stored.commentary, "seen": position_digest(position)}


def _choice_field(label: str, help_text: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, choices=_STATED, required=False)


class ConditionsForm(forms.Form):
    """The conditions of a grant; `seen` is the conditions_digest that the person saw."""

    purpose = text_field(
        "Purpose", "What it may be spent on.", max_length=_LONGEST, rows=3, required=False
    )
    ring_fenced = _choice_field("Ring-fenced", "Whether it may be spent on its purpose alone.")
    end_date = forms.DateField(
        label="Last day",
        help_text="The last day on which it may be spent, where known.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        required=False,
        error_messages={"invalid": "Give the last day as a date, such as 2026-03-31."},
    )
    repay_unspent = _choice_field(
        "Unspent money is given back", "Whether what is left on the last day has to be repaid."
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    @property
    def conditions(self) -> GrantConditions:
        """The conditions of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return GrantConditions(
            purpose=data["purpose"],
            ring_fenced=_ANSWERS[data["ring_fenced"]],
            end_date=data["end_date"],
            repay_unspent=_ANSWERS[data["repay_unspent"]],
        )


def condition_fields(grant: Grant) -> dict[str, Any]:
    """Return the values with which the form of conditions begins."""
    return {
        "purpose": grant.purpose,
        "ring_fenced": _WORDS[grant.ring_fenced],
        "end_date": grant.end_date,
        "repay_unspent": _WORDS[grant.repay_unspent],
        "seen": conditions_digest(grant),
    }
