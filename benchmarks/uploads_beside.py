"""Uploads by this build and by an earlier one in turn, and the floor, in processor seconds.

    make benchmark-uploads                                         SQLite
    make benchmark-uploads DATABASE_URL=postgres://…               PostgreSQL: makes its databases

Each upload goes into a copy of the same council, after a published month of the same size, in a
process of its own that has uploaded a few lines before. The time of PostgreSQL's process counts.
The floor is what any program would need, after a few lines as well: the parser alone (pandas, or
calamine for a workbook), the same rows by COPY or executemany into a bare table, and one groupby.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.builds import (
    ROOT,
    Build,
    Figures,
    add_arguments,
    build_of,
    driven,
    interleaved,
    print_table,
    this_build,
)
from benchmarks.upload import as_file, create_database, drop_database, ledger

DRIVER = ROOT / "benchmarks" / "upload_driver.py"
LINES = (10_000, 100_000)


@dataclass(frozen=True)
class Council:
    """A council that is set up: its data folder, and its database where that is PostgreSQL."""

    data: Path
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The settings of processes that work on it."""
        settings = {"DJANGO_SETTINGS_MODULE": "council_finance.settings"}
        address = {"DATABASE_URL": self.database} if self.database else {}
        return settings | address | {"DATA_DIR": str(self.data)}


@contextlib.contextmanager
def council(template: Council | None = None) -> Iterator[Council]:
    """Give an empty council, or a copy of one, for the length of the block."""
    server = os.environ.get("DATABASE_URL", "")
    database = create_database(server, template.database if template else "") if server else ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            if template:
                shutil.copytree(template.data, data)
            else:
                data.mkdir()
            yield Council(data, database)
    finally:
        if database:
            drop_database(server, database)


def write_ledgers(folder: Path, lines: int) -> None:
    """Write the ledgers of both months, and one of a few lines."""
    (folder / "4.csv").write_bytes(as_file(ledger(lines, 4), "csv"))
    for kind in ("csv", "xlsx"):
        (folder / f"few.{kind}").write_bytes(as_file(ledger(20, 5), kind))
        (folder / f"5.{kind}").write_bytes(as_file(ledger(lines, 5), kind))


def compare(lines: int, earlier: Build, pairs: int) -> None:
    """Print the tables of a size of ledger."""
    builds = (earlier, this_build())
    with contextlib.ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory())
        write_ledgers(Path(folder), lines)
        councils = {build.name: kept.enter_context(council()) for build in builds}
        for build in builds:
            driven(build, DRIVER, "prepare", folder, env=councils[build.name].environment)

        def run(build: Build, *step: str) -> Figures:
            with council(councils[build.name]) as copy:
                return driven(build, DRIVER, *step, folder, env=copy.environment)

        for kind in ("csv", "xlsx"):
            found = interleaved(
                lambda build, kind=kind: run(build, "upload", kind), builds, pairs=pairs
            )
            floors = [run(this_build(), "floor", kind) for _ in range(pairs)]
            unit = f"{lines:,} lines, {kind}"
            print_table(found, earlier, unit=unit, floor=_medians(floors))
            print()


def _medians(figures: list[Figures]) -> Mapping[str, float]:
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--lines", type=int, nargs="*", default=LINES, help="sizes of the ledger")
    arguments = parser.parse_args()
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}, processor seconds\n")
    for lines in arguments.lines:
        compare(lines, build_of(arguments.before), arguments.pairs)


if __name__ == "__main__":
    main()
