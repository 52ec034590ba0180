"""Replace the names of exempt budget lines in texts. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_LEFT_ALONE = frozenset({"key", "parent_key", "settings"})
"""Keys whose values are identifiers and settings, which no reader sees as text."""


@dataclass(frozen=True)
class Secret:
    """The names of a line that must not appear, and the words that replace them.

    `instead` is worded as within a sentence: `an exempt line of Home care`.
    """

    names: frozenset[str]
    instead: str


class Redactor:
    """Replaces the names of the given lines and changes nothing else."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._instead = {name: secret.instead for secret in secrets for name in secret.names}
        # Longest first, so that a code with its description is replaced as one name.
        names = sorted(map(re.escape, self._instead), key=len, reverse=True)
        # C1/NET must not match within a longer code, such as AC1/NET or C1/NET2.
        self._pattern = re.compile(rf"(?<![\w/])(?<!\w-)(?:{'|'.join(names)})(?![\w/]|-\w)")

    def text(self, text: str) -> str:
        """Return the text with each name replaced."""
        return self._pattern.sub(self._replacement_text, text)

    def _replacement_text(self, found: re.Match[str]) -> str:
        instead = self._instead[found.group()]
        return instead[:1].upper() + instead[1:] if found.start() == 0 else instead

    def data(self, value: Any) -> Any:
        """Return plain data (JSON types) with the names replaced in every text."""
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
    """Yield every text of plain data that `Redactor.data` would search for names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in _LEFT_ALONE:
                yield from texts_in(each)
