"""The form about the council."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.files.base import File

from council_finance.errors import Refused
from council_finance.forms.fields import text_field
from monitoring.identity.colours import LEAST_CONTRAST, read_accent
from monitoring.identity.logos import MOST_BYTES, Logo, read_logo
from monitoring.identity.models import NAME_LENGTH, SHORT_NAME_LENGTH

Value = TypeVar("Value")


class CouncilForm(forms.Form):
    """The council's name, accent colour and logo; `revision` is the one that the form shows."""

    name = text_field(
        "Name of the council",
        "As reports print it, for example Somerset Council.",
        max_length=NAME_LENGTH,
        attrs={"autocomplete": "organization", "class": "govuk-input--width-30"},
        error_messages={"required": "Enter the council’s name."},
    )
    short_name = text_field(
        "Short name (optional)",
        "Printed at the head of every page in place of the name, for example Somerset.",
        max_length=SHORT_NAME_LENGTH,
        attrs={"class": "govuk-input--width-20"},
        required=False,
    )
    accent = text_field(
        "Accent colour (optional)",
        "The colour of the head of every page, of buttons and of links, such as #7A1F3D. White "
        f"text on it must have a contrast of at least {LEAST_CONTRAST:g} to 1. Without one, pages "
        "have the product’s blue.",
        max_length=40,
        attrs={"class": "govuk-input--width-10", "spellcheck": "false"},
        required=False,
    )
    logo = forms.FileField(
        label="Logo (optional)",
        help_text=f"A PNG file of at most {MOST_BYTES // 1000} kB. It is shown on white at the "
        "head of every page.",
        required=False,
        widget=forms.FileInput({"accept": "image/png,.png"}),
        error_messages={"empty": "The logo’s file is empty."},
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, has_logo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_logo:
            self.fields["logo"].label = "Another logo (optional)"
        else:
            del self.fields["remove_logo"]

    def clean_accent(self) -> str:
        """Return the colour; refuse one that is none, or on which text is hard to read."""
        typed: str = self.cleaned_data["accent"]
        return _read_or_refuse(read_accent, typed) if typed else ""

    def clean_logo(self) -> Logo | None:
        """Return the picture encoded anew, None where no file was chosen."""
        file: File[bytes] | None = self.cleaned_data["logo"]
        if file is None:
            return None
        # One byte more than may be read says that there are too many.
        return _read_or_refuse(read_logo, file.read(MOST_BYTES + 1))

    def clean(self) -> dict[str, Any]:
        """Turn a tick at "Remove the logo" into an empty logo; refuse it beside a new one."""
        super().clean()
        data = self.cleaned_data
        if data.pop("remove_logo", False):
            if data.get("logo"):
                self.add_error("logo", "Choose another logo or remove the old one, not both.")
            data["logo"] = Logo()
        return data


def _read_or_refuse(read: Callable[[Any], Value], given: object) -> Value:
    """Return what is read of the value given. Raise `ValidationError` where it is refused."""
    try:
        return read(given)
    except Refused as refused:
        raise forms.ValidationError(refused.messages) from refused
