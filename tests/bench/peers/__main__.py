"""``python -m tests.bench.peers NAME SCENE NUMBER``: queue that many mails, wait for the word, send them, and tell what it took."""

import os
import sys
import time
from importlib import import_module

import django

from tests.bench.measured import measured, pin

if __name__ == "__main__":
    pin(os.environ.get("BENCH_CORES", ""))
    django.setup()
    name, scene, number = sys.argv[1:]
    peer = import_module(f"tests.bench.peers.with_{name}")
    begun = time.perf_counter()
    work = peer.queue(scene, int(number))
    measured(work, queued=time.perf_counter() - begun)
