"""The headings of a file, as its own texts and as a layout names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from council_finance.uploads.columns import normalised
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.layout_headings import locate_headings
from council_finance.uploads.limits import letters
from council_finance.uploads.matching import choosable, join_heading_lines
from council_finance.uploads.step_data import NameColumn
from council_finance.uploads.units import unit_of


@dataclass(frozen=True)
class FileHeadings:
    """The headings of a file that a person can choose, by the places of their columns.

    `titles` are the texts in the file, `names` what a layout calls each. `missing` are the headings
    of the layout that the page begins with and that the file does not have.
    """

    titles: Sequence[str]
    names: Mapping[int, str]
    header_rows: int = 1
    missing: Sequence[str] = ()
    naming_steps: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """The steps of that layout which name a column of the file by its letter."""

    def place_of(self, heading: str) -> str:
        """Return the place of a heading of the layout, as a form sends it; "" where it is not."""
        return self._place_by_heading.get(normalised(heading), "")

    @property
    def _place_by_heading(self) -> dict[str, str]:
        return {normalised(name): str(place) for place, name in self.names.items()}

    def name_at(self, place: str) -> str:
        """Return what a layout calls the column at a place that a form sent."""
        return self.names[int(place)]

    def steps_that_name(self, used: set[str]) -> list[dict[str, str]]:
        """Return the steps that name those columns of the headings used that need a name."""
        steps = {
            place: {
                "do": "name_column",
                "column": letters(place),
                "heading": self.titles[place],
                "name": name,
            }
            for place, name in self.names.items()
            if name in used and name != self.titles[place] and self._is_repeated(place)
        }
        steps |= {place: dict(step) for place, step in self.naming_steps.items()}
        return [steps[place] for place in sorted(steps)]

    def _is_repeated(self, place: int) -> bool:
        plain = [normalised(title) for title in self.titles]
        return plain.count(plain[place]) > 1


def read_headings(
    found: Mapping[str, Any], layout: LayoutSpec | None, header_rows: int
) -> FileHeadings:
    """Return the headings of a file, taken from so many rows, and where a layout's are in it.

    `found` is what the check found, as `matching.likely_headings` returns it.
    """
    plain, titles = _titles_of_rows(found, header_rows)
    names = choosable(titles)
    if layout is None:
        return FileHeadings(titles, names, header_rows)
    located = locate_headings(layout, plain, titles)
    missing, naming = [], {}
    by_name = {step.name: step for step in layout.steps if isinstance(step, NameColumn)}
    for heading, places in located.items():
        if len(places) != 1 or not titles[places[0]]:
            missing.append(heading)
            continue
        names[places[0]] = heading
        if step := by_name.get(heading):
            naming[places[0]] = {
                "do": "name_column",
                "column": step.letter,
                "heading": step.heading,
                "name": step.name,
            }
    return FileHeadings(titles, names, header_rows, missing, naming)


def possible_header_rows(found: Mapping[str, Any]) -> list[int]:
    """Return from how many rows the headings of a file can be taken."""
    return list(range(1, len(found["lines"]) + 1)) if "lines" in found else [_own_rows(found)]


def _own_rows(found: Mapping[str, Any]) -> int:
    return int(found.get("header_rows", 1))


def _titles_of_rows(found: Mapping[str, Any], header_rows: int) -> tuple[list[str], list[str]]:
    """Return the headings taken from so many rows: alone, and with their group headings."""
    if "lines" not in found:
        return list(found["headings"]), list(found["headings"])
    lines = found["lines"][-header_rows:]
    plain = [" ".join(filter(None, column)) for column in zip(*lines, strict=True)]
    return plain, join_heading_lines(lines)


def units_of_titles(found: Mapping[str, Any], titles: Sequence[str]) -> list[int | None]:
    """Return the unit that the file states for each column; None where it is not certain."""
    return list(found.get("units") or [unit_of(text).scale for text in titles])
