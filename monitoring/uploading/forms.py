"""The form to upload a file."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from council_finance.forms.fields import set_choices
from council_finance.forms.widgets import ChoiceDetail, DetailedRadios
from council_finance.registry import AnyKind, Brings


class UploadForm(forms.Form):
    """A file and its kind; `scope` is the service that it is limited to.

    `explained` has by the kind's name what is shown below it while it is chosen. Kinds that are
    not `in_use` are listed last, folded away.
    """

    kind = forms.ChoiceField(
        label="What is in the file?", widget=DetailedRadios(folded="More kinds of file")
    )
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
        in_use: Set[str],
        explained: Mapping[str, SafeString],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = ("", "The product’s own headings, or the layout whose headings fit")
        set_choices(self, "layout", [own, *((name, name) for name in layouts)])
        first = [kind for kind in kinds if _is_listed_first(kind, in_use)] or list(kinds)
        others = [kind for kind in kinds if kind not in first]
        names = [kind.name for kind in first]
        set_choices(self, "kind", [(kind.name, kind.label) for kind in (*first, *others)])
        self.fields["kind"].initial = asked if asked in names else names[0]
        self.fields["kind"].widget.details = {
            kind.name: ChoiceDetail(
                hint=kind.purpose, reveals=explained[kind.name], folded=kind in others
            )
            for kind in kinds
        }
        if not layouts:
            self.fields[
                "file"
            ].help_text += (
                " If its headings are your ledger’s own, you match them once, after the check."
            )


def _is_listed_first(kind: AnyKind, in_use: Set[str]) -> bool:
    """Return whether a kind is in use, or is one that every council needs: ledger and services."""
    return kind.name in in_use or kind.brings in (Brings.PART, Brings.STRUCTURE)
