"""The addresses of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from notifier.delivery.hooks import hook

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/mailbox/", include("notifier.desk.mailbox_urls")),
    path("admin/", admin.site.urls),
    path("hooks/<slug:esp>/", hook, name="hook"),
    path("", include("notifier.calendars.urls")),
]
