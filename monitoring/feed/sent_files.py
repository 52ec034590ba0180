"""Read a file that a program sends: the parameters of its address, and its body or form."""

from dataclasses import dataclass

from django.http import HttpRequest

from council_finance import registry
from council_finance.errors import Refused
from council_finance.periods import NotAYear, parse_financial_year
from monitoring.feed.received import ReceivedFile
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.calendar import find_year
from monitoring.uploading.services.uploads import MOST_BYTES

PARAMETERS = ("kind", "year", "period", "layout", "sheet", "scope", "name")
_NEEDED = ("kind", "year")
_MOST_CHARACTERS = 255
_MOST_CHARACTERS_OF = {"sheet": 100}
_MOST_DIGITS = 2
_FORM = "multipart/form-data"
_NOT_TAKEN = ("application/x-www-form-urlencoded", "application/json")


class WrongRequest(Exception):
    """A request that cannot be read: the answer's status and title, and what to do."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(detail)


@dataclass(frozen=True)
class SentFile:
    """A file that a program sent, with where it goes and how it is read."""

    received: ReceivedFile
    year: FinancialYear
    layout: str
    sheet: str
    scope: str


def read_sent_file(request: HttpRequest) -> SentFile:
    """Return the file of a request. Raise `WrongRequest` where it, or a parameter, is wrong."""
    given = _read_parameters(request)
    period = _read_period(given["period"])
    try:
        year = find_year(parse_financial_year(given["year"]))
        registry.upload_kind(given["kind"], per_period=period is not None)
    except (NotAYear, Refused) as wrong:
        raise WrongRequest(400, "Wrong parameter", str(wrong)) from wrong
    content, file_name = _read_content(request)
    received = ReceivedFile(
        content,
        (given["name"] or file_name or f"{given['kind']} sent by a program")[-_MOST_CHARACTERS:],
        given["kind"],
        year.start,
        period,
    )
    return SentFile(received, year, given["layout"], given["sheet"], given["scope"])


def _read_parameters(request: HttpRequest) -> dict[str, str]:
    """Return every parameter, "" where it is not given. Raise `WrongRequest` for any other one."""
    for name, values in request.GET.lists():
        if name not in PARAMETERS:
            known = ", ".join(PARAMETERS)
            detail = f"There is no parameter “{name[:40]}”. This takes {known}."
            raise WrongRequest(400, "Unknown parameter", detail)
        if len(values) > 1:
            raise WrongRequest(400, "Parameter given twice", f"Give “{name}” once.")
        if len(values[0]) > _MOST_CHARACTERS_OF.get(name, _MOST_CHARACTERS):
            raise WrongRequest(400, "Wrong parameter", f"The parameter {name} is too long.")
    given = {name: request.GET.get(name, "").strip() for name in PARAMETERS}
    for name in _NEEDED:
        if not given[name]:
            example = "uploads?kind=position&year=2026-27&period=8"
            detail = f"Say {name} in the address: {example}."
            raise WrongRequest(400, "Missing parameter", detail)
    return given


def _read_period(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= _MOST_DIGITS):
        raise WrongRequest(400, "Wrong parameter", "A period is a number from 0 to 13.")
    return int(given)


def _read_content(request: HttpRequest) -> tuple[bytes, str]:
    """Return the bytes of the body, or of the one file of a form, with its name."""
    if request.content_type in _NOT_TAKEN:
        raise WrongRequest(
            415,
            "The body must be the file",
            "Send the file itself with a Content-Type such as text/csv or "
            "application/octet-stream, or as the one file of a form (multipart/form-data).",
        )
    if request.content_type == _FORM:
        files = [file for _, each in request.FILES.lists() for file in each]
        if len(files) != 1:
            raise WrongRequest(400, "One file is needed", "The form must have exactly one file.")
        _refuse_too_large(files[0].size or 0)
        return files[0].read(), files[0].name or ""
    content = request.read(MOST_BYTES + 1)
    _refuse_too_large(len(content))
    return content, ""


def _refuse_too_large(size: int) -> None:
    if size > MOST_BYTES:
        detail = f"The file is larger than {MOST_BYTES // 1_000_000} MB."
        raise WrongRequest(413, "The file is too large", detail)
