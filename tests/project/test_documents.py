"""Documents: the links, commands, files and functions they name exist; records are complete."""

import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

from council_finance import registry
from council_finance.installed_apps import subject_apps
from council_finance.uploads.layout_data import read_layout
from monitoring.structure.council_settings import read_settings
from reserves.settings_tables import minimum_general_fund
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
TOP = (
    "council_finance|monitoring|savings|reserves|capital|performance|planning|tests|docs|deploy"
    "|benchmarks|findings|fixtures"
)
DJANGO = {"migrate", "collectstatic", "makemigrations", "flush", "check"}
RECORD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>.+)\n\n"
    r"- \*\*Status:\*\* (?:accepted|replaced by \d{4})\n"
    r"- \*\*Date:\*\* \d{1,2} \w+ 20\d\d.*\n\n"
    r"## Context\n\n(?s:.+)\n\n## Decision\n\n(?s:.+)\n\n(?:## Considered\n\n(?s:.+)\n\n)?"
    r"## Consequences\n\n(?s:.+)\n"
)
each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def anchors(path: Path) -> set[str]:
    """The names under which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def code_of(text: str) -> list[str]:
    """What a page prints as code: in blocks, indented, and within sentences."""
    return re.findall(r"```.*?```|`[^`\n]+`|^ {4}.+$", text, re.M | re.S)


@each_document
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        page = (path.parent / name).resolve() if name else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


@each_document
def test_every_command_and_file_exists(path):
    code = "\n".join(code_of(path.read_text()))
    own = {each.stem for each in ROOT.glob("*/management/commands/[a-z]*.py")}
    assert set(re.findall(r"manage\.py (\w+)", code)) <= own | DJANGO
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:^|`) *make ([a-z-]+)", code, re.M)) <= targets
    for name in re.findall(rf"(?<![\w/.-])(?:{TOP})/[\w./-]*[\w/]", code):
        places = (ROOT / name, ROOT / f"{name}.py", ROOT / "templates" / name)
        assert any(place.exists() for place in places), name


def test_every_module_and_class_in_a_comment_of_a_template_exists():
    apps = "|".join(["council_finance", *(app.name for app in subject_apps())])
    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "templates").rglob("*.html")
        for comment in re.findall(r"{% comment %}(.*?){% endcomment %}", path.read_text(), re.S)
        for name in re.findall(rf"\b(?:{apps})(?:\.\w+)+", comment)
    }
    assert len(named) > 30
    gone = set()
    for path, name in named:
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            gone.add((path, name))
    assert gone == set()


@each_document
def test_no_document_names_a_place_of_one_machine(path):
    assert not re.findall(r"/(?:work|root|home|tmp)/", path.read_text())


def test_the_readme_is_short_and_lists_every_command():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 150
    table = text.split("## Commands")[1].split("\n## ")[0]
    listed = set(re.findall(r"`(?:python manage\.py )?([a-z_]+)[ `]", table))
    assert {each.stem for each in ROOT.glob("*/management/commands/[a-z]*.py")} <= listed


def test_every_page_can_be_found_from_the_readme():
    text = (ROOT / "README.md").read_text()
    pages = {path for path in DOCUMENTS if path not in RECORDS and path.name != "README.md"}
    missing = {path.name for path in pages if path.relative_to(ROOT).as_posix() not in text}
    assert missing == set()


def test_functions_on_the_road_of_a_figure_are_where_the_picture_says():
    picture = (ROOT / "docs" / "architecture.md").read_text().split("```mermaid")[1].split("```")[0]
    named = re.findall(r"\"([\w/]+\.py)(?:: (\w+))?", picture)
    assert len(named) > 10
    for name, function in named:
        has_app = name.startswith(("council_finance/", "monitoring/"))
        path = ROOT / name if has_app else ROOT / "monitoring" / name
        assert path.exists(), name
        assert not function or f"\ndef {function}(" in path.read_text(), f"{name}: {function}"


def test_functions_on_the_road_of_a_row_are_where_the_package_says():
    package = ROOT / "monitoring" / "uploading"
    named = re.findall(r"`([\w/]+\.py): (\w+)`", (package / "README.md").read_text())
    assert len(named) > 20
    for name, function in named:
        path = (
            ROOT / name if name.startswith(("council_finance/", "monitoring/")) else package / name
        )
        assert f"\ndef {function}(" in path.read_text(), f"{name}: {function}"


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_is_complete_dated_and_in_the_index(path):
    text = path.read_text()
    found = RECORD.fullmatch(text)
    assert found, text
    assert int(found["number"]) == int(path.stem[:4]) == RECORDS.index(path) + 1
    assert len(text.splitlines()) <= 30
    assert (
        f"| [{path.stem[:4]}]({path.name}) | {found['title']} |"
        in (path.parent / "README.md").read_text()
    )


def test_layouts_in_the_documents_can_be_saved():
    text = (ROOT / "docs" / "ledger-exports.md").read_text()
    layouts = re.findall(r"```toml\n(.*?)```", text, re.S)
    assert len(layouts) == 2
    for layout in layouts:
        assert read_layout(tomllib.loads(layout)).made


def test_every_kind_of_file_is_listed_with_its_columns():
    """Of budgets, actuals and forecasts only those of their purpose are listed."""
    text = (ROOT / "docs" / "files-and-packs.md").read_text()
    rows = re.findall(r"^\| `(\w+)\.csv`( \(a period\))? \| (.+) \|$", text, re.M)
    kinds = registry.upload_kinds()
    assert sorted((name, bool(period)) for name, period, _ in rows) == sorted(
        (kind.name, kind.per_period) for kind in kinds
    )
    for name, period, listed in rows:
        kind = registry.upload_kind(name, per_period=bool(period))
        columns = dict.fromkeys(re.findall(r"\w+", listed))
        assert set(columns) <= {spec.name for spec in kind.columns}
        # A column that must stand, though its cells may be blank, may be in bold too.
        bold = set(re.findall(r"\*\*(\w+)\*\*", listed))
        needed = {spec.name for spec in kind.columns if spec.required}
        assert needed <= bold <= needed | set(kind.needs_one_of)


def test_the_settings_in_the_documents_can_be_used():
    text = (ROOT / "docs" / "files-and-packs.md").read_text()
    given = tomllib.loads(re.search(r"```toml\n(.*?)```", text, re.S)[1])
    assert set(given) == {
        "council",
        "financial_year",
        "publish",
        "new_codes",
        *registry.pack_tables(),
    }
    settings = read_settings({name: given[name] for name in registry.pack_tables()})
    assert minimum_general_fund(settings) == 12_000_000_00
    assert settings.approval_limits == {"finance_officer": 50_000_00, "director": 100_000_00}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_pinned_and_has_a_reason(name):
    """A comment begins each group of packages; what follows is pinned to one version."""
    reason = ""
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("#"):
            reason = line
        elif line and not line.startswith("-r "):
            assert reason and re.fullmatch(r"[\w-]+(?:\[\w+\])?==[\w.]+", line), line
        elif not line:
            reason = ""
