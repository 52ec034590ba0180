"""The query options of a request: `$filter`, `$select` and others, checked. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from monitoring.odata.entity_types import EntityType, Property
from monitoring.odata.filter_evaluation import RowFilter
from monitoring.odata.filter_grammar import parse_filter, property_named
from monitoring.odata.refusals import RequestRefused, bad_option, unsupported_option

PAGE_ROWS = 2_000
MOST_PAGE_ROWS = 10_000
"""Rows of a page, and as many as `Prefer: odata.maxpagesize` may ask for."""

COLLECTION_OPTIONS = (
    *("$filter", "$select", "$orderby", "$top", "$skip"),
    *("$count", "$skiptoken", "$format"),
)
ENTITY_OPTIONS = ("$select", "$format")
COUNT_OPTIONS = ("$filter",)
DOCUMENT_OPTIONS = METADATA_OPTIONS = ("$format",)
_MOST_OPTIONS = 50
_NOT_OFFERED = {
    "$expand": "Load Figures, Reports and Services, and relate them by their ids.",
    "$search": "Use contains(label, 'words') in $filter.",
    "$apply": "Add figures up in Excel or Power BI.",
    "$compute": "Work it out in Excel or Power BI.",
    "$levels": "Services have parent_id.",
    "$index": "",
    "$schemaversion": "The data have one version, that of the address.",
    "$deltatoken": "Read the data again.",
    "$id": "",
}


@dataclass(frozen=True)
class QueryOptions:
    """What is asked of a set: None and empty stand for options that were not given.

    `top` and `skip` are numbers of rows; `place` is where an earlier page ended; `page_rows` the
    most rows of a page.
    """

    row_filter: RowFilter | None = None
    select: tuple[Property, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    with_count: bool = False
    place: str = ""
    page_rows: int = PAGE_ROWS

    def with_page_rows(self, prefer: str) -> "QueryOptions":
        """Return the options with the rows of a page that the header `Prefer` asks for."""
        found = re.search(r"(?:odata\.)?maxpagesize\s*=\s*\"?(\d{1,9})", prefer)
        wanted = int(found[1]) if found else 0
        return replace(self, page_rows=min(wanted, MOST_PAGE_ROWS)) if wanted else self


def read_pairs(query: str) -> dict[str, str]:
    """Return the options of an address by name. Raise `RequestRefused` where one is given twice."""
    given: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_OPTIONS)
    except ValueError:
        raise bad_option("?", f"More than {_MOST_OPTIONS} options are given.") from None
    for name, text in pairs:
        if name in given:
            raise bad_option(name, "It is given twice.")
        given[name] = text.strip()
    return given


def read_options(
    given: Mapping[str, str], entity_type: EntityType, allowed: Sequence[str]
) -> QueryOptions:
    """Return the options of a request. Raise `RequestRefused` (400, 501) for what is not offered.

    OData has a service fail on options that it does not know: passed over, a misspelt filter would
    return everything.
    """
    for name in given:
        _check_name(name, allowed)
    text = given.get("$filter")
    return QueryOptions(
        row_filter=None if text is None else RowFilter(parse_filter(text, entity_type)),
        select=_read_select(given.get("$select", ""), entity_type),
        order=tuple(_read_order(given.get("$orderby", ""), entity_type)),
        top=_read_number("$top", given["$top"]) if "$top" in given else None,
        skip=_read_number("$skip", given.get("$skip", "0")),
        with_count=_read_count(given.get("$count", "false")),
        place=given.get("$skiptoken", ""),
    )


def _check_name(name: str, allowed: Sequence[str]) -> None:
    if name in allowed:
        return
    if name in _NOT_OFFERED:
        raise unsupported_option(name, f"This is not offered. {_NOT_OFFERED[name]}".strip())
    if name.startswith("@"):
        raise unsupported_option(name, "Parameter aliases are not offered. Write the value itself.")
    if name in COLLECTION_OPTIONS:
        raise bad_option(name, "It applies to a whole set, such as Figures, and not here.")
    if f"${name}" in COLLECTION_OPTIONS:
        raise bad_option(name, f"Did you mean ${name}?")
    raise bad_option(name, f"It is unknown. These are known: {', '.join(allowed)}.")


def _read_select(text: str, entity_type: EntityType) -> tuple[Property, ...]:
    names = [each.strip() for each in text.split(",")] if text else []
    if not names or "*" in names:
        return entity_type.properties
    wanted = {property_named("$select", each, entity_type).name for each in names}
    return tuple(each for each in entity_type.properties if each.name in wanted)


def _read_order(text: str, entity_type: EntityType) -> Iterable[tuple[str, bool]]:
    """Yield the name of each property to sort by, and whether in descending order."""
    for part in text.split(",") if text else ():
        found = re.fullmatch(r"\s*(\w+)(?:\s+(asc|desc))?\s*", part, re.ASCII)
        if found is None:
            raise unsupported_option(
                "$orderby",
                f"{part.strip()!r} is not offered. Name properties, with asc or desc after each.",
            )
        yield property_named("$orderby", found[1], entity_type).name, found[2] == "desc"


def _read_number(option: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise bad_option(option, f"{text!r} is no whole number from 0 to 999999999.")
    return int(text)


def _read_count(text: str) -> bool:
    if text not in ("true", "false"):
        raise bad_option("$count", f"{text!r} is neither true nor false.")
    return text == "true"


def require_json(accept: str, requested_format: str) -> None:
    """Raise `RequestRefused` (406) where neither `$format` nor `Accept` takes JSON."""
    wanted = requested_format or accept or "*/*"
    kinds = {each.partition(";")[0].strip().lower() for each in wanted.split(",")}
    if not kinds & {"json", "application/json", "application/*", "*/*"}:
        raise RequestRefused(
            406,
            "NotAcceptable",
            f"Data are given as JSON only, and {wanted} was asked for. Use $format=json.",
            target="$format",
        )
