"""PDFs of published pages, kept once they are printed: printing takes seconds."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache

_MOST_KEPT = 500


def printed_once(source: str, print_source: Callable[[str], bytes]) -> bytes:
    """Return the PDF of a published page, printed from its source where it is not kept yet.

    It is kept by the SHA-256 of the source in `DATA_DIR/printed`, which may be emptied.
    """
    key = hashlib.sha256(source.encode()).hexdigest()
    kept = printed_files()
    found: bytes | None = kept.get(key)
    if found is None:
        found = print_source(source)
        kept.set(key, found)
    return found


def printed_files() -> FileBasedCache:
    """Return the kept PDFs by the SHA-256 of their source."""
    options = {"timeout": None, "max_entries": _MOST_KEPT}
    return FileBasedCache(str(settings.DATA_DIR / "printed"), options)
