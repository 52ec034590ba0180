"""The form in which the notional offset of a month is entered or taken back."""

from django import forms

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, text_field


class OffsetForm(forms.Form):
    """The amount set against overspends, with the reason; `seen` is the last entry shown."""

    amount = MoneyField(
        label="Notional offset of this month",
        help_text=f"{AMOUNT_HINT} Enter 0 if nothing is set against overspends.",
        error_messages={"required": "Give an amount; 0 if nothing is set against overspends."},
    )
    reason = text_field(
        "Reason",
        "It is kept with the amount and on the audit trail.",
        max_length=1000,
        error_messages={"required": "Say why; the audit trail keeps the reason."},
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class TakeBackForm(OffsetForm):
    """The reason alone, for taking the month's own offset back."""

    amount = None  # type: ignore[assignment]  # leaves the field of OffsetForm out
