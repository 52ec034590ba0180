"""What people type about reserves."""

import uuid

from django import forms

from council_finance.money import NotAnAmount, parse_amount
from monitoring.models import Period
from reserves.models import MovementKind

_LENGTH = 2_000
IN, OUT = "in", "out"


class PoundsField(forms.CharField):
    """An amount as people write it, without a sign; in pence."""

    def clean(self, value: str) -> int | None:
        """Raises ValidationError for what is no amount, or a negative one."""
        try:
            pence = parse_amount(super().clean(value))
        except NotAnAmount as fault:
            text = str(fault)
            raise forms.ValidationError(f"{text[:1].upper()}{text[1:]}.") from fault
        if pence is not None and pence < 0:
            raise forms.ValidationError("Leave the sign out: the form asks which way it goes.")
        return pence


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
        choices=MovementKind.choices,
        error_messages={"required": "Say whether it is budgeted, anticipated or booked."},
    )
    amount = PoundsField(label="Amount", error_messages={"required": "Give an amount."})
    description = forms.CharField(
        label="What for",
        max_length=_LENGTH,
        error_messages={"required": "Say what it is for; readers of the report will see it."},
    )
    approved_by = forms.CharField(
        label="Who approved it",
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
    """Something put into a reserve, or drawn from it."""

    way = forms.ChoiceField(
        label="Which way",
        choices=[(OUT, "Drawn from the reserve"), (IN, "Put into the reserve")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say which way the money goes."},
    )

    @property
    def signed_pence(self) -> int:
        """Positive is put in, negative is drawn."""
        amount = self.cleaned_data["amount"]
        return amount if self.cleaned_data["way"] == IN else -amount


class TransferForm(_EntryForm):
    """An amount from one reserve to another."""

    to = forms.ChoiceField(
        label="To which reserve", error_messages={"required": "Choose the reserve to transfer to."}
    )

    def __init__(self, *args, reserves: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "Choose a reserve"), *reserves]


class DeficitForm(forms.Form):
    """How far below nil a reserve may go, and why."""

    amount = PoundsField(label="Deficit of at most", error_messages={"required": "Give an amount."})
    reason = forms.CharField(
        label="Reason",
        max_length=_LENGTH,
        error_messages={"required": "Say why the deficit is approved."},
    )
