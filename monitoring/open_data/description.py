"""The description of tables for programs: Frictionless Data Package and Table Schema. Pure.

The standards: https://specs.frictionlessdata.io/data-package/ and …/table-schema/.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from council_finance.statements.model import Column, Statement
from council_finance.statements.wording import csv_headings
from monitoring.open_data.columns import FLAT_COLUMNS, PRIMARY_KEY

PlainData = dict[str, Any]

_CSV_DIALECT = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
_UNITS = {"amount": "GBP", "percent": "%"}
_MISSING = [""]


@dataclass(frozen=True)
class Licence:
    """An open licence by its identifier (SPDX), with its name and address."""

    name: str
    title: str
    path: str


LICENCES = {
    each.name.lower(): each
    for each in (
        Licence(
            "OGL-UK-3.0",
            "Open Government Licence v3.0",
            "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        ),
        Licence(
            "CC-BY-4.0",
            "Creative Commons Attribution 4.0 International",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        Licence(
            "CC0-1.0",
            "Creative Commons Zero v1.0 Universal",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
    )
}
"""The licences that the setting OPEN_DATA_LICENCE may name, in small letters."""


@dataclass(frozen=True)
class DataFile:
    """A file of a data package; with a `schema` it is a table in CSV."""

    path: str
    title: str
    media_type: str
    content: bytes
    schema: PlainData | None = None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of its content."""
        return hashlib.sha256(self.content).hexdigest()


def flat_schema() -> PlainData:
    """Return the Table Schema of the flat table."""
    fields = []
    for each in FLAT_COLUMNS:
        field: PlainData = {
            "name": each.name,
            "title": each.title,
            "type": each.type,
            "description": each.description,
        }
        if each.unit:
            field["unit"] = each.unit
        if each.is_required:
            field["constraints"] = {"required": True}
        fields.append(field)
    return {"fields": fields, "missingValues": _MISSING, "primaryKey": list(PRIMARY_KEY)}


def statement_schema(statement: Statement) -> PlainData:
    """Return the Table Schema of a statement's CSV file; its fields are named as its headings."""
    first, *names = csv_headings(statement)
    fields: list[PlainData] = [{"name": first, "type": "string"}]
    for name, column in zip(names, statement.columns, strict=False):
        fields.append({"name": name, **_field_of_column(statement, column)})
    fields += [
        {
            "name": names[-2],
            "type": "string",
            "description": "The service that the row is about; empty where it is about none.",
        },
        {"name": names[-1], "type": "string", "constraints": {"required": True}},
    ]
    return {"fields": fields, "missingValues": _MISSING}


def _field_of_column(statement: Statement, column: Column) -> PlainData:
    """Return the type of a column; one whose cells hold words beside figures is of text."""
    cells = [row.cells[column.key] for row in statement.rows if row.cells]
    has_words = any(cell.value is None and _is_words(cell.text) for cell in cells)
    if column.kind == "text" or has_words:
        return {"type": "string"}
    unit = {"unit": _UNITS[column.kind]} if column.kind in _UNITS else {}
    return {"type": "number", **unit}


def _is_words(text: str) -> bool:
    return any(character.isalpha() for character in text)


def describe_file(file: DataFile) -> PlainData:
    """Return a file as a resource of a data package, with its size and its SHA-256."""
    name = file.path.replace("/", "-").replace(".", "-").lower()
    resource: PlainData = {
        "name": name,
        "title": file.title,
        "path": file.path,
        "format": file.path.rpartition(".")[2],
        "mediatype": file.media_type,
        "bytes": len(file.content),
        "hash": f"sha256:{file.sha256}",
    }
    if file.schema is None:
        # Validators that read Parquet through pandas find "nan" where an integer is missing.
        return resource | ({"type": "file"} if file.path.endswith(".parquet") else {})
    table = {"profile": "tabular-data-resource", "encoding": "utf-8", "dialect": _CSV_DIALECT}
    return resource | table | {"schema": file.schema}


def data_package(
    files: Iterable[DataFile],
    *,
    name: str,
    title: str,
    council: str,
    licence: Licence,
    version: str,
    created: str,
    more: PlainData,
) -> PlainData:
    """Return the contents of datapackage.json: whose the data are, their licence and the files.

    `created` is a time as in RFC 3339; `more` are properties of our own.
    """
    return {
        "profile": "data-package",
        "name": name,
        "title": title,
        "description": (
            "Every cell of every statement is a row of the table “figures”. Add up only rows that "
            "are counted: the others are their totals. Amounts are in pounds; spending is "
            "positive, income negative, and a negative variance is favourable."
        ),
        "version": version,
        "created": created,
        "licenses": [{"name": licence.name, "title": licence.title, "path": licence.path}],
        "contributors": [{"title": council, "role": "publisher"}],
        **more,
        "resources": [describe_file(each) for each in files],
    }
