"""On what terms a change goes on that would be refused otherwise: told late, or with an obstacle that is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance.draft import Late
from notifier.desk.admin.rows import moment
from notifier.desk.admin.verbs.request import Request
from notifier.desk.admin.wall_time_field import WallTimeField, written

TELL_LATE = "tell-late"


@dataclass(frozen=True)
class Terms:
    """``late``: told all the same, as a breach; ``acknowledged``: why what is in the way is known and does not count."""

    late: Late | None = None
    acknowledged: str = ""


class KnownForm(forms.Form):
    """Why the planner goes on."""

    reason = forms.CharField(
        label=gettext_lazy("why it does not stand in the way"),
        max_length=2000,
        help_text=gettext_lazy("kept with your name, for good"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )


class LateForm(forms.Form):
    """What late notice says of itself."""

    reason = forms.CharField(
        label=gettext_lazy("why the promise cannot be kept"),
        max_length=2000,
        help_text=gettext_lazy("the breach's reason, kept with your name; customers do not read it"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    learned_at = WallTimeField(label=gettext_lazy("when we learned of the work"), help_text=gettext_lazy("customers read it"))
    supplier_notified_at = WallTimeField(
        label=gettext_lazy("when the supplier told us"), help_text=gettext_lazy("customers read it; empty: it is our own work, or not known"), required=False
    )

    def late(self, zone: ZoneInfo, *, now: datetime) -> Late | None:
        """Return what was entered, or None where something is wrong: its field says what."""
        if not self.is_valid():
            return None
        moments = {name: moment(self, name, zone) for name in ("learned_at", "supplier_notified_at") if self.cleaned_data[name]}
        for name, at in moments.items():
            if at and at > now:
                self.add_error(name, _("This moment is still to come."))
        learned_at = moments.get("learned_at")
        if self.errors or learned_at is None:
            return None
        return Late(self.cleaned_data["reason"], learned_at, moments.get("supplier_notified_at"))


@dataclass(frozen=True)
class TermsForms:
    """The inputs, and what they say so far."""

    known: KnownForm
    late: LateForm
    value: Terms

    @classmethod
    def of(cls, asked: Request) -> "TermsForms":
        """Read them. Raises PermissionDenied where late notice is asked for without the right."""
        posted, zone = asked.request.POST, asked.maintenance.timezone
        known = KnownForm(posted if "known-reason" in posted else None, prefix="known", use_required_attribute=False)
        late = LateForm(posted if TELL_LATE in posted else None, prefix="late", initial=_usual(asked), use_required_attribute=False)
        if TELL_LATE in posted and not asked.may_be_late:
            raise PermissionDenied
        acknowledged = known.cleaned_data["reason"] if known.is_valid() else ""
        return cls(known, late, Terms(late.late(zone, now=asked.now), acknowledged))

    def offer(self, asked: Request) -> dict[str, Any]:
        """Return what the page needs to offer late notice, or to say why it does not."""
        allowed = settings.LATE_NOTICE == "breach"
        return {"late_allowed": allowed, "late_form": self.late if allowed and asked.may_be_late else None, "tell_late": TELL_LATE}


def late_inputs() -> set[str]:
    """Return the names of the inputs of late notice."""
    moments = {f"late-{name}_{part}" for name in ("learned_at", "supplier_notified_at") for part in ("date", "time")}
    return {TELL_LATE, "late-reason", *moments}


def _usual(asked: Request) -> dict[str, str]:
    """Begin with the moment at which the supplier told us, where it was entered with the work."""
    told = asked.maintenance.supplier_notified_at
    return {"supplier_notified_at": written(told, asked.maintenance.timezone), "learned_at": written(told, asked.maintenance.timezone)} if told else {}
