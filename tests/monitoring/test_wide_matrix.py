"""Every address, for every role and a stranger: no word of a draft, and no exempt line's name.

The addresses are those of the URL resolver, so that a new one without samples here fails. The
words are those of tests.councils.marked: they stand in every text of a draft, and in the codes and
descriptions of exempt lines.
"""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pypdf
import pytest
import typst
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from council_finance import registry
from council_finance.accounts.models import Role, TokenKind, User
from council_finance.accounts.tokens.services import issue_token
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from monitoring.models import BudgetLine, ColleagueQuestion, FinancialYear, TreeRight
from monitoring.uploading.services.layouts import save_layout
from tests.councils.loaded import load_pack
from tests.councils.marked import DRAFT, EXEMPT, OWN, mark_drafts, write_files
from tests.councils.packs import period_of

START = 2021
QUICK_FORMATS = ("csv", "json")
SEE_DRAFTS = (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
STRANGER = "a stranger"
OWN_PART, NO_PART = " of the part", " of no part"


@dataclass(frozen=True)
class Council:
    """The year, and what samples of addresses need to know of it."""

    year: FinancialYear
    lines: tuple[int, ...]
    uploads: tuple[int, ...]
    layouts: tuple[int, ...]
    questions: tuple[int, ...]
    planted: dict[str, int]


@pytest.fixture
def council(db, tmp_path, person) -> Council:
    year = load_pack(folder=write_files(tmp_path / "pack"), by=None).year
    planted = mark_drafts(year, person(Role.FINANCE_LEAD, username="who-planted"))
    lines = BudgetLine.objects.filter(year=year).order_by("pk")
    batch = period_of(year, 3).batch
    version = save_layout(
        name="Ledger", kind="position", definition={"columns": {"Cost": "cost_centre"}}, by=None
    )
    return Council(
        year,
        tuple(lines.values_list("pk", flat=True)),
        (batch.upload_id,),
        (version.layout_id,),
        tuple(ColleagueQuestion.objects.values_list("pk", flat=True)),
        planted,
    )


class Reader(Client):
    """A person's browser, and the headers with which their Excel reads by OData."""

    token: dict[str, str] = {}


@pytest.fixture
def readers(council, person, settings, caplog) -> dict[str, Reader]:
    """Someone of each role, with and without a part of the tree, and a stranger."""
    settings.PUBLIC_REPORTS = True
    # Thousands of answers are refusals, and a warning with its traceback is written for each.
    caplog.set_level(logging.CRITICAL, logger="django.request")
    found = {STRANGER: Reader()}
    for role in Role.values:
        tied = role in (Role.DIRECTOR, Role.BUDGET_MANAGER)
        for part in (OWN_PART, NO_PART) if tied else ("",):
            user = person(role, username=f"{role}{part}")
            if part == OWN_PART:
                TreeRight.objects.create(user=user, service_code="PEOPLE")
            found[f"{role}{part}"] = Reader()
            found[f"{role}{part}"].token = _token_headers(user)
            found[f"{role}{part}"].force_login(user)
    return found


def _token_headers(user: User) -> dict[str, str]:
    if not user.has_role:
        return {}
    kinds, now = [TokenKind.READ], timezone.now()
    token = issue_token(
        person=user, name="Excel", days=1, kind=TokenKind.READ, allowed=kinds, now=now
    )
    return {"Authorization": f"Bearer {token}", "Prefer": "odata.maxpagesize=10000"}


# The addresses

ACTS = {
    *("upload-confirm", "upload-withdraw", "upload-again", "upload-sheets"),
    *("layout-rename", "layout-restore"),
    *("person-link", "person-second-factor", "person-export", "person-erase", "logout"),
    *("first-year", "set-up-dismiss"),
    *("person-sign-on", "person-tokens", "token-revoke", "reserves-review", "check-text"),
    *("receipts-forecasts", "capital-balance"),
}
"""They answer a POST alone; that they do is tested below."""

WITHOUT_ARGUMENTS = ("logout", "first-year", "set-up-dismiss")
ACTS_OF_A_PLACE = {
    **dict.fromkeys(("reserves-review", "receipts-forecasts", "capital-balance"), [START, 3]),
    "check-text": [START, 3, "CARE"],
}

_CODES = ("CARE", "ROADS", "PEOPLE", "PLACE", "TOP", "ZQDRAFTNEW")
_MONTHS = (1, 2, 3)
_ACTIVITY = ("AGC", "AGR")
_PART_OF_WORDS = ("zqdra", "zqow", "zqexe")
"""What is searched for: parts of the words, as a page repeats what was typed."""

OF_A_MONTH = (
    *(
        "overview",
        "virements",
        "virements-download",
        "virement-new",
        "virement-lines",
        "virements-approve",
        "forecasts-confirm",
        "month",
        "month-next-step",
    ),
    *(
        "debt",
        "contingency",
        "commentary",
        "commentary-write",
        "commentary-sign-off",
        "mitigations",
        *("warning-signs", "forecast-accuracy"),
        "review",
        "report",
        "savings",
        "savings-lines",
    ),
    *("activity", "activity-entry", "indicators", "indicators-entry"),
    *("decisions", "contracts", "contracts-published", "decision-dates", "subjectives"),
    *("savings-entry", "reserves", "capital-receipts", "upload-for-period"),
    *("grants", "grants-entry", "capital"),
    *("capital-entry", "capital-changes", "capital-change-new"),
    "plan-of-report",
)
OF_A_SERVICE = (
    *("service", "forecasts", "forecasts-file", "forecast-methods", "commentary-edit"),
    *("question-new", "mitigations-edit", "subject"),
)
OF_A_YEAR = (
    *("year", "upload-for-year", "structure", "service-new", "year-roll-forward", "redact"),
    *("settings-year", "settings-download", "settings-import"),
    *("year-take-back", "year-archive", "year-bring-back"),
    *("reserve-new", "receipts-new", "grants-forward", "capital-roll"),
    *("plan", "plan-adopt", "savings-not-delivered", "decision-new", "contract-new"),
    "plan-estimates-first",
)
OF_THE_SITE = (
    *("home", "audit", "audit-download", "people", "person-new", "compare", "search", "reports"),
    *("settings", "years", "layouts", "layout-import"),
    *("people-list", "people-links", "people-services"),
    *("council", "set-up", "set-up-council", "set-up-year", "set-up-services"),
    *("set-up-services-preview", "set-up-settings", "set-up-first-month"),
    *("login", "login-code", "second-factor", "sign-on", "sign-on-callback"),
    *("password", "password-reset", "password-reset-sent"),
    *("accessibility", "glossary", "privacy"),
    *("reminders", "mail-log", "tokens", "ledger-feed"),
    *("data-for-programs", "odata-connect"),
    *("api-start", "api-openapi", "api-years", "api-reports"),
)
SEARCHED = {
    "search": "q",
    "virements": "text",
    "virements-download": "text",
    "virement-lines": "q",
    "forecasts": "q",
    "savings-lines": "text",
    "lines-move": "q",
    "audit": "record",
}
"""Addresses that are asked for what has words in it, and the name of their question."""


BY_TOKEN = {"odata", "odata-resource"}
"""Addresses that programs read, with a token."""


def samples(council: Council, formats: tuple[str, ...]) -> dict[str, list[tuple]]:
    """Arguments of each address by its name."""
    entries = registry.statements().values()
    statements = tuple(entry.name for entry in entries if not entry.of_year)
    of_year = [entry.name for entry in entries if entry.of_year]
    month = [(START, number) for number in _MONTHS]
    found: dict[str, list[tuple]] = {name: [()] for name in OF_THE_SITE}
    found |= dict.fromkeys(OF_A_MONTH, month)
    found |= {name: [(*at, code) for at in month for code in _CODES] for name in OF_A_SERVICE}
    found |= {name: [(START,)] for name in (*OF_A_YEAR, "saving-new", "reserves-forward")}
    found |= {name: [(START, code) for code in _CODES] for name in ("service-change", "lines-move")}
    for kind in registry.upload_kinds():
        name = "upload-about-period" if kind.per_period else "upload-about-year"
        places = month if kind.per_period else [(START,)]
        found.setdefault(name, []).extend((*place, kind.name) for place in places)
        template = name.replace("about", "template")
        found.setdefault(template, []).extend((*place, kind.name, "csv") for place in places)
    found |= {
        name: [(pk,) for pk in council.uploads]
        for name in (
            *("upload", "upload-file", "upload-columns", "upload-progress"),
            *("upload-problems", "upload-undo"),
        )
    }
    found |= {
        name: [(pk,) for pk in council.layouts]
        for name in ("layout", "layout-try", "layout-delete", "layout-export")
    }
    savings = ("SV1", "SV2", "ZQDRAFTSAVING")
    found |= {
        "line": [(*at, pk) for at in month for pk in council.lines],
        "virement": [(START, each) for each in ("V1", "V2", "ZQDRAFTV", "VOWN", "VSECRET")],
        "saving": [(START, each) for each in savings],
        "settings-table": [(START, name) for name in registry.settings_tables()],
        "activity-group": [(*at, code) for at in month for code in _ACTIVITY],
        "activity-what-if": [(*at, code) for at in month for code in _ACTIVITY],
        "saving-change": [(START, each) for each in savings],
        "saving-replace": [(START, 3, each) for each in savings],
        "capital-scheme": [(START, each) for each in ("CP1", "CP2", "ZQDRAFTSCHEME")],
        "reserve": [(START, each) for each in ("GF", "WINTER", "HOMES", "ZQDRAFTFUND")],
        "indicator": [(START, each) for each in ("I1", "I2", "ZQDRAFTINDICATOR")],
        "grant": [(START, each) for each in ("GR1", "GR2", "ZQDRAFTGRANT")],
        "capital-forecast": [(*at, each) for at in month for each in ("CP1", "CP2")],
        "capital-spend-by": [(*at, each) for at in month for each in ("CF1", "ZQDRAFTSOURCE")],
        "capital-change": [(*at, each) for at in month for each in ("CC1", "ZQDRAFTCHANGE")],
        "grant-position": [(*at, each) for at in month for each in ("GR1", "GR2")],
        "plan-item": [(START, each) for each in ("PL1", "PL2")],
        "plan-entry": [(START, "plan"), (START, "council_tax")],
        "plan-entry-row": [(START, "plan"), (START, "funding")],
        "plan-estimates": [(START, START), (START, START, "base")],
        **dict.fromkeys(("decision", "decision-change"), [(START, "D1"), (START, "D2")]),
        **dict.fromkeys(("contract", "contract-change"), [(START, "C1"), (START, "C2")]),
        "year-statement": [(START, name) for name in of_year],
        "year-download": [(START, name, "csv") for name in of_year[:2]],
        "person": [(1,), (2,)],
        "api-nowhere": [("x",)],
        "api-periods": [(START,)],
        "api-figures": [("jsonl",)],
        **dict.fromkeys(
            ("api-report", "api-statements", "api-services"), [(START, 3, "draft"), (START, 2, "1")]
        ),
        "api-statement": [(START, 3, "draft", "annex-a"), (START, 2, "1", "virements")],
        "reminders-stop": [("1:x",)],
        "question": [(pk,) for pk in council.questions],
        "layout-by-name": [("Ledger",)],
        "password-reset-confirm": [("x", "y")],
        "compare-download": [("csv",), ("xlsx",)],
        "odata": [()],
        "odata-resource": [("$metadata",), ("Figures",), ("DraftFigures",), ("Services",)],
        "api-uploads": [()],
        "api-upload": [(pk,) for pk in council.uploads],
        "council-style": [(1, "7a1f3d")],
        "council-logo": [("0",)],
        "statement": [(*at, name) for at in month for name in statements],
        "download": [
            (*at, name, each)
            for at in month
            for name in statements
            for each in FORMATS
            if each in formats
        ],
        "figures-report": [(*at, each) for at in month for each in ("csv", "jsonl")],
        "open-data": month,
        "figures-year": [(START, "jsonl")],
        "figures-all": [("csv",)],
        "document": month,
        "figures-for-texts": month,
        "document-file": [(*at, each) for at in month for each in ("pdf", "docx")],
        "pack": [(*at, each) for at in month for each in WHOLE_REPORT_FORMATS if each in formats],
    }
    return found


def addresses(council: Council, formats: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name and address of everything that is read, with the versions and searches of each."""
    for name, arguments in samples(council, formats).items():
        for each in arguments:
            address = reverse(name, args=each)
            if name == "odata-resource" and "$" not in each[0]:
                address += "?$filter=financial_year eq '2021/22'"
            yield name, address
            if name in SEARCHED and each[-1:] not in ((code,) for code in _CODES[1:]):
                for word in _PART_OF_WORDS:
                    yield name, f"{address}?{SEARCHED[name]}={word}"
            if name in OF_A_REPORT and len(each) > 1 and each[1] == 2:
                yield name, f"{address}?version=1"


def test_every_address_of_the_site_has_samples():
    names = list(_names(get_resolver().url_patterns))
    assert all(names), "an address without a name would not be read here"
    known = samples(Council(None, (1,), (1,), (1,), (1,), {}), tuple(FORMATS))
    assert all(known.values())
    assert set(names) == set(known) | ACTS


def _names(patterns) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from _names(pattern.url_patterns)


@pytest.mark.slow
def test_acts_are_read_by_nobody(council, readers):
    for name in ACTS:
        arguments = ACTS_OF_A_PLACE.get(name, [council.uploads[0]])
        address = reverse(name, args=[] if name in WITHOUT_ARGUMENTS else arguments)
        for client in readers.values():
            assert client.get(address).status_code in (302, 403, 405), name


# What stands in an answer


def words_of(content: bytes, address: str) -> str:
    """All words of a page or a file, in small letters: archives are opened, PDFs are read."""
    if content.startswith((b"PK", b"%PDF")):
        return _words_of_file(content)
    return content.decode("utf-8", "replace").lower()


@cache
def _words_of_file(content: bytes) -> str:
    """Read a file once: readers who may have it are given the same bytes."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(words_of(archive.read(name), name) for name in archive.namelist())
    reader = pypdf.PdfReader(io.BytesIO(content))
    pages = [page.extract_text() for page in reader.pages]
    return " ".join([*pages, str(reader.metadata)]).lower().replace("-\n", "")


def forbidden(reader: str, name: str, address: str) -> tuple[str, ...]:
    """The words that may not stand at this address for this reader."""
    if name in OF_A_REPORT and "/3/" not in address:
        # What is published shows no draft to anybody; exempt lines to those who see them.
        hidden = () if name in NAMES_LINES and reader in SEE_DRAFTS else (EXEMPT,)
        return (DRAFT, OWN, *hidden)
    if name in BY_TOKEN and "Draft" not in address:
        return (DRAFT, OWN, EXEMPT)
    if reader in SEE_DRAFTS:
        return (EXEMPT,) if name in PRINTED or name in BY_TOKEN else ()
    if OWN_PART in reader:
        return (DRAFT, EXEMPT)
    return (DRAFT, OWN, EXEMPT)


PRINTED = (
    *("statement", "download", "pack", "document", "document-file", "figures-for-texts"),
    *("figures-report", "figures-year", "figures-all", "open-data"),
)
"""Addresses that are printed for others: exempt lines are named in none of them."""

OF_A_REPORT = {
    *("document", "document-file", "figures-for-texts"),
    *("decisions", "contracts", "contracts-published", "decision-dates", "subjectives"),
    *("activity", "activity-group", "activity-what-if", "indicators", "subject"),
    *("overview", "report", "statement", "download", "pack", "service", "savings"),
    *("figures-report", "open-data"),
    *("savings-lines", "reserves", "capital-receipts", "contingency", "debt", "commentary"),
    *("commentary-edit", "compare", "mitigations", "mitigations-edit", "grants", "capital"),
}
"""Pages of one report: of a published month they show what is published, to everybody."""

NAMES_LINES = {"service", "capital-receipts"}


@pytest.fixture
def documents_set_once(monkeypatch) -> None:
    """Set the pages of a document once: most readers' documents have the same source."""
    made: dict[bytes, bytes] = {}
    compile_source = typst.compile

    def compile_once(source: bytes, **options: Any) -> bytes:
        if source not in made:
            made[source] = compile_source(source, **options)
        return made[source]

    monkeypatch.setattr(typst, "compile", compile_once)


_ANSWERS = (200, 302, 403, 404, 410, 422)


def read_by_everybody(
    council: Council, readers: dict[str, Reader], formats: tuple[str, ...]
) -> Iterator[tuple[str, str, str, str]]:
    """Reader, name, address and words of every answer.

    One of those who see drafts reads what is printed for others, which is the same for all of
    them, and where no word is forbidden to any of them. That every role is given every address
    that it may read is tested in tests/monitoring/test_pages.py.
    """
    for name, address in addresses(council, formats):
        for reader, client in readers.items():
            for_one = name in PRINTED or not forbidden(reader, name, address)
            if for_one and reader in SEE_DRAFTS and reader != Role.FINANCE_LEAD:
                continue
            response = client.get(address, headers=client.token if name in BY_TOKEN else None)
            # A session's cookie lets nobody into the API: its own tests read it with tokens.
            expected = (200, 401, 404) if name.startswith("api-") else _ANSWERS
            if name in BY_TOKEN:
                expected = (200, 401, 403)
            assert response.status_code in expected, f"{reader}: {address}"
            yield reader, name, address, words_of(response.getvalue(), address)


def leaks(answers) -> list[str]:
    """Where words stand that may not."""
    return [
        f"{reader}: {address}: {_around(words, word)}"
        for reader, name, address, words in answers
        for word in forbidden(reader, name, address)
        if word in words
    ]


def _around(words: str, word: str) -> str:
    at = words.index(word)
    return " ".join(words[max(0, at - 60) : at + 60].split())


def _planted_in(words: str) -> set[str]:
    """Fields whose marker stands there, in small letters: `service.name`."""
    return {".".join(found) for found in re.findall(rf"(?:{DRAFT}|{OWN}) (\w+) (\w+) \d", words)}


WITHOUT_A_ROW = {
    *("Layout.kind", "Layout.name", "Upload.layout_name", "Upload.sheet", "Upload.undo_reason"),
    *("Period.reopen_reason", "Replacement.agreed_by", "Replacement.reason"),
    *("Reserve.deficit_reason", "SavingPosition.status_override"),
    *("SavingPosition.override_reason", "CheckReason.reason", "FigureAnswer.reason"),
    *("PlanVersion.version", "FeedFile.file_name", "FeedFile.moved_to"),
}
"""Texts that this council has none of. A new field belongs into its files, or here."""


@pytest.mark.slow
def test_no_page_tells_what_is_not_for_its_reader(council, readers, documents_set_once):
    """Pages, CSV and JSON; and every text that was planted stands on some page of an officer."""
    on_pages: set[str] = set()
    faults, exempt_is_named, readers_of_drafts = [], False, set()
    for answer in read_by_everybody(council, readers, QUICK_FORMATS):
        faults += leaks([answer])
        reader, name, _, words = answer
        if name in BY_TOKEN and DRAFT in words:
            readers_of_drafts.add(reader)
        if reader in SEE_DRAFTS:
            on_pages |= _planted_in(words)
            exempt_is_named |= EXEMPT in words
    assert faults[:20] == []
    assert exempt_is_named
    assert readers_of_drafts == set(SEE_DRAFTS)
    planted = council.planted
    assert {name for name, rows in planted.items() if not rows} == WITHOUT_A_ROW
    marked = {name for name, rows in planted.items() if rows}
    assert {name for name in marked if name.lower() not in on_pages} == set()


def _files_of(month: int) -> Iterator[tuple[str, str]]:
    """Name and address of a month's files that are not read for every reader above.

    Whole reports in every format; each statement in one of the formats by turns, and the savings
    in all. A format is written from the statement alone, whose words are read as CSV and JSON.
    """
    for whole in WHOLE_REPORT_FORMATS:
        yield "pack", reverse("pack", args=[START, month, whole])
    others = [name for name in FORMATS if name not in QUICK_FORMATS]
    names = [entry.name for entry in registry.statements().values() if not entry.of_year]
    for number, name in enumerate(names):
        chosen = others if name == "savings-tracker" else [others[number % len(others)]]
        for each in chosen:
            yield "download", reverse("download", args=[START, month, name, each])


@pytest.mark.slow
def test_no_file_tells_what_is_not_for_its_reader(council, readers, settings):
    """Every other format, unpacked: of a published month to a stranger, of the draft to a lead."""
    settings.PDFS_MOST = 10_000
    formats = {name for name in (*FORMATS, *WHOLE_REPORT_FORMATS) if name not in QUICK_FORMATS}
    answers = []
    for reader, month in ((STRANGER, 2), (Role.FINANCE_LEAD.value, 3)):
        for name, address in _files_of(month):
            response = readers[reader].get(address)
            assert response.status_code == 200, address
            words = words_of(response.getvalue(), address)
            answers.append((reader, name, address, words))
    assert {address.rpartition(".")[2] for _, _, address, _ in answers} == formats
    assert leaks(answers)[:20] == []
    for kind in formats:
        drafts = (
            words
            for _, _, address, words in answers
            if address.endswith(f"3/savings-tracker.{kind}") or address.endswith(f"3/pack.{kind}")
        )
        assert any(DRAFT in words and OWN in words for words in drafts), f"read in {kind}"
