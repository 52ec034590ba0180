"""Warning signs of a council's finances that apps register, each with its figure and its rule.

Inspectors name several signs and no single measure, so signs are listed one by one: there is no sum
and no score.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from council_finance.registry.order import Register
from council_finance.registry.settings_tables import PreviewTable, SettingsPreview


class SignState(Enum):
    """The answer of a sign's rule; the values are the words that pages show."""

    SHOWN = "Sign present"
    NOT_SHOWN = "Not present"
    NOT_JUDGED = "Cannot be judged"

    @property
    def tone(self) -> str:
        """Return the colour of its tag, which the word explains."""
        return {"SHOWN": "red", "NOT_SHOWN": "green", "NOT_JUDGED": "grey"}[self.name]


class Finding(NamedTuple):
    """What a report says about a sign.

    `figure` is a sentence with the figures, `threshold` the limit that the council has set, in
    words. `missing` says what is not known: all that is needed where it cannot be judged, else what
    would judge it better.
    """

    state: SignState
    figure: str
    threshold: str
    missing: str = ""


class WarningSign(NamedTuple):
    """A sign of a report: its name, title and rule in words, and what the report says about it."""

    name: str
    title: str
    rule: str
    finding: Finding


SignFunction = Callable[[Any], Finding]


class _SignEntry(NamedTuple):
    title: str
    rule: str
    judge: SignFunction


_signs: Register[_SignEntry] = Register("warning sign", "signs")


def warning_sign(
    name: str, *, title: str, rule: str, after: str = ""
) -> Callable[[SignFunction], SignFunction]:
    """Register a warning sign with its rule in a sentence.

    The function takes the data of a report, draft or published, and returns its `Finding`. It asks
    a few queries at most.
    """

    def decorate(function: SignFunction) -> SignFunction:
        _signs.add(name, _SignEntry(title, rule, function), after=after)
        return function

    return decorate


def warning_signs(facts: Any) -> list[WarningSign]:
    """Return every registered sign of a report, in order."""
    return [
        WarningSign(name, entry.title, entry.rule, entry.judge(facts))
        for name, entry in _signs.in_order().items()
    ]


def preview_signs(now: Any, after: Any) -> SettingsPreview:
    """Return which signs of a report change, given the same report under other settings."""
    pairs = zip(warning_signs(now), warning_signs(after), strict=True)
    rows = tuple(
        (
            then.title,
            f"{before.finding.state.value} ({before.finding.threshold})",
            f"{then.finding.state.value} ({then.finding.threshold})",
        )
        for before, then in pairs
        if before.finding != then.finding
    )
    if not rows:
        return SettingsPreview(("No sign would change.",))
    changed = f"{len(rows)} sign{'' if len(rows) == 1 else 's'} would change."
    table = PreviewTable("Signs that would change", ("Sign", "Now", "With the change"), rows)
    return SettingsPreview((changed,), (table,))
