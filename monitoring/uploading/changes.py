"""The changes that a checked file would make, as they are kept with its upload. Pure."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from council_finance.uploads.problems import SHOWN, Problem


@dataclass(frozen=True)
class AlikeCode:
    """A new code that looks like a known one, the ways in which they differ, and its rows."""

    column: str
    code: str
    known: str
    differ: str
    rows: tuple[int, ...]
    count: int

    def to_problem(self) -> Problem:
        """Return the refusal of a command, in which nobody can be asked."""
        return Problem(
            f"this code is new, and differs from {self.known} only in {self.differ}. Write"
            f" {self.known}; or, where it is another code, say so with --new-code (in pack.toml:"
            f' new_codes = ["{self.code}"])',
            self.rows[0],
            self.column,
            self.code,
        )


@dataclass(frozen=True)
class TypedDifference:
    """A typed forecast that differs from the file's: row of the file, line, and both in pounds."""

    row: str
    line: int
    code: str
    description: str
    in_file: str
    typed: str
    by: str
    at: datetime.datetime


@dataclass(frozen=True)
class ChangedLines:
    """The lines that a file changes in one way, and the pence of the change.

    `far` counts forecasts that are far from those of the month before.
    """

    lines: int
    pence: int
    far: int = 0


@dataclass(frozen=True)
class Comparison:
    """A file's lines against the nearest earlier period with figures: its name, and the sums.

    `sums` are by what changed: new, gone, moved, budgets or forecasts.
    """

    period: int
    name: str
    sums: Mapping[str, ChangedLines]

    def to_data(self) -> dict[str, Any]:
        """Return the comparison as JSON keeps it."""
        sums = {key: asdict(changed) for key, changed in self.sums.items()}
        return {"against": {"period": self.period, "name": self.name}, **sums}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Comparison | None":
        """Return the comparison that JSON kept; None where there was no earlier period."""
        if not data:
            return None
        sums = {key: ChangedLines(**sums) for key, sums in data.items() if key != "against"}
        return cls(data["against"]["period"], data["against"]["name"], sums)


@dataclass(frozen=True)
class UploadChanges:
    """The changes of a file, and the questions that a person answers before it is stored.

    `comparison` is None without an earlier period. `typed` are the first of the typed forecasts
    that differ from the file's, `typed_lines` the number of lines with any, and `asked` the ids of
    the entries of all of them. `notes` are sentences on what the file leaves as it is. `alike` are
    new codes that look like known ones; of those only the first are kept, of `alike_codes` all.
    `asked_again` says which question came up only in storing: codes or forecasts. `approves` are
    the references of virements that the file approves in its sender's name.
    """

    comparison: Comparison | None = None
    typed: tuple[TypedDifference, ...] = ()
    typed_lines: int = 0
    asked: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    alike: tuple[AlikeCode, ...] = ()
    alike_codes: tuple[str, ...] = ()
    asked_again: str = ""
    approves: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return the changes as JSON keeps them with the upload."""
        kept: dict[str, Any] = {
            "before": self.comparison.to_data() if self.comparison else {},
            "typed": [asdict(each) | {"at": each.at.isoformat()} for each in self.typed],
            "asked": sorted(self.asked),
        }
        optional = {
            "typed_lines": self.typed_lines,
            "notes": list(self.notes),
            "alike": [asdict(each) for each in self.alike[:SHOWN]],
            "alike_codes": list(self.alike_codes),
            "again": self.asked_again,
            "approves": list(self.approves),
        }
        return kept | {key: value for key, value in optional.items() if value}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "UploadChanges":
        """Return the changes that JSON kept with an upload; nothing for one not yet checked."""
        return cls(
            comparison=Comparison.from_data(data.get("before", {})),
            typed=tuple(_read_typed(each) for each in data.get("typed", ())),
            typed_lines=data.get("typed_lines", len(data.get("asked", ()))),
            asked=frozenset(data.get("asked", ())),
            notes=tuple(data.get("notes", ())),
            alike=tuple(_read_alike(each) for each in data.get("alike", ())),
            alike_codes=tuple(data.get("alike_codes", ())),
            asked_again=data.get("again", ""),
            approves=tuple(data.get("approves", ())),
        )


def _read_typed(data: Mapping[str, Any]) -> TypedDifference:
    at = datetime.datetime.fromisoformat(data["at"])
    return TypedDifference(**{**data, "at": at, "row": str(data["row"])})


def _read_alike(data: Mapping[str, Any]) -> AlikeCode:
    return AlikeCode(**{**data, "rows": tuple(data["rows"])})
