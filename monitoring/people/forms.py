"""The forms about people that an administrator fills in."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from django import forms

from council_finance.accounts.models import Role, User
from council_finance.forms.fields import set_choices, text_field
from council_finance.forms.widgets import ChoiceDetail, DetailedCheckboxes, DetailedRadios
from council_finance.uploads.short_lists import MOST_LIST_BYTES
from monitoring.people.selectors.people import Part, parts_fault
from monitoring.people.selectors.service_ties import TiedService
from monitoring.people.tie_rows import ADD, REMOVE

_ROLES = {
    Role.FINANCE_OFFICER: "Uploads figures and enters forecasts. Sees everything, drafts "
    "included; looks after the services chosen below, or the whole council if none is chosen.",
    Role.FINANCE_LEAD: "Reviews, approves virements, publishes and reopens reports. Sees "
    "everything.",
    Role.BUDGET_MANAGER: "Enters forecasts and reasons for the services chosen below.",
    Role.DIRECTOR: "Reads, writes and signs off commentary on the services chosen below.",
    Role.SCRUTINY_MEMBER: "Reads and downloads published reports, never a draft.",
    Role.ADMINISTRATOR: "Manages people, services, years and settings. Sees everything.",
    Role.NO_ROLE: "Sees nothing but a page that says whom to ask.",
}
MAIL_LINKS, SHOW_LINKS, NO_LINKS = "mail", "show", "none"
_NAME_LENGTH = 150
_LONG = {"class": "govuk-input--width-30", "spellcheck": "false"}
_USER_NAME = {"class": "govuk-input--width-20", "autocapitalize": "none", "spellcheck": "false"}


class PersonForm(forms.Form):
    """A person's details: a new person has a user name, another may be closed."""

    username = text_field(
        "User name",
        "What they log in with: letters, digits and @ . + - _ only. It cannot be changed later.",
        max_length=_NAME_LENGTH,
        attrs=_USER_NAME,
        error_messages={"required": "Enter a user name."},
    )
    name = text_field(
        "Name",
        max_length=_NAME_LENGTH,
        attrs=_LONG,
        error_messages={"required": "Enter the person’s name."},
    )
    email = forms.EmailField(
        label="E-mail address (optional)",
        required=False,
        widget=forms.EmailInput(_LONG),
        error_messages={"invalid": "Enter an e-mail address, such as name@council.gov.uk."},
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        widget=DetailedRadios(css_class="roles"),
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose a role."},
    )
    parts = forms.MultipleChoiceField(
        label="Services they look after",
        help_text="For budget managers and directors (at least one) and finance officers (none "
        "means the whole council). A service includes every service under it, in every year.",
        required=False,
        widget=DetailedCheckboxes(css_class="parts"),
        error_messages={"invalid_choice": "%(value)s is not in the tree of services."},
    )
    active = forms.BooleanField(
        label="Can log in",
        help_text="Untick to close the account. The person is logged out at once, and what they "
        "did stays on the record.",
        required=False,
    )

    def __init__(self, parts: Iterable[Part], *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree = list(parts)
        self.fields["role"].widget.details = {
            role.value: ChoiceDetail(hint=text) for role, text in _ROLES.items()
        }
        set_choices(self, "parts", [(part.code, part.name) for part in tree])
        self.fields["parts"].widget.details = {
            part.code: ChoiceDetail(aside=part.code, level=part.level) for part in tree
        }
        if not tree:
            self.fields["parts"].help_text = (
                "There are no services yet. Once they have been entered, they are listed here: add "
                "budget managers and directors then."
            )
        del self.fields["active" if new else "username"]

    def clean(self) -> dict[str, Any]:
        """Refuse services that do not suit the role."""
        super().clean()
        data = self.cleaned_data
        if not {"role", "parts"} <= data.keys():
            return data
        if fault := parts_fault(role=data["role"], codes=data["parts"]):
            self.add_error("parts", fault)
        return data


class EraseForm(forms.Form):
    """The user name, typed to confirm that this person is erased."""

    username = text_field(
        "",
        max_length=_NAME_LENGTH,
        attrs=_USER_NAME,
    )

    def __init__(self, username: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = f"Type the user name {username} to confirm"


class PeopleListForm(forms.Form):
    """A list of people: a file, or text pasted from a spreadsheet."""

    file = forms.FileField(
        label="File",
        help_text="XLSX, CSV, XLS or ODS, up to 1 MB.",
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,.xls,.ods"}),
        error_messages={"empty": "The file is empty. Choose another one, or paste the list."},
    )
    pasted = forms.CharField(
        label="Or paste the list",
        help_text="Select the rows in Excel, the row of headings too, copy them, and paste here.",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "class": "pasted-list"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a file and a text at once, and neither."""
        super().clean()
        file, pasted = self.cleaned_data.get("file"), self.cleaned_data.get("pasted", "")
        if self.errors:
            return self.cleaned_data
        if file and pasted.strip():
            self.add_error("pasted", "Choose a file or paste the list, not both.")
        elif not file and not pasted.strip():
            self.add_error("file", "Choose a file, or paste the list below.")
        elif file and file.size > MOST_LIST_BYTES:
            self.add_error("file", "The file has more than 1 MB. Save the table alone.")
        return self.cleaned_data

    @property
    def content(self) -> bytes:
        """Return the bytes of the list."""
        file = self.cleaned_data["file"]
        content: bytes = file.read() if file else self.cleaned_data["pasted"].encode()
        return content


class ConfirmForm(forms.Form):
    """The list whose effect was shown, and the revision of that effect."""

    content = forms.CharField(widget=forms.HiddenInput)
    revision = forms.CharField(widget=forms.HiddenInput)

    def clean_content(self) -> bytes:
        """Return the bytes of the list. Raise `ValidationError` for what was not sent so."""
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError("The list was not sent whole. Choose it again.") from error


def sent_again(content: bytes, revision: str) -> dict[str, str]:
    """Return the fields of `ConfirmForm` for a list and the revision of its effect."""
    return {"content": base64.b64encode(content).decode(), "revision": revision}


class ConfirmListForm(ConfirmForm):
    """A list of people to store, and how those who are new log in."""

    links = forms.ChoiceField(
        label="How new people log in",
        required=False,
        widget=DetailedRadios,
    )

    def __init__(self, *args: Any, ways: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "links", ways)
        if len(ways) > 1:
            self.fields["links"].initial = ways[0][0]
        elif not self.is_bound:
            del self.fields["links"]


class TieForm(forms.Form):
    """Services that are ticked, and the person who is tied to them or no longer is."""

    services = forms.MultipleChoiceField(
        label="Services",
        help_text="A service includes every service under it, in every year.",
        widget=DetailedCheckboxes(css_class="parts"),
        error_messages={
            "required": "Choose at least one service.",
            "invalid_choice": "%(value)s is not in the tree of services.",
        },
    )
    person = forms.ChoiceField(
        label="Person",
        error_messages={"required": "Choose a person.", "invalid_choice": "Choose a person."},
    )
    act = forms.ChoiceField(
        label="What to do",
        choices=[(ADD, "Let them look after these services too"), (REMOVE, "Take these away")],
        initial=ADD,
        widget=DetailedRadios,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )

    def __init__(
        self, services: Iterable[TiedService], people: Iterable[User], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = list(services)
        set_choices(self, "services", [(row.code, row.name) for row in rows])
        self.fields["services"].widget.details = {
            row.code: ChoiceDetail(aside=row.code, level=row.level) for row in rows
        }
        named = [
            (each.username, f"{each.name} ({each.username}), {each.get_role_display().lower()}")
            for each in people
        ]
        set_choices(self, "person", [("", "Choose a person"), *named])
