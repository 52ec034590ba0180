"""The forms in which commentary is written and signed off."""

from django import forms

from council_finance.forms.fields import text_field
from council_finance.uploads.cells import TEXT_LENGTH


class CommentaryForm(forms.Form):
    """A text, and the version of it that the page showed; blank where there was none."""

    text = text_field(
        "Commentary",
        max_length=TEXT_LENGTH,
        rows=12,
        error_messages={
            "required": "Write what explains the variance. To remove a text, withdraw it.",
        },
    )
    seen = forms.CharField(
        max_length=16,
        required=False,
        widget=forms.HiddenInput,
        error_messages={"max_length": "The page was incomplete. Reload it and write again."},
    )


class SignOffForm(forms.Form):
    """The text and the figures, in pence, that a director has read."""

    seen = forms.CharField(max_length=16)
    budget = forms.IntegerField()
    net_variance = forms.IntegerField(required=False)
