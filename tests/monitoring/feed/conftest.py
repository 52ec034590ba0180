"""A small council whose month 2 takes files, an officer who answers for them, and a folder."""

from pathlib import Path

import pytest

from council_finance.accounts.models import Role
from monitoring.feed.models import FeedFile
from monitoring.feed.waking import work_on_feed
from tests.councils.month import MONTH_1, small_council
from tests.councils.packs import position

ADDRESS = "ledger@council.test"
CLEAN = position(MONTH_1).replace(",760", ",765").encode()
"""Month 2 without a new line or another budget, so without a warning."""


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER, email=ADDRESS)


@pytest.fixture
def year(db, tmp_path, officer):
    """Month 1 published, month 2 a draft; the officer answers for the folder's files."""
    return set_feed(small_council(tmp_path / "pack"), person=ADDRESS)


def set_feed(year, **feed):
    year.settings = {**year.settings, "ledger_feed": feed}
    year.save()
    return year


class Folder:
    """The watched folder, looked into at moments that the test chooses."""

    def __init__(self, path: Path, capture) -> None:
        self.path, self.capture, self.clock = path, capture, 0.0

    def put(self, name: str, content: bytes = CLEAN) -> Path:
        (self.path / name).write_bytes(content)
        return self.path / name

    def look(self, *, after: float = 11.0) -> None:
        """Sweep once; Celery's tasks run at once."""
        self.clock += after
        with self.capture(execute=True):
            work_on_feed(self.clock)

    def take(self) -> None:
        """Sweep until everything that lies in the folder is decided on and moved."""
        for _ in range(4):
            self.look()

    def names(self) -> list[str]:
        found = (path for path in self.path.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.path)) for path in found)


@pytest.fixture
def folder(tmp_path, settings, django_capture_on_commit_callbacks) -> Folder:
    path = tmp_path / "drop"
    path.mkdir()
    settings.DROP_DIR = str(path)
    return Folder(path, django_capture_on_commit_callbacks)


def states() -> list[str]:
    return list(FeedFile.objects.order_by("pk").values_list("state", flat=True))
