"""The form with which a plan is adopted."""

from django import forms


class AdoptionForm(forms.Form):
    """The day of the council's resolution; `seen` is the stamp of the version that was shown."""

    adopted_on = forms.DateField(
        label="Day of the council’s resolution",
        widget=forms.DateInput({"class": "saving-date", "type": "date"}),
        error_messages={
            "required": "Enter the day of the resolution.",
            "invalid": "Give a date.",
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
