"""Kill the process that takes the ledger's files at random moments, fill its disks, and count.

    make feed-faults                        100 files, about four minutes
    make feed-faults ARGS="--files 20"      a short trial

The site is on SQLite in a folder of its own. As root its two disks, that of the database and that
of the watched folder, are small ones in memory, which run full; as anybody else no disk runs full.
Prints how many files were lost, taken twice or torn, and fails where any was.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.live.site import inside_a_box
from council_finance.errors import Refused
from tests import feed_faults

START = 2031
LINES = 60
SERVICES = "code,name,parent_code,order\nTOP,Top,,1\nS1,One,TOP,1\nS2,Two,TOP,2\n"
A_ROUND = 5
KILLS_A_ROUND = 4
LONGEST_LIFE = 1.5
"""Seconds after which a process is killed at the latest."""

DISKS = {"database": "60m", "drop": "1m"}


def ledger(number: int, *, wrong: bool) -> str:
    """position.csv with figures of its own: one forecast moves by pence."""
    rows = [
        f"{'NONE' if wrong and line == 0 else f'S{line % 2 + 1}'},C{line:03d},NET,"
        f"{1000 + line}.00,{1000 + line + (number if line == 1 else 0) / 100:.2f}"
        for line in range(LINES)
    ]
    head = "service_code,cost_centre,account,current_budget,forecast"
    return "\n".join([head, *rows]) + "\n"


class Sent:
    """The files that were put into the folder: their bytes by name, and what each is."""

    def __init__(self, drop: Path, seed: int) -> None:
        self.drop, self.random = drop, random.Random(seed)
        self.content: dict[str, bytes] = {}
        self.what: dict[str, str] = {}

    def put(self, number: int) -> None:
        """Put a file in: clean, wrong, badly named, or one that came before."""
        what = self.random.choices(["clean", "wrong", "bad name", "again"], [6, 2, 1, 1])[0]
        clean = [name for name, each in self.what.items() if each == "clean"]
        month = number % 12 + 1
        content = ledger(number, wrong=what == "wrong").encode()
        name = f"position-{START}-{START % 100 + 1}-{month:02d}_{number}.csv"
        if what == "again" and clean:
            earlier = self.random.choice(clean)
            name, content = earlier.replace(".csv", f" again {number}.csv"), self.content[earlier]
        elif what == "again":
            what = "clean"
        elif what == "bad name":
            name = f"ledger {number}.csv"
        # As a ledger is asked to: under another name until the file is whole.
        part = self.drop / f"{name}.part"
        part.write_bytes(content)
        part.rename(self.drop / name)
        self.content[name], self.what[name] = content, what


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of a folder for the block."""
    ballast = folder / ".ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


def set_up(folder: Path) -> Path:
    """Make the site and the watched folder, on small disks where that is possible."""
    for name, size in DISKS.items():
        (folder / name).mkdir()
        if os.geteuid() == 0:
            kind = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder / name)]
            subprocess.run(kind, check=True)
    os.environ |= {"DATA_DIR": str(folder / "database"), "DATABASE_URL": ""}
    os.environ |= {"CELERY_BROKER_URL": "", "DJANGO_SETTINGS_MODULE": "council_finance.settings"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from monitoring.restructuring.services.years import set_up_year
    from monitoring.uploading.services.uploads import upload_file

    year = set_up_year(start=START, council="Made-up Council", settings={}, by=None)
    file = {"file_name": "services.csv", "content": SERVICES.encode(), "by": None}
    upload_file(kind="services", year=year, period=None, **file)
    feed_faults.set_up_person(START)
    return folder / "drop"


def run_round(sent: Sent, numbers: range, counts: Counter[str]) -> None:
    """Put files in, kill the process that takes them again and again, then let it end."""
    for number in numbers:
        sent.put(number)
    for _ in range(KILLS_A_ROUND):
        after = sent.random.uniform(0, LONGEST_LIFE)
        counts["killed"] += feed_faults.take(sent.drop, die_after=after) != 0
    disks = {"database": sent.drop.parent / "database", "drop": sent.drop}
    if os.geteuid() == 0:
        name = sent.random.choice(sorted(disks))
        with full_disk(disks[name]):
            feed_faults.take(sent.drop)
        counts[f"{name} full"] += 1
    settle(sent, counts, tries=12)


def settle(sent: Sent, counts: Counter[str], *, tries: int) -> None:
    """Let the process end, and a person act, until nothing lies in the folder or is under way."""
    for _ in range(tries):
        feed_faults.take(sent.drop)
        counts.update(act_as_a_person())
        if not any(path.is_file() for path in sent.drop.iterdir()) and not is_under_way():
            return


def act_as_a_person() -> Counter[str]:
    """Run uploads again whose worker stopped twice, and store those that wait; count both."""
    from council_finance.accounts.models import User
    from monitoring.models import Upload, UploadState
    from monitoring.uploading.services import uploads as services

    by, done = User.objects.get(username="ledger"), Counter[str]()
    for upload in Upload.objects.filter(state=UploadState.FAILED):
        with suppress(Refused):  # another of its month came meanwhile
            services.run_again(upload=upload, by=by)
            done["run again by a person"] += 1
    for upload in Upload.objects.filter(state=UploadState.READY).exclude(
        feed_files__file__state="checking"
    ):
        services.confirm_upload(upload=upload, by=by)
        done["stored by a person"] += 1
    return done


def is_under_way() -> bool:
    """Return whether any upload is still being checked or stored, or waits."""
    from monitoring.uploading.models import UNDER_WAY, Upload, UploadState

    return Upload.objects.filter(state__in=[*UNDER_WAY, UploadState.FAILED]).exists()


def count_faults(sent: Sent) -> dict[str, list[str]]:
    """The files that are lost, taken twice or torn, by name."""
    found = feed_faults.look_at(sent.drop)
    digests = {name: feed_faults.sha256_of(each) for name, each in sent.content.items()}
    moved = {
        place: sha256
        for place, sha256 in found["files"].items()
        if place.partition("/")[0] in ("taken", "refused") and not place.endswith(".csv.txt")
    }
    by_name = {name: [each for each in moved if each.endswith(name)] for name in digests}
    clean = {digests[name] for name, what in sent.what.items() if what == "clean"}
    return {
        "lost": [
            name
            for name in digests
            if name not in found["rows"] or not by_name[name] or not _is_kept(name, sent, found)
        ],
        "doubled": [
            *(name for name, rows in found["rows"].items() if len(rows) > 1),
            *(name for name, places in by_name.items() if len(places) > 1),
            *(sha256 for sha256 in clean if found["stored"].get(sha256, 0) > 1),
        ],
        "torn": [
            *(place for place, sha256 in moved.items() if sha256 not in digests.values()),
            *(place for place in found["files"] if "budget-monitor-begun" in place),
            *(place for place in moved if place.startswith("refused/") and _is_torn(sent, place)),
        ],
    }


def _is_kept(name: str, sent: Sent, found: dict) -> bool:
    """Whether a clean file is stored, and a wrong one refused with its sentences."""
    if sent.what[name] in ("clean", "again"):
        return found["stored"].get(feed_faults.sha256_of(sent.content[name]), 0) >= 1
    return found["rows"][name] in (["refused"], ["failed"])


def _is_torn(sent: Sent, place: str) -> bool:
    """Whether the sentences beside a refused file are missing or not whole."""
    beside = sent.drop / f"{place}.txt"
    return not beside.exists() or not beside.read_text().endswith((".\n", "page.\n"))


def main() -> int:
    """Run all rounds, print the figures, and return 1 where a file was lost, doubled or torn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        sent = Sent(set_up(Path(folder)), options.seed)
        for first in range(0, options.files, A_ROUND):
            run_round(sent, range(first, min(first + A_ROUND, options.files)), counts)
        settle(sent, counts, tries=20 * len(sent.content))
        faults = count_faults(sent)
        states = Counter(
            state for rows in feed_faults.look_at(sent.drop)["rows"].values() for state in rows
        )
        for name in DISKS if os.geteuid() == 0 else ():
            subprocess.run(["umount", "--lazy", str(Path(folder) / name)], check=True)
    print(f"{len(sent.content)} files ({dict(Counter(sent.what.values()))}); {dict(counts)}")
    print(f"states: {dict(states)}")
    for name, found in faults.items():
        print(f"{name}: {len(found)} {found[:5] if found else ''}")
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    inside_a_box("benchmarks.feed_faults")
    sys.exit(main())
