"""Fields that the forms of several apps share."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django import forms

from council_finance.money import NotAnAmount, parse_amount
from council_finance.uploads.cells import BadCell, CodeReader
from council_finance.uploads.columns import CODE, ColumnSpec

AMOUNT_HINT = "In pounds, such as 12,500 or £0.5m."
_AMOUNT_EXAMPLE = "Enter pounds, such as 12,500 or £0.5m."
_TYPED_SHOWN = 40


def as_sentence(text: str) -> str:
    """Return a phrase as a sentence: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def describe_bad_amount(typed: str, fault: NotAnAmount) -> str:
    """Return the sentence that says what was typed in place of an amount, and what is wrong."""
    return f"“{typed.strip()[:_TYPED_SHOWN]}” cannot be read: {fault}."


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Give a field of a form its choices, which are known only when the form is made."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class MoneyField(forms.CharField):
    """An amount that people type in pounds; cleaned to pence, None where it is blank.

    `fault_of` returns what is wrong with an amount of pence, "" where nothing is.
    """

    def __init__(self, *, fault_of: Callable[[int], str] | None = None, **kwargs: Any):
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "amount"}))
        super().__init__(**kwargs)
        self.fault_of = fault_of

    def clean(self, value: str) -> int | None:
        """Return pence. Raise `ValidationError` for what is no amount or is refused."""
        typed = super().clean(value)
        try:
            pence = parse_amount(typed)
        except NotAnAmount as fault:
            sentence = f"{describe_bad_amount(typed, fault)} {_AMOUNT_EXAMPLE}"
            raise forms.ValidationError(sentence) from fault
        refusal = "" if pence is None or self.fault_of is None else self.fault_of(pence)
        if refusal:
            raise forms.ValidationError(as_sentence(refusal))
        return pence


class ReferenceField(forms.CharField):
    """A reference, by the rules for codes in files."""

    def clean(self, value: str) -> str:
        """Return the reference. Raise `ValidationError` for what a file could not hold."""
        try:
            return CodeReader(ColumnSpec("reference", CODE), 1)(super().clean(value))
        except BadCell as fault:
            raise forms.ValidationError(as_sentence(str(fault))) from fault


def text_field(
    label: str,
    help_text: str = "",
    *,
    max_length: int,
    rows: int = 0,
    attrs: dict[str, str] | None = None,
    error_messages: dict[str, str] | None = None,
    required: bool = True,
) -> forms.CharField:
    """Return a field for a line of text or, with `rows`, for several lines.

    A text beyond `max_length` is refused with its length, never cut.
    """
    too_long = f"Shorten the text to {max_length:,} characters; it has %(show_value)d."
    widget = forms.Textarea({"rows": rows}) if rows else forms.TextInput(attrs)
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=max_length,
        widget=widget,
        required=required,
        error_messages={"max_length": too_long, **(error_messages or {})},
    )


def select_field(label: str, help_text: str = "", **options: Any) -> forms.ChoiceField:
    """Return a field with a list to choose from; the form sets its choices."""
    return forms.ChoiceField(label=label, help_text=help_text, **options)
