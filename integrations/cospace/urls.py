"""The calls of cospace, below /api."""

from django.urls import path

from integrations.cospace.dialect import UnknownCallView
from integrations.cospace.views.event import EventView
from integrations.cospace.views.session import SessionView

urlpatterns = [
    path("event", EventView.as_view()),
    path("session", SessionView.as_view()),
    path("<path:unknown>", UnknownCallView.as_view()),  # the last one
]
