"""Which mails are asked for: by the rows of the deliveries, since the files know each other by name only."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from maintenance.models import MaintenanceText, Notice
from maintenance.states import Kind
from notifier.delivery.models import Delivery


@dataclass(frozen=True)
class Search:
    """``words`` are looked for in address, reference and title; language and kind are codes, empty for any."""

    words: str = ""
    language: str = ""
    kind: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Search":
        """Read an address's query; what is no language or kind is left out."""
        language, kind = query.get("language", ""), query.get("kind", "")
        return cls(
            words=query.get("q", "").replace("\0", "").strip(),
            language=language if language in dict(settings.LANGUAGES) else "",
            kind=kind if kind in Kind.values else "",
        )

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return bool(self.words or self.language or self.kind)

    @property
    def query(self) -> str:
        """The query for links that keep the search."""
        parts = {"q": self.words, "language": self.language, "kind": self.kind}
        return urlencode({name: value for name, value in parts.items() if value})

    def names(self) -> set[str]:
        """Return the names of the deliveries that are asked for, in two queries of plain numbers."""
        rows = Delivery.objects.order_by()
        if self.language:
            rows = rows.filter(language=self.language)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        for word in self.words.split():
            title = MaintenanceText.objects.filter(
                Q(language=OuterRef("language")) | Q(language="en", maintenance__accept_english=True),
                maintenance=OuterRef("notice__maintenance"),
                title__icontains=word,
            )
            rows = rows.filter(Q(address__icontains=word) | Q(notice__maintenance__reference__icontains=word) | Exists(title))
        uids = {pk: uid.hex for pk, uid in Notice.objects.order_by().values_list("pk", "uid")}
        return {f"{uids[notice]}-{pk}" for notice, pk in rows.values_list("notice_id", "pk") if notice in uids}
