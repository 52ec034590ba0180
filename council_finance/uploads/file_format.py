"""What a file is, by how it begins. Pure.

What reads workbooks takes a while to load, and most ledgers are CSV files.
"""

import re

ZIP_BEGINNING, COMPOUND_BEGINNING = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SPREADSHEETML = re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet")
_PAGE = re.compile(rb"<(!doctype\s+html|html|head|meta|style|body|table|div)\b", re.I)
_ARCHIVE = re.compile(rb"^(mime-version|content-type|from|subject|date):", re.I | re.M)


def is_workbook(content: bytes) -> bool:
    """Return True for XLSX, ODS and XLS, which begin as zipped and compound files do."""
    return content.startswith((ZIP_BEGINNING, COMPOUND_BEGINNING))


def may_have_sheets(content: bytes) -> bool:
    """Return False for a CSV file."""
    return is_workbook(content) or is_spreadsheetml(content) or is_web_page(content)


def is_spreadsheetml(content: bytes) -> bool:
    """Return True for a file that begins as Excel's XML of 2003 does."""
    return content.lstrip()[:1] == b"<" and _SPREADSHEETML.search(content[:4096]) is not None


def is_web_page(content: bytes) -> bool:
    """Return True for a file that begins as a web page or a web archive does."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return _PAGE.search(start) is not None
    return _ARCHIVE.match(start) is not None and b"multipart/related" in content[:8192].lower()
