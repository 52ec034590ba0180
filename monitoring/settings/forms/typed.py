"""The fields of a form as they were typed, with rows that can be added, moved and removed. Pure.

The rows of a list are named by their place: `rules-count` says how many there are, `rules-0-status`
is a field of the first. A row may have lists of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.typed_text import whole_number

MOST_ADDED = 40
"""Up to so many rows the button adds: the check of a scheme takes longer with every rule."""

MOST_ROWS = 1000
"""A form that says that a list has more is not the product's own."""


@dataclass(frozen=True)
class Typed:
    """Typed texts by the names of their fields."""

    fields: Mapping[str, str]

    def count(self, rows: str) -> int:
        """Return how many rows a list has."""
        found = whole_number(self.fields.get(f"{rows}-count", ""), digits=4)
        return min(found or 0, MOST_ROWS)

    def act(self, action: str) -> "Typed":
        """Return the form after a button: `add`, `remove`, `up` or `down`, list and place.

        A button that the form does not have changes nothing.
        """
        name, _, rest = action.partition(" ")
        rows, _, place = rest.partition(" ")
        at, count = whole_number(place or "0", digits=4), self.count(rows)
        if f"{rows}-count" not in self.fields or at is None:
            return self
        order: list[int | None] = list(range(count))
        if name == "add" and count < MOST_ADDED:
            order.append(None)
        elif name == "remove" and at < count:
            order.pop(at)
        elif name in ("up", "down"):
            other = at - 1 if name == "up" else at + 1
            if at < count and 0 <= other < count:
                order[at], order[other] = order[other], order[at]
        return self._with_rows(rows, order)

    def _with_rows(self, rows: str, order: list[int | None]) -> "Typed":
        """Return the form with these rows of a list, by their places now; None is a new row."""
        start = f"{rows}-"
        fields = {name: text for name, text in self.fields.items() if not name.startswith(start)}
        fields[f"{rows}-count"] = str(len(order))
        for new, old in enumerate(order):
            own = "" if old is None else f"{rows}-{old}-"
            for name, text in self.fields.items():
                if own and name.startswith(own):
                    fields[f"{rows}-{new}-{name.removeprefix(own)}"] = text
        return Typed(fields)
