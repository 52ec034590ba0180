"""Forms of the set-up."""

import datetime
from typing import Any

from django import forms
from django.core.files.base import File

from council_finance.forms.fields import select_field, set_choices
from council_finance.forms.widgets import DetailedRadios
from council_finance.periods import financial_year_label
from monitoring.set_up.pasted import Shape
from monitoring.set_up.services.trees import MOST_FILE_BYTES

_LONGEST_TEXT = 500_000
_APRIL = 4


class YearForm(forms.Form):
    """The first financial year."""

    start = select_field(
        "Financial year",
        "It runs from 1 April to 31 March. Later years are made by rolling this one forward.",
        error_messages={"required": "Choose a year."},
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        current = today.year if today.month >= _APRIL else today.year - 1
        super().__init__(*args, **kwargs)
        self.initial["start"] = current
        years = range(current + 1, current - 6, -1)
        set_choices(self, "start", [(str(year), financial_year_label(year)) for year in years])

    def clean_start(self) -> int:
        """Return the calendar year in which the financial year begins."""
        return int(self.cleaned_data["start"])


class PasteForm(forms.Form):
    """A tree of services as text."""

    text = forms.CharField(
        label="Services",
        strip=False,
        max_length=_LONGEST_TEXT,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "paste"}),
        error_messages={
            "required": "Type or paste at least one service.",
            "max_length": "The text is too long. Upload the list as a file.",
        },
    )
    shape = forms.ChoiceField(
        label="How the text shows which service stands under which",
        choices=[
            ("", "Find out from the text"),
            (Shape.LIST, "Each service begins further to the right than the one above it"),
            (Shape.TABLE, "Columns with code, name and the code of the service above"),
        ],
        required=False,
        widget=DetailedRadios,
    )

    def clean_shape(self) -> Shape | None:
        """Return the shape chosen; None where it is to be found out."""
        chosen = self.cleaned_data["shape"]
        return Shape(chosen) if chosen else None


class TreeFileForm(forms.Form):
    """A file with a tree of services."""

    file = forms.FileField(
        label="File with the services",
        help_text="CSV, XLSX, XLS or ODS with the columns code, name and parent_code, and perhaps "
        f"total_label and section; up to {MOST_FILE_BYTES // 1_000_000} MB.",
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,.xls,.ods"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def content(self) -> bytes:
        """Return the bytes of the file, one more than are taken where it is too large."""
        file: File[bytes] = self.cleaned_data["file"]
        return bytes(file.read(MOST_FILE_BYTES + 1))

    @property
    def file_name(self) -> str:
        """Return the name of the file."""
        return self.cleaned_data["file"].name or ""
