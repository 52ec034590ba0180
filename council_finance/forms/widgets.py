"""Widgets that show more details than Django's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.widgets import ChoiceWidget
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class ChoiceDetail:
    """The details of a choice: a hint below it, a note beside it, its level in a tree.

    `reveals` is markup that is shown below a radio button while it is chosen. Choices that are
    `folded` are drawn after the others, in a disclosure that is closed at first.
    """

    hint: str = ""
    aside: str = ""
    level: int | None = None
    folded: bool = False
    reveals: SafeString = SafeString("")


class _DetailedChoices(ChoiceWidget):
    """Radio buttons or checkboxes with details, by the value of each choice.

    `folded` is the name of the disclosure that holds the folded choices.
    """

    def __init__(self, *args: Any, css_class: str = "", folded: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.css_class = css_class
        self.folded = folded
        self.details: Mapping[str, ChoiceDetail] = {}

    @property
    def has_folded(self) -> bool:
        """Return whether any choice is folded."""
        return any(detail.folded for detail in self.details.values())

    def __deepcopy__(self, memo: dict[int, Any]) -> "_DetailedChoices":
        copied = super().__deepcopy__(memo)
        copied.details = self.details
        return copied

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the details of the choice to what the template draws."""
        option = super().create_option(name, value, *args, **kwargs)
        option["detail"] = self.details.get(str(value), ChoiceDetail())
        if option["detail"].hint:
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


class DetailedRadios(_DetailedChoices, forms.RadioSelect):
    """Radio buttons, each with its details."""


class DetailedCheckboxes(_DetailedChoices, forms.CheckboxSelectMultiple):
    """Checkboxes, each with its details."""


class PasswordInput(forms.PasswordInput):
    """A password with a button that shows what was typed."""

    template_name = "govuk/password.html"

    def __init__(self, *, autocomplete: str):
        super().__init__(
            attrs={
                "autocomplete": autocomplete,
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "govuk-password-input__input govuk-js-password-input-input",
            }
        )


class SampleSelect(forms.Select):
    """A list of a file's columns, each with the values of its first rows (`samples`)."""

    samples: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the sample for the script that shows it under the list."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] = {"data-sample": self.samples.get(str(value), ""), **option["attrs"]}
        return option
