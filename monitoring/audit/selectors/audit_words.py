"""The detail of an audit entry, which is data of many shapes, in words. Pure."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from council_finance.money import plain_pounds
from council_finance.periods import long_date
from council_finance.registry import SettingsTable, settings_tables
from monitoring.structure.settings_words import changes_between

_CHANGES = (("before", "after"), ("from", "to"))
_PENCE = "_pence"
_NAMES = {"sha256": "SHA-256"}
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_LONG = 300
NOTHING = "none"


@dataclass(frozen=True)
class DetailLine:
    """One line: its label, the value before (None: not a change), and the value."""

    label: str
    text: str
    before: str | None = None

    def __str__(self) -> str:
        change = self.text if self.before is None else f"{self.before} → {self.text}"
        return f"{self.label}: {change}" if self.label else change

    @property
    def brief(self) -> "DetailLine":
        """The line for a page: fingerprints and long texts are cut, and whole in the download."""
        before = None if self.before is None else _cut_text(self.before)
        return DetailLine(self.label, _cut_text(self.text), before)


def detail_lines(detail: Mapping[str, Any]) -> list[DetailLine]:
    """Return a line for every value, in the order of the names, as databases keep no order.

    A group with `before` and `after`, or `from` and `to`, is a change; of two groups only the
    values that differ are listed. Amounts, whose name ends in `_pence`, are in pounds. A change of
    a table of settings, named by `settings`, is in the words of its page.
    """
    table = settings_tables().get(str(detail.get("settings")))
    if table is not None and detail.keys() >= {"before", "after"}:
        return [DetailLine("Table", table.title), *_list_settings(table, detail)]
    return list(_list_lines(detail, (), pence=False)) if detail else []


def _list_settings(table: SettingsTable, detail: Mapping[str, Any]) -> Iterator[DetailLine]:
    for change in changes_between(table, detail["before"], detail["after"]):
        yield DetailLine(change.label, "; ".join(change.after), "; ".join(change.before))


def _list_lines(value: object, path: tuple[str, ...], *, pence: bool) -> Iterator[DetailLine]:
    if not isinstance(value, dict) or not value:
        yield DetailLine(_label_of_path(path), _value_in_words(value, pence=pence))
        return
    rest = dict(value)
    for names in _CHANGES:
        if rest.keys() >= set(names):
            before, after = (rest.pop(name) for name in names)
            yield from _list_change(before, after, path, pence=pence)
    for key in sorted(rest):
        name, is_pence = key.removesuffix(_PENCE), pence or key.endswith(_PENCE)
        yield from _list_lines(rest[key], (*path, name), pence=is_pence)


def _list_change(
    before: Any, after: Any, path: tuple[str, ...], *, pence: bool
) -> Iterator[DetailLine]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield DetailLine(
            _label_of_path(path),
            _value_in_words(after, pence=pence),
            _value_in_words(before, pence=pence),
        )
        return
    was, now = (
        {line.label: line.text for line in (_list_lines(group, path, pence=pence) if group else ())}
        for group in (before, after)
    )
    for label in sorted(was.keys() | now.keys()):
        if was.get(label) != now.get(label):
            yield DetailLine(label, now.get(label, NOTHING), was.get(label, NOTHING))


def _label_of_path(path: tuple[str, ...]) -> str:
    text = ", ".join(_NAMES.get(name, name.replace("_", " ")) for name in path)
    return text[:1].upper() + text[1:]


def _value_in_words(value: object, *, pence: bool = False) -> str:
    """Return a value in words; for a list of groups, the words of each group."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and pence:
        return plain_pounds(value)
    if isinstance(value, list):
        return "; ".join(_value_in_words(each, pence=pence) for each in value)
    if isinstance(value, dict):
        return ", ".join(str(line) for line in _list_lines(value, (), pence=pence))
    return _date_or_text(str(value))


def _cut_text(text: str) -> str:
    if _FINGERPRINT.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _date_or_text(text: str) -> str:
    try:
        return long_date(datetime.date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
