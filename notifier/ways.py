"""The ways that mail takes: the primary of EMAIL_URL and, where EMAIL_URL_FALLBACK is set, the fallback."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.core.mail import get_connection

from maintenance.states import Hop
from notifier.env import Mail

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend

WayName = Literal["primary", "fallback"]
_HOPS = {"file": Hop.FILE, "smtp": Hop.RELAY, "esp": Hop.ESP}


@dataclass(frozen=True)
class Way:
    """One of them, and where it leads."""

    name: WayName
    mail: Mail

    def connect(self) -> "BaseEmailBackend":
        """Return Django's mail backend for it, not opened yet. Raises whatever that says where packages or settings are missing."""
        if self.name == "primary":
            return get_connection()  # Django's own settings are made of it
        return get_connection(self.mail.backend, **_options(self.mail))

    @property
    def hop(self) -> str:
        """Return what evidence calls the first hop by."""
        return self.mail.hop

    @property
    def kind(self) -> Hop:
        """Return which kind of first hop it is."""
        return _HOPS[self.mail.hop.partition(":")[0]]

    @property
    def is_smtp(self) -> bool:
        """Tell whether mail goes by SMTP."""
        return self.kind is Hop.RELAY


def primary() -> Way:
    """Return the way of EMAIL_URL."""
    return Way("primary", settings.MAIL)


def ways() -> tuple[Way, ...]:
    """Return the ways in the order in which they are taken."""
    fallback: Mail | None = settings.MAIL_FALLBACK
    return (primary(), Way("fallback", fallback)) if fallback is not None else (primary(),)


def _options(mail: Mail) -> dict[str, Any]:
    """Return what Django's settings say for the primary as arguments: the two may be servers, or accounts with one provider, of the same kind."""
    if mail.anymail is None:
        return {"host": mail.host, "port": mail.port, "username": mail.user, "password": mail.password, "use_tls": mail.use_tls, "use_ssl": mail.use_ssl}
    given = {name.partition("_")[2].lower(): value for name, value in mail.anymail.items()}
    return {"sender_domain": None, **given} if mail.hop == "esp:mailgun" else given  # else the primary's would be taken
