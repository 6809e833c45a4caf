"""The mailbox page: mails that are written to files, as their readers would see them. Staff only; nothing is changed."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from maintenance.states import Kind
from notifier import moments
from notifier.delivery.files import FileBackend
from notifier.desk.mailbox_folder import SUFFIX, envelope, envelopes, newest_first
from notifier.desk.mailbox_mail import CalendarEntry, Mail, calendar_entries, links_to_nowhere, take_apart
from notifier.desk.mailbox_search import Search

PAGE = 50
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""A mail may bring its own styles and nothing else: no script, no picture, no form, no window."""


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    folder: Path | None = settings.MAIL.folder
    if folder is None:
        return _page(request, "elsewhere", hop=settings.MAIL.hop)
    search = Search.of(request.GET)
    page = Paginator(_names(folder, search), PAGE).get_page(request.GET.get("page"))
    return _page(
        request,
        "list",
        search=search,
        mails=envelopes(folder, page.object_list),
        page=page,
        pages=list(page.paginator.get_elided_page_range(page.number)),
        languages=settings.LANGUAGES,
        kinds=Kind.choices,
        folder=folder,
    )


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail, between the next newer and the next older one of the list that it was found in."""
    folder, content = _content(name)
    found = take_apart(content)
    search = Search.of(request.GET)
    names = _names(folder, search)
    at = names.index(name) if name in names else None
    entries, unreadable = _entries(found)
    return _page(
        request,
        "mail",
        title=str(found.headers["Subject"] or name),
        name=name,
        mail=found,
        envelope=envelope(name, found.headers),
        entries=entries,
        unreadable=unreadable,
        calendar_text=found.calendar.decode(errors="replace") if found.calendar else "",
        search=search,
        newer=names[at - 1] if at else "",
        older=names[at + 1] if at is not None and at + 1 < len(names) else "",
    )


@require_safe
@xframe_options_sameorigin
def html(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the HTML part alone, to be shown in a frame."""
    part = _taken_apart(name).html
    if part is None:
        raise Http404(_("The mail has no such part."))
    return HttpResponse(links_to_nowhere(part), headers={"Content-Security-Policy": SANDBOX})


@require_safe
def text(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the text part alone."""
    part = _taken_apart(name).text
    if part is None:
        raise Http404(_("The mail has no such part."))
    return HttpResponse(part, content_type="text/plain; charset=utf-8", headers={"Content-Security-Policy": SANDBOX})


@require_safe
def calendar(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the .ics file to be kept."""
    part = _taken_apart(name).calendar
    if part is None:
        raise Http404(_("The mail has no such part."))
    return _download(part, content_type="text/calendar; charset=utf-8", name=f"{name}.ics")


@require_safe
def raw(_request: HttpRequest, name: str) -> HttpResponse:
    """Give the whole mail to be kept."""
    return _download(_content(name)[1], content_type="message/rfc822", name=f"{name}{SUFFIX}")


def _names(folder: Path, search: Search) -> list[str]:
    names = newest_first(folder)
    if not search:
        return names
    wanted = search.names()
    return [name for name in names if name in wanted]


def _content(name: str) -> tuple[Path, bytes]:
    """Return the folder and the mail's bytes. Raises Http404 for what is no name of a delivery, or has no file."""
    folder = settings.MAIL.folder
    if folder is not None:
        try:
            return folder, FileBackend(folder=folder).path(name).read_bytes()
        except (ValueError, FileNotFoundError):
            pass
    raise Http404(_("There is no such mail in the folder."))


def _taken_apart(name: str) -> Mail:
    return take_apart(_content(name)[1])


def _entries(found: Mail) -> tuple[list[tuple[CalendarEntry, str, str]], bool]:
    """Return entries with their start and end in words, and whether the calendar could not be read."""
    language = get_language() or settings.LANGUAGE_CODE
    try:
        entries = calendar_entries(found.calendar) if found.calendar else []
    except ValueError:
        return [], True

    def words(moment: datetime | None) -> str:
        return moments.in_utc(moment, language) if moment else ""

    return [(one, words(one.start), words(one.end)) for one in entries], False


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:  # noqa: ANN401  # whatever the template shows
    return render(request, f"admin/mailbox/{template}.html", {**admin.site.each_context(request), "title": _("Mailbox"), **context})


def _download(content: bytes, *, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
