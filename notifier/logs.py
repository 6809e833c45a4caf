"""Keep secret links out of the logs (DESIGN.md section 4, People)."""

import logging
import re

_TOKEN = re.compile(r"(/(?:calendar)/)[^/\s\"'?]+")


class MaskTokens(logging.Filter):
    """Replaces the token of a feed's address by an ellipsis in whatever is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the message in place; every record passes."""
        message = record.getMessage()
        masked = _TOKEN.sub(r"\1…", message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True
