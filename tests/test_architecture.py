"""The house keeps its rooms: which module may import which."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("monitoring", "savings", "reserves")
PURE = (
    "council_finance.money",
    "council_finance.periods",
    "council_finance.statuses",
    "council_finance.errors",
    "council_finance.processes",
    "council_finance.statements.model",
    "council_finance.statements.display",
    "council_finance.statements.casting",
    "council_finance.statements.presenting",
    "council_finance.statements.wording",
    "council_finance.statements.paper",
    "council_finance.statements.pack",
    "council_finance.statements.tabular",
    "council_finance.statements.archive",
    "council_finance.statements.xlsx",
    "council_finance.statements.ods",
    "council_finance.statements.word",
    "council_finance.uploads",
    "council_finance.charts",
    "monitoring.figures.calculations",
    "monitoring.structure.trees",
    "monitoring.structure.council_settings",
)
CALCULATIONS = ("pandas", "numpy", "dataclasses", "monitoring.structure.trees")
ROOMS = {
    # room: the rooms of its own app that it must not know
    "models": ("services", "selectors", "pipeline", "tasks", "views", "statements", "checks"),
    "selectors": ("services", "pipeline", "tasks", "views", "upload_kinds"),
    "pipeline": ("services", "tasks", "views"),
    "upload_kinds": ("services", "tasks", "views", "statements"),
    "tasks": ("services", "views", "models", "selectors"),
    "services": ("views", "forms", "statements", "checks"),
    "statements": ("services", "pipeline", "tasks", "views", "models"),
    "checks": ("services", "tasks", "views", "pipeline"),
    "charts": ("services", "selectors", "pipeline", "tasks", "views", "models"),
    "panels": ("services", "pipeline", "tasks", "views", "models"),
    "views": ("models", "pipeline", "tasks", "calculations", "upload_kinds", "statements"),
    "management": ("models", "pipeline", "tasks", "calculations", "upload_kinds", "statements"),
}


OVERVIEW = (ROOT / "monitoring" / "README.md").read_text(encoding="utf-8")
SUBJECTS = re.findall(r"^\| `(\w+)` \|", OVERVIEW, re.M)
OFFERED = set(re.findall(r"^- `(monitoring[\w.]+)`$", OVERVIEW, re.M))


def modules() -> Iterator[tuple[str, Path]]:
    for top in ("council_finance", *APPS):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    """Every module that a module imports; not what it imports for its annotations alone."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


ALL = list(modules())


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_a_module_imports_only_what_stands_below_it(name, path):
    wanted = imports(path)
    top = name.split(".")[0]
    for app in APPS:
        if top == "council_finance" or (top == "monitoring" and app != "monitoring"):
            assert not [each for each in wanted if within(each, app)], f"{name} imports {app}"
    if top in ("savings", "reserves"):
        other = "reserves" if top == "savings" else "savings"
        assert not [each for each in wanted if within(each, other)], f"{name} imports {other}"
    room = room_of(name)
    for each in wanted:
        if within(each, top):
            assert room_of(each) not in ROOMS.get(room, ()), f"{name} imports {each}"


def room_of(name: str) -> str:
    """The room of a module: its place in its app, or in its subject's package of monitoring."""
    parts = name.split(".")[1:]
    if name.startswith("monitoring.") and parts[0] in SUBJECTS:
        parts = parts[1:]
    return "upload_kinds" if parts[:1] == ["upload_kind"] else (parts[0] if parts else "")


def subject_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "monitoring" and parts[1:2] and parts[1] in SUBJECTS else None


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_a_subject_imports_only_subjects_before_it(name, path):
    """Tables apart: any subject may read any table."""
    own = subject_of(name)
    if own is None:
        return
    for each in imports(path):
        other = subject_of(each)
        if other and room_of(each) != "models":
            assert SUBJECTS.index(other) <= SUBJECTS.index(own), f"{name} imports {each}"


@pytest.mark.parametrize("name", [n for n, _ in ALL if n.split(".")[0] in ("savings", "reserves")])
def test_other_apps_import_what_monitoring_offers(name):
    path = dict(ALL)[name]
    from_monitoring = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and within(node.module, "monitoring")
    }
    assert from_monitoring <= OFFERED, name


@pytest.mark.parametrize("package", PURE)
def test_pure_modules_know_no_django(package):
    chosen = [(name, path) for name, path in ALL if within(name, package)]
    assert chosen
    for name, path in chosen:
        assert not [each for each in imports(path) if within(each, "django")], name


def test_calculations_import_frames_and_the_tree_only():
    path = ROOT / "monitoring" / "figures" / "calculations.py"
    assert {each for each in imports(path) if not each.startswith(CALCULATIONS)} == set()


def test_files_and_functions_stay_short():
    """A file past 400 lines wants splitting by subject, a function past 40 as well."""
    for name, path in ALL:
        if "migrations" in name:
            continue
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, f"{name}.{node.name}"


def test_no_broad_except_that_swallows():
    for name, path in ALL:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or ast.unparse(node.type) in (
                    "Exception",
                    "BaseException",
                )
                raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                assert raised_again or not broad, f"{name}, line {node.lineno}"
