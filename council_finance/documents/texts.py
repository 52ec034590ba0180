"""The paragraphs and lists of a text as people type it, as blocks of a document. Pure."""

from council_finance import prose
from council_finance.documents.model import Items, Paragraph


def blocks_of_text(text: str) -> tuple[Paragraph | Items, ...]:
    """Return the paragraphs and lists of a text, as pages show them too."""
    return tuple(_block_of(block) for block in prose.text_blocks(text))


def _block_of(block: prose.Block) -> Paragraph | Items:
    if isinstance(block, prose.Paragraph):
        return Paragraph("\n".join(block.lines))
    if isinstance(block, prose.NumberedList):
        return Items(block.items, numbered=True, start=block.start)
    return Items(block.items)
