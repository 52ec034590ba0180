"""What people send in about commentary."""

from django import forms

from council_finance.uploads.cells import TEXT_LENGTH


class CommentaryForm(forms.Form):
    """A text, and the version of it that was seen (nothing: there was none)."""

    text = forms.CharField(
        label="Commentary",
        max_length=TEXT_LENGTH,
        error_messages={
            "required": "Write what explains the variance. To remove a text, withdraw it.",
            "max_length": f"Shorten the text to {TEXT_LENGTH:,} characters.",
        },
    )
    seen = forms.CharField(max_length=16, required=False)


class SignOffForm(forms.Form):
    """The text and the figures, in pence, that a director has before them."""

    seen = forms.CharField(max_length=16)
    budget = forms.IntegerField()
    net_variance = forms.IntegerField(required=False)
