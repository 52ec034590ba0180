"""Try a layout on a file, of which nothing is stored."""

from council_finance import registry
from council_finance.errors import Refused
from monitoring.uploading.models import LayoutVersion
from monitoring.uploading.pipeline.trial import Trial, try_reading
from monitoring.uploading.services.uploads import MOST_BYTES


def try_layout(*, version: LayoutVersion, content: bytes, period: int | None) -> Trial:
    """Return what a version of a layout reads from a file of a period, or of the year (None).

    Raise `Refused` for a file larger than an upload may be.
    """
    if len(content) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    kind = registry.upload_kind(version.layout.kind, per_period=period is not None)
    return try_reading(content, kind, version.definition, period)
