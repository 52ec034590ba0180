"""Taking the names of budget lines out of texts. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_LEFT_ALONE = frozenset({"key", "parent_key", "settings"})
"""Values under these names are what rows are found by, and settings: no reader's text."""


@dataclass(frozen=True)
class Secret:
    """A line that is no longer to be named: every name it stands under, and what stands instead.

    `instead` is as within a sentence: `an exempt line of Home care`.
    """

    names: frozenset[str]
    instead: str


class Redactor:
    """Puts what is to stand instead in the place of each name, and leaves all else as it is."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._instead = {name: secret.instead for secret in secrets for name in secret.names}
        # The longest first: a code with its description before the code alone.
        names = sorted(map(re.escape, self._instead), key=len, reverse=True)
        # Not within a longer code, such as C1/NET in AC1/NET or in C1/NET2.
        self._pattern = re.compile(rf"(?<![\w/])(?<!\w-)(?:{'|'.join(names)})(?![\w/]|-\w)")

    def text(self, text: str) -> str:
        """The text without the names."""
        return self._pattern.sub(self._replacement, text)

    def _replacement(self, found: re.Match[str]) -> str:
        instead = self._instead[found.group()]
        return instead[:1].upper() + instead[1:] if found.start() == 0 else instead

    def data(self, value: Any) -> Any:
        """Plain data with every text in it without the names."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.data(each) for each in value]
        if isinstance(value, dict):
            return {
                key: each if key in _LEFT_ALONE else self.data(each) for key, each in value.items()
            }
        return value


def texts_in(value: Any) -> Iterator[str]:
    """Every text of plain data that Redactor.data would look at."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in _LEFT_ALONE:
                yield from texts_in(each)
