"""The forms of new reserves and capital receipts projects, and of the projects' forecasts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from council_finance.forms.fields import (
    AMOUNT_HINT,
    MoneyField,
    ReferenceField,
    select_field,
    set_choices,
    text_field,
)
from reserves.models import CapitalReceiptsProject, ReserveKind
from reserves.register_services import ProjectDetails, ReserveDetails

_NAME, _PURPOSE = 300, 2_000
_UNCHOSEN = ("", "Choose a service")
_COUNCIL = ("", "The whole council")
_SEEN = "seen-"


class NewReserveForm(forms.Form):
    """A new reserve of the year; `services` are code and name to choose from."""

    name = text_field(
        "Name",
        "What reports call it, such as Winter maintenance.",
        max_length=_NAME,
        error_messages={"required": "Give the reserve a name."},
    )
    code = ReferenceField(
        label="Code",
        help_text="A short code of your own, by which files name it, such as WINTER.",
        error_messages={"required": "Give the reserve a code."},
    )
    kind = select_field(
        "Kind",
        "Its table in the report. An earmarked reserve may not be overdrawn.",
        choices=[("", "Choose a kind"), *ReserveKind.choices],
        error_messages={"required": "Choose which kind of reserve it is."},
    )
    opening = MoneyField(
        label="Balance on 1 April",
        help_text=f"{AMOUNT_HINT} Negative where it begins the year in deficit.",
        error_messages={"required": "Give the balance on 1 April; 0 where it is a new reserve."},
    )
    group = text_field(
        "Group (optional)",
        "The reserves that it is printed and added together with, such as Service reserves.",
        max_length=_NAME,
        required=False,
    )
    service = select_field("Held for (optional)", required=False)
    purpose = text_field("Purpose (optional)", max_length=_PURPOSE, rows=3, required=False)
    owner = text_field(
        "Owner (optional)", "The post that answers for it.", max_length=_NAME, required=False
    )

    def __init__(self, services: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "service", [_COUNCIL, *services])

    @property
    def details(self) -> ReserveDetails:
        """The fields of a valid form."""
        data = dict(self.cleaned_data)
        return ReserveDetails(opening_balance_pence=data.pop("opening"), **data)


def _credit_fault(pence: int) -> str:
    """Return what is wrong with a negative use of receipts."""
    return "give what receipts pay for as a positive amount" if pence < 0 else ""


class NewProjectForm(forms.Form):
    """A new capital receipts project; `services` are code and name to choose from."""

    project = text_field(
        "Name",
        "What reports call it, such as Digital records.",
        max_length=_NAME,
        error_messages={"required": "Give the project a name."},
    )
    reference = ReferenceField(
        label="Reference",
        help_text="A short reference of your own, by which files name it, such as CR1.",
        error_messages={"required": "Give the project a reference."},
    )
    service = select_field(
        "Service", error_messages={"required": "Choose the service that runs the project."}
    )
    planned = MoneyField(
        label="Planned for the year",
        help_text=f"What receipts were planned to pay for. {AMOUNT_HINT}",
        fault_of=_credit_fault,
        error_messages={"required": "Give what was planned for the year."},
    )
    cost_centre = ReferenceField(
        label="Cost centre (optional)",
        help_text="Where the ledger shows the use of the receipts.",
        required=False,
    )
    purpose = text_field("Purpose (optional)", max_length=_PURPOSE, rows=3, required=False)

    def __init__(self, services: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "service", [_UNCHOSEN, *services])

    @property
    def details(self) -> ProjectDetails:
        """The fields of a valid form."""
        data = dict(self.cleaned_data)
        return ProjectDetails(original_planned_pence=data.pop("planned"), **data)


class ReceiptsForecastsForm(forms.Form):
    """A forecast for each project, with the figure that the person saw."""

    def __init__(
        self,
        projects: Sequence[CapitalReceiptsProject],
        stored: Mapping[int, int],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.references = {f"forecast-{each.pk}": each.reference for each in projects}
        for project in projects:
            name, pence = f"forecast-{project.pk}", stored.get(project.pk)
            shown = "" if pence is None else f"{pence / 100:.2f}"
            self.fields[name] = MoneyField(
                label=f"{project.project} ({project.reference})",
                required=False,
                fault_of=_credit_fault,
                initial=shown,
            )
            self.fields[f"{_SEEN}{name}"] = MoneyField(
                widget=forms.HiddenInput, required=False, initial=shown
            )

    @property
    def forecasts(self) -> dict[str, int | None]:
        """The forecasts of a valid form in pence, by the reference of the project."""
        return {ref: self.cleaned_data[name] for name, ref in self.references.items()}

    @property
    def seen(self) -> dict[str, int | None]:
        """The figures that the person saw, by the reference of the project."""
        return {ref: self.cleaned_data[f"{_SEEN}{name}"] for name, ref in self.references.items()}
