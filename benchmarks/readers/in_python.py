"""Read tables by pandas, polars or DuckDB, in the environment that has them; prints JSON.

    python in_python.py PROGRAM TABLES.json

A table is answered by its headings, whether each column is one of numbers, and its rows.
"""

import json
import sys
from pathlib import Path


def by_pandas(table: dict, form: str) -> dict:
    import pandas

    if form == "csv":
        frame = pandas.read_csv(table["file"])
    else:
        engine = {"ods": "odf", "xlsx": "openpyxl"}[form]
        frame = pandas.read_excel(
            table["file"], sheet_name=table["sheet"], header=table["head"], engine=engine
        )
    numbers = [pandas.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
    rows = frame.astype(object).where(frame.notna(), None).values.tolist()
    return {"headings": list(frame.columns), "numbers": numbers, "rows": rows}


def by_polars(table: dict, form: str) -> dict:
    import polars

    if form == "csv":
        frame = polars.read_csv(table["file"], infer_schema_length=None)
    else:
        frame = polars.read_excel(
            table["file"],
            sheet_name=table["sheet"],
            engine="calamine",
            read_options={"header_row": table["head"]},
            infer_schema_length=None,
            drop_empty_rows=False,
        )
    return {
        "headings": frame.columns,
        "numbers": [kind.is_numeric() for kind in frame.dtypes],
        "rows": [list(row) for row in frame.rows()],
    }


def by_duckdb(table: dict, form: str) -> dict:
    import duckdb
    import duckdb_extension_excel

    connection = duckdb.connect()
    if form == "csv":
        found = connection.execute("SELECT * FROM read_csv(?, header = true)", [table["file"]])
    else:
        (extension,) = Path(duckdb_extension_excel.__file__).parent.rglob("excel.duckdb_extension")
        connection.load_extension(str(extension))
        found = connection.execute(
            "SELECT * FROM read_xlsx(?, sheet = ?, range = ?, header = true)",
            [table["file"], table["sheet"], _range(table)],
        )
    kinds = [str(each[1]) for each in found.description]
    return {
        "headings": [each[0] for each in found.description],
        "numbers": [kind.startswith(("DOUBLE", "BIGINT", "DECIMAL", "NUMBER")) for kind in kinds],
        "rows": [list(row) for row in found.fetchall()],
    }


def _range(table: dict) -> str:
    last = chr(64 + len(table["headings"]))
    first, rows = table["head"] + 1, len(table["rows"])
    return f"A{first}:{last}{first + rows}"


READERS = {"pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}


def main() -> None:
    program, tables = sys.argv[1:]
    answers = []
    for table in json.loads(Path(tables).read_text()):
        form = table["file"].rpartition(".")[2]
        if not table["rows"] or (program, form) == ("duckdb", "ods"):
            answers.append(None)
            continue
        answers.append(READERS[program](table, form))
    print(json.dumps(answers, default=str))


main()
