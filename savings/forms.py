"""The forms of the register of savings, and the sheet of their positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms

from council_finance.forms.fields import (
    MoneyField,
    ReferenceField,
    describe_bad_amount,
    text_field,
)
from council_finance.money import NotAnAmount, parse_amount
from council_finance.typed_text import whole_number
from monitoring.structure.council_settings import CouncilSettings
from savings.models import (
    CATEGORY_LENGTH,
    COMMITTEE_LENGTH,
    DECISION_LENGTH,
    OWNER_LENGTH,
    REASON_LENGTH,
    TITLE_LENGTH,
    Direction,
)
from savings.rules import agreed_fault, investment_fault, statuses
from savings.selectors.entry import AMOUNTS, cells_digest, word_cells
from savings.services.positions import PositionChange
from savings.services.register import Agreement, SavingDetails

_AGREED_BY_LENGTH = 300


class SavingForm(forms.Form):
    """The fields of a saving in the register; `services` are code and name to choose from."""

    title = text_field(
        "What is to be saved",
        max_length=TITLE_LENGTH,
        rows=3,
        error_messages={"required": "Say in words what is to be saved."},
    )
    service = forms.ChoiceField(
        label="Service",
        error_messages={
            "required": "Choose the service that makes the saving.",
            "invalid_choice": "Choose one of the services in the list.",
        },
    )
    agreed = MoneyField(
        label="Agreed saving",
        help_text="For this year, in pounds and positive, such as 12,500 or £0.5m.",
        fault_of=agreed_fault,
        error_messages={"required": "Say how much was agreed."},
    )
    investment = MoneyField(
        label="Investment (optional)",
        help_text="What is spent to make it happen.",
        fault_of=investment_fault,
        required=False,
    )
    decision = text_field(
        "Decision (optional)",
        "Which decision agreed it, such as February 2019.",
        max_length=DECISION_LENGTH,
        attrs={"list": "decisions"},
        required=False,
    )
    category = text_field(
        "Category (optional)",
        "Efficiency, service reduction or income.",
        max_length=CATEGORY_LENGTH,
        attrs={"list": "categories"},
        required=False,
    )
    committee = text_field("Committee (optional)", max_length=COMMITTEE_LENGTH, required=False)
    owner = text_field(
        "Owner (optional)", "Who is responsible for it.", max_length=OWNER_LENGTH, required=False
    )

    def __init__(self, services: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [] if self.initial.get("service") else [("", "Choose a service")]
        cast(forms.ChoiceField, self.fields["service"]).choices = [*first, *services]

    @property
    def details(self) -> SavingDetails:
        """The fields of a valid form."""
        data = self.cleaned_data
        return SavingDetails(
            title=data["title"],
            service=data["service"],
            agreed_pence=data["agreed"],
            investment_pence=data["investment"],
            **{name: data[name] for name in ("decision", "category", "committee", "owner")},
        )


class ChangeForm(SavingForm):
    """A change of a saving; `seen` is the saving_version that the person saw."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class NewSavingForm(SavingForm):
    """A new saving."""

    reference = ReferenceField(
        label="Reference",
        widget=forms.TextInput({"class": "saving-short"}),
        error_messages={"required": "Give the saving a reference."},
    )
    field_order: Sequence[str] = ("reference",)


class ReplacementForm(NewSavingForm):
    """A new saving that replaces another, and the agreement to that."""

    agreed_by = text_field(
        "Agreed by",
        "As reports print it, such as Cabinet.",
        max_length=_AGREED_BY_LENGTH,
        error_messages={"required": "Say who agreed to the replacement."},
    )
    agreed_on = forms.DateField(
        label="Agreed on",
        widget=forms.DateInput({"class": "saving-date", "type": "date"}),
        error_messages={"required": "Say when it was agreed.", "invalid": "Give a date."},
    )
    reason = text_field(
        "Reason",
        "Readers of the report see this.",
        max_length=REASON_LENGTH,
        rows=3,
        error_messages={"required": "Say why the saving is replaced."},
    )
    field_order = ("agreed_by", "agreed_on", "reason", "reference")

    @property
    def agreement(self) -> Agreement:
        """The agreement on a valid form."""
        data = self.cleaned_data
        return Agreement(data["agreed_by"], data["agreed_on"], data["reason"])


class CellFault(ValueError):
    """A cell of the sheet that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class SubmittedSheet:
    """The rows of the sheet that a person touched, by the saving's id.

    `faults` name cells that cannot be read; `texts` are the cells as sent.
    """

    changes: list[PositionChange] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    texts: dict[int, dict[str, str]] = field(default_factory=dict)


def read_sheet(post: Mapping[str, str], settings: CouncilSettings) -> SubmittedSheet:
    """Return the rows whose cells differ from those that the page was sent out with."""
    sheet = SubmittedSheet()
    words = word_cells(settings)
    for name in post:
        start, _, number = name.partition("-")
        pk = whole_number(number, digits=18)
        if start != "seen" or pk is None or str(pk) != number:  # 01 is no other saving than 1
            continue
        texts = {cell: post.get(f"{cell}-{number}", "").strip() for cell in (*AMOUNTS, *words)}
        if cells_digest(texts) == post.get(f"shown-{number}", ""):
            continue
        sheet.texts[pk] = texts
        try:
            values = _read_values(texts, words, settings)
        except CellFault as fault:
            sheet.faults[pk] = str(fault)
        else:
            sheet.changes.append(PositionChange(pk, post[name], values))
    return sheet


def _read_values(
    texts: Mapping[str, str], words: Mapping[str, str], settings: CouncilSettings
) -> dict[str, object]:
    """Return the fields of a position. Raise `CellFault` for the first cell at fault."""
    values: dict[str, object] = {}
    for cell, name in AMOUNTS.items():
        try:
            values[name] = parse_amount(texts[cell])
        except NotAnAmount as fault:
            raise CellFault(describe_bad_amount(texts[cell], fault)) from fault
    for cell, name in words.items():
        values[name] = texts[cell].replace("\r\n", "\n")
    if texts.get("status", "") not in ("", *statuses(settings)):
        raise CellFault(f"“{texts['status'][:40]}” is no status of the council’s scheme.")
    if texts["direction"] not in ("", *Direction.values):
        raise CellFault("Choose a direction of travel from the list.")
    if any(len(texts[cell]) > REASON_LENGTH for cell in words):
        raise CellFault(f"Shorten the text: it has more than {REASON_LENGTH:,} characters.")
    return values
