"""Files in one ZIP that has the same bytes for the same files. Pure."""

import io
import re
import zipfile
from collections.abc import Iterable

_NO_DATE = (1980, 1, 1, 0, 0, 0)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def zip_of(files: Iterable[tuple[str, bytes]], *, stored: str = "") -> bytes:
    """Return a ZIP of names and contents in their order, without times.

    Every file is compressed, except the one called `stored`.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _NO_DATE)
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """Return name and content of each file of a ZIP, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def xml_text(text: str) -> str:
    """Return the text with a replacement for each character that no XML file can hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
