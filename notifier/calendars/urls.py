"""The addresses of the feeds."""

from django.urls import path

from notifier.calendars import views

app_name = "calendars"

urlpatterns = [
    path("calendar/<str:token>.ics", views.feed, name="feed"),
]
