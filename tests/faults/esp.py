"""An ESP's events in Mailgun's form, and a receiver that is as careless as many are."""

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.faults.rows import Store

KEY = "key-of-the-esp-of-the-faults"
SECRET = "esp:a-long-password-of-the-faults"  # noqa: S105  # of installations that live for one test


@dataclass(frozen=True)
class Event:
    """Something that has become of a mail. ``token`` is its id; ``age``: so many seconds ago it was signed."""

    name: str
    kind: str
    token: str
    recipient: str = "somebody@customer.example"
    age: int = 0

    def body(self, key: str) -> bytes:
        """Return it as it is posted, signed."""
        stamp = str(int(time.time()) - self.age)
        event = {
            "event": self.kind,
            "id": self.token,
            "timestamp": time.time(),
            "recipient": self.recipient,
            "user-variables": {"delivery": self.name},
            "message": {"headers": {"message-id": f"{self.name}@provider.example"}},
            "delivery-status": {"code": 250, "message": "OK", "description": ""},
            "tags": ["announced"],
        }
        if self.kind == "failed":
            event |= {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "5.1.1 does not exist", "description": ""}}
        signature = hmac.new(key.encode(), f"{stamp}{self.token}".encode(), hashlib.sha256).hexdigest()
        return json.dumps({"signature": {"timestamp": stamp, "token": self.token, "signature": signature}, "event-data": event}).encode()


def post(address: str, event: Event, *, secret: str = SECRET, key: str = KEY) -> int:
    """Post an event; return the status, or 0 where nobody answers."""
    parts = urlsplit(address)
    headers = {"Content-Type": "application/json"}
    if secret:
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request("POST", parts.path, event.body(key), headers)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def careless_receiver(store: Store) -> Iterator[str]:
    """Serve a hook that writes down as the mail's state whatever comes; yield its address."""
    states = {"accepted": "sent", "delivered": "delivered", "failed": "failed"}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's own name
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["event-data"]
            pk = event["user-variables"]["delivery"].rpartition("-")[2]
            if event["event"] in states:
                changed = f"state = '{states[event['event']]}', reason = 'told', accepted_at = now()"
                store.run(f"UPDATE delivery_delivery SET {changed} WHERE id = {int(pk)}")  # noqa: S608  # of the tests
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
