"""The house keeps its rooms: which module may import which."""

import ast
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
    "monitoring.calculations",
    "monitoring.trees",
    "monitoring.council_settings",
)
CALCULATIONS = ("pandas", "numpy", "dataclasses", "monitoring.trees")
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
    top, *rest = name.split(".")
    for app in APPS:
        if top == "council_finance" or (top == "monitoring" and app != "monitoring"):
            assert not [each for each in wanted if within(each, app)], f"{name} imports {app}"
    if top in ("savings", "reserves"):
        other = "reserves" if top == "savings" else "savings"
        assert not [each for each in wanted if within(each, other)], f"{name} imports {other}"
    for forbidden in ROOMS.get(rest[0] if rest else "", ()):
        package = f"{top}.{forbidden}"
        assert not [each for each in wanted if within(each, package)], f"{name} imports {package}"


@pytest.mark.parametrize("package", PURE)
def test_pure_modules_know_no_django(package):
    chosen = [(name, path) for name, path in ALL if within(name, package)]
    assert chosen
    for name, path in chosen:
        assert not [each for each in imports(path) if within(each, "django")], name


def test_calculations_import_frames_and_the_tree_only():
    path = ROOT / "monitoring" / "calculations.py"
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
