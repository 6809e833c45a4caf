"""What a delivery status notification says of the address: hard, for now, or nothing. All that is decided about codes stands in this file."""

import re
from enum import Enum

from notifier.delivery.receipt import What


class _Verdict(Enum):
    HARD = "the address does not take mail, now or later"
    SOFT = "says nothing against the address"
    ASK_ELSE_HARD = "too vague: the server's words and its basic code decide; with nothing in them it is hard"
    ASK_ELSE_SOFT = "too vague, and often used for other things: only the server's words make it hard"


_PERMANENT: dict[str, tuple[_Verdict, str]] = {
    "0": (_Verdict.ASK_ELSE_HARD, "RFC 3463, 3.1: other, undefined"),
    "1": (
        _Verdict.HARD,
        "RFC 3463, 3.2: the address; 1.1 no such mailbox, 1.2 no such domain, 1.3 syntax, 1.4 ambiguous, 1.6 moved; RFC 7505, 4.1: 1.10 null MX",
    ),
    "1.0": (_Verdict.ASK_ELSE_HARD, "RFC 3463, 3.2: other, of the address; of the sender's too, by some"),
    "1.5": (_Verdict.SOFT, "RFC 3463, 3.2: the address is valid"),
    "1.7": (_Verdict.SOFT, "RFC 3463, 3.2: the sender's address, syntax"),
    "1.8": (_Verdict.SOFT, "RFC 3463, 3.2: the sender's address, domain"),
    "1.9": (_Verdict.SOFT, "RFC 3886, 3.3.4: relayed to a server that tells no more"),
    "2": (_Verdict.SOFT, "RFC 3463, 3.3: the mailbox; 2.2 full, 2.3 mail too long, 2.4 list expansion"),
    "2.0": (_Verdict.ASK_ELSE_SOFT, "RFC 3463, 3.3: other, of the mailbox"),
    "2.1": (_Verdict.HARD, "RFC 3463, 3.3: disabled; permanent where it will not be enabled again"),
    "3": (_Verdict.SOFT, "RFC 3463, 3.4: the receiving system; 3.1 full, 3.2 not accepting, 3.4 mail too big, 3.5 set up wrongly"),
    "3.0": (_Verdict.ASK_ELSE_SOFT, "RFC 3463, 3.4: other, of the system; what scripts behind an MTA return"),
    "4": (_Verdict.SOFT, "RFC 3463, 3.5: network and routing; 4.2 bad connection, 4.6 loop, 4.7 took too long"),
    "4.1": (_Verdict.ASK_ELSE_SOFT, "RFC 3463, 3.5: no answer; Exchange Online's refusal at the edge of an address that is not in its directory"),
    "4.4": (_Verdict.HARD, "RFC 3463, 3.5: unable to route: no such host or domain"),
    "4.310": (_Verdict.HARD, "Exchange Online: the domain does not exist"),
    "5": (_Verdict.SOFT, "RFC 3463, 3.6: protocol between servers"),
    "5.0": (_Verdict.ASK_ELSE_SOFT, "RFC 3463, 3.6: other, of the protocol; some servers' code for no such mailbox"),
    "6": (_Verdict.SOFT, "RFC 3463, 3.7: the content, or its conversion"),
    "7": (_Verdict.SOFT, "RFC 3463, 3.8: security and policy: spam, authentication, who may write to whom"),
}
"""Subject, or subject and detail, of a permanent status (5.x.x) of a recipient that failed -> verdict, where it comes from."""

_HARD_CODES = frozenset({550, 551, 553, 556})
"""RFC 5321, 4.2.3: mailbox unavailable, not local, name not allowed; RFC 7504: no mail for this domain. 552 is storage, 554 says nothing."""

_FOR_NOW = re.compile(
    r"mail ?(?:box|folder) (?:is )?(?:over)?full|over ?quota|quota ?exceeded|exceed\w* (?:\w+ ){0,3}quota|insufficient (?:\w+ )?storage|disk (?:space|full)"
    r"|at a rate|too many messages|gr[ea]ylist|try again later|retry time|timed out|time expired|for a long time|in the queue too long"
)
_POLICY = re.compile(
    r"\bspam|\bblocked|block ?list|black ?list|reputation|\bpolicy|\bdmarc|\bspf\b|\bdkim|\bvirus|relay(?:ing)? (?:access )?(?:not permitted|denied)"
    r"|\bsender\b|not authori[sz]ed|authentication|rate.?limit"
)
_NOBODY = re.compile(
    r"user (?:is )?(?:unknown|not found)|(?:unknown|invalid|no such|not a known) (?:local )?(?:user|recipient|mailbox|address|person|account|domain|part)"
    r"|(?:does not|doesn't|do not|did not) exist|recipient (?:is )?(?:unknown|not found|invalid)|recipient ?not ?found|recip ?not ?found"
    r"|mailbox (?:is )?(?:not found|unavailable|disabled|inactive)|account (?:is |has been )?(?:disabled|closed|inactive|deactivated)|no mailbox here"
    r"|address (?:is )?(?:unknown|not found)|host (?:or domain name )?(?:not found|unknown)|nxdomain|unrouteable address"
    r"|recipient address rejected: access denied"
)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_BASIC = re.compile(r"(?<![\d.])([245]\d\d)(?=[ :-]|$)")
_CLASSES = {"failed": 5, "delayed": 4, "delivered": 2, "relayed": 2, "expanded": 2}


def what(action: str, status: str, diagnostic: str) -> What:
    """Return what became of the mail (RFC 3464, 2.3.3), ``action`` and ``status`` as ``read`` returns them.

    A hard bounce is only what failed for good because of the address. Whatever was given up after temporary errors, or
    refused for other reasons, is for now: the next mail may arrive.
    """
    if action != "failed":
        return {"delivered": What.DELIVERED, "delayed": What.DEFERRED}.get(action, What.OTHER)
    return What.BOUNCED_HARD if _is_hard(status, diagnostic.lower()) else What.BOUNCED_SOFT


def read(action: str, status: str, diagnostic: str) -> tuple[str, str]:
    """Return action and status as RFC 3464 wants them, made out from whatever of the three is there; both empty where nothing can be.

    The action is failed, delayed, delivered, relayed or expanded. The status is the field's; the server's words give it where the
    field is missing or says no more than x.0.0.
    """
    word = action.strip().lower()
    known = next((name for name in _CLASSES if word.startswith(name[:4])), "")
    whole = _whole(status, diagnostic) or (f"{_CLASSES[known]}.0.0" if known else "")
    return known or {"2": "delivered", "4": "delayed", "5": "failed"}.get(whole[:1], ""), whole


def _whole(status: str, diagnostic: str) -> str:
    given, said = _ENHANCED.search(status), _ENHANCED.search(diagnostic)
    if given and (not said or said[1] != given[1] or (int(given[2]), int(given[3])) != (0, 0)):
        return _spelt(given)
    if said:
        return _spelt(said)
    basic = _BASIC.search(diagnostic)
    return f"{basic[1][0]}.0.0" if basic else ""


def _is_hard(status: str, diagnostic: str) -> bool:
    kind, subject, detail = status.split(".")
    if kind != "5" or _FOR_NOW.search(diagnostic):
        return False
    verdict, _source = _PERMANENT.get(f"{subject}.{detail}") or _PERMANENT.get(subject) or _PERMANENT["0"]
    if verdict in {_Verdict.HARD, _Verdict.SOFT}:
        return verdict is _Verdict.HARD
    if _POLICY.search(diagnostic):
        return False
    if _NOBODY.search(diagnostic):
        return True
    basic = _BASIC.search(diagnostic)
    return verdict is _Verdict.ASK_ELSE_HARD and (basic is None or int(basic[1]) in _HARD_CODES)


def _spelt(found: re.Match[str]) -> str:
    return ".".join(str(int(number)) for number in found.groups())
