"""What is about accounts, the site and its staff: Webex has no resources for it among its events."""

from activity import callback_kinds, mail_kinds, sign_in_kinds, table_kinds
from activity.kinds import (
    DigestUpdated,
    FavoriteAdded,
    FavoriteRemoved,
    JobRequested,
    RemindersUpdated,
    SettingsUpdated,
    SetupCreated,
    SetupDeleted,
    SetupUpdated,
    UserAdded,
    UserCreated,
    UserSeenAs,
    UserSignedOut,
    UserUpdated,
)
from integrations.webex.formats.table import Formats, NotShown

FORMATS: Formats = {}
NOT_SHOWN: NotShown = frozenset({
    FavoriteAdded, FavoriteRemoved, RemindersUpdated, DigestUpdated,
    UserAdded, UserCreated, UserUpdated, UserSignedOut, UserSeenAs,
    SetupCreated, SetupUpdated, SetupDeleted, SettingsUpdated, JobRequested,
    sign_in_kinds.UserSignedIn, sign_in_kinds.SignInRefused, sign_in_kinds.UserGuessed, sign_in_kinds.UserUnlocked,
    sign_in_kinds.UserPasswordSet, sign_in_kinds.SecondFactorSet, sign_in_kinds.SecondFactorRemoved,
    sign_in_kinds.RecoveryCodeUsed,
    mail_kinds.MailResent, mail_kinds.MailAborted, mail_kinds.MailProcessedAgain, mail_kinds.AddressSuppressed,
    mail_kinds.SuppressionLifted, mail_kinds.DomainReleased,
    callback_kinds.EndpointDisabled, callback_kinds.EndpointEnabled, callback_kinds.EndpointRefuses,
    callback_kinds.EndpointPinged, callback_kinds.CallbackGivenUp, callback_kinds.CallbackSkipped,
    callback_kinds.CallbacksRedelivered,
    table_kinds.ListExported, table_kinds.ListImported,
})  # fmt: skip
