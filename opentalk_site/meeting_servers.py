"""The part of settings.py that names other servers for meetings: what none is named for is off."""

import re

from opentalk_site import env

# Where media finds its way through: coturn with `use-auth-secret` and, on all hosts, this `static-auth-secret`.
TURN_URIS = env.listing("TURN_URIS")
TURN_SECRET = env.text("TURN_SECRET")
TURN_LIFETIME_SECONDS = env.number("TURN_LIFETIME_SECONDS", 86400)
STUN_URIS = env.listing("STUN_URIS")

# Where a meeting's shared folder is kept; all of them belong to one account.
SHARED_FOLDERS = env.choice("SHARED_FOLDERS", "none", "nextcloud")
NEXTCLOUD_URL = env.http_url("NEXTCLOUD_URL").rstrip("/")
NEXTCLOUD_USERNAME = env.text("NEXTCLOUD_USERNAME")
NEXTCLOUD_PASSWORD = env.text("NEXTCLOUD_PASSWORD")
NEXTCLOUD_DIRECTORY = env.matching(
    "NEXTCLOUD_DIRECTORY", "opentalk-meetings", r"/?([^/.\\?#][^/\\?#]*/?)+", "a folder of that account"
).strip("/")
NEXTCLOUD_LINK_DAYS = env.number("NEXTCLOUD_LINK_DAYS", 0)  # 0: links never expire
NEXTCLOUD_TIMEOUT_SECONDS = env.number("NEXTCLOUD_TIMEOUT_SECONDS", 10, at_least=1)

# Pictures and sound, by LiveKit: its address for clients, and for this site where that reaches it by another one.
LIVEKIT_URL = env.matching(
    "LIVEKIT_URL",
    "",
    r"(wss?|https?)://[^\s/?#@:]+(:\d{1,5})?(/[^\s?#]*)?",
    "an address such as wss://livekit.example.org",
)
LIVEKIT_SERVICE_URL = env.http_url("LIVEKIT_SERVICE_URL", re.sub("^ws", "http", LIVEKIT_URL)).rstrip("/")
LIVEKIT_API_KEY = env.text("LIVEKIT_API_KEY")
LIVEKIT_API_SECRET = env.text("LIVEKIT_API_SECRET")
# Whether people who are no moderators need a moderator's leave to share their screen.
LIVEKIT_ASKS_BEFORE_SCREEN_SHARE = env.flag("LIVEKIT_ASKS_BEFORE_SCREEN_SHARE")
LIVEKIT_TIMEOUT_SECONDS = env.number("LIVEKIT_TIMEOUT_SECONDS", 5, at_least=1)

# Notes by Etherpad, drawings by Spacedeck; the times are also for a PDF, which they may take a while to write.
ETHERPAD_URL = env.http_url("ETHERPAD_URL").rstrip("/")
ETHERPAD_API_KEY = env.text("ETHERPAD_API_KEY")
ETHERPAD_TIMEOUT_SECONDS = env.number("ETHERPAD_TIMEOUT_SECONDS", 20, at_least=1)
SPACEDECK_URL = env.http_url("SPACEDECK_URL").rstrip("/")
SPACEDECK_API_KEY = env.text("SPACEDECK_API_KEY")
SPACEDECK_TIMEOUT_SECONDS = env.number("SPACEDECK_TIMEOUT_SECONDS", 20, at_least=1)

# Pictures and sound of older clients, by Janus: its WebSocket, with the `api_secret` of its janus.jcfg. Bits a second.
JANUS_URL = env.matching(
    "JANUS_URL", "", r"wss?://[^\s/?#@]+(/[^\s?#]*)?", "the address of a WebSocket such as ws://127.0.0.1:8188"
)
JANUS_SECRET = env.text("JANUS_SECRET")
JANUS_VIDEO_BITRATE = env.number("JANUS_VIDEO_BITRATE", 1_500_000, at_least=1)
JANUS_SCREEN_BITRATE = env.number("JANUS_SCREEN_BITRATE", 4_000_000, at_least=1)
