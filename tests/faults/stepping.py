"""Run a Python command under libfaketime: ``python -m tests.faults.stepping (-m MODULE | -c CODE | FILE) ARGUMENT...``.

libfaketime 0.9.10 refuses the call by which ``time.sleep`` waits where the monotonic clock is left alone, so sleeping is done otherwise.
"""

import select
import sys
import time
from typing import SupportsIndex

from tests.faults.failpoint import become


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select([], [], [], float(seconds))


if __name__ == "__main__":
    time.sleep = _sleep
    become(sys.argv[1:])
