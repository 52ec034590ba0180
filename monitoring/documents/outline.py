"""The outline of the report as a document: its parts in order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class OutlineError(ValueError):
    """An outline that cannot be used; the message says which part and why."""


class PartKind(StrEnum):
    """The kinds of parts of an outline."""

    HEADING = "heading"
    TEXT = "text"
    PANEL = "panel"
    COMMENTARY = "commentary"
    STATEMENT = "statement"
    STATEMENTS = "statements"


@dataclass(frozen=True)
class OutlinePart:
    """A part of the document.

    `text` is that of a heading or of a text, `name` that of a statement or panel. `level` is that
    of a heading (1 begins on a new page), or how many levels of the tree have their commentary
    printed (0: all). The kind "statements" prints each statement that no part names.
    """

    kind: PartKind
    text: str = ""
    name: str = ""
    level: int = 0


DEFAULT = (
    OutlinePart(PartKind.HEADING, "Summary", level=1),
    OutlinePart(PartKind.PANEL, name="position"),
    OutlinePart(PartKind.PANEL, name="where-from"),
    OutlinePart(PartKind.PANEL, name="what-changed"),
    OutlinePart(PartKind.PANEL, name="course"),
    OutlinePart(PartKind.HEADING, "Savings", level=1),
    OutlinePart(PartKind.PANEL, name="savings"),
    OutlinePart(PartKind.PANEL, name="savings-by-service"),
    OutlinePart(PartKind.PANEL, name="savings-shortfall"),
    OutlinePart(PartKind.HEADING, "Reserves", level=1),
    OutlinePart(PartKind.PANEL, name="reserves"),
    OutlinePart(PartKind.PANEL, name="reserves-fund"),
    OutlinePart(PartKind.PANEL, name="reserves-earmarked"),
    OutlinePart(PartKind.HEADING, "Grants", level=2),
    OutlinePart(PartKind.PANEL, name="grants"),
    OutlinePart(PartKind.HEADING, "Capital programme", level=1),
    OutlinePart(PartKind.PANEL, name="capital"),
    OutlinePart(PartKind.PANEL, name="capital-way"),
    OutlinePart(PartKind.PANEL, name="capital-funding"),
    OutlinePart(PartKind.HEADING, "Activity and performance", level=1),
    OutlinePart(PartKind.HEADING, "Activity", level=2),
    OutlinePart(PartKind.PANEL, name="activity"),
    OutlinePart(PartKind.HEADING, "Performance indicators", level=2),
    OutlinePart(PartKind.PANEL, name="indicators"),
    OutlinePart(PartKind.HEADING, "The medium-term plan", level=1),
    OutlinePart(PartKind.PANEL, name="plan"),
    OutlinePart(PartKind.HEADING, "Decisions and contracts", level=1),
    OutlinePart(PartKind.HEADING, "Decisions", level=2),
    OutlinePart(PartKind.PANEL, name="decisions"),
    OutlinePart(PartKind.HEADING, "Contracts", level=2),
    OutlinePart(PartKind.PANEL, name="contracts"),
    OutlinePart(PartKind.HEADING, "Debt", level=1),
    OutlinePart(PartKind.PANEL, name="aged-debt"),
    OutlinePart(PartKind.HEADING, "Explanations by service", level=1),
    OutlinePart(PartKind.COMMENTARY),
    OutlinePart(PartKind.HEADING, "Tables", level=1),
    OutlinePart(PartKind.STATEMENTS),
)
_KEYS = ("kind", "text", "name", "level")
_MOST_PARTS, _MOST_TEXT, _MOST_LEVEL = 200, 20_000, 20


def read_outline(value: object) -> tuple[OutlinePart, ...]:
    """Return the parts that settings give, as a list of tables. Raise `OutlineError`."""
    if not isinstance(value, list | tuple):
        raise OutlineError("parts must be a list of tables, each with its kind")
    if len(value) > _MOST_PARTS:
        raise OutlineError(f"an outline has {_MOST_PARTS} parts at most")
    return tuple(_read_part(number, part) for number, part in enumerate(value, start=1))


def _read_part(number: int, part: object) -> OutlinePart:
    if not isinstance(part, Mapping):
        raise OutlineError(f"part {number} must be a table with its kind")
    if unknown := [key for key in part if key not in _KEYS]:
        raise OutlineError(f"part {number} has the unknown key {unknown[0]}")
    try:
        kind = PartKind(str(part.get("kind", "")))
    except ValueError as error:
        kinds = ", ".join(PartKind)
        raise OutlineError(f"part {number} must have one of these kinds: {kinds}") from error
    text, name = str(part.get("text", "")).strip(), str(part.get("name", "")).strip()
    level = part.get("level", 1 if kind == PartKind.HEADING else 0)
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= _MOST_LEVEL:
        raise OutlineError(f"the level of part {number} must be a whole number up to {_MOST_LEVEL}")
    if kind == PartKind.HEADING and not 1 <= level <= 3:
        raise OutlineError(f"the level of heading {number} must be 1, 2 or 3")
    if kind in (PartKind.HEADING, PartKind.TEXT) and not text:
        raise OutlineError(f"part {number} needs a text")
    if len(text) > _MOST_TEXT:
        raise OutlineError(f"the text of part {number} has more than {_MOST_TEXT:,} characters")
    if kind in (PartKind.PANEL, PartKind.STATEMENT) and not name:
        raise OutlineError(f"part {number} must name the {kind} to print")
    return OutlinePart(kind, text, name, level)


def outline_data(parts: tuple[OutlinePart, ...]) -> list[dict[str, object]]:
    """Return the parts as settings hold them: without what is not set."""
    return [
        {key: value for key, value in vars(part).items() if value or key == "kind"}
        for part in parts
    ]
