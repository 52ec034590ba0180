"""The contracts of import-linter hold for every app of INSTALLED_APPS, also for a new one."""

import pytest

from tests.project_copy import copy_project, run_python, write_modules

LINT = ".ci/lint_imports.py"


@pytest.mark.slow
def test_each_forbidden_import_breaks_its_contract(tmp_path):
    project = copy_project(tmp_path, new_app="allotments")
    write_modules(
        project,
        {
            "allotments/selectors.py": "from savings.models import Saving\n",
            "allotments/calculations.py": "from django.conf import settings\n",
            "council_finance/too_high.py": "from allotments import selectors\n",
            "monitoring/too_high.py": "import allotments.calculations\n",
            "monitoring/ledger/too_high.py": "from monitoring.reports import selectors\n",
        },
    )
    result = run_python(project, LINT)
    assert result.returncode == 1
    assert "Contracts: 0 kept, 4 broken." in result.stdout
    for forbidden in (
        "council_finance.too_high -> allotments.selectors (l.1)",
        "monitoring.too_high -> allotments.calculations (l.1)",
        "allotments.selectors -> savings.models (l.1)",
        "allotments.calculations -> django (l.1)",
        "monitoring.ledger.too_high -> monitoring.reports.selectors (l.1)",
    ):
        assert forbidden in result.stdout


@pytest.mark.slow
def test_a_new_app_that_keeps_the_contracts_passes(tmp_path):
    project = copy_project(tmp_path, new_app="allotments")
    write_modules(
        project,
        {
            "allotments/selectors.py": "from monitoring.models import Period\n",
            "allotments/calculations.py": "import pandas\n",
        },
    )
    result = run_python(project, LINT)
    assert result.returncode == 0, result.stdout
    assert "Contracts: 4 kept, 0 broken." in result.stdout
