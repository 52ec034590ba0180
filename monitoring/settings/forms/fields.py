"""A setting on a form: its fields, the texts they begin with, and the value that is typed."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.text import Truncator

from council_finance.forms.fields import AMOUNT_HINT, MoneyField, text_field
from council_finance.registry import FieldKind, SettingsField
from council_finance.typed_text import whole_number
from monitoring.settings.forms.numbers import pounds_of
from monitoring.structure.settings_words import format_amount

LONGEST = 200
_NUMBER_ATTRS = {"inputmode": "numeric", "class": "govuk-input--width-5"}
_LONGEST_LIST = 10_000
_LONGEST_TEXT = 20_000
_BLANK = "-blank"
SIMPLE = {
    FieldKind.TEXT,
    FieldKind.WHOLE_NUMBER,
    FieldKind.POUNDS,
    FieldKind.CHOICE,
    FieldKind.TEXTS,
    FieldKind.PAIRS,
    FieldKind.LONG_TEXT,
    FieldKind.POUNDS_BY_NAME,
    FieldKind.NUMBERS_BY_NAME,
    FieldKind.TEXT_BY_NAME,
    FieldKind.SEVERAL,
}
"""Kinds whose fields do not come and go."""


class WholeNumberField(forms.CharField):
    """A whole number within limits; None where it is blank."""

    def __init__(self, *, least: int, most: int, **options: Any):
        super().__init__(**options, widget=forms.TextInput(_NUMBER_ATTRS))
        self.least, self.most = least, most

    def clean(self, value: str) -> int | None:
        """Return the number. Raise `ValidationError` for anything else or beyond the limits."""
        typed = super().clean(value).strip()
        if not typed:
            return None
        number = whole_number(typed)
        if number is None or not self.least <= number <= self.most:
            raise forms.ValidationError(
                f"{self.label} must be a whole number from {self.least} to {self.most}."
            )
        return number


class PairsField(forms.CharField):
    """Pairs of a name and a whole number within limits, one to a line: `high: 12`."""

    def __init__(self, *, least: int, most: int, **options: Any):
        super().__init__(**options, widget=forms.Textarea({"rows": 5}))
        self.least, self.most = least, most

    def clean(self, value: str) -> list[list[Any]]:
        """Return the pairs. Raise `ValidationError` for a line that is none."""
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        return [self._read_pair(line) for line in lines]

    def _read_pair(self, line: str) -> list[Any]:
        name, _, typed = line.rpartition(":")
        number = whole_number(typed.strip())
        if not name.strip() or number is None or not self.least <= number <= self.most:
            raise forms.ValidationError(
                f"{self.label}: “{line}” is no name and number. Write a name, a colon and a whole "
                f"number from {self.least} to {self.most}, such as high: 12."
            )
        return [name.strip(), number]


_BRIEF = 60
"""Characters of a text that name the row in which it is typed."""


class SettingForm(forms.Form):
    """The fields of settings whose number does not change."""

    error_link = ""

    def __init__(self, settings: tuple[SettingsField, ...], *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.settings = settings
        for setting in settings:
            self.fields |= _MAKERS[setting.kind](setting)

    @property
    def brief(self) -> str:
        """Return what is typed, in a line: the words of choices, and the first words of texts."""
        words = []
        for setting in self.settings:
            if setting.key not in self.fields:
                continue
            typed = str(self[setting.key].value() or "")
            choices = dict(getattr(self.fields[setting.key], "choices", ()))
            if typed:
                words.append(Truncator(str(choices.get(typed, typed))).chars(_BRIEF))
        return ": ".join(words[:2])

    def clean(self) -> dict[str, Any]:
        """Refuse a text that is typed and said to be empty."""
        data = super().clean() or self.cleaned_data
        for setting in self.settings:
            if setting.kind is FieldKind.TEXT_BY_NAME:
                self._refuse_unnamed_lines(setting, data.get(setting.key, ""))
            if data.get(f"{setting.key}{_BLANK}") and data.get(setting.key):
                self.add_error(
                    setting.key, f"Clear the text of “{setting.label}”, or untick “Print nothing”."
                )
        return data

    def _refuse_unnamed_lines(self, setting: SettingsField, typed: str) -> None:
        """Refuse lines that are not `name = text`, and names that are given twice."""
        names = []
        for line in _typed_lines(typed):
            name, sign, text = _split_named_text(line)
            if not (sign and name and text):
                self.add_error(setting.key, f"“{line}” must be a name, =, and its text.")
            elif name in names:
                self.add_error(setting.key, f"“{name}” is given on two lines.")
            names.append(name)

    def values(self) -> dict[str, Any]:
        """Return the keys and values that were typed, once the form is valid."""
        found = {setting.key: self._read_value(setting) for setting in self.settings}
        return {key: value for key, value in found.items() if value is not None}

    def _read_value(self, setting: SettingsField) -> Any:
        data = self.cleaned_data
        match setting.kind:
            case FieldKind.POUNDS:
                return _pounds_or_none(data[setting.key])
            case FieldKind.POUNDS_BY_NAME:
                limits = {
                    name: _pounds_or_none(each) for name, each in self._read_named(setting).items()
                }
                return {name: each for name, each in limits.items() if each is not None} or None
            case FieldKind.NUMBERS_BY_NAME:
                numbers = self._read_named(setting)
                return {name: each for name, each in numbers.items() if each is not None} or None
            case FieldKind.SEVERAL:
                return [name for name, is_ticked in self._read_named(setting).items() if is_ticked]
            case FieldKind.TEXTS:
                return _typed_lines(data[setting.key])
            case FieldKind.TEXT_BY_NAME:
                parts = [_split_named_text(line) for line in _typed_lines(data[setting.key])]
                return {name: text for name, _, text in parts} or None
            case FieldKind.WHOLE_NUMBER | FieldKind.PAIRS:
                return data[setting.key]
        if data.get(f"{setting.key}{_BLANK}"):
            return ""
        return data[setting.key] or None

    def _read_named(self, setting: SettingsField) -> dict[str, Any]:
        """Return what the field of each of the setting's choices holds."""
        return {name: self.cleaned_data[f"{setting.key}-{name}"] for name, _ in setting.choices}


def typed_values(setting: SettingsField, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts with which the fields of a setting begin."""
    value = values.get(setting.key)
    if value is None:
        return {}
    match setting.kind:
        case FieldKind.POUNDS:
            return {setting.key: format_amount(value)}
        case FieldKind.POUNDS_BY_NAME:
            return {f"{setting.key}-{name}": format_amount(each) for name, each in value.items()}
        case FieldKind.NUMBERS_BY_NAME:
            return {f"{setting.key}-{name}": str(each) for name, each in value.items()}
        case FieldKind.SEVERAL:
            return {f"{setting.key}-{name}": "on" for name in value}
        case FieldKind.TEXTS:
            return {setting.key: "\n".join(map(str, value))}
        case FieldKind.TEXT_BY_NAME:
            lines = [f"{name} = {text}" for name, text in value.items()]
            return {setting.key: "\n".join(lines)}
        case FieldKind.PAIRS:
            return {setting.key: "\n".join(f"{name}: {number}" for name, number in value)}
    if setting.may_be_blank and value == "":
        return {f"{setting.key}{_BLANK}": "on"}
    return {setting.key: str(value)}


def _typed_lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _split_named_text(line: str) -> tuple[str, str, str]:
    """Return name, equals sign and text of a line: the text follows its last equals sign."""
    name, sign, text = line.rpartition("=")
    return name.strip(), sign, text.strip()


def _pounds_or_none(pence: int | None) -> int | float | None:
    return None if pence is None else pounds_of(pence)


def _write_hint(setting: SettingsField, more: str = "") -> str:
    return " ".join(filter(None, [setting.meaning, more, f"Left empty: {setting.unset}."]))


def _make_text(setting: SettingsField) -> dict[str, forms.Field]:
    field = text_field(
        setting.label,
        _write_hint(setting),
        max_length=LONGEST,
        attrs={"class": "govuk-input--width-20"},
        required=False,
    )
    found: dict[str, forms.Field] = {setting.key: field}
    if setting.may_be_blank:
        found[f"{setting.key}{_BLANK}"] = forms.BooleanField(
            label=f"{setting.label}: print nothing", required=False
        )
    return found


def _make_whole_number(setting: SettingsField) -> dict[str, forms.Field]:
    return {
        setting.key: WholeNumberField(
            label=setting.label,
            help_text=_write_hint(setting),
            required=False,
            least=setting.least,
            most=setting.most,
        )
    }


def _make_pounds(setting: SettingsField) -> dict[str, forms.Field]:
    help_text = _write_hint(setting, AMOUNT_HINT)
    return {setting.key: MoneyField(label=setting.label, help_text=help_text, required=False)}


def _make_choice(setting: SettingsField) -> dict[str, forms.Field]:
    choices = [("", f"Default: {setting.unset}"), *setting.choices]
    return {
        setting.key: forms.ChoiceField(
            label=setting.label,
            help_text=setting.meaning,
            choices=choices,
            required=False,
            error_messages={"invalid_choice": f"{setting.label}: choose one of the list."},
        )
    }


def _make_texts(setting: SettingsField) -> dict[str, forms.Field]:
    help_text = _write_hint(setting)
    return {
        setting.key: text_field(
            setting.label, help_text, max_length=_LONGEST_LIST, rows=5, required=False
        )
    }


def _make_pairs(setting: SettingsField) -> dict[str, forms.Field]:
    return {
        setting.key: PairsField(
            label=setting.label,
            help_text=_write_hint(setting),
            max_length=_LONGEST_LIST,
            required=False,
            least=setting.least,
            most=setting.most,
        )
    }


def _make_long_text(setting: SettingsField) -> dict[str, forms.Field]:
    help_text = _write_hint(setting)
    return {
        setting.key: text_field(
            setting.label, help_text, max_length=_LONGEST_TEXT, rows=4, required=False
        )
    }


def _make_pounds_by_name(setting: SettingsField) -> dict[str, forms.Field]:
    return {
        f"{setting.key}-{name}": MoneyField(
            label=setting.choice_label.format(label=setting.label, name=words.lower()),
            help_text=_write_hint(setting, AMOUNT_HINT) if place == 0 else AMOUNT_HINT,
            required=False,
        )
        for place, (name, words) in enumerate(setting.choices)
    }


def _make_numbers_by_name(setting: SettingsField) -> dict[str, forms.Field]:
    return {
        f"{setting.key}-{name}": WholeNumberField(
            label=setting.choice_label.format(label=setting.label, name=words.lower()),
            help_text=_write_hint(setting) if place == 0 else "",
            required=False,
            least=setting.least,
            most=setting.most,
        )
        for place, (name, words) in enumerate(setting.choices)
    }


def _make_several(setting: SettingsField) -> dict[str, forms.Field]:
    return {
        f"{setting.key}-{name}": forms.BooleanField(
            label=f"{setting.label}: {words[:1].lower()}{words[1:]}",
            help_text=_write_hint(setting) if place == 0 else "",
            required=False,
        )
        for place, (name, words) in enumerate(setting.choices)
    }


_MAKERS: Mapping[FieldKind, Callable[[SettingsField], dict[str, forms.Field]]] = {
    FieldKind.TEXT: _make_text,
    FieldKind.WHOLE_NUMBER: _make_whole_number,
    FieldKind.POUNDS: _make_pounds,
    FieldKind.CHOICE: _make_choice,
    FieldKind.TEXTS: _make_texts,
    FieldKind.TEXT_BY_NAME: _make_texts,
    FieldKind.PAIRS: _make_pairs,
    FieldKind.LONG_TEXT: _make_long_text,
    FieldKind.POUNDS_BY_NAME: _make_pounds_by_name,
    FieldKind.NUMBERS_BY_NAME: _make_numbers_by_name,
    FieldKind.SEVERAL: _make_several,
}
