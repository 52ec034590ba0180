"""Processor seconds of a whole report as PDF, by this build and by an earlier one.

    make benchmark-pdf                                  5a90810 is the earlier build
    make benchmark-pdf ARGS="--before COMMIT --pairs 9"

Somerset's month 3 and Cambridgeshire's close are printed anew each time, as browsers ask for
them: the document, or the whole report where a build has no documents yet. The floor is an empty
document by Typst, with the same tags.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import typst

from benchmarks.builds import (
    Build,
    Figures,
    add_arguments,
    build_of,
    driven,
    interleaved,
    print_table,
    this_build,
)
from benchmarks.report_pdf_driver import REPORTS

DRIVER = Path(__file__).with_name("report_pdf_driver.py")


def empty_document() -> float:
    """Return the middle of the processor seconds that five empty documents take."""
    seconds = []
    for _ in range(5):
        begun = time.process_time()
        typst.compile(b'#set document(title: "Empty")\n= Empty', pdf_standards=["ua-1"])
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    given = parser.parse_args()
    builds = [build_of(given.before), this_build()]
    with tempfile.TemporaryDirectory() as folder:
        # A build's database is filled in the round that does not count.
        data = {build.name: Path(folder) / str(number) for number, build in enumerate(builds)}

        def measure(build: Build) -> Figures:
            data[build.name].mkdir(exist_ok=True)
            environment = {
                "DATA_DIR": str(data[build.name]),
                "DATABASE_URL": "",
                "DJANGO_SETTINGS_MODULE": "council_finance.settings",
            }
            return driven(build, DRIVER, env=environment)

        found = interleaved(measure, builds, pairs=given.pairs)
    floor = dict.fromkeys(REPORTS, empty_document())
    print_table(found, builds[0], unit="processor seconds", floor=floor)


if __name__ == "__main__":
    main()
