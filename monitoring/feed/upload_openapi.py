"""The operations on uploads as the OpenAPI document of the API has them."""

from typing import Any

from monitoring.api.problems import PROBLEM_TYPE
from monitoring.feed.sent_files import PARAMETERS
from monitoring.uploading.models import UploadState

_TEXT = {"type": "string"}
_WITHOUT_NUL = r"^[^\u0000]*$"
_COUNT = {"type": "integer", "minimum": 0}
_TIME = {"type": "string", "format": "date-time"}
_UPLOAD = {"$ref": "#/components/schemas/Upload"}

_FINDING = {
    "type": "object",
    "description": "An error or a warning by row and column, as the page of the upload has it.",
    "required": ["row", "column", "sheet", "found", "sentence"],
    "additionalProperties": False,
    "properties": {
        "row": {"type": ["integer", "null"]},
        **dict.fromkeys(("column", "sheet", "found", "sentence"), _TEXT),
    },
}
UPLOAD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "state", "kind", "year", "sha256", "errors", "warnings", "page"],
    "additionalProperties": False,
    "properties": {
        "id": _COUNT,
        "known": {"type": "boolean", "description": "The same file was received before."},
        "state": {"type": "string", "enum": list(UploadState.values)},
        "kind": _TEXT,
        "year": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
        "period": {"type": ["integer", "null"], "minimum": 0, "maximum": 13},
        "scope": _TEXT,
        "file_name": _TEXT,
        "size": _COUNT,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "received_at": _TIME,
        "ended_at": {"type": ["string", "null"], "format": "date-time"},
        "rows": {"type": ["integer", "null"], "minimum": 0},
        "error_count": _COUNT,
        "errors": {"type": "array", "items": _FINDING},
        "warning_count": _COUNT,
        "warnings": {"type": "array", "items": _FINDING},
        "page": {"type": "string", "description": "The path of its page, for a person."},
    },
}

_MEANINGS = {
    "kind": "The kind of file, such as position.",
    "year": "The financial year, such as 2026-27.",
    "period": "0 is the approved budget, 1 to 12 are months, 13 is the close; none for a file of "
    "the whole year.",
    "layout": "A saved layout; else the one whose headings fit.",
    "sheet": "The sheet of a workbook; else the first with the headings.",
    "scope": "The code of a service: only its lines.",
    "name": "The file’s name on pages.",
}
_NEEDED = ("kind", "year")
_REFUSALS = {
    400: "A parameter is wrong.",
    401: "No token came, or one that does not work here.",
    403: "The token only reads, or its person may not do this.",
    404: "There is no such upload.",
    405: "The address does not take this method.",
    409: "Another file of this kind and period is being checked, stored or waits.",
    413: "The file is larger than 50 MB.",
    415: "The body is not the file.",
    422: "The file cannot be taken: detail says why.",
    429: "Too many wrong tokens came from your address.",
    503: "The file could not be stored; nothing was kept.",
}
_WHEN_SENT = (400, 401, 403, 405, 409, 413, 415, 422, 429, 503)
_WHEN_READ = (401, 403, 404, 405, 429)


def _describe_upload(words: str, *, with_location: bool = False) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": _UPLOAD}},
    }
    if with_location:
        described["headers"] = {
            "Location": {"description": "The address of its state.", "schema": _TEXT}
        }
    return described


def _describe_refusals(statuses: tuple[int, ...]) -> dict[str, Any]:
    problem = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(each): {"description": _REFUSALS[each], "content": problem} for each in statuses}


_SEND: dict[str, Any] = {
    "operationId": "api-uploads",
    "summary": "Send a file of the ledger",
    "description": "It goes through the same check as in the browser. The token must be of the "
    "kind that uploads.",
    "parameters": [
        {
            "name": name,
            "in": "query",
            "description": _MEANINGS[name],
            "required": name in _NEEDED,
            "schema": {"type": "string", "pattern": _WITHOUT_NUL},
        }
        for name in PARAMETERS
    ],
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {},
            "application/octet-stream": {},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "additionalProperties": False,
                }
            },
        },
    },
    "responses": {
        "202": _describe_upload("Received, and being checked.", with_location=True),
        "200": _describe_upload("The same file was received before.", with_location=True),
        **_describe_refusals(_WHEN_SENT),
    },
}
_READ: dict[str, Any] = {
    "operationId": "api-upload",
    "summary": "Read what became of a file",
    "description": "Its state, with every error and warning. The token must be of the kind that "
    "uploads.",
    "responses": {
        "200": _describe_upload("The upload."),
        **_describe_refusals(_WHEN_READ),
    },
}
_NUMBER = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The number of an upload.",
    "schema": {"type": "integer", "minimum": 1},
}

PATHS = {"/uploads": {"post": _SEND}, "/uploads/{id}": {"parameters": [_NUMBER], "get": _READ}}
