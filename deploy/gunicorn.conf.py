"""The web server: gunicorn -c deploy/gunicorn.conf.py council_finance.wsgi

One process a core and four threads in each: pages wait for the database more than they compute.
"""

import gc
import os

from council_finance import environment
from council_finance.logs import logging_settings

bind = environment.text("WEB_BIND") or "127.0.0.1:8000"
workers = environment.number("WEB_CONCURRENCY", min(os.cpu_count() or 2, 8), most=64)
threads = environment.number("WEB_THREADS", 4, most=64)
worker_class = "gthread"
# A large file over a slow line takes its time; nginx hands it on at once.
timeout = 60
graceful_timeout = 30
keepalive = 5
# A process that has grown over the weeks is replaced; not all of them at one time.
max_requests = 5_000
max_requests_jitter = 500
# Heartbeats of the processes are files: in memory, as a disk may be slow.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
# Whether a request came by https is for Django to say, by SECURE_PROXY_SSL_HEADER alone.
secure_scheme_headers = {}
# The product's own log has each request, without the addresses of one-time links.
logconfig_dict = {
    **logging_settings(
        environment.one_of("LOG_FORMAT", ("plain", "json")), environment.secrets_given()
    ),
    "loggers": {
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}

# Figures for Prometheus: the processes share their counts through files in this folder.
metrics_files = environment.metrics_folder()


def on_starting(_server) -> None:
    """Begin to count anew; what an earlier server left goes."""
    if metrics_files:
        for file in metrics_files.glob("*.db"):
            file.unlink()


def pre_fork(server, worker) -> None:
    """Give the process the lowest free place: it goes on counting where the last one ended."""
    taken = {each.metrics_place for each in server.WORKERS.values()}
    worker.metrics_place = min(set(range(len(taken) + 1)) - taken)


def post_fork(_server, worker) -> None:
    """Tell the process its place."""
    os.environ["METRICS_PLACE"] = str(worker.metrics_place)


def post_worker_init(_worker) -> None:
    """Spare the collector what was loaded: it stays, and need not be searched every few pages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
