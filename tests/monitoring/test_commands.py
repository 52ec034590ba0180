"""The commands as programs use them: exit status, standard output, plain sentences on error."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command

from monitoring.models import FinancialYear, Period, Report, Service, Upload
from tests.conftest import FIXTURES, ROOT
from tests.councils import loaded
from tests.councils.packs import position, virements, write_pack

TREE = """code,name,parent_code,order,total_label
TOP,Small Council,,1,Total
ONE,One & co,TOP,1,
TWO,=Two,TOP,2,
"""
MONTH_1 = "ONE A 100 100 110.50\nTWO B 200 200 195"
MONTH_2 = "ONE A 100 130 145\nTWO B 200 170 165"
FILES = {
    "services.csv": TREE,
    "virements.csv": virements("V-1,2,B,NET,A,NET,30,funding,,Cabinet,2021-05-10,,Demand"),
    "periods/01/position.csv": position(MONTH_1),
    "periods/02/position.csv": position(MONTH_2),
}
YEAR = ("--year", "2021/22")


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "pack", FILES, publish=(1,))


@pytest.fixture
def council(db, pack):
    """Month 1 published, month 2 open."""
    return loaded.load_pack(folder=pack, by=None).year


@pytest.fixture
def run(db, capsys):
    """Run a command here: (exit status, standard output, standard error)."""

    def run(*arguments):
        capsys.readouterr()
        status = 0
        try:
            call_command(*[str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def assert_refused(result, *words):
    status, out, err = result
    assert status == 1
    assert out == ""
    assert "Traceback" not in err
    for word in words:
        assert word in err


# Packs


@pytest.mark.slow
def test_a_pack_is_loaded_and_told_file_by_file(run, pack):
    status, out, err = run("load_pack", pack)
    assert (status, err) == (0, "")
    assert "Made-up Council, 2021/22" in out
    for name in FILES:
        assert f"{name}: stored" in out
    assert "period 1: published" in out


@pytest.mark.slow
def test_the_second_time_everything_is_the_same(run, pack):
    run("load_pack", pack)
    uploads, reports = Upload.objects.count(), Report.objects.count()
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert "stored" not in out
    assert "published" not in out
    for name in FILES:
        assert f"{name}: the same as before" in out
    assert (Upload.objects.count(), Report.objects.count()) == (uploads, reports)


@pytest.mark.slow
def test_the_same_figures_written_otherwise_are_the_same(run, pack):
    run("load_pack", pack)
    path = pack / "periods/01/position.csv"
    path.write_text(path.read_text().replace("110.50", '"110.5"').replace(",", ";"))
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert "periods/01/position.csv: the same as before" in out


@pytest.mark.slow
def test_changed_figures_of_a_published_period_are_refused(run, pack):
    run("load_pack", pack)
    uploads = Upload.objects.count()
    (pack / "periods/01/position.csv").write_text(position(MONTH_1.replace("195", "196")))
    (pack / "services.csv").write_text(TREE.replace("One & co", "First"))
    result = run("load_pack", pack)
    assert_refused(result, "periods/01/position.csv", "published", "Reopen it first")
    assert Upload.objects.count() == uploads
    assert not Service.objects.filter(name="First").exists()


@pytest.mark.slow
def test_changed_figures_of_an_open_period_are_stored(run, pack):
    run("load_pack", pack)
    (pack / "periods/02/position.csv").write_text(position(MONTH_2.replace("165", "166")))
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert "periods/02/position.csv: stored" in out
    assert "periods/01/position.csv: the same as before" in out


@pytest.mark.slow
def test_a_tree_that_changes_with_a_period_is_the_same_the_second_time(run, pack):
    later = TREE + "SIX,Six,TOP,3,\n"
    (pack / "periods/02/services.csv").write_text(later)
    assert run("load_pack", pack)[0] == 0
    uploads = Upload.objects.count()
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert Upload.objects.count() == uploads
    assert "stored" not in out


@pytest.mark.slow
def test_what_nothing_reads_is_left_aside_and_told(run, pack):
    (pack / "tea_rota.csv").write_text("who,when\nme,now\n")
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert "tea_rota.csv: left aside" in out


@pytest.mark.slow
def test_a_file_that_is_not_there_is_not_loaded(run, pack):
    (pack / "virements.csv").unlink()
    status, out, _ = run("load_pack", pack)
    assert status == 0
    assert "virements" not in out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pack.toml", ("no pack.toml",)),
        ("services.csv", ("periods/01/position.csv", "no services yet", "upload services first")),
        ("periods/01/position.csv", ("no figures", "upload its position first")),
    ],
)
def test_a_pack_without_what_it_needs_is_refused(run, pack, name, words):
    (pack / name).unlink()
    assert_refused(run("load_pack", pack), *words)
    assert not FinancialYear.objects.filter(start=2021).exists()


def test_a_folder_that_is_not_there_is_no_pack(run, tmp_path):
    assert_refused(run("load_pack", tmp_path / "nowhere"), "not a pack")


def test_a_file_is_no_pack(run, pack):
    """The path of pack.toml itself instead of its folder."""
    assert_refused(run("load_pack", pack / "pack.toml"), "not a pack")


HEAD = 'council = "C"\nfinancial_year = "2021/22"\n'
BROKEN_TOMLS = {
    "no toml": ("council = ", "pack.toml cannot be read"),
    "not utf-8": (b'council = "\xff"', "pack.toml cannot be read"),
    "no council": ('financial_year = "2021/22"\n', "council"),
    "a blank council": ('council = " "\nfinancial_year = "2021/22"\n', "council"),
    "no year": ('council = "C"\n', "financial_year"),
    "no such year": ('council = "C"\nfinancial_year = "2021/23"\n', "2019/20"),
    "an impossible year": ('council = "C"\nfinancial_year = "1066/67"\n', "1066/67"),
    "period 14": (HEAD + "publish = [14]\n", "0 to 13"),
    "periods in words": (HEAD + 'publish = ["one"]\n', "0 to 13"),
    "periods with decimals": (HEAD + "publish = [1.0]\n", "0 to 13"),
    "no list": (HEAD + "publish = 1\n", "list of periods"),
    "an unknown unit": (HEAD + '[display]\nunit = "bn"\n', "unit must be one of m, k, pounds"),
    "an unknown display key": (HEAD + '[display]\nunits = "m"\n', "no key “units”"),
    "a key of one statement": (HEAD + '[display.annex-a]\nunits = "m"\n', "display.annex-a"),
    "decimals in words": (HEAD + '[display]\npercent_decimals = "2"\n', "percent_decimals"),
    "an unknown condition": (HEAD + "[commentary]\nvariance_over = 1\n", "variance_over"),
    "a condition in words": (HEAD + '[commentary]\nvariance_above = "1"\n', "must be a number"),
    "an unknown contingency key": (HEAD + '[contingency]\nline = ["A/NET"]\n', "line"),
    "contingency lines as text": (HEAD + '[contingency]\nlines = "A/NET"\n', "lines"),
    "an endless offset": (HEAD + "[contingency]\nnotional_offset = inf\n", "notional_offset"),
    "a rule without a status": (
        HEAD + "[[status_scheme.variance]]\nvariance_above = 1\n",
        "gives no status",
    ),
    "rules that are none": (HEAD + '[status_scheme]\nvariance = "Red"\n', "status_scheme"),
    "an unknown scheme": (HEAD + "[status_scheme]\nsaving = []\n", "saving"),
    "an unknown table": (HEAD + '[dispaly]\nunit = "m"\n', "dispaly"),
    "an unknown key": (HEAD + "publsh = [1]\n", "publsh"),
}


@pytest.mark.parametrize("case", BROKEN_TOMLS.values(), ids=BROKEN_TOMLS)
def test_a_pack_toml_that_cannot_be_used_says_what_is_wrong(run, pack, case):
    text, words = case
    content = text if isinstance(text, bytes) else text.encode()
    (pack / "pack.toml").write_bytes(content)
    assert_refused(run("load_pack", pack), words)
    assert not FinancialYear.objects.filter(start=2021).exists()


@pytest.mark.parametrize("name", ["2", "14", "June"])
def test_a_periods_folder_has_two_figures(run, pack, name):
    (pack / "periods" / name).mkdir()
    assert_refused(run("load_pack", pack), f"periods/{name}", "00 to 13")


# Upload and publish


def test_upload_stores_a_file_and_prints_its_warnings(run, council, tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(position(MONTH_2.replace("130", "131")))
    status, out, err = run("upload", "position", path, *YEAR, "--period", 2)
    assert (status, err) == (0, "")
    assert "ledger.csv: 2 rows stored." in out
    assert "Warning: Row 2, column current_budget: " in out
    assert " Line A/NET.\n" in out


def test_upload_takes_the_years_files_without_a_period(run, council, pack):
    status, out, _ = run("upload", "services", pack / "services.csv", *YEAR)
    assert (status, out) == (0, "services.csv: 3 rows stored.\n")


@pytest.mark.slow
def test_upload_with_a_scope(run, council, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(position("ONE A 100 130 150"))
    assert run("upload", "position", path, *YEAR, "--period", 2, "--scope", "ONE")[0] == 0
    path.write_text(position("TWO B 200 170 165"))
    result = run("upload", "position", path, *YEAR, "--period", 2, "--scope", "ONE")
    assert_refused(result, "Row 2, column cost_centre", "does not stand under ONE")


def test_publish_and_what_it_then_refuses(run, council, tmp_path):
    status, out, err = run("publish", *YEAR, "--period", 2)
    assert (status, out, err) == (0, "Month 2 of 2021/22 is published, version 1.\n", "")
    assert_refused(run("publish", *YEAR, "--period", 2), "Month 2 of 2021/22 is published already")
    path = tmp_path / "p.csv"
    path.write_text(position(MONTH_2))
    result = run("upload", "position", path, *YEAR, "--period", 2)
    assert_refused(result, "published", "Reopen it first")


def test_an_earlier_period_is_not_published_for_the_first_time(run, council, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(position(MONTH_1))
    assert run("upload", "position", path, *YEAR, "--period", 0)[0] == 0
    result = run("publish", *YEAR, "--period", 0)
    assert_refused(result, "cannot be published for the first time")
    assert not Period.objects.get(year=council, number=0).is_published


@pytest.mark.slow
def test_unallocated_lines_block_publication(run, council, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(position(MONTH_2 + "\n. NEW 1 1 1"))
    status, out, _ = run("upload", "position", path, *YEAR, "--period", 2)
    assert status == 0
    assert "Unallocated" in out
    result = run("publish", *YEAR, "--period", 2)
    assert_refused(result, "Unallocated", "service_code")


def test_lines_on_a_service_that_got_others_block_publication(run, council, tmp_path):
    path = tmp_path / "services.csv"
    path.write_text(TREE + "SUB,Part,ONE,1,\n")
    assert run("upload", "services", path, *YEAR)[0] == 0
    result = run("publish", *YEAR, "--period", 2)
    assert_refused(result, "ONE (One & co)", "service_code")


WRONG_ARGUMENTS = {
    "no pack": (("load_pack",), "DIR"),
    "no year": (("publish", "--period", "2"), "--year"),
    "no period": (("publish", *YEAR), "--period"),
    "a bad year": (("publish", "--year", "2021", "--period", "2"), "write it as 2019/20"),
    "an unknown year": (("publish", "--year", "2031/32", "--period", "2"), "2021/22"),
    "an unknown period": (("publish", *YEAR, "--period", "14"), "0 to 13"),
    "a negative period": (("publish", *YEAR, "--period", "-1"), "0 to 13"),
    "a period in words": (("publish", *YEAR, "--period", "June"), "June"),
    "no figures": (("publish", *YEAR, "--period", "5"), "upload its position first"),
    "an unknown statement": (
        ("statement", "annex-z", *YEAR, "--period", "1", "--format", "json"),
        "annex-a, budgetary-control",
    ),
    "a draft's unknown statement": (
        ("statement", "annex-z", *YEAR, "--period", "2", "--format", "json"),
        "annex-a, budgetary-control",
    ),
    "an unknown format": (
        ("statement", "annex-a", *YEAR, "--period", "1", "--format", "rtf"),
        "json",
    ),
    "no format": (("statement", "annex-a", *YEAR, "--period", "1"), "--format"),
    "no figures for a statement": (
        ("statement", "annex-a", *YEAR, "--period", "5", "--format", "csv"),
        "upload its position first",
    ),
    "no folder for the output": (
        ("statement", "annex-a", *YEAR, "--period", "1", "--format", "csv")
        + ("--output", "/nowhere/annex.csv"),
        "/nowhere/annex.csv cannot be written",
    ),
    "an unknown kind": (("upload", "budget", __file__, *YEAR), "The kinds are: "),
    "no such file": (("upload", "services", "nowhere.csv", *YEAR), "nowhere.csv cannot be read"),
    "a folder for a file": (("upload", "services", str(ROOT), *YEAR), "cannot be read"),
    "an unknown layout": (
        ("upload", "services", __file__, *YEAR, "--layout", "SAP"),
        "no saved layout called “SAP”",
    ),
    "a position without a period": (("upload", "position", __file__, *YEAR), "Give a period"),
    "services with a period": (
        ("upload", "services", __file__, *YEAR, "--period", "1"),
        "Leave the period out",
    ),
    "a check of nothing": (("check_report", *YEAR, "--period", "5"), "upload its position first"),
    "an unknown check format": (
        ("check_report", *YEAR, "--period", "1", "--format", "xml"),
        "xml",
    ),
    "an argument too many": (("check_report", *YEAR, "--period", "1", "--loud"), "--loud"),
}


@pytest.mark.parametrize("case", WRONG_ARGUMENTS.values(), ids=WRONG_ARGUMENTS)
def test_what_cannot_be_done_ends_with_1_and_a_plain_sentence(run, council, case):
    arguments, words = case
    uploads, reports = Upload.objects.count(), Report.objects.count()
    assert_refused(run(*arguments), words)
    assert (Upload.objects.count(), Report.objects.count()) == (uploads, reports)


# Statements and checks


def statement_of(run, form, number=1, name="annex-a"):
    status, out, err = run("statement", name, *YEAR, "--period", number, "--format", form)
    assert (status, err) == (0, "")
    return out


def test_a_statement_as_json(run, council):
    data = json.loads(statement_of(run, "json"))
    assert (data["statement"], data["status"], data["version"]) == ("annex-a", "published", 1)
    cells = {row["key"]: row["cells"] for row in data["rows"]}
    assert cells["TOP"]["net_variance"] == {"value": 5.5, "text": "0"}  # £5.50 in £000
    assert cells["TOP"]["movement"] == {"value": None, "text": ""}
    assert statement_of(run, "json", 2) == statement_of(run, "json", 2)
    assert json.loads(statement_of(run, "json", 2))["status"] == "draft"


def test_a_statement_as_csv_is_for_programs(run, council):
    rows = list(csv.reader(io.StringIO(statement_of(run, "csv", 2))))
    data = json.loads(statement_of(run, "json", 2))
    labels = [column["label"] for column in data["columns"]]
    units = ["%" if column["unit"] == "%" else "£" for column in data["columns"]]
    headings = [f"{label} ({unit})" for label, unit in zip(labels, units, strict=True)]
    assert rows[0][1:] == [*headings, "Service code", "Kind of row"]
    assert len(set(headings)) == len(headings)
    assert len({len(row) for row in rows}) == 1
    place = rows[0].index("Previous report net variance (£)")
    # Month 1: One 10.50, Two -5; 30 moved from Two to One: -19.50 and 25.
    assert [row[place] for row in rows[1:]] == ["-19.50", "25.00", "5.50"]
    percent = rows[0].index("Net variance (under) / overspend (%)")
    assert rows[1][percent] == "11.5"  # 15 of 130, as it is printed
    assert [row[-2:] for row in rows[1:]] == [
        *(["ONE", "service"], ["TWO", "service"], ["TOP", "total"])
    ]
    assert rows[2][0] in ("'=Two", "=Two")
    assert not rows[2][0].startswith("=")


def test_a_statement_as_html_is_a_page_of_its_own(run, council):
    page = statement_of(run, "html")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "One &amp; co" in page
    assert "Made-up Council" in page


def test_a_statement_as_xlsx_goes_to_a_file(run, council, tmp_path):
    path = tmp_path / "annex.xlsx"
    arguments = ("statement", "annex-a", *YEAR, "--period", 2, "--format", "xlsx")
    assert run(*arguments, "--output", path) == (0, "", "")
    with zipfile.ZipFile(path) as book:
        assert "xl/tables/table1.xml" in book.namelist()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>-19.5</v>" in sheet


@pytest.mark.parametrize(
    "name",
    [
        "annex-a",
        "budgetary-control",
        "section-headlines",
        "virements",
        "budget-reconciliation",
        "contingency",
        "savings-summary",
        "savings-by-decision",
        "savings-tracker",
        "reserves-earmarked",
        "reserves-general-fund",
        "reserves-schedule",
        "capital-receipts",
        "aged-debt",
    ],
)
@pytest.mark.parametrize("form", ["csv", "json", "html", "xlsx"])
def test_every_statement_in_every_format_of_draft_and_report(run, council, tmp_path, name, form):
    for number in (1, 2):
        path = tmp_path / f"{name}-{number}.{form}"
        arguments = ("statement", name, *YEAR, "--period", number, "--format", form)
        assert run(*arguments, "--output", path) == (0, "", "")
        assert path.stat().st_size > 0


def test_check_report_as_json(run, council):
    status, out, err = run("check_report", *YEAR, "--period", 2, "--format", "json")
    assert (status, err) == (0, "")
    checks = json.loads(out)["checks"]
    assert checks
    for check in checks:
        assert list(check) == ["name", "statement", "expected", "actual", "difference", "status"]
        assert check["status"] in ("agrees", "rounding", "differs")
        assert check["difference"] == pytest.approx(check["actual"] - check["expected"])
    assert [check["name"] for check in checks if check["status"] == "differs"] == []


def test_check_report_names_an_approved_virement_that_is_not_in_the_ledger(run, council, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(position(MONTH_2.replace("100 130", "100 100")))
    run("upload", "position", path, *YEAR, "--period", 2)
    status, out, _ = run("check_report", *YEAR, "--period", 2)
    assert status == 0  # it ran, whatever it found
    assert re.search(r"differs: .*A/NET.*approved but not yet in the ledger", out)
    assert "expected 130.00, found 100.00" in out
    assert re.search(r"\d+ checks: .*1 differs", out)


RECEIPTS = "the projects’ forecast is the planned use in Annex A"
PLANNED_USE = "The anticipated movements of earmarked reserves are the planned use in Annex A"
SIGN_OFFS_OF_SOMERSET = {
    "FP/19/06/11: sign-offs: no row for County Solicitor, Monitoring Officer, Commissioning "
    "Development Team, Relevant Scrutiny Chairman": None,
    "FP/19/07/02: sign-offs: no answer of Local Member(s)": None,
}
FOUND_IN_SOMERSET = {
    2: {PLANNED_USE: -960_480},  # first reported in month 3
    3: {
        PLANNED_USE: -480,
        f"Economic & Community Infrastructure Services: {RECEIPTS}": 480,
        f"Corporate & Support Services: {RECEIPTS}": 40,
        f"All {RECEIPTS.removeprefix('the ')}": 520,
    },
}


@pytest.mark.parametrize("number", [2, 3])
def test_check_report_of_somerset_finds_what_the_published_report_does_not_tie(
    somerset, run, number
):
    arguments = ("check_report", "--year", "2019/20", "--period", number, "--format", "json")
    checks = json.loads(run(*arguments)[1])["checks"]
    differ = [check for check in checks if check["status"] == "differs"]
    wanted = FOUND_IN_SOMERSET[number] | SIGN_OFFS_OF_SOMERSET
    assert {check["name"]: check["difference"] for check in differ} == wanted


@pytest.mark.parametrize("number", [11, 13])
def test_check_report_of_cambridgeshire_finds_no_fault_in_the_accounts(cambridgeshire, run, number):
    """What is wrong in print beside them is held by the tests of its own subject."""
    arguments = ("check_report", "--year", "2018/19", "--period", number, "--format", "json")
    checks = json.loads(run(*arguments)[1])["checks"]
    differ = {check["statement"] for check in checks if check["status"] == "differs"}
    assert differ <= {"activity", "capital-reasons", "contracts", "decisions", "performance"}


# As a program of another process


def manage(data_dir, *arguments, more=None):
    return subprocess.run(
        [sys.executable, "manage.py", *[str(argument) for argument in arguments]],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(data_dir), "LC_ALL": "C", **(more or {})},
        capture_output=True,
        check=False,
    )


UNUSED = {
    *("plotly", "weasyprint", "typst", "duckdb", "docx", "celery", "kombu", "redis", "segno"),
    *("psycopg2", "yaml", "python_calamine"),
}
"""Packages for which an upload of a CSV file, or a statement as JSON, on SQLite need not wait."""


def loaded_packages(data_dir, *arguments) -> set[str]:
    """The packages that a command loads, which must succeed."""
    done = manage(data_dir, *arguments, more={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_output_that_cannot_be_written_does_not_end_with_0(tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "manage.py", "help"]
        environment = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 120
    assert b"No space left on device" in done.stderr


@pytest.mark.slow
def test_a_year_from_nothing_by_commands_alone(tmp_path):
    """Somerset: load, ask for a statement in three formats, load again, be refused."""
    data, pack = tmp_path / "data", tmp_path / "pack"
    shutil.copytree(FIXTURES / "somerset-2019-20", pack)
    year = ("--year", "2019/20", "--period", "3")
    first = manage(data, "load_pack", pack)
    assert (first.returncode, first.stderr) == (0, b"")
    made = manage(data, "statement", "annex-a", *year, "--format", "json")
    assert (made.returncode, made.stderr) == (0, b"")
    rows = {row["key"]: row for row in json.loads(made.stdout)["rows"]}
    assert rows["CHILD-COM"]["cells"]["movement"]["text"] == "0.005"
    book = manage(data, "statement", "annex-a", *year, "--format", "xlsx")
    assert zipfile.is_zipfile(io.BytesIO(book.stdout))
    again = manage(data, "load_pack", pack)
    assert again.returncode == 0
    assert b": stored" not in again.stdout
    path = pack / "periods/03/position.csv"
    month = ("--year", "2019/20", "--period", "4")
    assert not UNUSED & loaded_packages(data, "upload", "position", path, *month)
    draft = ("statement", "annex-a", *month, "--format", "json")
    assert not {*UNUSED, "pandas", "numpy"} & loaded_packages(data, *draft)
    path.write_bytes(path.read_bytes().replace(b"73869000", b"73869001"))
    refused = manage(data, "load_pack", pack)
    assert refused.returncode == 1
    assert "periods/03/position.csv: Month 3 of 2019/20 is published" in refused.stderr.decode()
    assert b"Traceback" not in refused.stderr
    after = manage(data, "statement", "annex-a", *year, "--format", "json")
    assert after.stdout == made.stdout


@pytest.mark.slow
def test_wrong_arguments_and_an_empty_database_end_with_1(tmp_path):
    data = tmp_path / "data"
    for arguments, words in (
        (("publish", "--year", "2019/20"), "--period"),
        (("publish", "--year", "2019/20", "--period", "3"), "none yet"),
        (("statement", "annex-a", "--year", "x", "--period", "3", "--format", "json"), "2019/20"),
    ):
        done = manage(data, *arguments)
        assert done.returncode == 1
        assert done.stdout == b""
        assert words in done.stderr.decode()
        assert b"Traceback" not in done.stderr
