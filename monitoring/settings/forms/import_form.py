"""The form that takes a pack.toml."""

from typing import Any

from django import forms

from council_finance.errors import Refused
from monitoring.settings.pack_file import PackFile, read_pack_file
from monitoring.structure.models import FinancialYear

LARGEST = 200_000
"""Bytes; a year's settings are a hundredth of it."""


_LONGEST_NAME = 200


class ImportForm(forms.Form):
    """A pack.toml for a year; cleaned to its content and what it says."""

    file = forms.FileField(
        label="File",
        help_text="A pack.toml, as “Download as pack.toml” writes it.",
        widget=forms.FileInput({"accept": ".toml"}),
        error_messages={
            "required": "Choose a pack.toml.",
            "empty": "The file is empty. Choose a pack.toml.",
        },
    )

    def __init__(self, year: FinancialYear, *args: Any):
        super().__init__(*args)
        self.year = year

    def clean_file(self) -> bytes:
        """Return the file's content. Refuse what is far too large for settings."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; a pack.toml has at most {LARGEST:,}."
            )
        content: bytes = file.read()
        return content

    def clean(self) -> dict[str, Any]:
        """Read the file for this year, and refuse what loading a pack refuses."""
        data = super().clean() or self.cleaned_data
        if "file" in data:
            try:
                data["pack"] = read_for_year(data["file"], self.year)
            except Refused as refused:
                self.add_error("file", refused.messages)
        return data


def read_for_year(content: bytes, year: FinancialYear) -> PackFile:
    """Return what a pack.toml says of the year. Raise `Refused` where it cannot be used for it."""
    pack = read_pack_file(content)
    if pack.start != year.start:
        raise Refused(
            f"pack.toml: financial_year is not {year.label}. Import the file into its own year, "
            f"or write {year.label} into it."
        )
    if len(pack.council) > _LONGEST_NAME:
        raise Refused(f"pack.toml: council is longer than {_LONGEST_NAME} characters.")
    return pack
