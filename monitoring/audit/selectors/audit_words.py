"""The detail of an audit entry, which is data of many shapes, in words. Pure."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import long_date

_CHANGES = (("before", "after"), ("from", "to"))
_PENCE = "_pence"
_NAMES = {"sha256": "SHA-256"}
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_LONG = 300
NOTHING = "none"


@dataclass(frozen=True)
class DetailLine:
    """One line: what it is of, what was there before (None: not a change), and what is there."""

    label: str
    text: str
    before: str | None = None

    def __str__(self) -> str:
        change = self.text if self.before is None else f"{self.before} → {self.text}"
        return f"{self.label}: {change}" if self.label else change

    @property
    def brief(self) -> "DetailLine":
        """For a page: a fingerprint by its beginning, a long text cut; the download has all."""
        before = None if self.before is None else _brief(self.before)
        return DetailLine(self.label, _brief(self.text), before)


def detail_lines(detail: dict) -> list[DetailLine]:
    """A line for every leaf, in the order of the names, as databases keep none of their own.

    What has `before` and `after`, or `from` and `to`, is a change; of two groups only what differs
    between them. Amounts, whose name ends in `_pence`, are told in pounds.
    """
    return list(_lines(detail, (), pence=False)) if detail else []


def _lines(value: object, path: tuple[str, ...], *, pence: bool) -> Iterator[DetailLine]:
    if not isinstance(value, dict) or not value:
        yield DetailLine(_label(path), _words(value, pence=pence))
        return
    rest = dict(value)
    for names in _CHANGES:
        if rest.keys() >= set(names):
            before, after = (rest.pop(name) for name in names)
            yield from _change(before, after, path, pence=pence)
    for key in sorted(rest):
        name, is_pence = key.removesuffix(_PENCE), pence or key.endswith(_PENCE)
        yield from _lines(rest[key], (*path, name), pence=is_pence)


def _change(before, after, path: tuple[str, ...], *, pence: bool) -> Iterator[DetailLine]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield DetailLine(_label(path), _words(after, pence=pence), _words(before, pence=pence))
        return
    was, now = (
        {line.label: line.text for line in (_lines(group, path, pence=pence) if group else ())}
        for group in (before, after)
    )
    for label in sorted(was.keys() | now.keys()):
        if was.get(label) != now.get(label):
            yield DetailLine(label, now.get(label, NOTHING), was.get(label, NOTHING))


def _label(path: tuple[str, ...]) -> str:
    text = ", ".join(_NAMES.get(name, name.replace("_", " ")) for name in path)
    return text[:1].upper() + text[1:]


def _words(value: object, *, pence: bool = False) -> str:
    """A value within a line; of a list of groups, each group's own words."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and pence:
        return plain_pounds(value)
    if isinstance(value, list):
        return "; ".join(_words(each, pence=pence) for each in value)
    if isinstance(value, dict):
        return ", ".join(str(line) for line in _lines(value, (), pence=pence))
    return _text(str(value))


def _brief(text: str) -> str:
    if _FINGERPRINT.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _text(text: str) -> str:
    try:
        return long_date(datetime.date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
