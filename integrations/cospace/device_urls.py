"""The calls of devices, telephony and chats."""

from django.urls import path

from integrations.cospace.views.boxes import BoxesView, BoxView
from integrations.cospace.views.calls import CallEventView, CallsView, CallView
from integrations.cospace.views.chats import ChatMessageView, ChatsView, ChatUserView, ChatView
from integrations.cospace.views.dialplans import DialplanView
from integrations.cospace.views.phones import PhoneView
from integrations.cospace.views.sensors import (
    SensorActionView,
    SensorDataView,
    SensorEventView,
    SensorsView,
    SensorView,
)
from integrations.cospace.views.sip import SipAccountsView, SipAccountView

urlpatterns = [
    path("box", BoxesView.as_view()),
    path("box/<uuid:object_id>", BoxView.as_view()),
    path("sensor", SensorsView.as_view()),
    path("sensor/<uuid:object_id>", SensorView.as_view()),
    path("sensor/<uuid:object_id>/data", SensorDataView.as_view()),
    path("sensor/<uuid:object_id>/action", SensorActionView.as_view()),
    path("sensor/<uuid:object_id>/event", SensorEventView.as_view()),
    path("sip", SipAccountsView.as_view()),
    path("sip/<uuid:account_id>", SipAccountView.as_view()),
    path("dialplan", DialplanView.as_view()),
    path("phone", PhoneView.as_view()),
    path("call", CallsView.as_view()),
    path("call/event", CallEventView.as_view()),
    path("call/<uuid:object_id>", CallView.as_view()),
    path("chat", ChatsView.as_view()),
    path("chat/<uuid:chat_id>", ChatView.as_view()),
    path("chat/<uuid:chat_id>/message", ChatMessageView.as_view()),
    path("chat/<uuid:chat_id>/user", ChatUserView.as_view()),
]
