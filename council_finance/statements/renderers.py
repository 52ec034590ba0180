"""The formats of a statement and of a whole report; each has the same figures."""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string

from council_finance.statements.model import Statement
from council_finance.statements.ods import CONTENT_TYPE as ODS
from council_finance.statements.ods import to_ods
from council_finance.statements.pdf import to_pdf, whole_report_to_pdf
from council_finance.statements.presenting import for_page
from council_finance.statements.tabular import to_csv
from council_finance.statements.whole_report import WholeReport, whole_report_to_zip
from council_finance.statements.wording import facts, paper_notes, seal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Format:
    """A format of a statement, of a whole report or of both.

    `label` is its name on pages, `short` the name in a list of links. One that `takes_long` needs
    seconds.
    """

    name: str
    label: str
    short: str
    content_type: str
    render: Callable[[Statement], bytes] | None = None
    render_whole: Callable[[WholeReport], bytes] | None = None
    takes_long: bool = False


def to_json(statement: Statement) -> bytes:
    """Return the JSON of a statement in UTF-8."""
    return statement.to_json().encode()


def to_html(statement: Statement) -> bytes:
    """Return an HTML page that can be read without this site."""
    context = {
        "page": for_page(statement),
        "facts": facts(statement.header),
        "seal": seal(statement),
        "notes": paper_notes(statement),
    }
    return render_to_string("statements/document.html", context).encode()


# Libraries that are slow to import are imported where a file of their format is made.


def to_xlsx(statement: Statement) -> bytes:
    """Return an XLSX file with the statement on a sheet."""
    from council_finance.statements.xlsx import to_xlsx as make_xlsx  # noqa: PLC0415

    return make_xlsx(statement)


def whole_report_to_xlsx(report: WholeReport) -> bytes:
    """Return an XLSX file with each statement of a report on a sheet of its own."""
    from council_finance.statements.xlsx import whole_report_to_xlsx as make_xlsx  # noqa: PLC0415

    return make_xlsx(report)


def to_docx(statement: Statement) -> bytes:
    """Return a DOCX file."""
    from council_finance.statements.word import to_docx as make_docx  # noqa: PLC0415

    return make_docx(statement)


_ALL = (
    Format("xlsx", "Excel (XLSX)", "Excel", XLSX, to_xlsx, whole_report_to_xlsx),
    Format("ods", "OpenDocument (ODS)", "ODS", ODS, to_ods),
    Format("csv", "CSV", "CSV", "text/csv; charset=utf-8", to_csv),
    Format("pdf", "PDF", "PDF", "application/pdf", to_pdf, whole_report_to_pdf, takes_long=True),
    Format("docx", "Word (DOCX)", "Word", DOCX, to_docx),
    Format("zip", "CSV files (ZIP)", "CSV", "application/zip", render_whole=whole_report_to_zip),
    Format("json", "JSON", "JSON", "application/json", to_json),
    Format("html", "HTML", "HTML", "text/html; charset=utf-8", to_html),
)
FORMATS = {each.name: each for each in _ALL if each.render}
WHOLE_REPORT_FORMATS = {each.name: each for each in _ALL if each.render_whole}
