"""The settings of the broker in a folder (council_finance.broker), without loading Celery."""

from pathlib import Path
from typing import Any


def file_broker_options(folder: Path) -> dict[str, Any]:
    """Return Celery's ``broker_transport_options`` for a broker kept under ``folder``."""
    queue = str(folder / "queue")
    return {
        "data_folder_in": queue,
        "data_folder_out": queue,
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
