"""Forms on the page of a checked file: which forecasts to use, new codes, other sheets."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from council_finance.forms.widgets import ChoiceDetail, DetailedCheckboxes, DetailedRadios

_TYPED_CHOICES = [
    ("file", "Use the file’s for all lines"),
    ("typed", "Keep the typed ones for all lines"),
    ("each", "Choose line by line: keep those ticked"),
]


class ConfirmForm(forms.Form):
    """What a person decides before a checked file is stored."""

    codes_are_new = forms.BooleanField(required=False, widget=forms.CheckboxInput({"value": "yes"}))
    typed_choice = forms.ChoiceField(
        label="Which forecasts should be used?",
        choices=_TYPED_CHOICES,
        required=False,
        widget=DetailedRadios,
    )

    def __init__(self, alike_count: int, data: Mapping[str, Any] | None = None):
        super().__init__(data, auto_id="%s")
        self.fields["codes_are_new"].label = (
            "This is a new code: store it"
            if alike_count == 1
            else "These are all new codes: store them"
        )


def confirm_form(
    upload_context: Mapping[str, Any], sent: Mapping[str, Any], refused: Sequence[str]
) -> ConfirmForm:
    """Return the form as the page shows it; a refusal is an error of the field it is about."""
    count = upload_context.get("alike_count", 0)
    if not refused:
        return ConfirmForm(count)
    known = [value for value, _ in _TYPED_CHOICES]
    choice, are_new = sent.get("typed_choice", ""), sent.get("codes_are_new", False)
    form = ConfirmForm(
        count,
        {"codes_are_new": are_new, "typed_choice": choice if choice in known else ""},
    )
    form.full_clean()
    name = "codes_are_new" if upload_context.get("alike") and not are_new else "typed_choice"
    if name == "typed_choice" and not upload_context.get("typed"):
        return form
    for message in refused:
        form.add_error(name, message)
    return form


class SheetsForm(forms.Form):
    """The sheets of a workbook that are read together; `sheets` are those to choose from."""

    sheet = forms.MultipleChoiceField(
        label="Read other sheets",
        help_text="Sheets with the same headings are read together as one file. Choose one or "
        "more. The file is checked again, and nothing is stored until you confirm.",
        required=False,
        widget=DetailedCheckboxes,
    )

    def __init__(self, sheets: Sequence[Mapping[str, Any]], *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["sheet"])
        field.choices = [(each["name"], each["name"]) for each in sheets]
        field.widget.details = {
            each["name"]: ChoiceDetail(aside="" if each["visible"] else "hidden") for each in sheets
        }


def sheets_form(
    sheets: Sequence[Mapping[str, Any]], chosen: Sequence[str], refused: Sequence[str] = ()
) -> SheetsForm:
    """Return the form with the chosen sheets ticked, and why these were refused."""
    if not refused:
        return SheetsForm(sheets, initial={"sheet": list(chosen)})
    names = {each["name"] for each in sheets}
    form = SheetsForm(sheets, {"sheet": [each for each in chosen if each in names]})
    form.full_clean()
    for message in refused:
        form.add_error("sheet", message)
    return form


class UndoForm(forms.Form):
    """The reason for undoing a stored file, and the state of the year that the person saw."""

    reason = forms.CharField(
        label="Why is the file undone?",
        help_text="The reason is kept with the upload and on the audit trail.",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Give the reason.", "max_length": "Use a shorter reason."},
    )
    basis = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=2**62, required=True
    )
