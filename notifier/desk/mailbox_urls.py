"""The addresses of the mailbox page, below the admin's and with its log-in."""

from django.contrib import admin
from django.urls import path

from notifier.desk import mailbox as pages

urlpatterns = [
    path("", admin.site.admin_view(pages.mailbox), name="mailbox"),
    path("<str:name>/", admin.site.admin_view(pages.mail), name="mailbox-mail"),
    path("<str:name>/html", admin.site.admin_view(pages.html), name="mailbox-html"),
    path("<str:name>/text", admin.site.admin_view(pages.text), name="mailbox-text"),
    path("<str:name>/calendar.ics", admin.site.admin_view(pages.calendar), name="mailbox-calendar"),
    path("<str:name>/mail.eml", admin.site.admin_view(pages.raw), name="mailbox-raw"),
]
