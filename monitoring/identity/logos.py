"""A council's logo: a PNG, decoded and encoded again so that nothing but its picture is kept."""

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from council_finance.errors import Refused

MOST_BYTES = 500_000
MOST_WIDTH, MOST_HEIGHT = 3_000, 1_500
_SHOWN_WIDTH, _SHOWN_HEIGHT = 480, 160
"""It is shown a third as large, and kept at this size for sharp screens."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZE_ENDS = 24
"""The header of a PNG ends its width and height at this byte (ISO/IEC 15948, 11.2.2)."""


@dataclass(frozen=True)
class Logo:
    """A PNG that the product encoded, with its SHA-256; both are empty for no logo."""

    content: bytes = b""

    @property
    def version(self) -> str:
        """The SHA-256 of the picture, by which its address changes with it."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def read_logo(content: bytes) -> Logo:
    """Return the picture of a PNG without its metadata, no larger than it is shown.

    Raise `Refused` where the file is no PNG, is damaged, or has too many bytes or pixels. The size
    in pixels is read from the header before anything is decoded.
    """
    if len(content) > MOST_BYTES:
        raise Refused(
            f"The logo has {len(content) // 1000:,} kB; it may have {MOST_BYTES // 1000}. Save it "
            "smaller: it is shown 50 pixels high."
        )
    if not content.startswith(_SIGNATURE) or len(content) < _SIZE_ENDS:
        raise Refused("The logo is not a PNG file. Save it as PNG and choose it again.")
    width, height = struct.unpack(">II", content[16:_SIZE_ENDS])
    if width > MOST_WIDTH or height > MOST_HEIGHT:
        raise Refused(
            f"The logo is {width:,} pixels wide and {height:,} high; it may be {MOST_WIDTH:,} by "
            f"{MOST_HEIGHT:,}. Save it smaller: it is shown 50 pixels high."
        )
    picture = _decode_picture(content)
    picture.thumbnail((_SHOWN_WIDTH, _SHOWN_HEIGHT))
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG", optimize=True)
    return Logo(encoded.getvalue())


def _decode_picture(content: bytes) -> Image.Image:
    """Return the pixels of a PNG alone: the first frame, with no text, profile or date."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as opened:
            pixels = opened.convert("RGBA")
    # The errors that Pillow's PNG reader raises for a damaged file.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error, zlib.error):
        raise Refused("The logo’s file is damaged. Save it as PNG again.") from None
    bare = Image.new("RGBA", pixels.size)
    bare.paste(pixels)
    return bare
