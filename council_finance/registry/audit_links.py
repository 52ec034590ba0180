"""The pages of the records that the audit trail names. Pure."""

import re
from collections.abc import Mapping

from council_finance.periods import NotAYear, parse_financial_year
from council_finance.registry.order import Register

_FIELDS = {
    "year": r"(?P<year>\d{4}/\d{2})",
    "number": r"(?P<number>\d{1,2})",
    "pk": r"(?P<pk>\d{1,18})",
    "code": r"(?P<code>.+)",
}
_patterns: Register[tuple[re.Pattern[str], str]] = Register("audit link", "audit_links")


def register_audit_link(record: str, address: str) -> None:
    """Register the page of a kind of record.

    `record` is how the audit trail names one, with fields for what differs, as in
    "saving {year} {code}": {year} is 2019/20, {number} a period, {pk} a key, {code} any text.
    `address` is the name of the address that takes these fields, in their order.
    """
    _patterns.add(record, (re.compile(record.format_map(_FIELDS)), address))


def record_address(record: str) -> tuple[str, list[int | str]] | None:
    """Return the name of the address of a record's page and its arguments; None without a page."""
    for pattern, address in _patterns.in_order().values():
        if match := pattern.fullmatch(record):
            return _read_fields(address, match.groupdict())
    return None


def _read_fields(address: str, fields: Mapping[str, str]) -> tuple[str, list[int | str]] | None:
    try:
        return address, [_read_field(*each) for each in fields.items()]
    except NotAYear:
        return None


def _read_field(name: str, text: str) -> int | str:
    if name == "year":
        return parse_financial_year(text)
    return int(text) if name in ("pk", "number") else text
