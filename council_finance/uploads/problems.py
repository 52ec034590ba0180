"""Faults and warnings of a file, by the file's own rows and columns."""

from dataclasses import dataclass
from typing import Any

from council_finance.uploads.saved_layout import SavedLayout

SHOWN = 1000
"""The number of problems that are listed one by one; the rest are only counted."""


@dataclass(frozen=True)
class Problem:
    """One fault or warning: `row` as it is numbered in the file (None: the file as a whole).

    `about` is the kind of a warning: a page groups warnings by it. `sheet` is the sheet of the row
    where several sheets were read together. `cost_centre`, `account` and `service_code` are those
    of the row, where the file has them.
    """

    message: str
    row: int | None = None
    column: str = ""
    found: str = ""
    about: str = ""
    sheet: str = ""
    cost_centre: str = ""
    account: str = ""
    service_code: str = ""

    @property
    def line(self) -> str:
        """Return the code of the row's budget line, `C210/NET`; "" where it is not known."""
        return "/".join(code for code in (self.cost_centre, self.account) if code)

    @property
    def sentence(self) -> str:
        """Return the problem with its place: `Row 5, column current_budget: “abc” …`.

        It ends with the budget line where the message does not name it.
        """
        row = f"row {self.row}" if self.row is not None else ""
        if self.sheet:
            row = f"{self.sheet} {row}" if row else f"sheet {self.sheet}"
        places = [row] if row else []
        places += [f"column {self.column}"] if self.column else []
        where = _capitalise_first(", ".join(places)) if places else ""
        found = f"“{self.found}”: " if self.found else ""
        return f"{where}: {found}{self._message_with_line}" if where else f"{found}{self.message}"

    @property
    def _message_with_line(self) -> str:
        """Return the message, and after it the budget line where it does not name it."""
        if not self.line or self.line in self.message:
            return self.message
        is_sentence = self.message.endswith((".", "?"))
        return self.message + (f" Line {self.line}." if is_sentence else f" (line {self.line})")

    def to_data(self) -> dict[str, Any]:
        """Return the problem as JSON values, which are stored with the upload."""
        data: dict[str, Any] = {
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "message": self.message,
        }
        names = ("about", "sheet", "cost_centre", "account", "service_code")
        more = {name: getattr(self, name) for name in names}
        return data | {key: text for key, text in more.items() if text}


def _capitalise_first(text: str) -> str:
    return text[:1].upper() + text[1:]


class FileRefused(ValueError):
    """A file that cannot be read at all; `problems` says why.

    `layout` is the saved layout whose headings the file has; `own` are the
    file's headings where they are not the product's, as returned by `matching.likely_headings`.
    `reading` names the sheets that were read, as `TypedTable.reading` does.
    """

    layout: SavedLayout | None = None
    own: dict[str, Any] | None = None
    reading: dict[str, Any] | None = None

    def __init__(self, *problems: Problem):
        self.problems = list(problems)
        super().__init__("\n".join(problem.sentence for problem in problems))


class HeadingsRefused(FileRefused):
    """A file without the headings that are needed: an officer may match its columns to them."""


class NoRowsRefused(FileRefused):
    """A table with headings and no rows under them."""
