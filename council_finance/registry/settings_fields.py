"""The fields of a table of settings: their kinds, from which pages make their forms. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple


class FieldKind(Enum):
    """The form of a setting's value, in pack.toml and on its page.

    CONDITIONS and RULES compare the field's `measures` with limits (council_finance.statuses). The
    conditions of a field without a key are keys of the table itself.
    """

    TEXT = auto()
    WHOLE_NUMBER = auto()
    POUNDS = auto()
    CHOICE = auto()
    """One of the field's `choices`."""
    TEXTS = auto()
    """A list of texts, typed one to a line."""
    POUNDS_BY_NAME = auto()
    """An amount for each of the field's `choices`, such as a limit for each role."""
    NUMBERS_BY_NAME = auto()
    """A whole number for each of the field's `choices`, such as days for each step of a month."""
    TEXT_BY_NAME = auto()
    """A text for each of some names that the council chooses, typed as `name = text` to a line."""
    SEVERAL = auto()
    """A list of those of the field's `choices` that are ticked."""
    CONDITIONS = auto()
    """Conditions that must all hold."""
    RULES = auto()
    """Rules of a status scheme, in order."""
    PAIRS = auto()
    """A list of pairs of a name and a whole number, typed one to a line: `high: 12`."""
    LONG_TEXT = auto()
    """A text of several lines."""
    ROWS = auto()
    """Rows in order, each with a value for some of the field's `columns`."""


class Measure(NamedTuple):
    """A figure that conditions compare: in its `unit` or, with `is_percent`, in per cent.

    `subject` names it in a sentence: “the shortfall” is above £100,000. `of` says of what a
    percentage is, where the subject does not.
    """

    name: str
    subject: str
    is_percent: bool = False
    of: str = ""
    unit: str = "in pounds"

    @property
    def label(self) -> str:
        """Return its name in a list to choose from: `The shortfall, in pounds`."""
        unit = f"in per cent{self.of}" if self.is_percent else self.unit
        return f"{self.subject[:1].upper()}{self.subject[1:]}, {unit}"


Choices = Sequence[tuple[str, str]]
"""Pairs of value and words."""


class LaterChoices(Sequence[tuple[str, str]]):
    """Choices that are known only once every app has registered its own, such as steps."""

    def __init__(self, find: Callable[[], Choices]) -> None:
        self._find = find

    def __getitem__(self, place: Any) -> Any:
        return self._find()[place]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())


class SettingsField(NamedTuple):
    """A key of a table of settings, and what it decides in plain words.

    `unset` says what holds where the key is not given. `choices` are pairs of value and words,
    `levels` those of a rule's level. With `has_labels` a rule may say as what its status prints. A
    whole number is from `least` to `most`. With `may_be_blank`
    an empty text is a value of its own, which differs from none. `columns` are the fields
    of a row, which `row_noun` names; a form without rows
    begins with those of `begins_with`. `choice_label` labels the form's field for a choice, of an
    amount or number by name.
    """

    key: str
    label: str
    meaning: str
    kind: FieldKind = FieldKind.TEXT
    unset: str = "not set"
    choices: Choices = ()
    measures: tuple[Measure, ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    has_labels: bool = False
    least: int = 0
    most: int = 0
    may_be_blank: bool = False
    columns: "tuple[SettingsField, ...]" = ()
    row_noun: str = "row"
    begins_with: "Sequence[Mapping[str, object]]" = ()
    choice_label: str = "{label}: {name}"
