"""The form in which a service states its mitigations, and what is one-off and recurring."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, select_field, text_field
from council_finance.money import exact_pounds
from monitoring.mitigations.calculations import MITIGATION, ONE_OFF, RECURRING, StatedPart
from monitoring.mitigations.models import DESCRIPTION_LENGTH

MOST_MITIGATIONS = 20
_BLANK_ROWS = 2
_PREFIX = "mitigation"
_LASTING = [("", "Not stated"), (ONE_OFF, "One-off"), (RECURRING, "Recurring")]


class PartsForm(forms.Form):
    """One-off and recurring parts of a net variance; `seen` is the version that the page showed."""

    one_off = MoneyField(
        label="One-off", help_text=f"{AMOUNT_HINT} Leave blank if it is not known.", required=False
    )
    one_off_reason = text_field(
        "What is one-off",
        "It is kept with the amount.",
        max_length=DESCRIPTION_LENGTH,
        required=False,
    )
    recurring = MoneyField(
        label="Recurring", help_text="It will be there next year too.", required=False
    )
    recurring_reason = text_field("What recurs", max_length=DESCRIPTION_LENGTH, required=False)
    rest = select_field(
        "What is left of the net variance",
        "It is worked out when you save.",
        required=False,
        choices=[("", "Not stated"), (ONE_OFF, "Is one-off"), (RECURRING, "Is recurring")],
    )
    no_mitigations = forms.BooleanField(
        label="There are no mitigations in this forecast", required=False
    )
    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        """Refuse a reason without an amount, and a rest for a part that has an amount."""
        data = self.cleaned_data
        for name in (ONE_OFF, RECURRING):
            if name in self.errors:
                continue
            if data.get("rest") == name and data.get(name) is not None:
                self.add_error("rest", "That part has an amount already. Leave one of them out.")
            elif data.get(f"{name}_reason") and data.get(name) is None and data.get("rest") != name:
                self.add_error(name, "Give the amount that the reason is for.")

    @property
    def parts(self) -> list[StatedPart]:
        """Return the parts that have an amount, of a valid form."""
        data = self.cleaned_data
        parts = [
            StatedPart(name, data[name], data[f"{name}_reason"])
            for name in (ONE_OFF, RECURRING)
            if data[name] is not None
        ]
        return [*parts, StatedPart(MITIGATION, 0)] if data["no_mitigations"] else parts


class MitigationForm(forms.Form):
    """A mitigation; a form without anything typed is left out."""

    description = text_field("What is done", max_length=DESCRIPTION_LENGTH, required=False)
    amount = MoneyField(label="Amount, with a minus", required=False)
    lasting = forms.ChoiceField(label="It is", required=False, choices=_LASTING)

    def clean(self) -> None:
        """Refuse an amount without a description, the reverse, and an amount without a minus."""
        data = self.cleaned_data
        if self.errors or not (data["description"] or data["amount"] or data["lasting"]):
            return
        if not data["description"]:
            self.add_error("description", "Say what the mitigation is.")
        if data["amount"] is None:
            self.add_error("amount", "Give the amount, with a minus.")
        elif data["amount"] > 0:
            self.add_error(
                "amount", "A mitigation brings the variance down: write the amount with a minus."
            )

    @property
    def part(self) -> StatedPart | None:
        """Return the mitigation of a valid form; None where nothing is typed."""
        data = self.cleaned_data
        if not data["description"]:
            return None
        return StatedPart(MITIGATION, data["amount"], data["description"], data["lasting"])


class StatedForms:
    """Both forms of the page, with what is stated or what was sent."""

    def __init__(
        self, stated: Sequence[StatedPart], seen: str, data: Mapping[str, Any] | None = None
    ) -> None:
        listed = [each for each in stated if each.is_mitigation and not each.says_none]
        rows = min(len(listed) + _BLANK_ROWS, MOST_MITIGATIONS)
        if data is not None:
            rows = _count_rows(data)
        self.parts = PartsForm(data, initial=_initial_parts(stated, seen))
        self.mitigations = [
            MitigationForm(
                data,
                prefix=f"{_PREFIX}-{place}",
                initial=_initial_mitigation(listed[place]) if place < len(listed) else {},
            )
            for place in range(rows)
        ]

    def is_valid(self) -> bool:
        """Return whether every form is valid, and none contradicts another."""
        valid = all([self.parts.is_valid(), *(form.is_valid() for form in self.mitigations)])
        if valid and self.parts.cleaned_data["no_mitigations"] and self._list_mitigations():
            message = "Mitigations are listed below. Remove them, or clear this box."
            self.parts.add_error("no_mitigations", message)
            return False
        return valid

    def _list_mitigations(self) -> list[StatedPart]:
        return [form.part for form in self.mitigations if form.part is not None]

    @property
    def stated(self) -> list[StatedPart]:
        """Return everything that the valid forms state."""
        return [*self.parts.parts, *self._list_mitigations()]

    @property
    def rest(self) -> str:
        """Return as which part the rest of the variance is stated; "" for not at all."""
        return cast(str, self.parts.cleaned_data["rest"])

    @property
    def seen(self) -> str:
        """Return the version that the page showed."""
        return cast(str, self.parts.cleaned_data["seen"])


def _count_rows(data: Mapping[str, Any]) -> int:
    """Return how many mitigations were sent."""
    names = (f"{_PREFIX}-{place}-description" for place in range(MOST_MITIGATIONS))
    return sum(name in data for name in names)


def _initial_parts(stated: Sequence[StatedPart], seen: str) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "seen": seen,
        "no_mitigations": any(each.says_none for each in stated),
    }
    for each in stated:
        if not each.is_mitigation:
            initial[each.part] = exact_pounds(each.amount)
            initial[f"{each.part}_reason"] = each.description
    return initial


def _initial_mitigation(part: StatedPart) -> dict[str, Any]:
    return {
        "description": part.description,
        "amount": exact_pounds(part.amount),
        "lasting": part.lasting,
    }
