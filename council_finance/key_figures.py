"""The key figures at the top of a page, as components/stats.html shows them. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyFigure:
    """A labelled figure.

    `sense` is adverse, favourable or ""; `word` says so in text beside the figure, such as
    overspend; `note` is a line below it.
    """

    label: str
    value: str
    sense: str = ""
    word: str = ""
    note: str = ""
