"""The files of the made-up council: amounts as they are written, and CSV files. Pure."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def in_pounds(pence: int | None) -> str:
    """Return pence as an amount in pounds; "" where it is not given."""
    if pence is None:
        return ""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' * (pence < 0)}{whole}" + (f".{rest:02d}" if rest else "")


def write_csv(path: Path, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Write a file with these columns, separated by commas, and rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split(","))
        writer.writerows(rows)
