"""Read a bundle's table with one program, in a process that has that program alone.

python readers.py PROGRAM FOLDER        prints what was found as JSON
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

SQL = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "number": "DECIMAL(18,4)",
}


def read_by_duckdb(folder: Path, fields: dict[str, str]) -> dict[str, list[tuple]]:
    """Return rows by form: statement, row key, service code, measure, counted and pounds."""
    import duckdb

    types = ", ".join(f"'{name}': '{SQL[each]}'" for name, each in fields.items())
    sources = {
        "CSV": f"read_csv('{folder}/figures.csv', columns = {{{types}}}, header = true)",
        "JSON Lines": f"read_json('{folder}/figures.jsonl', columns = {{{types}}})",
        "Parquet": f"'{folder}/figures.parquet'",
    }
    wanted = "statement, row_key, service_code, measure, counted, pounds"
    return {
        form: duckdb.sql(f"SELECT {wanted} FROM {source}").fetchall()
        for form, source in sources.items()
    }


def read_by_pandas(folder: Path, fields: dict[str, str]) -> dict[str, list[tuple]]:
    """Return the same rows; pandas makes numbers of texts in JSON unless it may not."""
    import pandas as pd

    texts = {name: "str" for name, each in fields.items() if each == "string"}
    frames = {
        "CSV": pd.read_csv(folder / "figures.csv", dtype=texts),
        "JSON Lines": pd.read_json(folder / "figures.jsonl", lines=True, dtype=False),
        "Parquet": pd.read_parquet(folder / "figures.parquet"),
    }
    return {form: [_plain(row) for row in _chosen(frame)] for form, frame in frames.items()}


def _chosen(frame) -> list[tuple]:
    columns = ["statement", "row_key", "service_code", "measure", "counted", "pounds"]
    return list(frame[columns].itertuples(index=False, name=None))


def _plain(row: tuple) -> tuple:
    """Return a row with None for what pandas marks as missing."""
    return tuple(None if value != value else value for value in row)


def read_by_polars(folder: Path, fields: dict[str, str]) -> dict[str, list[tuple]]:
    """Return the same rows, with the types of the description."""
    import polars as pl

    types = {"string": pl.String, "integer": pl.Int64, "boolean": pl.Boolean, "date": pl.Date}
    schema = {name: types.get(each, pl.Float64) for name, each in fields.items()}
    lines = {**schema, "as_at": pl.String}
    columns = ["statement", "row_key", "service_code", "measure", "counted", "pounds"]
    frames = {
        "CSV": pl.read_csv(folder / "figures.csv", schema_overrides=schema),
        "JSON Lines": pl.read_ndjson(folder / "figures.jsonl", schema=lines),
        "Parquet": pl.read_parquet(folder / "figures.parquet"),
    }
    return {form: frame.select(columns).rows() for form, frame in frames.items()}


READERS = {"DuckDB": read_by_duckdb, "pandas": read_by_pandas, "polars": read_by_polars}


def compare(rows: list[tuple], expected: dict) -> dict:
    """Return a sentence, and what is wrong."""
    wrong = []
    if len(rows) != expected["cells"]:
        wrong.append(f"{len(rows)} rows, and {expected['cells']} cells were published")
    sums: dict[str, Decimal] = {}
    for statement, _, _, measure, counted, pounds in rows:
        if counted and pounds is not None:
            key = f"{statement} {measure}"
            sums[key] = sums.get(key, Decimal(0)) + Decimal(str(pounds))
    for key, pence in expected["totals"].items():
        if sums.get(key, Decimal(0)) * 100 != pence:
            wrong.append(f"{key}: {sums.get(key)}, published {pence / 100}")
    keys = {(row[0], row[1]) for row in rows}
    if keys != {(name, key) for name, each in expected["keys"].items() for key in each}:
        wrong.append("row keys are not those that were published")
    codes = {row[2] for row in rows} - {None, ""}
    if not codes <= set(expected["codes"]):
        wrong.append(
            f"codes that there are not: {sorted(map(str, codes - set(expected['codes'])))}"
        )
    said = f"{len(rows)} rows, {len(expected['totals'])} totals, {len(codes)} codes as text"
    return {"said": said, "wrong": wrong}


def main(program: str, folder: Path) -> None:
    description = json.loads((folder / "datapackage.json").read_text())
    (table,) = (each for each in description["resources"] if each["path"] == "figures.csv")
    fields = {each["name"]: each["type"] for each in table["schema"]["fields"]}
    expected = json.loads((folder / "expected.json").read_text())
    lines = []
    for form, rows in READERS[program](folder, fields).items():
        found = compare(rows, expected)
        lines.append(found | {"said": f"{form}: {found['said']}"})
    print(json.dumps(lines))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
