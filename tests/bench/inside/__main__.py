"""``python -m tests.bench.inside PART ARGUMENTS``: set up, then call ``main`` of ``tests.bench.inside.PART``, whose import needs Django."""

import os
import sys
from importlib import import_module

import django

from tests.bench.measured import pin

if __name__ == "__main__":
    pin(os.environ.get("BENCH_CORES", ""))
    django.setup()
    import_module(f"tests.bench.inside.{sys.argv[1]}").main(*sys.argv[2:])
