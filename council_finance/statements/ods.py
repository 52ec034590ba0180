"""A statement as an OpenDocument spreadsheet, written as XML. Pure."""

import re
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from council_finance.statements.archive import xml_text, zip_of
from council_finance.statements.display import NOT_GIVEN, Display
from council_finance.statements.figures import Figure, NumberShape, figure, scale
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
"""Width of a character in centimetres."""


def to_ods(statement: Statement) -> bytes:
    """Return an ODS file: a sheet with title, facts and table, and one with the notes."""
    files = {
        "content.xml": _content_xml(statement),
        "styles.xml": _page_style(),
        "meta.xml": _meta_xml(statement),
        "settings.xml": _frozen_panes(statement.name),
    }
    documents = [(name, (_START + text).encode()) for name, text in files.items()]
    return zip_of(
        [
            ("mimetype", CONTENT_TYPE.encode()),
            *documents,
            ("META-INF/manifest.xml", (_START + _manifest_xml(files)).encode()),
        ],
        stored="mimetype",
    )


def _content_xml(statement: Statement) -> str:
    widths, shapes = sheet_widths(statement), _plain_shapes(statement)
    sheets = _table_sheet(statement, widths) + _notes_sheet(statement)
    area = f"'{statement.name}'.A{_HEAD_ROWS}:'{statement.name}'." + (
        f"{_column_letters(len(statement.columns))}{_HEAD_ROWS + max(1, len(statement.rows))}"
    )
    return (
        f'<office:document-content {_NAMES} office:version="1.3"><office:automatic-styles>'
        f"{_column_styles(widths)}{_row_styles()}{_number_styles(statement.display)}"
        f"{''.join(_plain_number_style(each) for each in shapes)}"
        f"{_cell_styles([_plain_style_name(each) for each in shapes])}"
        f"</office:automatic-styles><office:body><office:spreadsheet>{sheets}"
        f'<table:database-ranges><table:database-range table:name="T_'
        f'{statement.name.replace("-", "_")}" table:target-range-address={_quote_attribute(area)} '
        'table:contains-header="true"/></table:database-ranges>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def _table_sheet(statement: Statement, widths: list[int]) -> str:
    columns = statement.columns
    placed = "".join(
        f'<table:table-column table:style-name="co{place}"/>' for place in range(len(widths))
    )
    styles = ["head", *("head-text" if c.kind == "text" else "head-right" for c in columns)]
    heads = "".join(map(_text_cell, headings(statement), styles))
    head = _row_element(heads, head_lines(statement, widths))
    rows = "".join(
        _row_element(_row_cells(row, columns, statement.display), row_lines(row, statement, widths))
        for row in statement.rows
    )
    name = _quote_attribute(statement.name)
    return (
        f'<table:table table:name={name} table:style-name="sheet">{placed}'
        f"{_title_rows(statement.title, statement)}"
        f"{_row_element(_text_cell(seal(statement), 'small'))}"
        f"<table:table-header-rows>{head}</table:table-header-rows>{rows}</table:table>"
    )


def _notes_sheet(statement: Statement) -> str:
    notes = "".join(
        _row_element(_text_cell(mark) + _text_cell(text, "note"), text_lines(text, _NOTE_WIDTH))
        for mark, text in sheet_notes(statement)
    )
    return (
        '<table:table table:name="Notes" table:style-name="sheet">'
        '<table:table-column table:style-name="co-mark"/>'
        '<table:table-column table:style-name="co-note"/>'
        f"{_title_rows('Notes', statement)}"
        f"{_row_element('')}{notes}</table:table>"
    )


def _title_rows(title: str, statement: Statement) -> str:
    line = _row_element(_text_cell(facts(statement.header)))
    return _row_element(_text_cell(title, "title"), 2) + line


def _row_element(cells: str, lines: int = 1) -> str:
    style = f'table:style-name="ro{min(lines, _MOST_LINES)}"'
    return f"<table:table-row {style}>{cells or '<table:table-cell/>'}</table:table-row>"


def _row_cells(row: Row, columns: tuple[Column, ...], display: Display) -> str:
    look = "-sum" if row.kind in _SUMS else "-bold" if row.kind in _BOLD_KINDS else ""
    label = _text_cell(row.label, f"label{min(row.level, 5)}{look}")
    cells = (_figure_or_text_cell(row.cells[c.key], c, look, display) for c in columns if row.cells)
    return label + "".join(cells)


def _figure_or_text_cell(cell: Cell, column: Column, look: str, display: Display) -> str:
    if column.kind == "text":
        return _text_cell(cell.text, f"wrap{look}")
    number = figure(cell, display)
    if number is None and column.kind == "number" and cell.text != NOT_GIVEN:
        return _text_cell(cell.text, f"wrap{look}")
    if number is None:
        # Empty, not a dash: one text makes programs read a whole column of figures as texts.
        return _text_cell("", f"missing{look}")
    return (
        f'<table:table-cell table:style-name="{_number_style_name(number)}{look}" '
        f'office:value-type="float" office:value="{number.value!r}">'
        f"<text:p>{_paragraph_text(cell.text)}</text:p></table:table-cell>"
    )


def _number_style_name(number: Figure) -> str:
    """Return the name of a number's style: most print as they are, some as a fixed text."""
    if number.kind == "number":
        return _plain_style_name(number.shape)
    more = "-below-nil" if number.below_nil else "-at-nil" if number.at_nil else ""
    return number.kind + more


def _plain_shapes(statement: Statement) -> list[NumberShape]:
    """Return the shapes of the statement's numbers that are no money."""
    cells = (row.cells[c.key] for row in statement.rows for c in statement.columns if row.cells)
    found = (figure(cell, statement.display) for cell in cells if cell.number is not None)
    shapes = {number.shape for number in found if number is not None}
    return sorted(shapes, key=_plain_style_name)


def _plain_number_style(shape: NumberShape) -> str:
    number = (
        f'<number:number number:decimal-places="{shape.decimals}" '
        f'number:min-decimal-places="{shape.decimals}" number:min-integer-digits="1" '
        f'number:grouping="true" number:display-factor="{1_000**shape.thousands}"/>'
    ) + _literal_text(shape.after)
    negative = f"{_literal_text('(' if shape.in_brackets else '-')}{number}"
    return _number_style(f"N-{_plain_style_name(shape)}", number, negative)


def _plain_style_name(shape: NumberShape) -> str:
    """Return a name made of letters, digits and hyphens, the same for the same shape."""
    more = "-brackets" * shape.in_brackets + f"-{shape.thousands}" * bool(shape.thousands)
    after = f"-{shape.after.encode().hex()}" if shape.after else ""
    return f"number-{shape.decimals}{more}{after}"


def _text_cell(text: str, style: str = "plain") -> str:
    if not text:
        return f'<table:table-cell table:style-name="{style}"/>'
    paragraphs = "".join(f"<text:p>{_paragraph_text(line)}</text:p>" for line in text.split("\n"))
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string">'
        f"{paragraphs}</table:table-cell>"
    )


def _escape_text(text: str) -> str:
    return escape(xml_text(text))


def _paragraph_text(text: str) -> str:
    """Return the text of a paragraph, with its repeated spaces kept."""
    spaced = re.sub(
        "^ +| +$|(?<= ) +", lambda found: f'<text:s text:c="{len(found[0])}"/>', _escape_text(text)
    )
    return spaced.replace("\t", "<text:tab/>").replace("\r", "<text:line-break/>")


def _quote_attribute(text: str) -> str:
    return quoteattr(xml_text(text))


def _column_letters(place: int) -> str:
    """Return a column's letters: `A` for 0, `AA` for 26."""
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
    """Return formats with sections for positive, negative and nil, and no other conditions."""
    before, after = ("(", ")") if display.favourable == "brackets" else ("-", "")
    found = []
    for kind, nil in (("amount", display.amount(0)), ("percent", display.percent(0, 1))):
        shape = _number_element(display, kind)
        negative = f"{_literal_text(before)}{shape}{_literal_text(after)}"
        found.append(_number_style(f"N-{kind}", shape, negative))
        found.append(_number_style(f"N-{kind}-below-nil", shape, _literal_text(nil)))
    of_nil = _literal_text(display.percent_of_nil_budget)
    return "".join(found) + _number_style("N-percent-at-nil", shape, negative, of_nil)


def _number_element(display: Display, kind: str) -> str:
    decimals, pounds = scale(display, kind)
    factor = f' number:display-factor="{pounds}"' if pounds > 1 else ""
    return (
        f'<number:number number:decimal-places="{decimals}" number:min-decimal-places="{decimals}" '
        f'number:min-integer-digits="1" number:grouping="true"{factor}/>'
    ) + (_literal_text("%") if kind == "percent" else "")


def _literal_text(text: str) -> str:
    return f"<number:text>{_escape_text(text)}</number:text>" if text else ""


def _number_style(name: str, positive: str, negative: str, nil: str = "") -> str:
    """Return a format of two or three sections; all but the last are maps of the style."""
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


def _cell_styles(plain_numbers: list[str]) -> str:
    right = '<style:paragraph-properties fo:text-align="end"/>'
    inset = _indent_properties(0.25)
    found = [
        _cell_style("plain"),
        _cell_style("note", wrap=True),
        _cell_style("title", text='fo:font-weight="bold" fo:font-size="14pt"'),
        _cell_style("small", text='fo:font-size="8pt" fo:color="#595959"'),
    ]
    bold, under = 'fo:font-weight="bold"', 'fo:border-bottom="0.75pt solid #000000"'
    found += [
        _cell_style("head", cell=under, wrap=True, text=bold),
        _cell_style("head-right", cell=under, wrap=True, text=bold, paragraph=right),
        _cell_style("head-text", cell=under, wrap=True, text=bold, paragraph=inset),
    ]
    ruled = 'fo:border-top="0.75pt solid #000000"'
    for look, cell, text in (("", "", ""), ("-bold", "", bold), ("-sum", ruled, bold)):
        style = partial(_cell_style, cell=cell, text=text)
        found.append(style(f"wrap{look}", wrap=True, paragraph=inset))
        found.append(style(f"missing{look}", paragraph=right))
        found += [style(f"{name}{look}", data=f"N-{name}") for name in (*_NUMBERS, *plain_numbers)]
        for level in range(6):
            name, indent = f"label{level}{look}", _indent_properties(0.4 * level)
            found.append(style(name, wrap=True, paragraph=indent))
    return "".join(found)


def _indent_properties(width: float) -> str:
    """Return an indent in centimetres, aligned left: spreadsheets keep an indent only then."""
    return f'<style:paragraph-properties fo:text-align="start" fo:margin-left="{width:.2f}cm"/>'


def _cell_style(
    name: str,
    *,
    data: str = "",
    cell: str = "",
    wrap: bool = False,
    paragraph: str = "",
    text: str = "",
) -> str:
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


def _meta_xml(statement: Statement) -> str:
    return (
        f'<office:document-meta {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'office:version="1.3"><office:meta><dc:title>{_escape_text(statement.title)}</dc:title>'
        f"<meta:initial-creator>{_escape_text(statement.header.council)}</meta:initial-creator>"
        "<dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )


def _frozen_panes(sheet: str) -> str:
    """Return the settings that keep headings and the first column in sight."""
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
        f"<config:config-item-map-entry config:name={_quote_attribute(sheet)}>{items}"
        "</config:config-item-map-entry></config:config-item-map-named>"
        "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _manifest_xml(files: dict[str, str]) -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in files
    )
    return (
        f'<manifest:manifest {_NAMES} manifest:version="1.3"><manifest:file-entry '
        f'manifest:full-path="/" manifest:version="1.3" manifest:media-type="{CONTENT_TYPE}"/>'
        f"{entries}</manifest:manifest>"
    )
