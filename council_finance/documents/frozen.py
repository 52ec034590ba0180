"""The blocks of a document as plain data, to be kept with a published report. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from council_finance.charts import Chart, ChartTable
from council_finance.documents.model import (
    Block,
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
)
from council_finance.statements import Statement

_PLAIN: dict[str, type[Heading | Paragraph]] = {"heading": Heading, "paragraph": Paragraph}


def blocks_to_json(blocks: Iterable[Block]) -> str:
    """Return the blocks as JSON: the same text for the same blocks.

    A table is kept as the name of its statement, whose figures are kept with the report already.
    """
    data = [_block_to_data(block) for block in blocks]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _block_to_data(block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        return {
            "block": "table",
            "statement": block.statement.name,
            "link_column": block.link_column,
            "links": dict(block.links),
        }
    kinds = {
        Heading: "heading",
        Paragraph: "paragraph",
        Items: "items",
        NamedValues: "values",
        Picture: "picture",
        FiguresTable: "figures",
    }
    return {"block": kinds[type(block)], **asdict(block)}


def blocks_from_json(
    text: str, find_statement: Callable[[str], Statement | None]
) -> tuple[Block, ...]:
    """Return the blocks that blocks_to_json wrote; `find_statement` returns one by its name."""
    blocks = (_block_from_data(data, find_statement) for data in json.loads(text))
    return tuple(block for block in blocks if block is not None)


def _block_from_data(
    data: Mapping[str, Any], find_statement: Callable[[str], Statement | None]
) -> Block | None:
    kind, own = data["block"], {key: value for key, value in data.items() if key != "block"}
    if kind in _PLAIN:
        return _PLAIN[kind](**own)
    if kind == "items":
        return Items(tuple(own["items"]), own["numbered"], own["start"])
    if kind == "values":
        return NamedValues(own["caption"], tuple((name, value) for name, value in own["rows"]))
    if kind == "picture":
        return Picture(_chart_from_data(own["chart"]))
    if kind == "figures":
        return FiguresTable(own["caption"], _chart_table_from_data(own["table"]))
    statement = find_statement(own["statement"])
    return None if statement is None else Table(statement, own["link_column"], own["links"])


def _chart_from_data(data: Mapping[str, Any]) -> Chart:
    table = data["table"]
    if table is not None:
        table = _chart_table_from_data(table)
    return Chart(**{**data, "table": table})


def _chart_table_from_data(data: Mapping[str, Any]) -> ChartTable:
    return ChartTable(
        tuple(data["headings"]),
        tuple(tuple(row) for row in data["rows"]),
        tuple(data["total"]),
        tuple(data["text_columns"]),
    )
