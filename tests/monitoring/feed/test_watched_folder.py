"""Files of the watched folder: taken once, checked as by hand, stored or left to a person."""

import datetime

import pytest
from django.utils import timezone

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.feed.file_names import (
    NamedFile,
    is_unfinished,
    place_of_moved,
    printable_name,
    read_name,
)
from monitoring.feed.mail_words import sentences_for_mail
from monitoring.feed.models import FeedFile
from monitoring.models import FinancialYear, Period, Upload
from monitoring.uploading.services.uploads import withdraw_upload
from tests.monitoring.feed.conftest import ADDRESS, CLEAN, set_feed, states

NAME = "position-2021-22-02.csv"
TODAY = f"{timezone.localdate():%Y-%m-%d}"
WRONG = CLEAN.replace(b",700,", b",7o0,")


def last_upload() -> Upload:
    return Upload.objects.order_by("-pk").first()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("position-2026-27-08.csv", NamedFile("position", 2026, 8)),
        ("POSITION-2026-27-8.CSV", NamedFile("position", 2026, 8)),
        ("aged_debt-2026-27-00_2026-12-04 run 2.xlsx", NamedFile("aged_debt", 2026, 0)),
        ("savings-2026-27.ods", NamedFile("savings", 2026, None)),
        ("position-2026-27-08.pdf", "kind, year and period"),
        ("position.csv", "kind, year and period"),
        ("position-2026-27-08 old.csv", "kind, year and period"),
        ("position-2026-28-08.csv", "“2026-28” is not a financial year"),
    ],
)
def test_a_name_says_kind_year_and_period(name, found):
    if isinstance(found, str):
        with pytest.raises(Refused, match=found):
            read_name(name)
    else:
        assert read_name(name) == found


def test_names_that_are_unfinished_odd_or_long():
    assert [is_unfinished(each) for each in (".a.csv", "a.csv.part", "a.TMP", "a.csv")] == (
        [True, True, True, False]
    )
    assert printable_name("a\udce9.csv") == r"a\xe9.csv"
    place = {"day": datetime.date(2026, 12, 4), "is_refused": False, "upload": 12, "file": None}
    assert place_of_moved("a.csv", **place) == "taken/2026-12-04-upload-12-a.csv"
    assert len(place_of_moved("é" * 120 + ".csv", **place).encode()) < 190


@pytest.mark.slow
def test_a_clean_file_is_stored_without_a_person_and_the_same_file_is_once(year, officer, folder):
    set_feed(year, person=ADDRESS.upper(), store="when clean")
    folder.put(NAME)
    folder.take()
    first = last_upload()
    assert (first.state, first.uploaded_by, first.file_name) == ("stored", officer, NAME)
    taken = f"taken/{TODAY}-upload-{first.pk}-{NAME}"
    assert (states(), folder.names()) == (["stored"], [taken])
    assert Period.objects.get(year=year, number=2).batch.upload == first
    acts = AuditEntry.objects.filter(record=f"upload {first.pk}").values_list("action", flat=True)
    assert list(acts) == [
        "uploaded",
        "received by the ledger feed",
        "confirmed",
        "stored a clean file by the setting of the ledger feed",
        "stored an upload",
    ]
    folder.put(NAME)
    folder.put(NAME.replace(".csv", "_again.csv"))
    folder.take()
    assert (last_upload(), states()) == (first, ["stored", "same", "same"])
    for file in FeedFile.objects.filter(state="same"):
        assert file.sentences == [f"This file was received before, as upload {first.pk}."]
        assert (folder.path / file.moved_to).read_bytes() == CLEAN
    folder.put(NAME, CLEAN.replace(b",765", b",790"))
    folder.take()
    assert last_upload().pk > first.pk and states()[-1] == "stored"


@pytest.mark.slow
def test_by_default_a_clean_file_waits_and_the_next_of_its_month_waits_in_the_folder(
    year, folder, officer
):
    folder.put(NAME)
    folder.take()
    waiting = last_upload()
    assert (waiting.state, states()) == ("ready", ["waiting"])
    assert folder.names() == [f"taken/{TODAY}-upload-{waiting.pk}-{NAME}"]
    folder.put(NAME, CLEAN.replace(b",765", b",790"))
    folder.take()
    assert (last_upload(), NAME in folder.names()) == (waiting, True)
    withdraw_upload(upload=waiting, by=officer)
    folder.take()
    assert (last_upload().state, NAME in folder.names()) == ("ready", False)


@pytest.mark.slow
def test_a_file_with_a_warning_waits_and_one_with_errors_is_refused_each_time(year, folder):
    set_feed(year, person=ADDRESS, store="when clean")
    for count in (1, 2):
        folder.put(NAME, WRONG)
        folder.take()
        refused = last_upload()
        assert (refused.state, states()) == ("refused", ["refused"] * count)
        moved = f"refused/{TODAY}-upload-{refused.pk}-{NAME}"
        assert (folder.path / moved).read_bytes() == WRONG
        sentences = (folder.path / f"{moved}.txt").read_text()
        assert sentences.startswith("Row 7, column original_budget: “7o0”:")
        assert sentences.endswith("nothing was stored.\n")
    folder.put(NAME, CLEAN.replace(b"ROADS,R1", b"ROADS,R9"))
    folder.take()
    assert last_upload().warning_count and states() == ["refused", "refused", "waiting"]


REFUSED = {
    "ledger.csv": "does not say what it is",
    "nothing-2021-22-02.csv": "nothing",
    "position-2030-31-02.csv": "There is no such financial year",
    "position-2021-22-14.csv": "There is no period 14",
    "position-2021-22-01.csv": "Reopen it first",
    "position-2021-22.csv": "position",
    "services-2021-22.csv": "finance lead or administrator",
}


def test_what_cannot_be_taken_is_refused_with_a_sentence(year, folder, monkeypatch):
    """Wrong names, kinds, years, periods, roles and sizes, and a published month."""
    monkeypatch.setattr("monitoring.feed.folder.MOST_BYTES", 400)
    before = Upload.objects.count()
    for name in REFUSED:
        folder.put(name, CLEAN[:300])
    folder.put("budgets-2021-22-02.csv", b"")
    folder.put("forecasts-2021-22-02.csv", b"x" * 401)
    words = REFUSED | {
        "budgets-2021-22-02.csv": "The file is empty.",
        "forecasts-2021-22-02.csv": "The file is larger than",
    }
    folder.look()
    folder.look()
    assert (Upload.objects.count(), states()) == (before, ["refused"] * len(words))
    for file in FeedFile.objects.all():
        assert file.moved_to.startswith(f"refused/{TODAY}-file-{file.pk}-")
        assert words[file.file_name] in (folder.path / f"{file.moved_to}.txt").read_text()
    assert len(folder.names()) == 2 * len(words)


def test_nothing_is_taken_without_a_person_responsible_nor_for_an_archived_year(
    year, folder, officer
):
    folder.put(NAME)
    folder.put("no name.csv")
    folder.look()
    set_feed(year)
    folder.look()
    set_feed(year, person="nobody@council.test")
    folder.look()
    set_feed(year, person=ADDRESS)
    User.objects.update(is_active=False)
    folder.look()
    User.objects.update(is_active=True, role=Role.DIRECTOR)
    folder.look()
    assert (states(), folder.names()) == ([], ["no name.csv", NAME])
    User.objects.update(role=Role.FINANCE_OFFICER)
    FinancialYear.objects.filter(pk=year.pk).update(archived_at=timezone.now())
    set_feed(FinancialYear.objects.create(start=2035, council="x"), person=ADDRESS)
    folder.look()
    sentences = FeedFile.objects.order_by("file_name").values_list("sentences", flat=True)
    assert ["archived" in " ".join(each) for each in sentences] == [False, True]


@pytest.mark.slow
def test_files_that_still_grow_are_hidden_or_are_links_are_left(year, folder, tmp_path):
    path = folder.put(NAME, CLEAN[:50])
    for name in (".hidden-2021-22-02.csv", f"{NAME}.part", "budgets-2021-22-02.tmp"):
        folder.put(name)
    (tmp_path / "secret.csv").write_bytes(CLEAN)
    (folder.path / "actuals-2021-22-02.csv").symlink_to(tmp_path / "secret.csv")
    (folder.path / "folder-2021-22-02.csv").mkdir()
    for size in (100, 150, 200):
        folder.look(after=6)
        path.write_bytes(CLEAN[:size])
    assert states() == []
    path.write_bytes(CLEAN)
    folder.look(after=6)
    assert states() == []
    folder.look(after=6)
    assert states() == []
    folder.look(after=6)
    assert FeedFile.objects.get().sha256 == last_upload().sha256


@pytest.mark.slow
def test_a_newer_file_of_the_same_name_is_not_moved_for_the_older(year, folder, monkeypatch):
    """The ledger writes over its file while that is checked."""
    folder.put(NAME)
    folder.look()
    monkeypatch.setattr("monitoring.feed.waking.move_ended_files", lambda folder: None)
    folder.look()
    monkeypatch.undo()
    newer = CLEAN.replace(b",765", b",790")
    folder.put(NAME, newer)
    folder.take()
    assert states() == ["waiting"]
    assert (folder.path / NAME).read_bytes() == newer


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            {"message": "this is no code", "row": 5, "column": "account", "found": "12,000"},
            "Row 5, column account: this is no code",
        ),
        (
            {"message": "the total is £1,200", "row": 5, "column": "total", "found": ""},
            "Row 5, column total: see the upload’s page",
        ),
        (
            {"message": "a figure such as 1,234.50 was expected", "row": 7, "cost_centre": "C1"},
            "Row 7: a figure such as 1,234.50 was expected",
        ),
    ],
)
def test_a_mail_quotes_no_figure_of_the_file(problem, said):
    assert sentences_for_mail([problem]) == [said]
