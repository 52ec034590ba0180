"""What is wrong in a file, said in the file's own rows and columns."""

from dataclasses import dataclass

SHOWN = 1000
"""The first so many problems are told; then how many more there are."""


@dataclass(frozen=True)
class Problem:
    """One fault or warning: `row` as the person sees it in the file (None: the file as a whole).

    `about` is the kind of a warning, by which a page puts those of one kind together. `sheet` is
    the sheet of the row where several were read together.
    """

    message: str
    row: int | None = None
    column: str = ""
    found: str = ""
    about: str = ""
    sheet: str = ""

    @property
    def sentence(self) -> str:
        """`Row 5, column current_budget: “abc” …`, for commands and logs."""
        row = f"row {self.row}" if self.row is not None else ""
        if self.sheet:
            row = f"{self.sheet} {row}" if row else f"sheet {self.sheet}"
        places = [row] if row else []
        places += [f"column {self.column}"] if self.column else []
        where = _sentence(", ".join(places)) if places else ""
        found = f"“{self.found}”: " if self.found else ""
        return f"{where}: {found}{self.message}" if where else f"{found}{self.message}"

    def to_data(self) -> dict:
        """As it is kept with the upload."""
        data = {
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "message": self.message,
        }
        more = {"about": self.about, "sheet": self.sheet}
        return data | {key: text for key, text in more.items() if text}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


class FileRefused(ValueError):
    """A file that cannot be read at all; `problems` says why.

    `layout` is the saved layout, by its name, whose headings the file was found to have; `own` what
    the file has for headings, where they are not the product's, as matching.likely_headings gives
    it. `reading` says which sheets were read, as the reading of a table does.
    """

    layout: tuple[str, dict] | None = None
    own: dict | None = None
    reading: dict | None = None

    def __init__(self, *problems: Problem):
        self.problems = list(problems)
        super().__init__("\n".join(problem.sentence for problem in problems))


class HeadingsRefused(FileRefused):
    """A file without the headings that are needed: a person may match its own with these."""


class NoRowsRefused(FileRefused):
    """A table with headings and no line under them."""
