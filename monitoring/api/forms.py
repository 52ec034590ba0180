"""The form for an access token."""

from collections.abc import Collection

from django import forms
from django.http import QueryDict

from council_finance.accounts.models import TokenKind
from council_finance.accounts.tokens.services import MOST_DAYS
from council_finance.forms.fields import set_choices, text_field
from council_finance.forms.widgets import ChoiceDetail, DetailedRadios

_HINTS = {
    TokenKind.READ: "A program reads what you may read, and changes nothing.",
    TokenKind.UPLOAD: "A program, such as your ledger’s, sends the files that you may upload. It "
    "reads no figures.",
}
_DAYS = f"Enter a number of days from 1 to {MOST_DAYS}."


class TokenForm(forms.Form):
    """A new token: its name, how long it works, and its use."""

    name = text_field(
        "Name",
        "What uses it, such as “Power BI, scrutiny report”.",
        max_length=60,
        attrs={"class": "govuk-input--width-20"},
        error_messages={"required": "Enter a name, such as the program that will use the token."},
    )
    days = forms.IntegerField(
        label="Days that it works",
        help_text=f"At most {MOST_DAYS}. Make a new one before it ends.",
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _DAYS),
    )
    kind = forms.ChoiceField(
        label="Use",
        widget=DetailedRadios,
        error_messages={"required": "Choose a use.", "invalid_choice": "Choose a use."},
    )

    def __init__(self, data: QueryDict | None, *, kinds: Collection[TokenKind]) -> None:
        super().__init__(data, initial={"days": 90, "kind": TokenKind.READ})
        if len(kinds) == 1:
            del self.fields["kind"]
            return
        set_choices(self, "kind", [(kind.value, kind.label) for kind in kinds])
        self.fields["kind"].widget.details = {
            kind: ChoiceDetail(hint=_HINTS[kind]) for kind in kinds
        }
