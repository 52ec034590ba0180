"""The forms in which commentary is written and signed off."""

from typing import Any

from django import forms

from council_finance.forms.fields import text_field
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.commentary.selectors import tidy_text, version_of


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


class DueTextForm(CommentaryForm):
    """One of many texts on a page; a blank one is not written yet."""

    def __init__(self, *args: Any, label: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        text = self.fields["text"]
        text.required, text.label = False, label
        text.widget.attrs["rows"] = 6

    def show_version(self, version: str) -> None:
        """Send another version with the text, which then replaces a colleague's."""
        self._replace_value("seen", version)

    def add_text(self, text: str) -> None:
        """Put a text into the field, below what is typed there."""
        typed = self.data.get(self.add_prefix("text"), "").strip()
        self._replace_value("text", f"{typed}\n\n{text}".strip())

    def _replace_value(self, field: str, value: str) -> None:
        # By `items`, as unpacking what a browser sent gives a list of values for each name.
        self.data = dict(self.data.items()) | {self.add_prefix(field): value}

    @property
    def is_changed(self) -> bool:
        """Return whether the text is another than the one that the page showed."""
        text = tidy_text(self.cleaned_data["text"])
        shown: str = self.cleaned_data["seen"]
        return (version_of(text) if text else "") != shown


class SignOffForm(forms.Form):
    """The text and the figures, in pence, that a director has read."""

    seen = forms.CharField(max_length=16)
    budget = forms.IntegerField()
    net_variance = forms.IntegerField(required=False)
