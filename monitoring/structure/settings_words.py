"""The council's settings in words, for pages and the audit trail. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from council_finance.registry import (
    FieldKind,
    Measure,
    SettingsField,
    SettingsTable,
    statements,
)
from council_finance.statuses import split_condition_key
from monitoring.structure.settings_order import order_values

COMPARISON_WORDS = {
    "above": "above",
    "at_least": "at least",
    "at_most": "at most",
    "below": "below",
}


@dataclass(frozen=True)
class SettingInWords:
    """A setting: its label, and its value in one or more lines; `is_given` where it has one."""

    label: str
    lines: tuple[str, ...]
    is_given: bool = True

    @property
    def text(self) -> str:
        """Return the value in one line."""
        return "; ".join(self.lines)


@dataclass(frozen=True)
class SettingChange:
    """A setting that differs: its value before and after, in lines."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def changes_between(
    table: SettingsTable, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[SettingChange]:
    """Return the settings of a table that differ, each with both of its values in words."""
    was, now = (
        {each.label: each.lines for each in describe_settings(table, order_values(table, values))}
        for values in (before, after)
    )
    labels = [*now, *(label for label in was if label not in now)]
    none = ("not set",)
    found = [SettingChange(each, was.get(each, none), now.get(each, none)) for each in labels]
    return [change for change in found if change.before != change.after]


def describe_settings(table: SettingsTable, values: Mapping[str, Any]) -> list[SettingInWords]:
    """Return a table's settings in words, those of statements after the council's own."""
    found = [_describe_field(field, values) for field in table.fields]
    if table.by_statement:
        for name, own in values.items():
            if isinstance(own, Mapping):
                found += _describe_statement(table, name, own)
    return found


def _describe_statement(
    table: SettingsTable, name: str, values: Mapping[str, Any]
) -> Iterator[SettingInWords]:
    known = statements()
    title = known[name].title if name in known else name
    for field in table.fields:
        if field.key in values:
            words = _describe_field(field, values)
            yield SettingInWords(f"{title}: {field.label.lower()}", words.lines)


def _describe_field(field: SettingsField, values: Mapping[str, Any]) -> SettingInWords:
    value = values if not field.key else values.get(field.key)
    lines = () if value is None else tuple(_describe_value(field, value))
    if not lines:
        return SettingInWords(field.label, (_describe_default(field),), is_given=False)
    return SettingInWords(field.label, lines)


def _describe_default(field: SettingsField) -> str:
    return f"{field.unset[:1].upper()}{field.unset[1:]} (default)"


def _describe_value(field: SettingsField, value: Any) -> list[str]:
    match field.kind:
        case FieldKind.CHOICE:
            return [dict(field.choices).get(value, str(value))]
        case FieldKind.POUNDS:
            return [format_pounds(value)]
        case FieldKind.TEXTS | FieldKind.PAIRS:
            return [_describe_entry(each) for each in value]
        case FieldKind.POUNDS_BY_NAME | FieldKind.NUMBERS_BY_NAME | FieldKind.TEXT_BY_NAME:
            return _describe_by_name(field, value)
        case FieldKind.SEVERAL:
            return [words for name, words in field.choices if name in value]
        case FieldKind.CONDITIONS:
            return [text] if (text := describe_conditions(field.measures, value)) else []
        case FieldKind.RULES:
            return rule_sentences(field, value)
        case FieldKind.ROWS:
            return [_describe_row(field, row) for row in value]
    return [str(value) if value != "" else "nothing is printed"]


def _describe_by_name(field: SettingsField, value: Mapping[str, Any]) -> list[str]:
    """Return the value of each name in words; the council chooses the names of texts itself."""
    if field.kind is FieldKind.TEXT_BY_NAME:
        return [f"{name}: {text}" for name, text in value.items()]
    in_words = format_pounds if field.kind is FieldKind.POUNDS_BY_NAME else str
    return [f"{words}: {in_words(value[name])}" for name, words in field.choices if name in value]


def _describe_entry(entry: object) -> str:
    """Return a text of a list, or a pair as `high: 12`."""
    return ": ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry)


def _describe_row(field: SettingsField, row: Mapping[str, Any]) -> str:
    """Return a row of a setting in words: the texts of its fields."""
    given = [each for each in field.columns if row.get(each.key) not in (None, "")]
    return ", ".join(text for each in given for text in _describe_value(each, row[each.key]))


def rule_sentences(field: SettingsField, rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the rules of a scheme as sentences.

    Rules that follow each other with one status are one sentence: they mean "or".
    """
    sentences: list[str] = []
    for (status, label, level), group in groupby(rules, key=_status_label_and_level):
        clauses = [describe_conditions(field.measures, rule) for rule in group]
        named = f"{status} (printed as “{label}”)" if label else status
        start = f"{named}, for {dict(field.levels).get(level, level)}," if level else named
        otherwise = "otherwise" if sentences else "always"
        condition = _join_alternatives(clauses)
        sentences.append(f"{start} when {condition}." if condition else f"{start} {otherwise}.")
    return sentences


def _status_label_and_level(rule: Mapping[str, Any]) -> tuple[str, str, str]:
    return rule.get("status", ""), rule.get("label", ""), rule.get("level", "")


def _join_alternatives(clauses: list[str]) -> str:
    """Return clauses joined by "or"; "" where one has no conditions, so that it always holds.

    A subject that is the same in all of them is said once.
    """
    if "" in clauses:
        return ""
    subject, verb, _ = clauses[0].partition(" is ")
    start = f"{subject}{verb}"
    if all(clause.startswith(start) and clause.count(" is ") == 1 for clause in clauses):
        return f"{start}{' or '.join(clause.removeprefix(start) for clause in clauses)}"
    return ", or when ".join(clauses)


def describe_conditions(measures: Sequence[Measure], table: Mapping[str, Any]) -> str:
    """Return conditions that must all hold as a clause: `the budget is above £5`."""
    by_name = {measure.name: measure for measure in measures}
    found = []
    for key, limit in table.items():
        if (parts := split_condition_key(key, by_name)) is not None:
            measure = by_name[parts[0]]
            found.append(
                (measure.subject, f"{COMPARISON_WORDS[parts[1]]} {_describe_limit(measure, limit)}")
            )
    clauses = [
        f"{subject} is {' and '.join(limit for _, limit in group)}"
        for subject, group in groupby(found, key=lambda each: each[0])
    ]
    return " and ".join(clauses)


def _describe_limit(measure: Measure, limit: object) -> str:
    if measure.is_percent:
        return f"{format_number(limit)}%{measure.of}"
    return format_pounds(limit)


def format_pounds(pounds: object) -> str:
    """Return a number of pounds, with every decimal that it has: `£100,000`, `-£0.50`."""
    text = format_amount(pounds)
    return f"-£{text[1:]}" if text.startswith("-") else f"£{text}"


def format_amount(pounds: object) -> str:
    """Return a number of pounds as it is typed: `100,000`, `-0.50`."""
    text = format_number(pounds)
    return f"{text}0" if len(text.partition(".")[2]) == 1 else text


def format_number(number: object) -> str:
    """Return a number with commas and every decimal that it has: `1,234.5`."""
    text = f"{Decimal(str(number)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
