"""The figures that a program asks for, read from the parameters of its request."""

from dataclasses import dataclass

from django.http import HttpRequest

from council_finance import registry
from council_finance.periods import NotAYear, financial_year_slug, parse_financial_year
from council_finance.typed_text import whole_number
from monitoring.api.problems import Problem


@dataclass(frozen=True)
class FiguresAsked:
    """A year by its first calendar year, a period and a statement; None or empty for all."""

    start: int | None
    number: int | None
    statement: str

    @classmethod
    def of(cls, request: HttpRequest) -> "FiguresAsked":
        """Read the parameters. Raise `Problem` for one that cannot be read."""
        given = request.GET
        statement = given.get("statement", "")
        if "statement" in given and statement not in registry.statements():
            raise Problem(400, "Wrong parameter", "“statement” is the name of a statement.")
        return cls(_read_year(given.get("year")), _read_period(given.get("period")), statement)

    @property
    def file_name(self) -> str:
        """Return the name of the file without its ending."""
        year = None if self.start is None else financial_year_slug(self.start)
        number = None if self.number is None else f"{self.number:02d}"
        return "-".join(["figures", *(each for each in (year, number, self.statement) if each)])


def _read_year(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_financial_year(text)
    except NotAYear as error:
        raise Problem(400, "Wrong parameter", "“year” is written as 2019-20.") from error


def _read_period(text: str | None) -> int | None:
    if text is None:
        return None
    number = whole_number(text, digits=2)
    if number is None:
        raise Problem(400, "Wrong parameter", "“period” is a whole number from 0 to 13.")
    return number
