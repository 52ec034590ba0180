"""Answers in OData's JSON format (OASIS, "JSON Format Version 4.0"). Pure.

Decimals are written digit by digit: no figure passes through a float.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from monitoring.odata.entity_types import ENTITY_SETS, EntitySet, Property, Value
from monitoring.odata.filter_evaluation import Row
from monitoring.odata.query_options import QueryOptions
from monitoring.odata.refusals import RequestRefused

JSON_TYPE = "application/json;odata.metadata=minimal;charset=utf-8"


def service_document(root: str) -> bytes:
    """Return the list of entity sets under the address `root`."""
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in ENTITY_SETS]
    return _write_json({"@odata.context": f"{root}$metadata", "value": sets})


def collection(
    rows: Iterable[Row],
    *,
    entity_set: EntitySet,
    select: Sequence[Property],
    root: str,
    count: int | None = None,
    next_link: str = "",
) -> bytes:
    """Return a page of entities, with the number of all of them and the link to the next page."""
    head: dict[str, Any] = {"@odata.context": _context_address(root, entity_set, select)}
    if count is not None:
        head["@odata.count"] = count
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    write = _row_writer(select)
    body = ",\n".join(write(row) for row in rows)
    closing = f',\n"@odata.nextLink": {json.dumps(next_link)}' if next_link else ""
    return f'{opening},\n"value": [\n{body}\n]{closing}}}\n'.encode()


def entity(row: Row, *, entity_set: EntitySet, select: Sequence[Property], root: str) -> bytes:
    """Return one entity."""
    context = json.dumps(f"{_context_address(root, entity_set, select)}/$entity")
    return f'{{"@odata.context": {context},\n{_row_writer(select)(row)[1:]}\n'.encode()


def error(refusal: RequestRefused) -> bytes:
    """Return a refusal as OData's error."""
    body = {"code": refusal.code, "message": refusal.sentence}
    if refusal.target:
        body["target"] = refusal.target
    return _write_json({"error": body})


def next_link(address: str, given: Mapping[str, str], following: QueryOptions) -> str:
    """Return the address of the next page: the options that were given, less what has been read."""
    kept = {
        name: text
        for name, text in given.items()
        if name not in ("$skip", "$top", "$count", "$skiptoken")
    }
    if following.skip:
        kept["$skip"] = str(following.skip)
    if following.top is not None:
        kept["$top"] = str(following.top)
    kept["$skiptoken"] = following.place
    pairs = (f"{quote(name, safe='$')}={quote(text, safe='')}" for name, text in kept.items())
    return f"{address}?{'&'.join(pairs)}"


def _context_address(root: str, entity_set: EntitySet, select: Sequence[Property]) -> str:
    everything = tuple(select) == entity_set.entity_type.properties
    names = "" if everything else f"({','.join(each.name for each in select)})"
    return f"{root}$metadata#{entity_set.name}{names}"


def _row_writer(select: Sequence[Property]) -> Callable[[Row], str]:
    keys = [(each.name, f"{json.dumps(each.name)}:") for each in select]

    def write(row: Row) -> str:
        return "{" + ",".join(key + _write_value(row[name]) for name, key in keys) + "}"

    return write


def _write_value(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return f'"{value.isoformat()}"'
    return json.dumps(value, ensure_ascii=False)


def _write_json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
