"""Forms in which people enter movements and transfers of reserves, and approve a deficit."""

import uuid

from django import forms

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, text_field
from council_finance.forms.widgets import DetailedRadios
from monitoring.models import Period
from reserves.models import MovementKind

_LENGTH = 2_000
IN, OUT = "in", "out"


def _sign_fault(pence: int) -> str:
    """Return what is wrong with an amount that is written with a minus sign."""
    return "leave the sign out: the form asks which way it goes" if pence < 0 else ""


class _EntryForm(forms.Form):
    """What a movement and a transfer share; `form` stores it once however often it is sent."""

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

    def __init__(self, *args, periods: list[Period], latest: int | None, **kwargs):
        super().__init__(*args, **kwargs)
        named = [(each.number, f"{each.name}, {each.month}") for each in periods]
        self.fields["period"].choices = named
        self.initial |= {"form": uuid.uuid4(), "kind": MovementKind.ANTICIPATED}
        numbers = [number for number, _ in named]
        self.initial["period"] = latest if latest in numbers else numbers[0] if numbers else None


class MovementForm(_EntryForm):
    """An amount added to a reserve or drawn from it."""

    way = forms.ChoiceField(
        label="Which way",
        choices=[(OUT, "Drawn from the reserve"), (IN, "Added to the reserve")],
        widget=DetailedRadios,
        error_messages={"required": "Say which way the money goes."},
    )
    field_order = ("form", "way", "amount", "kind", "period", "description", "approved_by")

    @property
    def signed_pence(self) -> int:
        """Return the pence: positive where it is added, negative where it is drawn."""
        amount = self.cleaned_data["amount"]
        return amount if self.cleaned_data["way"] == IN else -amount


class TransferForm(_EntryForm):
    """An amount from one reserve to another."""

    to = forms.ChoiceField(
        label="To which reserve", error_messages={"required": "Choose the reserve to transfer to."}
    )
    field_order = ("form", "to", "amount", "kind", "period", "description", "approved_by")

    def __init__(self, *args, reserves: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "Choose a reserve"), *reserves]


class DeficitForm(forms.Form):
    """How far below nil a reserve may go, and why."""

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
