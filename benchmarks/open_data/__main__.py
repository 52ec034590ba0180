"""Open data of published reports, validated and added up by programs that nobody here wrote.

    make open-data-check

Both councils' packs and a small made-up one, whose codes are digits, are published. frictionless
validates each bundle's datapackage.json. DuckDB, pandas and polars read the table as CSV, JSON
Lines and Parquet with the types that the description states, add up the rows that are counted, and
compare with the totals of the frozen statements. The programs are installed into a folder that is
removed again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.open_data.files import make_files
from benchmarks.upload import own_place

VALIDATOR = ["frictionless==5.21.0"]
READERS = {
    "DuckDB": ["duckdb==2.0.1"],
    "pandas": ["pandas==3.1.1", "pyarrow==26.0.1"],
    "polars": ["polars==2.1.0"],
}


def check(folder: Path) -> bool:
    """Print what each program finds, and return whether all is as published."""
    validator = _install(folder / "frictionless", VALIDATOR)
    reports = sorted(path.parent for path in folder.glob("*/datapackage.json"))
    valid = [_validate(validator, report) for report in reports]
    good = all(valid)
    script = str(Path(__file__).with_name("readers.py"))
    for program, packages in READERS.items():
        python = _install(folder / program, packages)
        for report in reports:
            command = [str(python), script, program, str(report)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            for line in json.loads(answer):
                good = good and not line["wrong"]
                print(f"{packages[0].replace('==', ' ')}, {report.name}, {line['said']}")
                print("".join(f"  WRONG: {each}\n" for each in line["wrong"]), end="")
    return good


def _install(folder: Path, packages: list[str]) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *packages], check=True, stderr=subprocess.DEVNULL)
    return python


def _validate(python: Path, report: Path) -> bool:
    command = [str(python.with_name("frictionless")), "validate", "--json", "datapackage.json"]
    answer = subprocess.run(command, cwd=report, stdout=subprocess.PIPE, text=True, check=False)
    found = json.loads(answer.stdout)
    errors, tasks = found["stats"]["errors"], found["stats"]["tasks"]
    said = "valid" if found["valid"] else "NOT VALID"
    print(
        f"{VALIDATOR[0].replace('==', ' ')}, {report.name}: {said}, {tasks} files, {errors} errors"
    )
    return bool(found["valid"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", metavar="FOLDER", help="write the files, in this process")
    chosen = parser.parse_args()
    if chosen.make:
        import django

        django.setup()
        make_files(Path(chosen.make))
        return
    with tempfile.TemporaryDirectory() as name, own_place() as run:
        run("benchmarks.open_data", "--make", name)
        if not check(Path(name)):
            raise SystemExit("What was read is not what was published.")


if __name__ == "__main__":
    main()
