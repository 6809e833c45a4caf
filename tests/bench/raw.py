"""The limit: the standard library's ``smtplib`` with one connection and one mail that is made already."""

import base64
import json
import os
import smtplib
import sys
from pathlib import Path

from tests.bench.measured import measured, pin


def main(scene: str, number: str, port: str) -> None:
    """Send ``number`` mails to the server at ``port``."""
    content = base64.b64decode(json.loads(Path(scene).read_text())["content"])

    def send() -> int:
        server = smtplib.SMTP("127.0.0.1", int(port))
        for _ in range(int(number)):
            server.sendmail("sender@provider.example", ["contact@customer.example"], content)
        server.quit()
        return int(number)

    measured(send)


if __name__ == "__main__":
    pin(os.environ.get("BENCH_CORES", ""))
    main(*sys.argv[1:])
