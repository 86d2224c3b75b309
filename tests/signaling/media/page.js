// One person of a meeting, as the older client does it: publishes the camera, and sees whoever publishes one.
const PROTOCOL = 'opentalk-signaling-json-v1.0';
const video = 'video';

window.meeting = {
  errors: [],
  told: [], // messages of namespace media, in order
  peers: new Map(), // by participant: RTCPeerConnection
  early: new Map(), // candidates that came before what they belong to

  join(url, ticket, name) {
    this.socket = new WebSocket(url, [`ticket#${ticket}`, PROTOCOL]);
    this.socket.onopen = () => this.send('control', { action: 'join', display_name: name });
    // One after the other: an answer is applied before the candidates after it.
    this.turn = Promise.resolve();
    this.socket.onmessage = ({ data }) => {
      const { namespace, payload } = JSON.parse(data);
      this.turn = this.turn.then(() => this.receive(namespace, payload)).catch((error) => this.errors.push(String(error)));
    };
    this.socket.onclose = ({ code }) => this.told.push(`closed ${code}`);
  },

  send(namespace, payload) {
    this.socket.send(JSON.stringify({ namespace, payload }));
  },

  signal(action, target, data = {}) {
    this.send('media', { action, target, media_session_type: video, ...data });
  },

  async receive(namespace, payload) {
    if (namespace === 'media') {
      this.told.push(payload.error ?? payload.message);
      await this[payload.message]?.(payload);
    } else if (payload.message === 'join_success') {
      this.id = payload.id;
      this.media = payload.media;
      payload.participants.forEach((person) => this.look(person));
    } else if (payload.message === 'joined' || payload.message === 'update') {
      this.look(payload);
    }
  },

  look({ id, media }) {
    if (media?.video && !this.peers.has(id)) {
      this.peer(id);
      this.signal('subscribe', id);
    }
  },

  peer(id) {
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.peers.set(id, peer);
    peer.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) {
        const { sdpMid, sdpMLineIndex } = candidate;
        this.signal('sdp_candidate', id, { candidate: { sdpMid, sdpMLineIndex, candidate: candidate.candidate } });
      } else if (!candidate) {
        this.signal('sdp_end_of_candidates', id);
      }
    };
    peer.ontrack = ({ streams, track }) => {
      if (track.kind === 'video') this.show(id, streams[0]);
    };
    return peer;
  },

  show(id, stream) {
    const element = document.createElement('video');
    Object.assign(element, { id: `of-${id}`, autoplay: true, muted: true, width: 320, height: 240, srcObject: stream });
    document.body.append(element);
  },

  async publish() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
    document.getElementById('own').srcObject = stream;
    const peer = this.peer(this.id);
    stream.getTracks().forEach((track) => peer.addTrack(track, stream));
    await peer.setLocalDescription();
    this.signal('publish', this.id, { sdp: peer.localDescription.sdp });
  },

  unpublish() {
    this.peers.get(this.id).close();
    this.peers.delete(this.id);
    this.signal('unpublish', this.id);
  },

  async sdp_answer({ source, sdp }) {
    await this.peers.get(source).setRemoteDescription({ type: 'answer', sdp });
  },

  async sdp_offer({ source, sdp }) {
    const peer = this.peers.get(source);
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription();
    this.signal('sdp_answer', source, { sdp: peer.localDescription.sdp });
  },

  async sdp_candidate({ source, candidate }) {
    await this.peers.get(source)?.addIceCandidate(candidate);
  },

  async webrtc_up({ source }) {
    const media_session_state = { video: true, audio: true };
    if (source === this.id) this.signal('publish_complete', source, { media_session_state });
  },

  webrtc_down({ source }) {
    this.peers.get(source)?.close();
    this.peers.delete(source);
    document.getElementById(`of-${source}`)?.remove();
  },

  async decoded(id) {
    const stats = await this.peers.get(id)?.getStats();
    const inbound = [...(stats?.values() ?? [])].find((one) => one.type === 'inbound-rtp' && one.kind === 'video');
    const { videoWidth, currentTime } = document.getElementById(`of-${id}`) ?? {};
    return { frames: inbound?.framesDecoded ?? 0, width: videoWidth ?? 0, time: currentTime ?? 0 };
  },
};
