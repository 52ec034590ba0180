"""What a stored file replaced, kept with its upload so that the file can be undone."""

import json
import zlib
from typing import Any

from monitoring.uploading.models import ReplacedRows, Upload


def keep_replaced(upload: Upload, replaced: Any) -> None:
    """Keep what a file replaced; call it in the transaction that stores the file."""
    content = zlib.compress(json.dumps(replaced).encode())
    ReplacedRows.objects.create(upload=upload, content=content)


def read_replaced(upload: Upload) -> Any | None:
    """Return what a file replaced; None where it is not kept."""
    kept = ReplacedRows.objects.filter(upload=upload).first()
    return None if kept is None else json.loads(zlib.decompress(bytes(kept.content)))
