"""What people type about savings."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms

from council_finance.money import NotAnAmount, parse_amount
from council_finance.typed_text import whole_number
from council_finance.uploads.cells import BadCell, CodeReader
from council_finance.uploads.columns import CODE, ColumnSpec
from monitoring.council_settings import CouncilSettings
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
from savings.selectors.entry import AMOUNTS, mark_of, word_cells
from savings.services.positions import PositionChange
from savings.services.register import Agreement, Details

_AGREED_BY_LENGTH = 300


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _text(label: str, help_text: str = "", width: str = "", **options) -> forms.CharField:
    attributes = {"class": f"govuk-input {width}".strip(), "autocomplete": "off"}
    if suggestions := options.pop("suggestions", ""):
        attributes["list"] = suggestions
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label=label, help_text=help_text, widget=widget, **options)


def _area(label: str, help_text: str = "", **options) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3})
    return forms.CharField(label=label, help_text=help_text, widget=widget, **options)


class AmountField(forms.CharField):
    """Pounds as people write them, in pence; None where blank. `fault_of` may refuse them."""

    def __init__(self, *args, fault_of, **kwargs):
        attributes = {"class": "govuk-input saving-amount", "autocomplete": "off"}
        super().__init__(*args, widget=forms.TextInput(attrs=attributes), **kwargs)
        self.fault_of = fault_of

    def clean(self, value: str) -> int | None:
        """Raises ValidationError for what is no such amount."""
        try:
            pence = parse_amount(super().clean(value))
        except NotAnAmount as fault:
            raise forms.ValidationError(_sentence(str(fault))) from fault
        if pence is not None and (fault := self.fault_of(pence)):
            raise forms.ValidationError(_sentence(fault))
        return pence


class ReferenceField(forms.CharField):
    """A reference, by the rules of a file's codes."""

    def clean(self, value: str) -> str:
        """Raises ValidationError for what can be no reference."""
        try:
            return CodeReader(ColumnSpec("reference", CODE), 1)(super().clean(value))
        except BadCell as fault:
            raise forms.ValidationError(_sentence(str(fault))) from fault


class SavingForm(forms.Form):
    """What the register says of a saving; `services` are those to choose from, by code."""

    title = _area(
        "What is to be saved",
        max_length=TITLE_LENGTH,
        error_messages={"required": "Say in words what is to be saved."},
    )
    service = forms.ChoiceField(
        label="Service",
        widget=forms.Select(attrs={"class": "govuk-select"}),
        error_messages={
            "required": "Choose the service that makes the saving.",
            "invalid_choice": "Choose one of the services in the list.",
        },
    )
    agreed = AmountField(
        label="Agreed saving",
        help_text="For this year, in pounds and positive: 12,500 or £0.5m.",
        fault_of=agreed_fault,
        error_messages={"required": "Say how much was agreed."},
    )
    investment = AmountField(
        label="Investment",
        help_text="What is spent to make it happen.",
        fault_of=investment_fault,
        required=False,
    )
    decision = _text(
        "Decision",
        "Which decision agreed it, such as February 2019.",
        max_length=DECISION_LENGTH,
        suggestions="decisions",
        required=False,
    )
    category = _text(
        "Category",
        "Efficiency, service reduction or income.",
        max_length=CATEGORY_LENGTH,
        suggestions="categories",
        required=False,
    )
    committee = _text("Committee", max_length=COMMITTEE_LENGTH, required=False)
    owner = _text("Owner", "Who answers for it.", max_length=OWNER_LENGTH, required=False)

    def __init__(self, services: list[tuple[str, str]], *args, **kwargs):
        super().__init__(*args, **kwargs)
        first = [] if self.initial.get("service") else [("", "Choose a service")]
        self.fields["service"].choices = [*first, *services]

    @property
    def details(self) -> Details:
        """What was typed, once it is valid."""
        data = self.cleaned_data
        return Details(
            title=data["title"],
            service=data["service"],
            agreed_pence=data["agreed"],
            investment_pence=data["investment"],
            **{name: data[name] for name in ("decision", "category", "committee", "owner")},
        )


class ChangeForm(SavingForm):
    """A change of a saving; `seen` is what was seen of it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class NewSavingForm(SavingForm):
    """A new saving."""

    reference = ReferenceField(
        label="Reference",
        widget=forms.TextInput(attrs={"class": "govuk-input saving-short", "autocomplete": "off"}),
        error_messages={"required": "Give the saving a reference."},
    )
    field_order = ("reference",)


class ReplacementForm(NewSavingForm):
    """A new saving in the place of another, and who agreed to that."""

    agreed_by = _text(
        "Agreed by",
        "As reports print it, such as Cabinet.",
        max_length=_AGREED_BY_LENGTH,
        error_messages={"required": "Say who agreed to the replacement."},
    )
    agreed_on = forms.DateField(
        label="Agreed on",
        widget=forms.DateInput(attrs={"class": "govuk-input saving-date", "type": "date"}),
        error_messages={"required": "Say when it was agreed.", "invalid": "Give a date."},
    )
    reason = _area(
        "Reason",
        "Readers of the report see this.",
        max_length=REASON_LENGTH,
        error_messages={"required": "Say why the saving is replaced."},
    )
    field_order = ("agreed_by", "agreed_on", "reason", "reference")

    @property
    def agreement(self) -> Agreement:
        """Who agreed, when and why, once it is valid."""
        data = self.cleaned_data
        return Agreement(data["agreed_by"], data["agreed_on"], data["reason"])


@dataclass(frozen=True)
class Sent:
    """What was sent of the sheet: changes, what cannot be read, and the cells of what was touched.

    All by the saving's id.
    """

    changes: list[PositionChange]
    faults: dict[int, str]
    texts: dict[int, dict[str, str]]


def read_sheet(post: Mapping[str, str], settings: CouncilSettings) -> Sent:
    """The savings that a person touched; what they left as it was drawn is none of this save's."""
    sent = Sent([], {}, {})
    words = word_cells(settings)
    for name in post:
        start, _, number = name.partition("-")
        pk = whole_number(number, digits=18)
        if start != "seen" or str(pk) != number:  # 01 is no other saving than 1
            continue
        texts = {cell: post.get(f"{cell}-{number}", "").strip() for cell in (*AMOUNTS, *words)}
        if mark_of(texts) == post.get(f"shown-{number}", ""):
            continue
        sent.texts[pk] = texts
        values, fault = _values(texts, words, settings)
        if fault:
            sent.faults[pk] = fault
        else:
            sent.changes.append(PositionChange(pk, post[name], values))
    return sent


def _values(
    texts: dict[str, str], words: dict[str, str], settings: CouncilSettings
) -> tuple[dict, str]:
    """The fields of a position, or what is wrong with a cell."""
    values: dict[str, object] = {}
    for cell, name in AMOUNTS.items():
        try:
            values[name] = parse_amount(texts[cell])
        except NotAnAmount as fault:
            return {}, f"“{texts[cell][:40]}” cannot be read: {fault}."
    for cell, name in words.items():
        values[name] = texts[cell].replace("\r\n", "\n")
    if texts.get("status", "") not in ("", *statuses(settings)):
        return {}, f"“{texts['status'][:40]}” is no status of the council’s scheme."
    if texts["direction"] not in ("", *Direction.values):
        return {}, "Choose a direction of travel from the list."
    longest = max(len(texts[cell]) for cell in words)
    if longest > REASON_LENGTH:
        return {}, f"Shorten the text: it has more than {REASON_LENGTH:,} characters."
    return values, ""
