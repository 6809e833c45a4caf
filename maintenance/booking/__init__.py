"""The verbs: the only functions that write maintenance and windows. Each is one transaction with its revision and notice.

All moments are aware; ``by`` names who does it. A refusal is a ValidationError in the planner's words and changes nothing.
"""

from maintenance.booking.changing import announce, move, revise, take_alternate, tell_late
from maintenance.booking.drafting import book, rewrite
from maintenance.booking.joining import join
from maintenance.booking.nights import extend, finish, presume, start
from maintenance.booking.reminding import remind
from maintenance.booking.rows import SYSTEM
from maintenance.booking.withdrawing import cancel, postpone, stop_emergencies

__all__ = [
    "SYSTEM",
    "announce",
    "book",
    "cancel",
    "extend",
    "finish",
    "join",
    "move",
    "postpone",
    "presume",
    "remind",
    "revise",
    "rewrite",
    "start",
    "stop_emergencies",
    "take_alternate",
    "tell_late",
]
