"""The schemas of the API's answers, as the OpenAPI document has them, each with an example."""

from collections.abc import Mapping
from typing import Any

from monitoring.open_data.columns import FLAT_COLUMNS, FlatColumn

Schema = dict[str, Any]

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_SITE = "https://budget.council.example/api/v1"
_HERE = f"{_SITE}/reports/2019-20/3"


def _text_schema(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def _number_schema(description: str, **more: Any) -> Schema:
    return {"type": "integer", "description": description, **more}


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


def _record_schema(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_ADDRESS = _text_schema(format="uri")
_DATE = _text_schema("The last day of the period.", format="date")
_PERIOD = _number_schema("0 is the approved budget, 13 the close.", minimum=0, maximum=13)
_VERSION = _number_schema("1 for the first that was published.", minimum=1)
_YEAR = _text_schema("As addresses write it.", pattern=r"^\d{4}-\d{2}$")

_REPORT = {
    "year": _YEAR,
    "period": _PERIOD,
    "name": _text_schema("The name of the period."),
    "as_at": _DATE,
    "url": _ADDRESS,
    "statements": _ADDRESS,
    "services": _ADDRESS,
    "version": _VERSION,
    "status": _text_schema(enum=["published", "draft"]),
    "published_at": _or_null(_text_schema("Null for a draft.", format="date-time")),
    "is_redacted": {"type": "boolean"},
    "is_latest": {"type": "boolean", "description": "No later version is published."},
}
_REPORT_EXAMPLE = {
    "year": "2019-20",
    "period": 3,
    "name": "Month 3",
    "as_at": "2019-06-30",
    "url": f"{_HERE}/1",
    "statements": f"{_HERE}/1/statements",
    "services": f"{_HERE}/1/services",
    "version": 1,
    "status": "published",
    "published_at": "2019-08-06T09:30:00+00:00",
    "is_redacted": False,
    "is_latest": True,
}
_CELL = _record_schema(
    {
        "value": {
            "type": ["number", "null"],
            "description": "Pounds, a percentage or a number, unrounded; null where there is none.",
        },
        "text": _text_schema("As printed."),
        "mark": _text_schema("That of the footnote which explains the figure."),
    },
    optional=("mark",),
)
_ROW = _record_schema(
    {
        "key": _text_schema("The code of a service, or another key; unique in the statement."),
        "label": _text_schema(),
        "kind": _text_schema(enum=["heading", "service", "line", "subtotal", "total", "percent"]),
        "cells": {
            "type": "object",
            "description": "By the key of the column; a heading has none.",
            "additionalProperties": _CELL,
        },
    }
)
_COLUMN = _record_schema(
    {
        "key": _text_schema(),
        "label": _text_schema(),
        "unit": _text_schema("£m, £000, £ or %; empty for others."),
    }
)

_COLUMN_TYPES: dict[str, Schema] = {"date": {"type": "string", "format": "date"}}


def _column_schema(column: FlatColumn) -> Schema:
    """Return the schema of a column of the table of figures; a text is never null."""
    schema = {
        **_COLUMN_TYPES.get(column.type, {"type": column.type}),
        "description": column.description,
    }
    return schema if column.is_required or column.type == "string" else _or_null(schema)


SCHEMAS: dict[str, Schema] = {
    "Start": _record_schema(
        {"person": _text_schema(), "years": _ADDRESS, "reports": _ADDRESS, "openapi": _ADDRESS}
    ),
    "Years": _record_schema(
        {
            "items": _list_of(
                _record_schema(
                    {
                        "year": _YEAR,
                        "label": _text_schema("As printed, such as 2019/20."),
                        "council": _text_schema(),
                        "is_archived": {"type": "boolean"},
                        "periods": _ADDRESS,
                    }
                )
            )
        }
    ),
    "Periods": _record_schema(
        {
            "items": _list_of(
                _record_schema(
                    {
                        "period": _PERIOD,
                        "name": _text_schema(),
                        "as_at": _DATE,
                        "version": _or_null(_VERSION),
                        "report": _or_null(_ADDRESS),
                        "draft": _or_null(_ADDRESS),
                    }
                )
            )
        }
    ),
    "Reports": _record_schema(
        {
            "count": _number_schema("All reports that you may read.", minimum=0),
            "page": _number_schema("This page.", minimum=1),
            "per_page": _number_schema("The most that a page has.", minimum=1),
            "previous": _or_null(_ADDRESS),
            "next": _or_null(_ADDRESS),
            "items": _list_of(_record_schema(_REPORT)),
        }
    ),
    "Report": _record_schema({**_REPORT, "council": _text_schema()}),
    "Statements": _record_schema(
        {
            "items": _list_of(
                _record_schema(
                    {
                        "name": _text_schema(),
                        "title": _text_schema(),
                        "sha256": _or_null(_text_schema(pattern="^[0-9a-f]{64}$")),
                        "url": _ADDRESS,
                    }
                )
            )
        }
    ),
    "Statement": _record_schema(
        {
            "statement": _text_schema(),
            "council": _text_schema(),
            "financial_year": _text_schema("Such as 2019/20."),
            "period": _or_null(_PERIOD),
            "status": _text_schema(enum=["published", "draft"]),
            "version": _VERSION,
            "as_at": _or_null(_DATE),
            "columns": _list_of(_COLUMN),
            "rows": _list_of(_ROW),
            "footnotes": _list_of(_record_schema({"mark": _text_schema(), "text": _text_schema()})),
        }
    ),
    "Services": _record_schema(
        {
            "items": _list_of(
                _record_schema(
                    {
                        "code": _text_schema(),
                        "name": _text_schema(),
                        "level": _number_schema("0 for the council.", minimum=0),
                        "parent": _or_null(_text_schema("The code of the group above.")),
                        "kind": _text_schema(
                            "A service, a group, or lines left on a service that has closed.",
                            enum=["service", "node", "closed"],
                        ),
                    }
                )
            )
        }
    ),
    "Figure": _record_schema({each.name: _column_schema(each) for each in FLAT_COLUMNS}),
    "Problem": _record_schema(
        {
            "type": _text_schema(),
            "title": _text_schema("The kind of error."),
            "status": _number_schema("That of the answer."),
            "detail": _text_schema("What is wrong and what to do."),
        }
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Start": {
        "person": "Jo Byrne",
        "years": f"{_SITE}/years",
        "reports": f"{_SITE}/reports",
        "openapi": f"{_SITE}/openapi.json",
    },
    "Years": {
        "items": [
            {
                "year": "2019-20",
                "label": "2019/20",
                "council": "Somerset County Council",
                "is_archived": False,
                "periods": f"{_SITE}/years/2019-20/periods",
            }
        ]
    },
    "Periods": {
        "items": [
            {
                "period": 3,
                "name": "Month 3",
                "as_at": "2019-06-30",
                "version": 1,
                "report": f"{_HERE}/latest",
                "draft": None,
            }
        ]
    },
    "Reports": {
        "count": 2,
        "page": 1,
        "per_page": 1,
        "previous": None,
        "next": f"{_SITE}/reports?page=2&per_page=1",
        "items": [_REPORT_EXAMPLE],
    },
    "Report": {**_REPORT_EXAMPLE, "council": "Somerset County Council"},
    "Statements": {
        "items": [
            {
                "name": "annex-a",
                "title": "Annex A",
                "sha256": _SHA256,
                "url": f"{_HERE}/1/statements/annex-a",
            }
        ]
    },
    "Statement": {
        "statement": "annex-a",
        "council": "Somerset County Council",
        "financial_year": "2019/20",
        "period": 3,
        "status": "published",
        "version": 1,
        "as_at": "2019-06-30",
        "columns": [{"key": "budget", "label": "Net budget", "unit": "£m"}],
        "rows": [
            {
                "key": "ADULT",
                "label": "Adult Services",
                "kind": "service",
                "cells": {"budget": {"value": 123456789.01, "text": "123.457"}},
            }
        ],
        "footnotes": [],
    },
    "Services": {
        "items": [
            {"code": "TOP", "name": "Somerset", "level": 0, "parent": None, "kind": "node"},
            {"code": "ADULT", "name": "Adults", "level": 1, "parent": "TOP", "kind": "service"},
        ]
    },
    "Figure": dict.fromkeys((each.name for each in FLAT_COLUMNS), None)
    | {
        "council": "Somerset County Council",
        "financial_year": "2019/20",
        "period": 3,
        "version": 1,
        "status": "published",
        "as_at": "2019-06-30",
        "statement": "annex-a",
        "row_number": 1,
        "row_key": "ADULT",
        "label": "Adult Services",
        "kind": "service",
        "service_code": "ADULT",
        "service_path": "Somerset County Council / Key Services / Adult Services",
        "level": 2,
        "counted": True,
        "measure": "budget",
        "measure_label": "Total revised budget",
        "unit": "£",
        "pounds": 73869000.00,
        "text": "73.869",
    },
    "Problem": {
        "type": "about:blank",
        "title": "No such report",
        "status": 404,
        "detail": "There is no such report, or not for you.",
    },
}
