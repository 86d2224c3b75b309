// node client.cjs FOLDER: reads {began, ended, people: {name: [frame, …]}} as JSON from stdin, frames as each person's
// socket brought them, `began` and `ended` in ms. Converts them by the FOLDER's camelcase-keys as the client does and
// follows them as the client does. Writes {broken: [[row, text], …], asked: {row: how often}}; the rows are those of
// §3.3 of the reference for signaling, "base" for what holds everywhere.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const camelcaseKeys = createRequire(join(process.argv[2], 'package.json'))('camelcase-keys');
const OPTIONS = {
  deep: true,
  exclude: [/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/i],
  stopPaths: ['payload.voting_record', 'payload.chat.last_seen_timestamps_private', 'payload.chat.last_seen_timestamps_group'],
};
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const CONTROL = ['displayName', 'role', 'participationKind', 'handIsUp', 'joinedAt', 'leftAt', 'handUpdatedAt', 'isRoomOwner'];
const ROLES = ['guest', 'user', 'moderator'];
const KINDS = ['user', 'guest', 'sip'];
// What the client knows of each namespace; the rest throws in it, or is only logged.
const KNOWN = {
  control: `join_success join_blocked joined update left role_updated hand_raised hand_lowered moderator_role_granted
    moderator_role_revoked time_limit_quota_elapsed room_deleted rate_limit_exceeded error`,
  moderation: `kicked banned sent_to_waiting_room in_waiting_room joined_waiting_room left_waiting_room accepted
    waiting_room_enabled waiting_room_disabled raise_hands_enabled raise_hands_disabled raised_hand_reset_by_moderator
    debriefing_started session_ended display_name_changed error`,
  chat: 'message_sent chat_enabled chat_disabled history_cleared error',
  breakout: 'started stopped expired joined left error',
  timer: 'started stopped updated_ready_status error',
  polls: 'started live_update done error',
  legal_vote: 'started voted updated stopped canceled pdf_asset reported_issue error',
  automod: 'started stopped speaker_updated remaining_updated start_animation error',
  meeting_notes: 'write_url read_url pdf_asset error',
  whiteboard: 'space_url pdf_asset error',
  shared_folder: 'updated',
  livekit: `credentials microphone_restrictions_enabled microphone_restrictions_disabled force_muted
    popout_stream_access_token screen_share_permissions_updated error`,
  media: `speaker_updated presenter_granted presenter_revoked presenter_role_granted presenter_role_revoked
    force_mute_enabled force_mute_disabled request_mute sdp_answer sdp_offer sdp_candidate sdp_end_of_candidates
    webrtc_up webrtc_down webrtc_slow media_status error`,
  recording: 'stream_updated recorder_error error',
  meeting_report: 'pdf_asset error',
  training_participation_report: `presence_logging_enabled presence_logging_disabled presence_logging_started
    presence_logging_ended presence_confirmation_requested presence_confirmation_logged pdf_asset error`,
  subroom_audio: `whisper_group_created whisper_invite whisper_token participants_invited whisper_invite_accepted
    whisper_invite_declined left_whisper_group kicked whisper_group_disbanded error`,
};
const known = Object.fromEntries(Object.entries(KNOWN).map(([name, words]) => [name, words.split(/\s+/)]));

const { began, ended, people } = JSON.parse(readFileSync(0, 'utf8'));
const broken = [];
const asked = {};
const judge = (who) => (row, holds, text) => {
  asked[row] = (asked[row] ?? 0) + 1;
  if (!holds) broken.push([String(row), `${who}: ${text}`]);
};

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTime = (value) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
const isId = (value) => typeof value === 'string' && UUID.test(value);

class Client {
  constructor(name) {
    this.must = judge(name);
    this.last = '';
    this.awaitsHandsDisabled = false;
  }

  receive(raw) {
    const message = camelcaseKeys(raw, OPTIONS);
    const { namespace, timestamp, payload } = message;
    if (namespace === 'echo') return;
    this.must('base', isTime(timestamp), `the envelope's timestamp ${timestamp}`);
    // The client's list of messages is keyed by source and timestamp.
    this.must(11, timestamp > this.last || namespace !== 'chat', `${timestamp} does not follow ${this.last}`);
    this.last = namespace === 'chat' ? timestamp : this.last;
    this.must(12, known[namespace]?.includes(payload.message), `${namespace} ${payload.message} is unknown`);
    if (this.awaitsHandsDisabled) {
      this.must(13, payload.message === 'raise_hands_disabled', `join_success is followed by ${payload.message}`);
      this.awaitsHandsDisabled = false;
    }
    this[`${namespace}_${payload.message}`]?.(payload, timestamp, raw.payload);
  }

  person(row, someone) {
    const { must } = this;
    must('base', isId(someone.id), `id ${someone.id}`);
    const missing = CONTROL.filter((member) => someone.control?.[member] === undefined);
    must(row, missing.length === 0, `control of ${someone.id} has no ${missing}`);
    const { displayName, joinedAt, handUpdatedAt, leftAt, role, participationKind, avatarUrl } = someone.control ?? {};
    must(2, typeof displayName === 'string' && isTime(joinedAt), `name ${displayName}, joined at ${joinedAt}`);
    must('base', isTime(handUpdatedAt), `hand updated at ${handUpdatedAt}`);
    must('base', ROLES.includes(role) && KINDS.includes(participationKind), `role ${role}, kind ${participationKind}`);
    must(3, leftAt === null || isTime(leftAt), `left at ${leftAt}`);
    this.avatar(avatarUrl);
    must(1, Object.values(someone).every((member) => member !== null), `a member of ${someone.id} is null`);
    must('base', someone.chat === undefined || Array.isArray(someone.chat.groups), 'groups are no list');
  }

  avatar(url) {
    if (url !== undefined) this.must(10, typeof url === 'string' && !url.includes('?'), `avatar ${url}`);
  }

  seenFromAfar(someone) {
    const { must } = this;
    must(3, someone.leftAt === null || isTime(someone.leftAt), `${someone.id} left another room at ${someone.leftAt}`);
    must('base', isId(someone.id) && (someone.breakoutRoom === null || isId(someone.breakoutRoom)), 'ids in other rooms');
    must('base', typeof someone.displayName === 'string' && isTime(someone.joinedAt), 'name and time in other rooms');
    must('base', ROLES.includes(someone.role) && KINDS.includes(someone.participationKind), 'role and kind in other rooms');
    this.avatar(someone.avatarUrl);
  }

  // As the client sorts its list.
  sorted() {
    try {
      const here = [...this.here.values()];
      here.sort((a, b) => a.control.displayName.localeCompare(b.control.displayName));
      here.sort((a, b) => a.control.joinedAt.localeCompare(b.control.joinedAt));
      this.must(2, true);
    } catch (error) {
      this.must(2, false, `the list cannot be sorted: ${error.message}`);
    }
  }

  // --- control ---

  control_join_success(payload, timestamp, raw) {
    const { must } = this;
    must(17, true);
    must(18, Date.parse(timestamp) >= began && Date.parse(timestamp) <= ended, `the server's clock says ${timestamp}`);
    for (const [name, member] of Object.entries(payload)) must(1, member !== null, `${name} of join_success is null`);
    must('base', isId(payload.id) && ROLES.includes(payload.role), `id ${payload.id}, role ${payload.role}`);
    must('base', typeof payload.isRoomOwner === 'boolean', 'is_room_owner is missing');
    must('base', payload.closesAt === undefined || isTime(payload.closesAt), `closes at ${payload.closesAt}`);
    this.avatar(payload.avatarUrl);
    must(9, isMap(payload.tariff?.quotas) && isMap(payload.tariff?.modules), 'the tariff has no quotas or modules');
    const features = Object.values(payload.tariff?.modules ?? {}).map((one) => one.features);
    must(9, features.every(Array.isArray), 'a module of the tariff has no features');
    must('base', Object.values(payload.tariff?.quotas ?? {}).every(Number.isInteger), 'a quota is no number');
    this.here = new Map();
    must('base', Array.isArray(payload.participants), 'participants are no list');
    for (const someone of payload.participants ?? []) {
      this.person(2, someone);
      must('base', someone.id !== payload.id && !this.here.has(someone.id), `${someone.id} is listed twice`);
      this.here.set(someone.id, someone);
    }
    this.sorted();
    this.id = payload.id;
    this.role = payload.role;
    if (payload.eventInfo !== undefined) this.event(payload.eventInfo);
    if (payload.roomInfo !== undefined) {
      must('base', isId(payload.roomInfo.id) && typeof payload.roomInfo.createdBy.displayName === 'string', 'room_info');
      this.avatar(payload.roomInfo.createdBy?.avatarUrl);
    }
    this.history(payload.chat);
    this.modules(payload, raw);
  }

  event(info) {
    this.must('base', isId(info.id) && isId(info.roomId) && typeof info.title === 'string', 'event_info');
    this.must('base', typeof info.isAdhoc === 'boolean', `is_adhoc ${info.isAdhoc}`);
    this.must('base', typeof info.e2EEncryption === 'boolean', `e2EEncryption is ${info.e2EEncryption}`);
  }

  history(chat) {
    const { must } = this;
    must(7, Array.isArray(chat?.roomHistory) && Array.isArray(chat?.groupsHistory), 'chat has no history');
    must('base', typeof chat?.enabled === 'boolean', 'chat.enabled is missing');
    const groups = chat?.groupsHistory ?? [];
    must(7, groups.every((group) => typeof group.name === 'string' && Array.isArray(group.history)), 'a group has no history');
    const correspondents = chat?.privateHistory ?? [];
    must(7, correspondents.every((one) => isId(one.correspondent) && Array.isArray(one.history)), 'private history');
    for (const list of [chat?.roomHistory, ...groups.map((one) => one.history), ...correspondents.map((one) => one.history)]) {
      const keys = new Set((list ?? []).map((message) => `${message.source}@${message.timestamp}`));
      must(11, keys.size === (list ?? []).length, 'two messages of the history have one key');
      for (const message of list ?? []) {
        must('base', isId(message.id) && isId(message.source) && isTime(message.timestamp), 'a message of the history');
        const live = this.messages.get(message.id);
        if (live !== undefined) must(11, live === message.timestamp, `${live} came, ${message.timestamp} is kept`);
      }
    }
    for (const seen of [chat?.lastSeenTimestampsPrivate, chat?.lastSeenTimestampsGroup]) {
      must('base', isMap(seen) && Object.values(seen).every(isTime), 'last seen');
    }
  }

  modules(payload, raw) {
    const { must } = this;
    const { breakout, polls, timer, automod, moderation, recording, livekit, media, legalVote } = payload;
    if (moderation !== undefined) {
      const isDisabled = moderation.raiseHandsEnabled === false;
      this.awaitsHandsDisabled = isDisabled;
      must('base', typeof moderation.raiseHandsEnabled === 'boolean', 'raise_hands_enabled');
      if (payload.role === 'moderator') {
        must('base', typeof moderation.waitingRoomEnabled === 'boolean', 'waiting_room_enabled');
        for (const someone of moderation.waitingRoomParticipants) {
          this.person(2, someone);
          must('base', ['waiting', 'accepted'].includes(someone.waitingRoomState), 'waiting_room_state');
        }
      }
    }
    if (breakout !== undefined) {
      must(6, breakout.current === null || isId(breakout.current), `breakout.current is ${breakout.current}`);
      must('base', breakout.expires === null || isTime(breakout.expires), `breakout.expires is ${breakout.expires}`);
      must('base', breakout.rooms.every((room) => isId(room.id) && typeof room.name === 'string'), 'breakout.rooms');
      for (const someone of breakout.participants) this.seenFromAfar(someone);
    }
    if (polls !== undefined) this.poll(polls, isTime(polls.started));
    if (timer !== undefined) this.timer(timer);
    if (automod !== undefined) this.lists(automod.config);
    if (legalVote !== undefined) {
      legalVote.votes.forEach((vote, number) => {
        const tokens = Object.keys(raw.legal_vote.votes[number].voting_record ?? {});
        const read = Object.keys(vote.votingRecord ?? {});
        must('base', tokens.every((token) => read.includes(token)), `tokens ${tokens} become ${read}`);
      });
    }
    if (livekit !== undefined) {
      const { type, unrestrictedParticipants } = livekit.microphoneRestrictionState ?? {};
      must(19, ['enabled', 'disabled'].includes(type) && Array.isArray(unrestrictedParticipants), 'unrestricted_participants');
    }
    if (media !== undefined) must(19, Array.isArray(media.forceMute?.allowList), 'allow_list');
    if (recording !== undefined) {
      must('base', isMap(recording.targets) && Object.keys(recording.targets).every(isId), 'recording.targets');
      for (const target of Object.values(recording.targets)) {
        must('base', ['recording', 'livestream'].includes(target.streamingKind) && typeof target.name === 'string', 'target');
      }
    }
  }

  control_joined(payload) {
    const { message, ...someone } = payload;
    this.person(2, someone);
    this.must(3, someone.control.leftAt === null, `${someone.id} joined and left`);
    this.here.set(someone.id, someone);
    this.sorted();
  }

  control_update(payload) {
    const { message, ...someone } = payload;
    this.person(4, someone);
    this.must(4, someone.id !== this.id, 'an update about oneself');
    const before = this.here.get(someone.id);
    this.must('base', before !== undefined, `an update about ${someone.id}, who is not here`);
    if (this.role === 'moderator' && before?.meetingNotes !== undefined) {
      this.must(5, someone.meetingNotes !== undefined, 'meeting_notes is missing in an update');
    }
    this.here.set(someone.id, { ...before, ...someone, control: { ...before?.control, ...someone.control } });
    this.sorted();
  }

  control_left({ id, reason }) {
    this.must('base', this.here.has(id), `${id} left without being here`);
    const reasons = ['quit', 'timeout', 'sent_to_waiting_room', 'kicked', 'banned'];
    this.must('base', reasons.includes(reason), `reason ${reason}`);
  }

  control_join_blocked({ reason }) {
    this.must(16, typeof reason === 'string', 'join_blocked without reason');
  }

  control_role_updated({ newRole }) {
    this.must('base', ROLES.includes(newRole), `new role ${newRole}`);
    this.role = newRole;
  }

  // --- modules ---

  moderation_joined_waiting_room(payload) {
    const { message, ...someone } = payload;
    this.person(2, someone);
  }

  moderation_raise_hands_disabled({ issuedBy }) {
    this.must('base', isId(issuedBy), `issued by ${issuedBy}`);
  }

  messages = new Map();

  chat_message_sent(message, timestamp) {
    const { id, source, scope, target } = message;
    this.must('base', isId(id) && isId(source) && typeof message.content === 'string', 'a message');
    this.must('base', scope === 'global' ? target === undefined : typeof target === 'string', `${scope} to ${target}`);
    this.messages.set(id, timestamp);
  }

  chat_chat_enabled(payload) {
    this.must(14, isId(payload.id) && payload.id === payload.issuedBy, 'who switched the chat');
  }

  chat_chat_disabled = this.chat_chat_enabled;

  breakout_started({ rooms, expires, assignment }) {
    this.must(6, assignment === null || isId(assignment), `assignment is ${assignment}`);
    this.must('base', expires === null || isTime(expires), `expires ${expires}`);
    this.must('base', rooms.every((room) => isId(room.id) && typeof room.name === 'string'), 'breakout.rooms');
  }

  breakout_joined(payload) {
    this.seenFromAfar(payload);
  }

  breakout_left({ id, breakoutRoom }) {
    this.must('base', isId(id) && (breakoutRoom === null || isId(breakoutRoom)), `${id} left ${breakoutRoom}`);
  }

  poll({ id, topic, live, multipleChoice, choices, duration }, isStarted = true) {
    const isWhole = isId(id) && typeof topic === 'string' && typeof live === 'boolean' && typeof multipleChoice === 'boolean';
    this.must('base', isWhole && isStarted && Number.isInteger(duration), 'a poll');
    this.must('base', choices.every((one) => Number.isInteger(one.id) && typeof one.content === 'string'), 'choices');
  }

  polls_started(payload) {
    this.poll(payload);
  }

  polls_live_update({ id, results }) {
    this.must('base', isId(id) && results.every((one) => Number.isInteger(one.id) && Number.isInteger(one.count)), 'results');
  }

  polls_done = this.polls_live_update;

  timer({ timerId, startedAt, kind, endsAt, readyCheckEnabled }) {
    const isWhole = isId(timerId) && isTime(startedAt) && typeof readyCheckEnabled === 'boolean';
    this.must('base', isWhole && (kind === 'countdown' ? isTime(endsAt) : endsAt === undefined), 'a timer');
  }

  timer_started(payload) {
    this.timer(payload);
  }

  lists(config) {
    this.must(8, Array.isArray(config?.history) && Array.isArray(config?.remaining), 'automod has no history or remaining');
  }

  automod_started(payload) {
    this.lists(payload);
  }

  recording_stream_updated({ targetId, status }) {
    this.must('base', isId(targetId) && typeof status === 'string', `stream ${targetId} is ${status}`);
  }

  shared_folder_updated({ read, readWrite }) {
    this.must('base', typeof read?.url === 'string' && readWrite !== null, 'shared folder');
  }

  legal_vote_voted({ response, consumedToken }) {
    this.must('base', response !== 'success' || typeof consumedToken === 'string', 'a vote without its token');
  }
}

for (const [name, frames] of Object.entries(people)) {
  const client = new Client(name);
  for (const frame of frames) {
    try {
      client.receive(frame);
    } catch (error) {
      client.must('throws', false, `${frame.namespace} ${frame.payload?.message}: ${error.stack}`);
    }
  }
}
process.stdout.write(JSON.stringify({ broken, asked }));
