"""The form in which people choose their reminders."""

from typing import Any

from django import forms

from council_finance.forms.widgets import ChoiceDetail, DetailedRadios
from monitoring.reminders.models import Digest

_HINTS = {
    Digest.OFF: "You still see the list on your first page.",
    Digest.DAILY: "In the morning, if anything is due from you.",
    Digest.WEEKLY: "On the first working day of the week on which anything is due from you.",
}
_CHOOSE = "Choose how often you want the list of your work."


class RemindersForm(forms.Form):
    """How often a person gets the list of their work, and whether new work is mailed at once."""

    digest = forms.ChoiceField(
        label="A list of everything that is due from you",
        choices=Digest.choices,
        widget=DetailedRadios,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )
    at_once = forms.BooleanField(
        label="Mail me when new work waits for me",
        help_text="Within minutes: figures to forecast, commentary to write or sign off, virements "
        "to approve, a question to you or its answer, a month to review, a published report.",
        required=False,
    )

    def __init__(self, *args: Any, takes_part: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_part:
            del self.fields["digest"]
            self.fields["at_once"].label = "Mail me when a report is published"
            self.fields["at_once"].help_text = ""
            return
        widget = self.fields["digest"].widget
        widget.details = {value: ChoiceDetail(hint=hint) for value, hint in _HINTS.items()}
