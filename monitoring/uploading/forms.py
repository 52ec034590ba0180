"""The form to upload a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from council_finance.forms.fields import set_choices
from council_finance.forms.widgets import ChoiceDetail, DetailedRadios
from council_finance.registry import AnyKind


class UploadForm(forms.Form):
    """A file and its kind; `scope` is the service that it is limited to.

    `explained` has by the kind's name what is shown below it while it is chosen.
    """

    kind = forms.ChoiceField(label="What is in the file?", widget=DetailedRadios)
    file = forms.FileField(
        label="File",
        help_text="CSV, XLSX, XLS or ODS, up to 50 MB. The file is checked first; nothing is "
        "stored until you confirm.",
        widget=forms.FileInput({"data-drop": True, "accept": ".csv,.txt,.xlsx,.xls,.ods"}),
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
    )

    layout = forms.ChoiceField(
        label="Saved layout",
        help_text="How your ledger’s own export is read: its headings, signs and units.",
        required=False,
    )
    scope = forms.CharField(required=False)

    def __init__(
        self,
        kinds: Sequence[AnyKind],
        layouts: Sequence[str],
        *args: Any,
        asked: str = "",
        explained: Mapping[str, SafeString],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = ("", "The product’s own headings, or the layout whose headings fit")
        set_choices(self, "layout", [own, *((name, name) for name in layouts)])
        names = [kind.name for kind in kinds]
        set_choices(self, "kind", [(kind.name, kind.label) for kind in kinds])
        self.fields["kind"].initial = asked if asked in names else names[0]
        self.fields["kind"].widget.details = {
            kind.name: ChoiceDetail(hint=kind.purpose, reveals=explained[kind.name])
            for kind in kinds
        }
        if not layouts:
            self.fields[
                "file"
            ].help_text += (
                " If its headings are your ledger’s own, you match them once, after the check."
            )
