"""The fields of a table of settings: their kinds, from which pages make their forms. Pure."""

from dataclasses import dataclass
from enum import Enum, auto


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
    CONDITIONS = auto()
    """Conditions that must all hold."""
    RULES = auto()
    """Rules of a status scheme, in order."""


@dataclass(frozen=True)
class Measure:
    """A figure that conditions compare: in pounds or, with `is_percent`, in per cent.

    `subject` names it in a sentence: “the shortfall” is above £100,000. `of` says of what a
    percentage is, where the subject does not.
    """

    name: str
    subject: str
    is_percent: bool = False
    of: str = ""

    @property
    def label(self) -> str:
        """Return its name in a list to choose from: `The shortfall, in pounds`."""
        unit = f"in per cent{self.of}" if self.is_percent else "in pounds"
        return f"{self.subject[:1].upper()}{self.subject[1:]}, {unit}"


@dataclass(frozen=True)
class SettingsField:
    """A key of a table of settings, and what it decides in plain words.

    `unset` says what holds where the key is not given. `choices` are pairs of value and words,
    `levels` those of a rule's level. A whole number is from `least` to `most`. With `may_be_blank`
    an empty text is a value of its own, which differs from none.
    """

    key: str
    label: str
    meaning: str
    kind: FieldKind = FieldKind.TEXT
    unset: str = "not set"
    choices: tuple[tuple[str, str], ...] = ()
    measures: tuple[Measure, ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 0
    may_be_blank: bool = False
