"""What a page of charts loads and runs before it can be used, beside an earlier build.

    make benchmark-charts                        5a90810 is the earlier build
    make benchmark-charts ARGS="--before 177b5bc --pairs 9"

The published overview of Somerset's month 3 in Debian's Chromium, at 1280 × 900: first with nothing
kept, then again. It can be used when every chart of it stands and the browser has nothing left to
load. Bytes are those sent, compressed (benchmarks.chart_site). Script is the time in which the
browser runs scripts, and work all that its main thread does, by its own measurements. The server's
milliseconds are processor time. The floor is the account page of this build, which has no chart.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.builds import (
    Build,
    Figures,
    add_arguments,
    build_of,
    interleaved,
    print_table,
    this_build,
)
from benchmarks.chart_site import OVERVIEW

SITE = Path(__file__).with_name("chart_site.py")
FLOOR = "/password/"
STANDS = """[...document.querySelectorAll('figure[data-chart]')].every(
  (chart) => chart.dataset.drawn || chart.querySelector('.chart__svg'))"""


@contextlib.contextmanager
def site_of(build: Build, folder: Path) -> Iterator[dict]:
    """The site of a build; what it said of itself."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DATA_DIR": str(folder), "PYTHONPATH": str(build.root)}
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        [build.python, SITE],
        cwd=build.root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def read(context: BrowserContext, address: str, name: str) -> Figures:
    """Open the address in a tab of its own and return its figures; `name` says which time it is."""
    sizes: list[float] = []
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    protocol.send("Network.enable")
    if name == "first visit":
        protocol.send("Network.clearBrowserCache")
    protocol.send("Performance.enable")
    page.goto(address, wait_until="networkidle")
    page.wait_for_function(STANDS)
    seconds = {
        each["name"]: each["value"] for each in protocol.send("Performance.getMetrics")["metrics"]
    }
    page.close()
    return {
        f"{name}, KB": sum(sizes) / 1000,
        f"{name}, script ms": seconds["ScriptDuration"] * 1000,
        f"{name}, work ms": seconds["TaskDuration"] * 1000,
    }


def measure(browser: Browser, build: Build, folder: Path, path: str = OVERVIEW) -> Figures:
    """The figures of a build's page: read with nothing kept, read again, made, asked for again."""
    with site_of(build, folder) as site:
        address = f"http://127.0.0.1:{site['port']}"
        size = {"width": 1280, "height": 900}
        with browser.new_context(viewport=size) as context:
            cookies = site["cookies"].items()
            context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies])
            # A page before it, as the log-in is, sets the cookies as they then stay.
            read(context, address + FLOOR, "")
            figures = read(context, address + path, "first visit")
            figures |= read(context, address + path, "second visit")
    return figures | {"server ms, made": site["made"], "server ms, unchanged": site["again"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    earlier, now = build_of(arguments.before), this_build()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        chromium = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox"]}
        with playwright.chromium.launch(**chromium) as browser:

            def measured(build: Build, path: str = OVERVIEW) -> Figures:
                return measure(browser, build, Path(place) / build.root.name, path)

            found = interleaved(measured, [earlier, now], pairs=arguments.pairs)
            least = [measured(now, FLOOR) for _ in range(arguments.pairs)]
    names = [name for name in least[0] if not name.startswith("server")]
    floor = {name: statistics.median(each[name] for each in least) for name in names}
    print_table(found, earlier, unit="the overview", floor=floor)


if __name__ == "__main__":
    main()
