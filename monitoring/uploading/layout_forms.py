"""Forms of the pages about layouts: try one on a file, rename it, import one."""

import tomllib
from typing import Any

from django import forms

from council_finance.forms.fields import select_field, set_choices, text_field
from council_finance.periods import PERIODS, period_name
from council_finance.registry import AnyKind

MOST_TOML_BYTES = 200_000
_NAME = "People choose it by this name if several layouts fit a file; a script names it too."
_WORKBOOKS = {"accept": ".csv,.txt,.xlsx,.xls,.ods"}


def _file_field(label: str, help_text: str, accept: dict[str, str]) -> forms.FileField:
    return forms.FileField(
        label=label,
        help_text=help_text,
        widget=forms.FileInput(accept),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )


class TrialForm(forms.Form):
    """A file to try a layout on, and the period that it would be uploaded for."""

    file = _file_field("File", "CSV, XLSX, XLS or ODS, up to 50 MB.", _WORKBOOKS)
    period = select_field(
        "Period",
        "Where a file has a column for each month, the layout may add them up to this period.",
        required=False,
    )

    def __init__(self, kinds: list[AnyKind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "The whole year")] if any(not kind.per_period for kind in kinds) else []
        if any(kind.per_period for kind in kinds):
            choices += [(str(number), period_name(number)) for number in PERIODS]
        set_choices(self, "period", choices)
        if len(choices) == 1:
            self.fields["period"].widget = forms.HiddenInput()

    def clean_period(self) -> int | None:
        """Return the number of the period; None for the whole year."""
        chosen = self.cleaned_data["period"]
        return int(chosen) if chosen else None


class RenameForm(forms.Form):
    """The name of a layout."""

    name = text_field(
        "Name",
        _NAME,
        max_length=100,
        attrs={"class": "govuk-input--width-20"},
        error_messages={"required": "Give the layout a name."},
    )


class ImportForm(RenameForm):
    """A layout's TOML file, with its name and the kind of file that it is for."""

    kind = select_field("Kind of file")
    file = _file_field(
        "TOML file",
        "As “Export” on a layout’s page writes it, or written by hand.",
        {"accept": ".toml"},
    )

    def __init__(self, kinds: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "kind", kinds)

    def clean_file(self) -> dict[str, Any]:
        """Return the definition in the file. Raise `ValidationError` where it is not TOML."""
        file = self.cleaned_data["file"]
        if file.size > MOST_TOML_BYTES:
            raise forms.ValidationError("The file is larger than a layout: 200 KB at most.")
        try:
            return tomllib.loads(file.read().decode("utf-8"))
        except RecursionError as error:
            raise forms.ValidationError("The file has lists within lists too deep.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise forms.ValidationError(
                f"The file is not TOML: {error}. Export a layout to see one."
            ) from error
