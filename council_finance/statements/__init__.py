"""A statement is data: columns, rows, cells and footnotes, and its renderings."""

from council_finance.statements.display import Display
from council_finance.statements.model import (
    Cell,
    Column,
    CrossCast,
    Footnote,
    Header,
    Row,
    Statement,
)

__all__ = ["Cell", "Column", "CrossCast", "Display", "Footnote", "Header", "Row", "Statement"]
