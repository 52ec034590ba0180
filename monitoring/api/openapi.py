"""The OpenAPI 3.1 document, from the operations that the views have registered."""

import re
from collections.abc import Mapping
from typing import Any

from council_finance import registry
from monitoring.api.operations import Operation, operations
from monitoring.api.paging import MOST, PAGE, PER_PAGE, USUAL
from monitoring.api.problems import PROBLEM_TYPE
from monitoring.api.schemas import EXAMPLES, SCHEMAS
from monitoring.open_data.writers import TABLE_FORMATS

_ERRORS = {
    400: "A parameter is wrong.",
    401: "No token came, or one that does not work here.",
    404: "There is nothing at this address that you may read.",
    405: "Something other than GET was asked for.",
    429: "Too many wrong tokens came from your address.",
}
_OF_EVERY_OPERATION = (400, 401, 429)
_NAME_IN_PATH = re.compile(r"\{(\w+)\}")

_FOLLOWING_YEARS = "|".join(f"{year:02d}-{(year + 1) % 100:02d}" for year in range(100))
_YEAR = f"^(19|20|21)({_FOLLOWING_YEARS})$"

_PARAMETERS: dict[str, dict[str, Any]] = {
    "year": {
        "in": "path",
        "description": "The financial year, such as 2019-20.",
        "schema": {"type": "string", "pattern": _YEAR},
        "example": "2019-20",
    },
    "period": {
        "in": "path",
        "description": "0 is the approved budget, 1 to 12 are months, 13 is the close.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 13},
        "example": 3,
    },
    "version": {
        "in": "path",
        "description": "A version, “latest”, or “draft” for those who may see it.",
        "schema": {"type": "string", "pattern": r"^(latest|draft|[1-9]\d{0,2})$"},
        "example": "latest",
    },
    "statement": {
        "in": "path",
        "description": "The name of a statement, as “statements” lists them.",
        "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "example": "annex-a",
    },
    "format": {
        "in": "path",
        "description": "The form of the table.",
        "schema": {"type": "string", "enum": list(TABLE_FORMATS)},
        "example": "csv",
    },
    "of_year": {
        "name": "year",
        "in": "query",
        "description": "Only this financial year.",
        "schema": {"type": "string", "pattern": _YEAR},
    },
    "of_period": {
        "name": "period",
        "in": "query",
        "description": "Only reports of this period.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 13},
    },
    "of_statement": {
        "name": "statement",
        "in": "query",
        "description": "Only this statement.",
    },
    PAGE: {
        "in": "query",
        "description": "The page of the list, from 1.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999, "default": 1},
    },
    PER_PAGE: {
        "in": "query",
        "description": "The most that a page has.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    },
}
_IN_QUERY = {"year": "of_year", "period": "of_period", "statement": "of_statement"}
"""Components of the parameters of a query that are parts of addresses, too."""


_added_paths: dict[str, Any] = {}
_added_schemas: dict[str, Any] = {}


def add_to_document(*, paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    """Add the operations of another package to the document, with the schemas that they name."""
    _added_paths.update(paths)
    _added_schemas.update(schemas)


def document() -> dict[str, Any]:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Budget monitor",
            "version": "1",
            "description": "Published reports and, for those who may see them, drafts: exactly "
            "what the person whose token it is may read on pages. Amounts are pounds, unrounded, "
            "beside their printed text.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}, {"tokenAsPassword": []}],
        "paths": {
            operation.path: _describe_path(operation)
            for operation in sorted(operations(), key=lambda each: each.path)
        }
        | _added_paths,
        "components": {
            "schemas": {
                name: schema | {"examples": [EXAMPLES[name]]} for name, schema in SCHEMAS.items()
            }
            | _added_schemas,
            "parameters": {name: _describe_parameter(name) for name in _PARAMETERS},
            "responses": {str(status): _describe_error(status) for status in _ERRORS},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "tokenAsPassword": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The token is the password; any user name will do.",
                },
            },
        },
    }


def _describe_path(operation: Operation) -> dict[str, Any]:
    names = _NAME_IN_PATH.findall(operation.path)
    described: dict[str, Any] = {
        "get": {
            "operationId": operation.name,
            "summary": operation.summary,
            "description": operation.description,
            "parameters": [
                _make_reference("parameters", _IN_QUERY.get(name, name)) for name in operation.query
            ],
            "responses": _describe_answers(operation),
        }
    }
    if names:
        described["parameters"] = [_make_reference("parameters", name) for name in names]
    return described


def _describe_answers(operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": operation.summary,
        "content": {
            media_type: {"schema": _describe_content(operation, media_type)}
            for media_type in operation.files or ("application/json",)
        },
    }
    answers: dict[str, Any] = {"200": answer}
    if operation.cached:
        etag = {
            "description": "Made of the SHA-256 of what was published.",
            "schema": {"type": "string"},
        }
        answer["headers"] = {"ETag": etag}
        answers["304"] = {"description": "Unchanged since the ETag that was sent."}
    for status in sorted({*_OF_EVERY_OPERATION, *operation.statuses}):
        answers[str(status)] = _make_reference("responses", str(status))
    return answers


def _describe_content(operation: Operation, media_type: str) -> dict[str, Any]:
    """Return the schema of an answer: of JSON, or of each line of it; a file has none."""
    is_file = bool(operation.files) and "json" not in media_type
    return {"type": "string"} if is_file else _make_reference("schemas", operation.answer)


def _describe_parameter(name: str) -> dict[str, Any]:
    parameter = dict(_PARAMETERS[name])
    if name == _IN_QUERY["statement"]:
        # Known only once every app has registered its statements.
        parameter["schema"] = {"type": "string", "enum": list(registry.statements())}
    return {"name": name, **parameter, "required": parameter["in"] == "path"}


def _describe_error(status: int) -> dict[str, Any]:
    return {
        "description": _ERRORS[status],
        "content": {PROBLEM_TYPE: {"schema": _make_reference("schemas", "Problem")}},
    }


def _make_reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
