"""The forms of movements, transfers and approved deficits."""

import uuid
from typing import Any, cast

from django import forms

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, ReferenceField, text_field
from council_finance.forms.widgets import DetailedRadios
from monitoring.models import Period
from reserves.models import MovementKind

_LENGTH = 2_000
IN, OUT = "in", "out"
_ORDER = ("amount", "kind", "period", "description", "approved_by", "decision_reference")


def _sign_fault(pence: int) -> str:
    """Return what is wrong with an amount that is written with a minus sign."""
    return "leave the sign out: the form asks which way it goes" if pence < 0 else ""


class _MovementFields(forms.Form):
    """The fields of movements and transfers; `form` makes sure that each is stored once."""

    form = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "Open the page afresh, and enter it there."},
    )
    period = forms.TypedChoiceField(
        label="First reported in",
        coerce=int,
        error_messages={
            "required": "Choose a month.",
            "invalid_choice": "Choose a month whose report is still to be published; one that is "
            "published has to be reopened first.",
        },
    )
    kind = forms.ChoiceField(
        label="Kind",
        help_text="Budgeted: with the budget. Anticipated: expected since. Actual: posted in the "
        "ledger.",
        choices=MovementKind.choices,
        error_messages={"required": "Say whether it is budgeted, anticipated or booked."},
    )
    amount = MoneyField(
        label="Amount",
        help_text=AMOUNT_HINT,
        fault_of=_sign_fault,
        error_messages={"required": "Give an amount."},
    )
    description = text_field(
        "What it is for",
        max_length=_LENGTH,
        error_messages={"required": "Say what it is for; readers of the report will see it."},
    )
    approved_by = text_field(
        "Who approved it",
        "A person or a meeting, and the date, such as Cabinet, 12 June 2019.",
        max_length=300,
        error_messages={"required": "Say who approved it, and when: a person, or a meeting."},
    )
    decision_reference = ReferenceField(
        label="Decision that allows it (optional)",
        help_text="The reference of a decision of the year, where one is its authority.",
        required=False,
    )

    def __init__(
        self, *args: Any, periods: list[Period], latest: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [(each.number, f"{each.name}, {each.month}") for each in periods]
        cast(forms.ChoiceField, self.fields["period"]).choices = named
        numbers = [number for number, _ in named]
        self.initial = {
            **self.initial,
            "form": uuid.uuid4(),
            "kind": MovementKind.ANTICIPATED,
            "period": latest if latest in numbers else next(iter(numbers), None),
        }


class MovementForm(_MovementFields):
    """A movement: an amount put into a reserve or drawn from it."""

    way = forms.ChoiceField(
        label="Which way",
        choices=[(OUT, "Drawn from the reserve"), (IN, "Added to the reserve")],
        widget=DetailedRadios,
        error_messages={"required": "Say which way the money goes."},
    )
    field_order = ("form", "way", *_ORDER)

    @property
    def signed_pence(self) -> int:
        """The amount in pence: positive is put in, negative is drawn."""
        amount: int = self.cleaned_data["amount"]
        return amount if self.cleaned_data["way"] == IN else -amount


class TransferForm(_MovementFields):
    """A transfer of an amount from one reserve to another."""

    to = forms.ChoiceField(
        label="To which reserve", error_messages={"required": "Choose the reserve to transfer to."}
    )
    field_order = ("form", "to", *_ORDER)

    def __init__(self, *args: Any, reserves: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose a reserve"), *reserves]
        cast(forms.ChoiceField, self.fields["to"]).choices = choices


class DeficitForm(forms.Form):
    """The largest deficit that a reserve may have, and the reason."""

    amount = MoneyField(
        label="Largest deficit",
        help_text="How far below nil the reserve may go. Movements beyond that are refused.",
        fault_of=_sign_fault,
        error_messages={"required": "Give an amount."},
    )
    reason = text_field(
        "Reason",
        "The report says who approved it.",
        max_length=_LENGTH,
        error_messages={"required": "Say why the deficit is approved."},
    )
