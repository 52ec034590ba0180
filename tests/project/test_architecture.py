"""Modules keep to their rooms: which may import which, and how long they may be."""

import ast
import re
import shutil

import pytest

from council_finance.installed_apps import subject_apps
from tests.architecture import Project, statements_in, within
from tests.conftest import ROOT
from tests.project_copy import write_modules

PROJECT = Project(ROOT, tuple(app.name for app in subject_apps()))
CALCULATIONS = (
    *("pandas", "numpy", "monitoring.structure.trees"),
    *("collections.abc", "dataclasses", "typing"),
)


def test_every_module_imports_only_what_it_may():
    assert len(PROJECT.modules) > 300
    assert PROJECT.faults() == []


def test_positions_are_asked_for_with_their_year():
    """PostgreSQL keeps each year's apart, and else would read those of every year."""
    asked = re.compile(r"\bPosition\.objects\.(\w+)")
    for module in PROJECT.modules:
        found = set(asked.findall(module.path.read_text()))
        assert found <= {"of", "of_batch", "of_batches", "of_period", "none"}, module.name


def test_every_pure_package_exists():
    names = [module.name for module in PROJECT.modules]
    for package in PROJECT.pure:
        if "*" not in package:
            assert any(within(name, package) for name in names), package
    assert PROJECT.is_pure("monitoring.figures.calculations")
    assert PROJECT.is_pure("savings.calculations")
    assert PROJECT.is_pure("reserves.charts")
    assert PROJECT.is_pure("monitoring.reports.charts")
    assert not PROJECT.is_pure("savings.selectors.charts")


@pytest.fixture
def project(tmp_path) -> Project:
    """A small project with the rules of this one and an app that it does not know."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "import_contracts.ini", tmp_path / ".ci")
    write_modules(tmp_path, {"monitoring/models.py": ""})
    shutil.copy(ROOT / "monitoring" / "README.md", tmp_path / "monitoring")
    return Project(tmp_path, ("monitoring", "savings", "allotments"))


@pytest.mark.parametrize(
    ("path", "line", "fault"),
    [
        ("council_finance/x.py", "import allotments", "council_finance.x imports allotments"),
        ("council_finance/x.py", "from savings import y", "council_finance.x imports savings"),
        (
            "council_finance/money.py",
            "from django.db import models",
            "council_finance.money is pure and imports django",
        ),
        (
            "monitoring/reports/views.py",
            "from allotments.selectors import rents",
            "monitoring.reports.views imports allotments",
        ),
        (
            "monitoring/structure/selectors/tree.py",
            "from monitoring.reports.selectors import course",
            "monitoring.structure.selectors.tree imports monitoring.reports.selectors",
        ),
        (
            "allotments/selectors.py",
            "from savings.models import Saving",
            "allotments.selectors imports savings",
        ),
        (
            "savings/selectors.py",
            "import allotments.models",
            "savings.selectors imports allotments",
        ),
        (
            "allotments/selectors.py",
            "from monitoring.figures.pipeline import recompute_period",
            "allotments.selectors imports monitoring.figures.pipeline, "
            "which monitoring does not offer",
        ),
        (
            "allotments/selectors.py",
            "import monitoring.figures.pipeline",
            "allotments.selectors imports monitoring.figures.pipeline, "
            "which monitoring does not offer",
        ),
        (
            "allotments/calculations.py",
            "import django.conf",
            "allotments.calculations is pure and imports django",
        ),
        (
            "allotments/views.py",
            "from allotments import models",
            "allotments.views imports allotments.models",
        ),
        (
            "allotments/views/rents.py",
            "from allotments.models import Rent",
            "allotments.views.rents imports allotments.models",
        ),
        (
            "allotments/models.py",
            "from allotments import services",
            "allotments.models imports allotments.services",
        ),
        (
            "allotments/services.py",
            "from allotments.forms import RentForm",
            "allotments.services imports allotments.forms",
        ),
        (
            "allotments/statements/rents.py",
            "from allotments.models import Rent",
            "allotments.statements.rents imports allotments.models",
        ),
        (
            "allotments/month_steps.py",
            "from allotments.services import store_rents",
            "allotments.month_steps imports allotments.services",
        ),
        (
            "allotments/services.py",
            "from .models import Rent",
            "allotments.services has a relative import",
        ),
    ],
)
def test_each_forbidden_import_in_a_new_app_is_found(project, path, line, fault):
    assert project.faults() == []
    write_modules(project.root, {path: f"{line}\n"})
    assert fault in Project(project.root, project.apps).faults()


def test_what_a_new_app_may_import_is_no_fault(project):
    write_modules(
        project.root,
        {
            "allotments/selectors.py": "from monitoring.models import Period\n"
            "from council_finance import registry\nfrom allotments.models import Rent\n",
            "allotments/views.py": "from allotments.selectors import rents\nimport django\n",
            "allotments/calculations.py": "import pandas\n",
        },
    )
    assert Project(project.root, project.apps).faults() == []


def test_calculations_import_frames_and_the_tree_only():
    (module,) = (m for m in PROJECT.modules if m.name == "monitoring.figures.calculations")
    assert {each for each in module.imports if not each.startswith(CALCULATIONS)} == set()


def test_files_and_functions_stay_short():
    """A file past 400 lines wants splitting by subject, a function past 40 as well."""
    for module in PROJECT.modules:
        if "migrations" in module.name:
            continue
        with module.path.open(encoding="utf-8") as lines:
            assert sum(1 for _ in lines) <= 400, module.name
        for node in statements_in(module.tree):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 45, f"{module.name}.{node.name}"


def test_no_broad_except_that_swallows():
    for module in PROJECT.modules:
        for node in statements_in(module.tree):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or ast.unparse(node.type) in (
                    "Exception",
                    "BaseException",
                )
                raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                assert raised_again or not broad, f"{module.name}, line {node.lineno}"


def test_every_named_tuple_has_a_field():
    """One without any is an empty tuple, which counts as false where it is asked for."""
    named = [
        (node, f"{module.name}.{node.name}")
        for module in PROJECT.modules
        for node in statements_in(module.tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) == "NamedTuple" for base in node.bases)
    ]
    assert len(named) > 50
    assert [
        name for each, name in named if not any(isinstance(s, ast.AnnAssign) for s in each.body)
    ] == []
