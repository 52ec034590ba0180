"""What the audit trail calls the things it speaks of, and where they have their pages."""

import re

from django.urls import NoReverseMatch, reverse

from council_finance.periods import NotAYear, parse_financial_year
from monitoring.models import Period, Upload

_YEAR = r"(?P<start>\d{4}/\d{2})"
_PERIOD = rf"{_YEAR} period (?P<number>\d{{1,2}})"
_PAGES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"upload (?P<pk>\d{1,18})", "upload"),
        (rf"report {_PERIOD}", "report"),
        (rf"year {_YEAR}", "year"),
        (r"layout (?P<name>.+)", "layout"),
        (rf"virement {_YEAR} (?P<reference>.+)", "virement"),
        (rf"saving {_YEAR} (?P<reference>.+)", "saving"),
        (rf"forecasts {_PERIOD} (?P<code>.+)", "forecasts"),
        (rf"commentary {_PERIOD} (?P<code>.+)", "commentary-edit"),
        (rf"service {_YEAR} (?P<code>.+)", "service-change"),
        (rf"reserve {_YEAR} (?P<code>.+)", "reserve"),
    )
)
"""A record's words, and the name of the address that takes what the words hold, in their order."""


def report_record(period: Period) -> str:
    """What the audit trail calls a period's report, whatever its version."""
    return f"report {period.year.label} period {period.number}"


def upload_record(upload: Upload) -> str:
    """What the audit trail calls an upload."""
    return f"upload {upload.pk}"


def record_url(record: str) -> str | None:
    """The page of the thing that a record names; None where there is no such page."""
    for pattern, name in _PAGES:
        if match := pattern.fullmatch(record):
            return _address(name, match.groupdict())
    return None


def _address(name: str, words: dict[str, str]) -> str | None:
    try:
        return reverse(name, args=[_argument(*each) for each in words.items()])
    except (NotAYear, NoReverseMatch):
        return None


def _argument(key: str, text: str) -> int | str:
    if key == "start":
        return parse_financial_year(text)
    return int(text) if key in ("pk", "number") else text
