"""Plans for tests: the published packs under a year of their own, and made-up ones."""

import re
from pathlib import Path

from council_finance import registry
from council_finance.periods import financial_year_label
from monitoring.models import FinancialYear
from monitoring.reports.selectors.statements import year_statement
from monitoring.reports.selectors.year_data import current_year_data
from tests.conftest import FIXTURES
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, write_pack

_PLAN_FILES = ("services", "capital_plan", "plan", "funding", "plan_gap", "council_tax")
_SERVICES = "code,name,parent_code,order,total_label\nTOP,Made-up Council,,1,Total\n"
SERVICES = f"{_SERVICES}ONE,One,TOP,1,\nTWO,Two,TOP,2,\n"
_HEAD = "reference,title,type,service_code,heading,kind,recurrence,parent_reference,depends_on,ends"


def published_plan(folder: Path, name: str, year: str) -> FinancialYear:
    """Load the plan of a published pack into a year of its own: its own has another council."""
    pack = FIXTURES / name
    files = {
        f"{kind}.csv": (pack / f"{kind}.csv").read_text()
        for kind in _PLAN_FILES
        if (pack / f"{kind}.csv").exists()
    }
    settings = (pack / "pack.toml").read_text().split("publish = []\n", 1)[1]
    known = set(registry.statements())
    for table in re.findall(r"\[display\.([\w-]+)\]\n", settings):
        if table not in known:
            settings = re.sub(rf"\[display\.{table}\]\n(?:\w.*\n)*", "", settings)
    write_pack(folder, files, council=name, year=year, settings=settings)
    return load_pack(folder=folder).year


def made_up_plan(
    folder: Path, rows: str, *, year: str = "2030/31", amounts: str = "cumulative", **files: str
) -> FinancialYear:
    """Load a plan of three years from 2030/31; `rows` are those of plan.csv."""
    settings = files.pop("settings", "")
    years = '["2030/31", "2031/32", "2032/33"]'
    plan = f'[plan]\nname = "Plan"\nyears = {years}\namounts = "{amounts}"\nbase = 1000\n{settings}'
    text = plan_csv(rows)
    named = {f"{name}.csv": content for name, content in files.items()}
    display = '[display]\nunit = "pounds"\n'
    content = {"services.csv": SERVICES, "plan.csv": text, **named}
    write_pack(folder, content, year=year, settings=f"{display}{plan}")
    return load_pack(folder=folder).year


def plan_csv(rows: str) -> str:
    """plan.csv of three years from its rows as they stand in the file."""
    lines = "\n".join(line.strip() for line in rows.strip().splitlines())
    return f"{_HEAD},2030/31,2031/32,2032/33\n{lines}\n"


def made(year: FinancialYear, name: str):
    """A statement of the year as it is now."""
    return year_statement(current_year_data(year), name)


def texts(year: FinancialYear, name: str, *columns: str) -> dict[str, list[str]]:
    """The printed cells of a statement by row key, of these columns or of all."""
    statement = made(year, name)
    keys = columns or [column.key for column in statement.columns]
    return {row.key: [row.cells[key].text for key in keys] for row in statement.rows if row.cells}


def plan_files(year: FinancialYear, service: str) -> dict[str, str]:
    """Return the text of each kind of file of a plan of two years, in the order of loading."""
    names = [financial_year_label(year.start), financial_year_label(year.start + 1)]
    heads = ",".join(names)
    return {
        "capital_plan": f"reference,scheme,{heads}\nCAP1,Depot,5,\n",
        "plan": f"reference,title,type,service_code,kind,{heads}\n"
        f"PL1,Less,saving,{service},Eff,-5,0\n",
        "funding": f"reference,source,recurrence,{heads}\nFU1,Grant,recurrent,900,900\n",
        "council_tax": f"financial_year,tax_base,band_d_general\n{names[0]},100.5,1200\n",
        "plan_scenarios": f"scenario,reference,{heads}\nWorse,PL1,0,0\n",
        "plan_gap": f"financial_year,gap,scope\n{names[1]},10,council\n",
    }


def bring_plan(year: FinancialYear, service: str) -> None:
    """Give a council a plan of two years, with a row in each of its tables."""
    names = [financial_year_label(year.start), financial_year_label(year.start + 1)]
    settings = {"name": "Plan", "version": "draft", "years": names, "amounts": "step", "base": 900}
    FinancialYear.objects.filter(pk=year.pk).update(settings=year.settings | {"plan": settings})
    year.refresh_from_db()
    for kind, text in plan_files(year, service).items():
        bring(year, kind, text)
