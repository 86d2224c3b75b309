"""Every path of the site on one page. Apps have no URL modules; an endpoint is found here, then in its app's views."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from events import pages
from events.proposal_page import proposal_page
from events.rsvp.page import rsvp_page
from events.views import digests, events, favorites, instances, proposals, reminders, shared_folders, streaming
from events.views import invites as event_invites
from events.views import rooms as event_rooms
from integrations.cronofy.views import SmartInvitesView
from integrations.producers import state_views as states
from integrations.producers import views as producers
from integrations.producers.livekit_view import LiveKitWebhookView
from integrations.streams.views import ActivityView, StreamView
from integrations.webex import views as webex
from integrations.webex import webhook_views as webex_webhooks
from invites import views as invites
from mailer.webhooks import WEBHOOKS
from operations.dashboard.views import dashboard_json, dashboard_page
from operations.health import live_view, ready_view
from operations.metrics import metrics_view
from operations.pages import start_page
from rest.discovery import DiscoveryView
from rest.docs import DocsView, OpenApiView, SignInReturnView, published
from rooms import views as rooms
from rooms.assets import views as assets
from signaling import views as signaling
from users import staff_oidc
from users import views as users
from users.provider import second_factor
from users.provider.views import LoginView

urlpatterns = [
    # One login page for all, because only this one counts wrong passwords.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/logout/", admin.site.admin_view(staff_oidc.logout_page)),
    path("admin/", admin.site.admin_view(dashboard_page)),  # its first page; the name is the admin's own
    path("admin/dashboard.json", dashboard_json),
    path("admin/", admin.site.urls),
    # Browsers ask for it on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg")),
    path("health/live", live_view),
    path("health/ready", ready_view),
    path("metrics", metrics_view),
    path("", start_page),
    path("dashboard", start_page),
    path("dashboard/meetings/<uuid:event_id>", pages.event_page, name="event-page"),
    path("room/<uuid:room_id>", pages.room_page, name="room-page"),
    path("invite/<uuid:code>", pages.guest_page, name="guest-page"),
    path("reminders/off/<str:token>", pages.reminders_off_page),
    path("proposals/<str:token>", proposal_page),
    path("answers/off/<str:token>", pages.answers_off_page),
    path("rsvp/<str:token>", rsvp_page, name="rsvp"),
    path("login/", LoginView.as_view(), name="login"),
    path("login/second-factor/", second_factor.code_page, name="second-factor"),
    path("login/second-factor/set-up/", second_factor.set_up_page, name="second-factor-set-up"),
    path("login/second-factor/remove/", second_factor.remove_page, name="second-factor-remove"),
    path("login/provider/", staff_oidc.begin_page, name="staff-oidc"),
    path("login/provider/return/", staff_oidc.return_page, name="staff-oidc-return"),
    path("language/", set_language, name="set_language"),
    path("oidc/", include("users.provider.urls")),
    path("v1/auth/login", users.LoginView.as_view()),
    path("v1/auth/logout", users.LogoutView.as_view()),
    path("v1/users", users.UsersView.as_view()),
    path("v1/users/me", users.MeView.as_view()),
    path("v1/users/me/tariff", users.MyTariffView.as_view()),
    path("v1/users/me/assets", assets.MyAssetsView.as_view()),
    path("v1/users/me/pending_invites", event_invites.PendingInvitesView.as_view()),
    path("v1/users/me/event_favorites/<uuid:event_id>", favorites.EventFavoriteView.as_view()),
    path("v1/users/me/answer_mails", digests.AnswerMailsView.as_view()),
    path("v1/users/me/reminders", reminders.UsualRemindersView.as_view()),
    path("v1/users/find", users.FindUsersView.as_view()),
    path("v1/users/<uuid:user_id>", users.UserView.as_view()),
    path("v1/users/<uuid:user_id>/avatar", users.UserAvatarView.as_view(), name="user-avatar"),
    path("v1/avatars/<slug:key>", users.AddressAvatarView.as_view(), name="address-avatar"),
    path("v1/rooms", rooms.RoomsView.as_view()),
    path("v1/rooms/<uuid:room_id>", event_rooms.RoomView.as_view()),
    path("v1/rooms/<uuid:room_id>/start", signaling.StartView.as_view()),
    path("v1/rooms/<uuid:room_id>/start_invited", signaling.StartInvitedView.as_view()),
    path("v1/rooms/<uuid:room_id>/event", event_rooms.RoomEventView.as_view()),
    path("v1/rooms/<uuid:room_id>/tariff", invites.RoomTariffView.as_view()),
    path("v1/rooms/<uuid:room_id>/sip", rooms.SipView.as_view()),
    path("v1/rooms/<uuid:room_id>/streaming_targets", streaming.StreamingTargetsView.as_view()),
    path(
        "v1/rooms/<uuid:room_id>/streaming_targets/<uuid:streaming_target_id>", streaming.StreamingTargetView.as_view()
    ),
    path("v1/rooms/<uuid:room_id>/invites", invites.RoomInvitesView.as_view()),
    path("v1/rooms/<uuid:room_id>/invites/<uuid:invite_code>", invites.RoomInviteView.as_view()),
    path("v1/rooms/<uuid:room_id>/assets", assets.RoomAssetsView.as_view()),
    path("v1/rooms/<uuid:room_id>/assets/<uuid:asset_id>", assets.RoomAssetView.as_view()),
    path("v1/invite/verify", invites.VerifyInviteView.as_view()),
    path("v1/turn", invites.TurnView.as_view()),
    path("v1/services/call_in/start", signaling.StartCallInView.as_view()),
    path("v1/services/recording/start", signaling.StartRecordingView.as_view()),
    path("v1/services/activity", producers.ActivityView.as_view()),
    path("v1/services/activity/kinds", producers.ActivityKindsView.as_view()),
    path("v1/services/objects/<uuid:object_id>", states.ServiceObjectView.as_view()),
    path("v1/services/conferences/<uuid:room_id>/members", states.ConferenceMembersView.as_view()),
    path("v1/services/boxes/<uuid:box_id>/heartbeat", states.BoxHeartbeatView.as_view()),
    path("v1/services/sensors/<uuid:sensor_id>/data", states.SensorDataView.as_view()),
    path("v1/services/sensors/<uuid:sensor_id>/actions", states.SensorActionsView.as_view()),
    path("v1/services/calls/<uuid:call_id>", states.ServiceCallView.as_view()),
    path("v1/services/calls/<uuid:call_id>/dtmf", states.CallDtmfView.as_view()),
    path("v1/services/faxes/<uuid:fax_id>/reports", states.FaxReportsView.as_view()),
    path("v1/services/chats/<uuid:chat_id>/message", states.ChatMessageView.as_view()),
    path("v1/services/sip/registrations", states.SipRegistrationsView.as_view()),
    path("v1/services/livekit/webhook", LiveKitWebhookView.as_view()),
    path("v1/services/call_reverse", states.CallReverseView.as_view()),
    path("v1/events", events.EventsView.as_view()),
    path("v1/events/<uuid:event_id>", events.EventView.as_view()),
    path("v1/events/instances", instances.InstancesView.as_view()),
    path("v1/events/<uuid:event_id>/instances", instances.EventInstancesView.as_view()),
    path("v1/events/<uuid:event_id>/instances/<str:instance_id>", instances.EventInstanceView.as_view()),
    path("v1/events/<uuid:event_id>/reschedule", instances.RescheduleView.as_view()),
    path("v1/events/<uuid:event_id>/invite", event_invites.OwnInviteView.as_view()),
    path("v1/events/<uuid:event_id>/invites", event_invites.EventInvitesView.as_view()),
    path("v1/events/<uuid:event_id>/invites/email", event_invites.EventEmailInviteView.as_view()),
    path("v1/events/<uuid:event_id>/invites/<uuid:user_id>", event_invites.EventInviteeView.as_view()),
    path("v1/events/<uuid:event_id>/proposals", proposals.ProposalsView.as_view()),
    path("v1/events/<uuid:event_id>/proposals/<uuid:proposal_id>/accept", proposals.AcceptProposalView.as_view()),
    path("v1/events/<uuid:event_id>/proposals/<uuid:proposal_id>/refuse", proposals.RefuseProposalView.as_view()),
    path("v1/events/<uuid:event_id>/reminders", reminders.EventRemindersView.as_view()),
    path("v1/events/<uuid:event_id>/shared_folder", shared_folders.SharedFolderView.as_view()),
    path("v1/stream", StreamView.as_view()),
    path("v1/activity", ActivityView.as_view()),
    path("v1/smart_invites", SmartInvitesView.as_view()),
    path("cronofy/v1/smart_invites", SmartInvitesView.as_view(schema=None)),
    path("api/", include("integrations.cospace.urls")),
    path("webex/v1/events", webex.WebexEventsView.as_view()),
    path("webex/v1/events/<str:event_key>", webex.WebexEventView.as_view()),
    path("webex/v1/webhooks", webex_webhooks.WebexWebhooksView.as_view()),
    path("webex/v1/webhooks/<str:webhook_id>", webex_webhooks.WebexWebhookView.as_view()),
    path("v1/openapi.json", published(OpenApiView.as_view()), name="openapi"),
    path("v1/docs", published(DocsView.as_view()), name="docs"),
    path("v1/docs/oauth2-redirect.html", published(SignInReturnView.as_view()), name="docs-sign-in-return"),
    path("anymail/", include((WEBHOOKS, "anymail"))),
    path("signaling", signaling.SignalingView.as_view()),
    path(".well-known/opentalk/api", DiscoveryView.as_view()),
]

handler400 = "rest.errors.bad_request"
handler404 = "rest.errors.page_not_found"
handler500 = "rest.errors.server_error"
