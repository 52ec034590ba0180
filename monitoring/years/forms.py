"""The form in which somebody says why a year is taken back or brought back."""

from django import forms

from council_finance.forms.fields import text_field


class ReasonForm(forms.Form):
    """The reason of a change of a whole year, which the audit trail keeps."""

    reason = text_field(
        "Reason, for the audit trail",
        max_length=1000,
        error_messages={"required": "Say why; the audit trail keeps the reason."},
    )
