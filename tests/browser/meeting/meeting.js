// A client of the live meeting, as small as one can be: ?server=…&room=… with &token=… of an account or &code=… of a
// guest. It knows what the frames say, and nothing else.
const query = new URLSearchParams(location.search);
const server = query.get('server');
const find = (id) => document.getElementById(id);
const PROTOCOL = 'opentalk-signaling-json-v1.0';

const state = { id: '', role: '', name: '', handIsUp: false, people: new Map(), waiting: new Map(), names: new Map() };
let socket;

const say = (text) => { find('status').textContent = text; };
const send = (namespace, action, payload = {}) => socket.send(JSON.stringify({ namespace, payload: { action, ...payload } }));

async function ticket() {
  const [token, code] = [query.get('token'), query.get('code')];
  const answer = await fetch(`${server}/v1/rooms/${query.get('room')}/${code ? 'start_invited' : 'start'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ breakout_room: null, ...(code && { invite_code: code }) }),
  });
  if (!answer.ok) throw new Error((await answer.json()).code);
  return (await answer.json()).ticket;
}

async function enter(name) {
  state.name = name;
  // The ticket first, as the real client does.
  socket = new WebSocket(`${server.replace(/^http/, 'ws')}/signaling`, [`ticket#${await ticket()}`, PROTOCOL]);
  const heart = setInterval(() => send('echo', 'ping'), 12_000);
  socket.onopen = () => send('control', 'join', { display_name: name });
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = ({ code }) => {
    clearInterval(heart);
    find('room').hidden = true;
    if (!state.end) say(`Closed with ${code}`);
  };
}

function receive({ namespace, timestamp, payload }) {
  hear[`${namespace}.${payload.message}`]?.(payload, timestamp);
  show();
}

const put = (person) => {
  state.people.set(person.id, person.control);
  state.names.set(person.id, person.control.display_name);
};

const hear = {
  'control.join_success': (payload) => {
    Object.assign(state, { id: payload.id, role: payload.role, handIsUp: false, people: new Map(), isIn: true });
    state.names.set(payload.id, payload.display_name);
    payload.participants.forEach((person) => {
      state.names.set(person.id, person.control.display_name);
      if (person.control.left_at === null) put(person);
    });
    state.waiting = new Map((payload.moderation.waiting_room_participants ?? []).map((one) => [one.id, one.control]));
    state.gateIsClosed = payload.moderation.waiting_room_enabled;
    find('messages').replaceChildren();
    payload.chat.room_history.forEach((message) => line(message, message.timestamp));
    say(`In “${payload.event_info?.title ?? 'a room'}” as ${payload.display_name}`);
  },
  'control.joined': put,
  'control.update': put,
  'control.left': ({ id }) => state.people.delete(id),
  'control.hand_raised': () => { state.handIsUp = true; },
  'control.hand_lowered': () => { state.handIsUp = false; },
  'control.role_updated': ({ new_role: role }) => { state.role = role; },
  'moderation.in_waiting_room': () => { state.isIn = false; say('Please wait until somebody lets you in'); },
  'moderation.accepted': () => send('control', 'enter_room'),
  'moderation.joined_waiting_room': ({ id, control }) => state.waiting.set(id, control),
  'moderation.left_waiting_room': ({ id }) => state.waiting.delete(id),
  'moderation.waiting_room_enabled': () => { state.gateIsClosed = true; },
  'moderation.waiting_room_disabled': () => { state.gateIsClosed = false; },
  'moderation.raised_hand_reset_by_moderator': () => { state.handIsUp = false; },
  'moderation.kicked': () => { state.end = true; say('A moderator has removed you'); },
  'chat.message_sent': line,
};

function line({ source, content }, timestamp) {
  const item = document.createElement('li');
  item.textContent = `${state.names.get(source)}: ${content}`;
  item.title = timestamp;
  find('messages').append(item);
}

function show() {
  const moderates = state.role === 'moderator';
  find('door').hidden = true;
  find('room').hidden = !state.isIn;
  find('lobby').hidden = !moderates;
  find('hand').setAttribute('aria-pressed', state.handIsUp);
  find('gate').setAttribute('aria-pressed', Boolean(state.gateIsClosed));
  const own = { display_name: `${state.names.get(state.id)} (you)`, role: state.role, hand_is_up: state.handIsUp };
  const people = [...state.people].sort(([, a], [, b]) => a.display_name.localeCompare(b.display_name));
  find('people').replaceChildren(
    row(own),
    ...people.map(([id, person]) => row(person, moderates && ['Remove', () => send('moderation', 'kick', { target: id })])),
  );
  find('waiting').replaceChildren(
    ...[...state.waiting].map(([id, person]) => row(person, ['Let in', () => send('moderation', 'accept', { target: id })])),
  );
}

function row({ display_name: name, role, hand_is_up: handIsUp }, action) {
  const item = document.createElement('li');
  const small = document.createElement('span');
  small.className = 'role';
  small.textContent = ` ${role}${handIsUp ? ', hand up' : ''}`;
  item.append(name, small);
  if (action) {
    const button = document.createElement('button');
    button.type = 'button';
    [button.textContent, button.onclick] = action;
    button.setAttribute('aria-label', `${action[0]} ${name}`);
    item.append(' ', button);
  }
  return item;
}

find('door').onsubmit = (event) => {
  event.preventDefault();
  enter(find('name').value).catch((error) => say(`Refused: ${error.message}`));
};
find('hand').onclick = () => send('control', state.handIsUp ? 'lower_hand' : 'raise_hand');
find('gate').onclick = () => send('moderation', state.gateIsClosed ? 'disable_waiting_room' : 'enable_waiting_room');
find('say').onsubmit = (event) => {
  event.preventDefault();
  send('chat', 'send_message', { scope: 'global', content: find('text').value });
  find('text').value = '';
};
