"""The steps of every verb: ask, show what would follow (carried out and taken back), do it; and what a refusal leaves open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from notifier.desk.admin.preview_page import FRAME_ONLY
from notifier.desk.admin.verbs.request import CONFIRMED, EDIT, PREVIEW, Request
from notifier.desk.admin.verbs.terms import Terms, TermsForms, late_inputs
from notifier.desk.rehearsal import rehearse
from notifier.desk.rehearsed_mail import rehearsed_mail
from notifier.desk.shown import language_name


@dataclass(frozen=True)
class Step:
    """One verb. ``ask`` is the template of its form with ``context``, empty where it needs none; ``valid``: the form says enough.

    ``refuse`` puts a refusal on the form; ``why`` is asked on the page that shows what would follow. ``at_once``: done without
    that page where nobody is told and nothing is recorded.
    """

    title: str
    button: str
    done: str
    verb: Callable[[Terms], object]
    ask: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    valid: bool = True
    refuse: Callable[[ValidationError], None] | None = None
    why: forms.Form | None = None
    intro: tuple[str, ...] = ()
    danger: bool = False
    at_once: bool = False


def answer(asked: Request, step: Step) -> HttpResponse:
    """Return the page of the step at which the planner is."""
    posted = asked.request.POST
    if asked.request.method != "POST" and not step.ask:
        return HttpResponseNotAllowed(["POST"])
    if step.ask and (asked.request.method != "POST" or EDIT in posted or not step.valid):
        return asked.page(step.ask, step.title, intro=step.intro, **step.context)
    terms = TermsForms.of(asked)
    try:
        return _go_on(asked, step, terms)
    except ValidationError as error:
        return _refused(asked, step, terms, error)


def _go_on(asked: Request, step: Step, terms: TermsForms) -> HttpResponse:
    """Do what the button asks for; without one, show what would follow."""
    verb = partial(step.verb, terms.value)
    if CONFIRMED in asked.request.POST:
        return asked.carry_out(verb, step.done)
    if PREVIEW in asked.request.POST:
        return _mails(asked, step, verb)
    rehearsal = rehearse(asked.maintenance, verb, now=asked.now)
    if step.at_once and not rehearsal.kinds and not rehearsal.breaches:
        return asked.carry_out(verb, step.done)
    own = set(step.why.fields) if step.why else set()
    shown = {"rehearsal": rehearsal, "late": terms.value.late, "acknowledged": terms.value.acknowledged, "kept": asked.kept(without=own)}
    return asked.page("consequence", step.title, step=step, **shown)


def _refused(asked: Request, step: Step, terms: TermsForms, error: ValidationError) -> HttpResponse:
    """Show what a planner can still do about it; otherwise put it on the form, or on the maintenance's page."""
    # a refusal of several lines has no code unless one was given it; the one for want of notice has lines and no fields
    code = getattr(error, "code", None) or ("" if hasattr(error, "error_dict") else "notice")
    lines = {"refusal": error.messages, "code": code, "step": step}
    if code == "notice":
        return asked.page("refused", step.title, **lines, **terms.offer(asked), kept=asked.kept(without=late_inputs()))
    if code == "acknowledge":
        return asked.page("refused", step.title, **lines, known_form=terms.known, kept=asked.kept(without={"known-reason"}))
    if code == "freeze":
        return asked.page("refused", step.title, **lines, kept=asked.kept(without=set()))
    if step.refuse is None:
        return asked.refused(error)
    step.refuse(error)
    return asked.page(step.ask, step.title, intro=step.intro, **step.context)


def _mails(asked: Request, step: Step, verb: Callable[[], object]) -> HttpResponse:
    """Show the very mails, one at a time; nothing is stored."""
    seen = rehearsed_mail(asked.maintenance, verb, asked.request.POST[PREVIEW], now=asked.now)
    choices = [(one, one == seen.chosen, language_name(one.language)) for one in seen.choices]
    response = asked.page("rehearsed_mail", _("Preview: %(title)s") % {"title": step.title}, seen=seen, choices=choices, kept=asked.kept(without=set()))
    response["Content-Security-Policy"] = FRAME_ONLY
    return response


def on_form(form: forms.Form, *, field: str = "", code: str = "") -> Callable[[ValidationError], None]:
    """Return how to put a refusal on a form: one of that ``code`` on the ``field``, any other above it."""

    def refuse(error: ValidationError) -> None:
        form.add_error(field if code and getattr(error, "code", "") == code else None, ValidationError(error.messages))

    return refuse
