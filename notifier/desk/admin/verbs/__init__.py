"""The verbs as pages: a POST shows what would happen, a second one, confirmed, does it. A GET changes nothing."""

from notifier.desk.admin.verbs.changing import announce, move, revise, take_alternate, tell_late
from notifier.desk.admin.verbs.nights import extend, finish, not_completed, start
from notifier.desk.admin.verbs.request import PERMISSION
from notifier.desk.admin.verbs.withdrawing import cancel, postpone

OF_WORK = {"announce": announce, "cancel": cancel, "revise": revise, "tell_late": tell_late}
"""Name -> page of a verb on the whole maintenance."""
OF_WINDOW = {
    "move": move,
    "take_alternate": take_alternate,
    "postpone": postpone,
    "start": start,
    "extend": extend,
    "finish": finish,
    "not_completed": not_completed,
}
"""Name -> page of a verb on one window."""

__all__ = ["OF_WINDOW", "OF_WORK", "PERMISSION"]
