"""The tags of a PDF and its marked content, read by pypdf, and its faults; for tests."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import page as ua_checker
import pypdf
from pypdf.generic import ContentStream

TEXT = {b"Tj", b"TJ", b"'", b'"'}


@dataclass
class Tag:
    """A structure element: its kind, its own attributes and what is in it."""

    kind: str
    identity: str
    attributes: dict
    kids: list["Tag"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Page and number of marked content."""

    def below(self, kind: str = "") -> Iterator["Tag"]:
        """Tags of a kind at any depth, in reading order."""
        for kid in self.kids:
            if kind in ("", kid.kind):
                yield kid
            yield from kid.below(kind)


def tags_of(content: bytes) -> Tag:
    """The tree of a document; every element must name its parent."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    pages = {page.indirect_reference.idnum: place for place, page in enumerate(reader.pages)}
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    found = Tag("Root", "", {})
    _read(root, found, pages, root.indirect_reference)
    return found


def _read(element, into: Tag, pages: dict, own) -> None:
    kids = element["/K"] if isinstance(element["/K"], list) else [element["/K"]]
    for kid in kids:
        value = kid.get_object()
        if isinstance(value, int):
            page = element.raw_get("/Pg").idnum
            into.marks.append((pages[page], value))
        elif "/S" in value:
            assert value.raw_get("/P").idnum == own.idnum, "an element under another's parent"
            tag = Tag(value["/S"][1:], str(value.get("/ID", "")), _attributes_of(value))
            into.kids.append(tag)
            _read(value, tag, pages, kid)


def _attributes_of(element) -> dict:
    """The attributes of an element of every owner, and its alternative text."""
    own = element["/A"] if element.get("/A") else []
    found = {"/Alt": element["/Alt"]} if "/Alt" in element else {}
    for each in own if isinstance(own, list) else [own]:
        found |= dict(each.get_object())
    return found


def faults_of(content: bytes) -> list[str]:
    """The points of PDF/UA-1 that a program can check and that a PDF fails; none: it conforms.

    They are checked twice: by `page` (104 rules of PDF/UA-1 by the Matterhorn protocol), and by
    hand for what somebody who hears the document needs most.
    """
    report = ua_checker.validate_pdf_bytes(content, profile=ua_checker.ValidationProfile.PDF_UA_1)
    found = [f"{each.rule_id}: {each.message}" for each in report.failures]
    return [*found, *_faults_of_file(content), *_faults_of_tags(tags_of(content))]


def _faults_of_file(content: bytes) -> Iterator[str]:
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_object().get_data() if "/Metadata" in root else b""
    if not root.get("/Lang"):
        yield "no language"
    if not reader.metadata.title or not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "no title, or not shown as such"
    if b"dc:title" not in metadata or b"pdfuaid:part" not in metadata:
        yield "no title or PDF/UA in the metadata"
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "not marked as tagged"
    for number, sheet in enumerate(reader.pages, start=1):
        links = [each.get_object() for each in sheet.get("/Annots", [])]
        if links and sheet.get("/Tabs") != "/S":
            yield f"page {number}: tabs do not follow the tags"
        if not all("/Contents" in each and "/StructParent" in each for each in links):
            yield f"page {number}: a link without words or tag"


def _faults_of_tags(root: Tag) -> Iterator[str]:
    tags = [*root.below()]
    levels = [int(tag.kind[1]) for tag in tags if tag.kind[:1] == "H" and tag.kind[1:].isdigit()]
    if any(after > before + 1 for before, after in pairwise([0, *levels])):
        yield f"headings skip a level: {levels}"
    for tag in tags:
        if tag.kind == "Figure" and not tag.attributes.get("/Alt"):
            yield "a figure without words"
        if tag.kind == "TH" and not {"/Scope", "/Headers"} & set(tag.attributes):
            yield "a heading of a table without a scope"
        if tag.kind == "Table":
            rows = [*tag.below("TR")]
            wide = {sum(cell.attributes.get("/ColSpan", 1) for cell in row.kids) for row in rows}
            if len(wide) > 1 or not [*tag.below("TH")]:
                yield f"a table without headings or with rows of {sorted(wide)} columns"


def names_of(content: bytes) -> list[str]:
    """What the document's list of identified elements names, in its order."""
    root = pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]
    names = root["/IDTree"]["/Names"]
    for name, element in zip(names[::2], names[1::2], strict=True):
        assert element.get_object()["/ID"] == name
    return [str(name) for name in names[::2]]


def texts_of_marks(content: bytes) -> dict[tuple[int, int], str]:
    """The text of each marked content by its page and number, in Unicode as the fonts give it."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    found: dict[tuple[int, int], str] = {}
    letters: dict[int, dict[bytes, str]] = {}
    for place, page in enumerate(reader.pages):
        fonts, marks, font = page["/Resources"].get("/Font", {}), [], {}
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in (b"BDC", b"BMC"):
                properties = operands[1] if operator == b"BDC" else {}
                marks.append(properties.get("/MCID"))
                if marks[-1] is not None:
                    found.setdefault((place, int(marks[-1])), "")
            elif operator == b"EMC":
                marks.pop()
            elif operator == b"Tf":
                own = fonts.raw_get(operands[0]).idnum
                font = letters.setdefault(own, _letters_of(fonts[operands[0]]))
            elif operator in TEXT and marks and marks[-1] is not None:
                shown = operands[0] if operator == b"TJ" else [operands[-1]]
                strings = [each for each in shown if hasattr(each, "original_bytes")]
                text = "".join(_read_text(each.original_bytes, font) for each in strings)
                found[place, int(marks[-1])] += text
    return found


def _letters_of(font) -> dict[bytes, str]:
    """The text of each glyph of a font with two bytes a glyph."""
    table = font["/ToUnicode"].get_data().decode()
    blocks = re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL)
    pairs = re.findall(r"<(\w{4})>\s*<(\w+)>", "".join(blocks))
    return {bytes.fromhex(glyph): bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}


def _read_text(written: bytes, font: dict[bytes, str]) -> str:
    return "".join(font[written[at : at + 2]] for at in range(0, len(written), 2))


def marks_of(content: bytes) -> list[tuple[int, int]]:
    """Page and number of all marked content; no text may be outside of it and of artifacts."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    found = []
    for place, page in enumerate(reader.pages):
        inside = []
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in (b"BDC", b"BMC"):
                properties = operands[1] if operator == b"BDC" else {}
                if "/MCID" in properties:
                    found.append((place, int(properties["/MCID"])))
                inside.append(operands[0])
            elif operator == b"EMC":
                inside.pop()
            assert operator not in TEXT or inside, "text that is neither content nor artifact"
    return found
