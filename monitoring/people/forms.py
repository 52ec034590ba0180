"""What an administrator sends in about a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms

from council_finance.accounts.models import Role
from monitoring.people.selectors.people import Part, parts_fault

_ROLES = {
    Role.FINANCE_OFFICER: "Brings figures in and enters forecasts. Sees everything, drafts "
    "included; looks after the parts chosen below, or after the whole council where none is.",
    Role.FINANCE_LEAD: "Reviews, approves virements, publishes and reopens. Sees everything.",
    Role.BUDGET_MANAGER: "Enters forecasts and reasons for the parts chosen below.",
    Role.DIRECTOR: "Reads, writes and signs off the commentary of the parts chosen below.",
    Role.SCRUTINY_MEMBER: "Reads and downloads published reports, never a draft.",
    Role.ADMINISTRATOR: "Keeps people, the tree of services, years and settings. Sees everything.",
}


@dataclass(frozen=True)
class Box:
    """A part of the tree with its tick box."""

    part: Part
    ticked: bool
    id: str


class PersonForm(forms.Form):
    """A person: `new` asks for the user name, else whether they may log in."""

    username = forms.CharField(
        label="User name", max_length=150, error_messages={"required": "Enter a user name."}
    )
    name = forms.CharField(
        label="Name", max_length=150, error_messages={"required": "Enter the person’s name."}
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        error_messages={"invalid": "Enter an e-mail address, such as name@council.gov.uk."},
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose a role."},
    )
    parts = forms.MultipleChoiceField(
        label="Parts of the tree",
        required=False,
        error_messages={"invalid_choice": "%(value)s is not in the tree of services."},
    )
    active = forms.BooleanField(label="May log in", required=False)

    def __init__(self, parts: Iterable[Part], *args, new: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.tree = list(parts)
        self.fields["parts"].choices = [(part.code, part.name) for part in self.tree]
        del self.fields["active" if new else "username"]

    def clean(self) -> dict:
        """The parts must suit the role."""
        data = super().clean()
        if "role" in data and "parts" in data and (fault := parts_fault(**_of(data))):
            self.add_error("parts", fault)
        return data

    @property
    def roles(self) -> list[tuple[str, str, str]]:
        """Each role: value, label, what it does."""
        return [(role.value, role.label, _ROLES[role]) for role in Role]

    @property
    def boxes(self) -> list[Box]:
        """The tree with a tick box at every part."""
        ticked = set(self["parts"].value() or ())
        return [
            Box(part, part.code in ticked, f"id_parts_{number}" if number else "id_parts")
            for number, part in enumerate(self.tree)
        ]


def _of(data: dict) -> dict:
    return {"role": data["role"], "codes": data["parts"]}
