"""The formats that a statement, or a whole report, can be had in: the same figures in each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string

from council_finance.statements.model import Statement
from council_finance.statements.ods import CONTENT_TYPE as ODS
from council_finance.statements.ods import to_ods
from council_finance.statements.pack import Pack, pack_to_zip
from council_finance.statements.pdf import pack_to_pdf, to_pdf
from council_finance.statements.presenting import for_page
from council_finance.statements.tabular import to_csv
from council_finance.statements.wording import facts, paper_notes, seal
from council_finance.statements.xlsx import pack_to_xlsx, to_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Format:
    """A way to render a statement, a whole report or both, and how a browser is told of it.

    `label` names it to people, `short` where many stand beside one another; `takes_long` to make:
    seconds.
    """

    name: str
    label: str
    short: str
    content_type: str
    render: Callable[[Statement], bytes] | None = None
    render_pack: Callable[[Pack], bytes] | None = None
    takes_long: bool = False


def to_json(statement: Statement) -> bytes:
    """UTF-8 JSON as the contract writes it."""
    return statement.to_json().encode()


def to_html(statement: Statement) -> bytes:
    """A page of its own, readable without this site."""
    context = {
        "page": for_page(statement),
        "facts": facts(statement.header),
        "seal": seal(statement),
        "notes": paper_notes(statement),
    }
    return render_to_string("statements/document.html", context).encode()


def to_docx(statement: Statement) -> bytes:
    """As council_finance.statements.word, whose library is slow to import."""
    from council_finance.statements.word import to_docx as written  # noqa: PLC0415

    return written(statement)


_ALL = (
    Format("xlsx", "Excel (XLSX)", "Excel", XLSX, to_xlsx, pack_to_xlsx),
    Format("ods", "OpenDocument (ODS)", "ODS", ODS, to_ods),
    Format("csv", "CSV", "CSV", "text/csv; charset=utf-8", to_csv),
    Format("pdf", "PDF", "PDF", "application/pdf", to_pdf, pack_to_pdf, takes_long=True),
    Format("docx", "Word (DOCX)", "Word", DOCX, to_docx),
    Format("zip", "CSV files (ZIP)", "CSV", "application/zip", render_pack=pack_to_zip),
    Format("json", "JSON", "JSON", "application/json", to_json),
    Format("html", "HTML", "HTML", "text/html; charset=utf-8", to_html),
)
FORMATS = {each.name: each for each in _ALL if each.render}
PACK_FORMATS = {each.name: each for each in _ALL if each.render_pack}
