"""The tags of a PDF and its marked content, read by pypdf; for tests."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

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
            tag = Tag(value["/S"][1:], str(value.get("/ID", "")), dict(value.get("/A", {})))
            into.kids.append(tag)
            _read(value, tag, pages, kid)


def names_of(content: bytes) -> list[str]:
    """What the document's list of identified elements names, in its order."""
    root = pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]
    names = root["/IDTree"]["/Names"]
    for name, element in zip(names[::2], names[1::2], strict=True):
        assert element.get_object()["/ID"] == name
    return [str(name) for name in names[::2]]


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
