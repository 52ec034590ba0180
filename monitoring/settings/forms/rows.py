"""The rows of a settings form that come and go: conditions, rules, and values for a statement."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django import forms

from council_finance.forms.fields import set_choices, text_field
from council_finance.registry import SettingsField, statements
from council_finance.statuses import STATUS_LENGTH, split_condition_key
from monitoring.settings.forms.fields import SIMPLE, SettingForm, typed_values
from monitoring.settings.forms.numbers import (
    NotANumber,
    read_percent_typed,
    read_pounds_typed,
)
from monitoring.settings.forms.typed import Typed
from monitoring.structure.settings_words import (
    COMPARISON_WORDS,
    format_amount,
    format_number,
    rule_sentences,
)


def typed_options(typed: Typed, prefix: str = "", *, check: bool) -> dict[str, Any]:
    """Return the arguments of a form with what was typed; with `check` it says what is wrong."""
    if check:
        return {"data": typed.fields, "prefix": prefix or None}
    start = f"{prefix}-" if prefix else ""
    own = {
        name.removeprefix(start): text
        for name, text in typed.fields.items()
        if name.startswith(start)
    }
    return {"initial": own, "prefix": prefix or None}


class Checked(Protocol):
    """A form, or a part of one, that can be checked."""

    def is_valid(self) -> bool:
        """Check it, and say what is wrong beside the fields."""


def check_each(parts: Iterable[Checked]) -> bool:
    """Check every part, so that everything wrong is said at once; return whether all are right."""
    right = [part.is_valid() for part in parts]
    return all(right)


class ConditionForm(forms.Form):
    """A measure, a comparison and a limit; a row without measure and limit is no condition."""

    measure = forms.ChoiceField(
        label="Figure", required=False, error_messages={"invalid_choice": "Choose a figure."}
    )
    comparison = forms.ChoiceField(
        label="Is",
        choices=list(COMPARISON_WORDS.items()),
        error_messages={"invalid_choice": "Choose how the figure is compared."},
    )
    limit = forms.CharField(
        label="Limit", required=False, widget=forms.TextInput({"class": "amount"})
    )

    def __init__(self, setting: SettingsField, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["comparison"].required = False
        self.measures = {measure.name: measure for measure in setting.measures}
        choices = [(measure.name, measure.label) for measure in setting.measures]
        set_choices(self, "measure", [("", "Choose a figure"), *choices])

    def clean(self) -> dict[str, Any]:
        """Read the limit in the unit of the figure that is compared."""
        data = super().clean() or self.cleaned_data
        name, limit = data.get("measure"), data.get("limit", "").strip()
        if name and limit:
            is_percent = self.measures[name].is_percent
            try:
                data["number"] = (read_percent_typed if is_percent else read_pounds_typed)(limit)
            except NotANumber as fault:
                self.add_error("limit", str(fault))
        elif name:
            self.add_error("limit", "Enter the limit of this condition.")
        elif limit and "measure" not in self.errors:
            self.add_error("measure", "Choose the figure that is compared with the limit.")
        return data

    @property
    def key(self) -> str:
        """Return the condition's key, once the form is valid; "" of a blank row."""
        data = self.cleaned_data
        return f"{data['measure']}_{data['comparison'] or 'above'}" if data["measure"] else ""


class ConditionRows:
    """Conditions that must all hold."""

    def __init__(self, setting: SettingsField, name: str, typed: Typed, *, check: bool):
        self.name = name
        self.forms = [
            ConditionForm(setting, **typed_options(typed, f"{name}-{place}", check=check))
            for place in range(typed.count(name))
        ]

    def is_valid(self) -> bool:
        """Check every row, and refuse a condition that is there twice."""
        if not check_each(self.forms):
            return False
        keys = [form.key for form in self.forms]
        for place, form in enumerate(self.forms):
            if keys[place] and keys[place] in keys[:place]:
                form.add_error("measure", "This condition is there twice. Remove one of them.")
        return all(form.is_valid() for form in self.forms)

    def values(self) -> dict[str, Any]:
        """Return the conditions as pack.toml has them, once they are valid."""
        return {form.key: form.cleaned_data["number"] for form in self.forms if form.key}


def typed_conditions(setting: SettingsField, name: str, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts with which the rows of conditions begin."""
    measures = {measure.name: measure for measure in setting.measures}
    split = [(split_condition_key(key, measures), limit) for key, limit in table.items()]
    rows = [(*found, limit) for found, limit in split if found is not None]
    texts = {f"{name}-count": str(len(rows))}
    for place, (measure, comparison, limit) in enumerate(rows):
        start = f"{name}-{place}"
        texts |= {f"{start}-measure": measure, f"{start}-comparison": comparison}
        write = format_number if measures[measure].is_percent else format_amount
        texts[f"{start}-limit"] = write(limit)
    return texts


LABEL_LENGTH = 100


class RuleForm(forms.Form):
    """The status that a rule gives, and for which rows of the report."""

    status = text_field(
        "Status",
        max_length=STATUS_LENGTH,
        error_messages={"required": "Enter the status that this rule gives."},
        attrs={"class": "govuk-input--width-10"},
    )
    label = text_field(
        "Printed as",
        max_length=LABEL_LENGTH,
        required=False,
        help_text="Where a status prints in other words. Leave it blank to print the status.",
        attrs={"class": "govuk-input--width-20"},
    )
    level = forms.ChoiceField(
        label="Applies to",
        required=False,
        error_messages={"invalid_choice": "Choose what the rule applies to."},
    )

    def __init__(self, setting: SettingsField, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if setting.levels:
            set_choices(self, "level", [("", "Every row"), *setting.levels])
        else:
            del self.fields["level"]
        if not setting.has_labels:
            del self.fields["label"]
        self.error_link = f"#{self.prefix}"

    def value(self) -> dict[str, Any]:
        """Return status, label and level, once they are valid."""
        return {
            name: self.cleaned_data[name]
            for name in ("status", "label", "level")
            if self.cleaned_data.get(name)
        }


class RuleRow:
    """A rule on the form: its status and its conditions; `place` counts from nil."""

    def __init__(self, setting: SettingsField, place: int, typed: Typed, *, check: bool):
        self.setting, self.typed = setting, typed
        self.title = f"Rule {place + 1}"
        self.name = name = f"{setting.key}-{place}"
        self.form = RuleForm(setting, **typed_options(typed, name, check=check))
        self.when = ConditionRows(setting, f"{name}-when", typed, check=check)

    def is_valid(self) -> bool:
        """Check the status and every condition."""
        return check_each([self.form, self.when])

    def values(self) -> dict[str, Any]:
        """Return the rule as pack.toml has it, once it is valid."""
        return self.form.value() | self.when.values()

    @property
    def status(self) -> str:
        """Return the status that the rule gives, once it is valid."""
        return str(self.form.cleaned_data["status"])

    @property
    def sentence(self) -> str:
        """Return the rule as a sentence; "" where it cannot be read yet."""
        rule = RuleForm(self.setting, **typed_options(self.typed, self.name, check=True))
        when = ConditionRows(self.setting, self.when.name, self.typed, check=True)
        if not check_each([rule, when]):
            return ""
        return rule_sentences(self.setting, [rule.value() | when.values()])[0]


class RuleRows:
    """The rules of a status scheme, in order."""

    def __init__(self, setting: SettingsField, typed: Typed, *, check: bool):
        self.setting, self.name = setting, setting.key
        self.faults: list[str] = []
        self.rows = [
            RuleRow(setting, place, typed, check=check) for place in range(typed.count(setting.key))
        ]

    @property
    def forms(self) -> list[forms.Form]:
        """Return the form of every rule and every condition, in order."""
        return [form for row in self.rows for form in (row.form, *row.when.forms)]

    def is_valid(self) -> bool:
        """Check every rule."""
        return check_each(self.rows)

    def values(self) -> dict[str, Any]:
        """Return the rules by their key, once they are valid."""
        return {self.setting.key: [row.values() for row in self.rows]} if self.rows else {}


def typed_rules(setting: SettingsField, rules: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the texts with which the rows of rules begin."""
    texts = {f"{setting.key}-count": str(len(rules))}
    for place, rule in enumerate(rules):
        name = f"{setting.key}-{place}"
        texts |= {f"{name}-{key}": rule.get(key, "") for key in ("status", "label", "level")}
        texts |= typed_conditions(setting, f"{name}-when", rule)
    return texts


STATEMENTS = "statements"


class StatementForm(SettingForm):
    """A statement, and the settings in which it differs from the others."""

    def __init__(self, settings: tuple[SettingsField, ...], *args: Any, **options: Any):
        super().__init__(settings, *args, **options)
        known = [(name, entry.title) for name, entry in statements().items()]
        chosen = forms.ChoiceField(
            label="Statement",
            choices=[("", "Choose a statement"), *known],
            error_messages={
                "required": "Choose the statement, or remove its settings.",
                "invalid_choice": "There is no statement “%(value)s”. Choose one, or remove it.",
            },
        )
        self.fields = {"statement": chosen, **self.fields}
        typed = self["statement"].value()
        if typed and typed not in statements():  # a pack may name it: it is shown, and refused
            shown = [("", "Choose a statement"), *known, (typed, typed)]
            chosen.widget.choices = shown
        self.error_link = f"#{self.prefix}"


class StatementRows:
    """The statements that differ, each with its own settings."""

    name = STATEMENTS

    def __init__(self, settings: tuple[SettingsField, ...], typed: Typed, *, check: bool):
        own = tuple(
            each._replace(unset="as for the other statements")
            for each in settings
            if each.kind in SIMPLE
        )
        self.forms = [
            StatementForm(own, **typed_options(typed, f"{STATEMENTS}-{place}", check=check))
            for place in range(typed.count(STATEMENTS))
        ]

    def is_valid(self) -> bool:
        """Check every statement; each may be there once, with at least one setting."""
        if not check_each(self.forms):
            return False
        taken: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data["statement"]
            if name in taken:
                form.add_error("statement", "This statement is there twice. Remove one of them.")
            elif not form.values():
                form.add_error(None, "Set something for this statement, or remove it.")
            taken.add(name)
        return all(form.is_valid() for form in self.forms)

    def values(self) -> dict[str, Any]:
        """Return the settings by statement, once they are valid."""
        return {form.cleaned_data["statement"]: form.values() for form in self.forms}


def typed_statements(
    settings: tuple[SettingsField, ...], values: Mapping[str, Any]
) -> dict[str, str]:
    """Return the texts with which the rows of statements begin."""
    own = {name: each for name, each in values.items() if isinstance(each, Mapping)}
    texts = {f"{STATEMENTS}-count": str(len(own))}
    for place, (name, each) in enumerate(own.items()):
        start = f"{STATEMENTS}-{place}"
        texts[f"{start}-statement"] = name
        for setting in settings:
            texts |= {f"{start}-{key}": text for key, text in typed_values(setting, each).items()}
    return texts
