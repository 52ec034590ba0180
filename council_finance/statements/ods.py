"""A statement as an OpenDocument sheet, written as plain XML: numbers as numbers, text as text."""

import re
from xml.sax.saxutils import escape, quoteattr

from council_finance.statements.archive import xml_text, zip_of
from council_finance.statements.display import Display
from council_finance.statements.figures import Figure, figure, scale
from council_finance.statements.model import Cell, Column, Row, Statement
from council_finance.statements.paper import head_lines, row_lines, sheet_widths, text_lines
from council_finance.statements.wording import facts, headings, seal, sheet_notes

CONTENT_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}"'
    for short, name in (
        ("office", "office:1.0"),
        ("table", "table:1.0"),
        ("text", "text:1.0"),
        ("style", "style:1.0"),
        ("number", "datastyle:1.0"),
        ("fo", "xsl-fo-compatible:1.0"),
        ("meta", "meta:1.0"),
        ("config", "config:1.0"),
        ("manifest", "manifest:1.0"),
    )
)
_START = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BOLD_KINDS = {"heading", "subtotal", "total"}
_SUMS = {"subtotal", "total"}
_HEAD_ROWS = 4
_NOTE_WIDTH = 110
_MOST_LINES = 40
_NUMBERS = ("amount", "amount-below-nil", "percent", "percent-below-nil", "percent-at-nil")
_CM = 0.2
"""Width of a character."""


def to_ods(statement: Statement) -> bytes:
    """One sheet with title, facts and table, and one with the notes; bytes of an ODS file."""
    files = {
        "content.xml": _content(statement),
        "styles.xml": _page_style(),
        "meta.xml": _meta(statement),
        "settings.xml": _frozen_panes(statement.name),
    }
    documents = [(name, (_START + text).encode()) for name, text in files.items()]
    return zip_of(
        [
            ("mimetype", CONTENT_TYPE.encode()),
            *documents,
            ("META-INF/manifest.xml", (_START + _manifest(files)).encode()),
        ],
        stored="mimetype",
    )


def _content(statement: Statement) -> str:
    widths = sheet_widths(statement)
    sheets = _table_sheet(statement, widths) + _notes_sheet(statement)
    area = f"'{statement.name}'.A{_HEAD_ROWS}:'{statement.name}'." + (
        f"{_letters(len(statement.columns))}{_HEAD_ROWS + max(1, len(statement.rows))}"
    )
    return (
        f'<office:document-content {_NAMES} office:version="1.3"><office:automatic-styles>'
        f"{_column_styles(widths)}{_row_styles()}{_number_styles(statement.display)}{_cell_styles()}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{sheets}"
        f'<table:database-ranges><table:database-range table:name="T_'
        f'{statement.name.replace("-", "_")}" table:target-range-address={_quoted(area)} '
        'table:contains-header="true"/></table:database-ranges>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def _table_sheet(statement: Statement, widths: list[int]) -> str:
    columns = statement.columns
    placed = "".join(
        f'<table:table-column table:style-name="co{place}"/>' for place in range(len(widths))
    )
    styles = ["head", *("head-text" if c.kind == "text" else "head-right" for c in columns)]
    heads = "".join(map(_text, headings(statement), styles))
    head = _line(heads, head_lines(statement, widths))
    rows = "".join(
        _line(_row(row, columns, statement.display), row_lines(row, statement, widths))
        for row in statement.rows
    )
    return (
        f'<table:table table:name={_quoted(statement.name)} table:style-name="sheet">{placed}'
        f"{_line(_text(statement.title, 'title'), 2)}{_line(_text(facts(statement.header)))}"
        f"{_line(_text(seal(statement), 'small'))}"
        f"<table:table-header-rows>{head}</table:table-header-rows>{rows}</table:table>"
    )


def _notes_sheet(statement: Statement) -> str:
    notes = "".join(
        _line(_text(mark) + _text(text, "note"), text_lines(text, _NOTE_WIDTH))
        for mark, text in sheet_notes(statement)
    )
    return (
        '<table:table table:name="Notes" table:style-name="sheet">'
        '<table:table-column table:style-name="co-mark"/>'
        '<table:table-column table:style-name="co-note"/>'
        f"{_line(_text('Notes', 'title'), 2)}{_line(_text(facts(statement.header)))}"
        f"{_line('')}{notes}</table:table>"
    )


def _line(cells: str, lines: int = 1) -> str:
    style = f'table:style-name="ro{min(lines, _MOST_LINES)}"'
    return f"<table:table-row {style}>{cells or '<table:table-cell/>'}</table:table-row>"


def _row(row: Row, columns: tuple[Column, ...], display: Display) -> str:
    look = "-sum" if row.kind in _SUMS else "-bold" if row.kind in _BOLD_KINDS else ""
    label = _text(row.label, f"label{min(row.level, 5)}{look}")
    cells = (_cell(row.cells[c.key], c, look, display) for c in columns if row.cells)
    return label + "".join(cells)


def _cell(cell: Cell, column: Column, look: str, display: Display) -> str:
    if column.kind == "text":
        return _text(cell.text, f"wrap{look}")
    number = figure(cell, display)
    if number is None:
        # Empty, not a dash: one text makes programs read a whole column of figures as texts.
        return _text("", f"missing{look}")
    return (
        f'<table:table-cell table:style-name="{_number_name(number)}{look}" '
        f'office:value-type="float" office:value="{number.value!r}">'
        f"<text:p>{_escaped(cell.text)}</text:p></table:table-cell>"
    )


def _number_name(number: Figure) -> str:
    """The style of a number: most print as they are, some by a text in the place of a sign."""
    more = "-below-nil" if number.below_nil else "-at-nil" if number.at_nil else ""
    return number.kind + more


def _text(text: str, style: str = "plain") -> str:
    if not text:
        return f'<table:table-cell table:style-name="{style}"/>'
    paragraphs = "".join(f"<text:p>{_escaped(line)}</text:p>" for line in text.split("\n"))
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string">'
        f"{paragraphs}</table:table-cell>"
    )


def _plain(text: str) -> str:
    return escape(xml_text(text))


def _escaped(text: str) -> str:
    """Text of a paragraph, in which blanks would else run together."""
    spaced = re.sub(
        "^ +| +$|(?<= ) +", lambda found: f'<text:s text:c="{len(found[0])}"/>', _plain(text)
    )
    return spaced.replace("\t", "<text:tab/>").replace("\r", "<text:line-break/>")


def _quoted(text: str) -> str:
    return quoteattr(xml_text(text))


def _letters(place: int) -> str:
    """`A` for 0, `AA` for 26."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _column_styles(widths: list[int]) -> str:
    named = {**{str(place): width for place, width in enumerate(widths)}, "-mark": 8}
    named["-note"] = _NOTE_WIDTH
    return "".join(
        f'<style:style style:name="co{name}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * _CM:.2f}cm"/></style:style>'
        for name, width in named.items()
    ) + (
        '<style:style style:name="sheet" style:family="table" style:master-page-name="Default">'
        '<style:table-properties table:display="true"/></style:style>'
    )


def _row_styles() -> str:
    return "".join(
        f'<style:style style:name="ro{lines}" style:family="table-row"><style:table-row-properties '
        f'style:row-height="{0.16 + 0.42 * lines:.2f}cm" '
        'style:use-optimal-row-height="false"/></style:style>'
        for lines in range(1, _MOST_LINES + 1)
    )


def _number_styles(display: Display) -> str:
    """Plain formats of positive, negative and nil, as programs write them; no other conditions."""
    before, after = ("(", ")") if display.favourable == "brackets" else ("-", "")
    found = []
    for kind, nil in (("amount", display.amount(0)), ("percent", display.percent(0, 1))):
        shape = _number(display, kind)
        negative = f"{_literal(before)}{shape}{_literal(after)}"
        found.append(_sections(f"N-{kind}", shape, negative))
        found.append(_sections(f"N-{kind}-below-nil", shape, _literal(nil)))
    of_nil = _literal(display.percent_of_nil_budget)
    return "".join(found) + _sections("N-percent-at-nil", shape, negative, of_nil)


def _number(display: Display, kind: str) -> str:
    decimals, pounds = scale(display, kind)
    factor = f' number:display-factor="{pounds}"' if pounds > 1 else ""
    return (
        f'<number:number number:decimal-places="{decimals}" number:min-decimal-places="{decimals}" '
        f'number:min-integer-digits="1" number:grouping="true"{factor}/>'
    ) + (_literal("%") if kind == "percent" else "")


def _literal(text: str) -> str:
    return f"<number:text>{_plain(text)}</number:text>" if text else ""


def _sections(name: str, positive: str, negative: str, nil: str = "") -> str:
    """A format of two sections, or three: the last stands in the style, the others in its maps."""
    *mapped, last = [positive, negative, nil] if nil else [positive, negative]
    conditions = ("&gt;", "&lt;") if nil else ("&gt;=",)
    return (
        "".join(
            f'<number:number-style style:name="{name}P{place}" style:volatile="true">{shape}'
            "</number:number-style>"
            for place, shape in enumerate(mapped)
        )
        + f'<number:number-style style:name="{name}">{last}'
        + "".join(
            f'<style:map style:condition="value(){sign}0" style:apply-style-name="{name}P{place}"/>'
            for place, sign in enumerate(conditions)
        )
        + "</number:number-style>"
    )


def _cell_styles() -> str:
    right = '<style:paragraph-properties fo:text-align="end"/>'
    inset = _indent(0.25)
    found = [
        _style("plain"),
        _style("note", wrap=True),
        _style("title", text='fo:font-weight="bold" fo:font-size="14pt"'),
        _style("small", text='fo:font-size="8pt" fo:color="#595959"'),
    ]
    bold, under = 'fo:font-weight="bold"', 'fo:border-bottom="0.75pt solid #000000"'
    found += [
        _style("head", cell=under, wrap=True, text=bold),
        _style("head-right", cell=under, wrap=True, text=bold, paragraph=right),
        _style("head-text", cell=under, wrap=True, text=bold, paragraph=inset),
    ]
    ruled = 'fo:border-top="0.75pt solid #000000"'
    for look, cell, text in (("", "", ""), ("-bold", "", bold), ("-sum", ruled, bold)):
        more = {"cell": cell, "text": text}
        found.append(_style(f"wrap{look}", wrap=True, paragraph=inset, **more))
        found.append(_style(f"missing{look}", paragraph=right, **more))
        found += [_style(f"{name}{look}", data=f"N-{name}", **more) for name in _NUMBERS]
        for level in range(6):
            name, indent = f"label{level}{look}", _indent(0.4 * level)
            found.append(_style(name, wrap=True, paragraph=indent, **more))
    return "".join(found)


def _indent(width: float) -> str:
    """In centimetres; only text that is set to the left keeps it."""
    return f'<style:paragraph-properties fo:text-align="start" fo:margin-left="{width:.2f}cm"/>'


def _style(name: str, *, data="", cell="", wrap=False, paragraph="", text="") -> str:
    data = data and f' style:data-style-name="{data}"'
    wrapped = ' fo:wrap-option="wrap"' if wrap else ""
    upright = "bottom" if name.startswith("head") else "top"
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{data}>'
        f'<style:table-cell-properties style:vertical-align="{upright}" fo:padding-top="0.08cm" '
        f"{cell}{wrapped}/>"
        f"{paragraph}"
        f"<style:text-properties {text}/></style:style>"
    )


def _page_style() -> str:
    return (
        f'<office:document-styles {_NAMES} office:version="1.3"><office:styles>'
        '<style:default-style style:family="table-cell"><style:text-properties '
        'style:font-name="Arial" fo:font-family="Arial" fo:font-size="10pt" fo:language="en" '
        'fo:country="GB"/></style:default-style></office:styles><office:automatic-styles>'
        '<style:page-layout style:name="wide"><style:page-layout-properties '
        'fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape" '
        'style:scale-to-X="1" style:scale-to-Y="0" fo:margin="1.5cm"/></style:page-layout>'
        "</office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Default" style:page-layout-name="wide"><style:footer>'
        "<text:p><text:sheet-name/>, page <text:page-number/> of <text:page-count/></text:p>"
        "</style:footer></style:master-page></office:master-styles></office:document-styles>"
    )


def _meta(statement: Statement) -> str:
    return (
        f'<office:document-meta {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'office:version="1.3"><office:meta><dc:title>{_plain(statement.title)}</dc:title>'
        f"<meta:initial-creator>{_plain(statement.header.council)}</meta:initial-creator>"
        "<dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )


def _frozen_panes(sheet: str) -> str:
    """The head and the first column stay in sight."""
    panes = {
        "HorizontalSplitMode": 2,
        "HorizontalSplitPosition": 1,
        "PositionRight": 1,
        "VerticalSplitMode": 2,
        "VerticalSplitPosition": _HEAD_ROWS,
        "PositionBottom": _HEAD_ROWS,
    }
    items = "".join(
        f'<config:config-item config:name="{name}" config:type="int">{value}</config:config-item>'
        for name, value in panes.items()
    )
    return (
        f'<office:document-settings {_NAMES} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        '<config:config-item-map-named config:name="Tables">'
        f"<config:config-item-map-entry config:name={_quoted(sheet)}>{items}"
        "</config:config-item-map-entry></config:config-item-map-named>"
        "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _manifest(files: dict[str, str]) -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in files
    )
    return (
        f'<manifest:manifest {_NAMES} manifest:version="1.3"><manifest:file-entry '
        f'manifest:full-path="/" manifest:version="1.3" manifest:media-type="{CONTENT_TYPE}"/>'
        f"{entries}</manifest:manifest>"
    )
