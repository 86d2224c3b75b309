"""Requests to other servers end in time, stay small, and reach nobody inside the operator's network."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outgoing import http
from outgoing.http import OutgoingError, is_reachable, request
from tests.local_server import LocalServer, Reply


@pytest.fixture
def server():
    with LocalServer() as running:
        yield running


def ask(server: LocalServer, path: str = "/", method: str = "GET", **how: Any) -> Any:
    return request(method, server.url + path, **{"deadline_seconds": 2.0, "is_trusted": True} | how)


def test_answer_has_status_headers_and_body(server):
    server.on("/", Reply({"a": 1}, status=201, headers={"X-Name": "value"}))
    answer = ask(server)
    assert (answer.status, answer.headers["x-name"], answer.json()) == (201, "value", {"a": 1})


def test_form_is_sent_as_one(server):
    server.on("/token", Reply({}))
    ask(server, "/token?a=b", "POST", form={"name": "a b&c"})
    asked = server.asked[0]
    assert (asked.method, asked.query, asked.body) == ("POST", {"a": "b"}, b"name=a+b%26c")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["Host"] == server.url.removeprefix("http://")


def test_redirect_is_not_followed(server):
    server.on("/", Reply(status=302, headers={"Location": f"{server.url}/elsewhere"}))
    assert ask(server).status == 302
    assert server.count["/elsewhere"] == 0


@pytest.mark.parametrize(
    "reply", [Reply(b"x" * 50, drip_seconds=0.05), Reply(b"x", wait_seconds=1)], ids=["drip", "late"]
)
def test_slow_server_is_left_at_the_deadline(server, reply):
    server.on("/", reply)
    began = time.monotonic()
    with pytest.raises(OutgoingError, match="TimeoutError"):
        ask(server, deadline_seconds=0.3)
    assert time.monotonic() - began < 0.6


def test_slow_headers_are_left_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip_headers, args=(listener,), daemon=True).start()
        with pytest.raises(OutgoingError):
            request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", deadline_seconds=0.3, is_trusted=True)


def drip_headers(listener: socket.socket) -> None:
    connection, _address = listener.accept()
    with connection, contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)


class SlowReader:
    """A socket, of which ssl.SSLSocket's way to send all is known: piece by piece, each with the whole timeout."""

    def settimeout(self, seconds: float) -> None:
        pass

    def send(self, data: Any) -> int:
        time.sleep(0.01)
        return 1

    def sendall(self, data: Any) -> None:
        for _byte in data:
            self.send(data)


def test_receiver_that_reads_slowly_is_left_at_the_deadline():
    clock: Any = http._Clock(time.monotonic() + 0.05)
    slow: Any = SlowReader()
    with pytest.raises(TimeoutError):
        http._DeadlineSocket(slow, clock, 0).sendall(b"x" * 50)


def test_large_answer_is_refused(server):
    server.on("/", Reply(b"x" * 2000))
    with pytest.raises(OutgoingError, match="larger than 1000 bytes"):
        ask(server, max_bytes=1000)


def test_answer_that_ends_early_is_refused(server):
    server.on("/", Reply(b"x" * 10, length=20))
    with pytest.raises(OutgoingError):
        ask(server, deadline_seconds=0.5)


def answer_once(listener: socket.socket, data: bytes) -> None:
    connection, _address = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(65536)
        connection.sendall(data)
        connection.recv(1)  # keeps the connection open until the other side has enough


def ask_raw(data: bytes, **how: Any) -> Any:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_once, args=(listener, data), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        return request("GET", url, **{"deadline_seconds": 1.0, "is_trusted": True} | how)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_chunks_are_put_together():
    assert ask_raw(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body == b"abcde"


def test_chunks_without_end_are_refused():
    with pytest.raises(OutgoingError, match="larger than 10 bytes"):
        ask_raw(CHUNKED + b"6\r\nabcdef\r\n" * 1000, max_bytes=10)


def test_chunk_of_no_possible_size_is_not_read_to_its_end(monkeypatch):
    """http.client takes -1 for "all there is", which is gigabytes until the deadline."""
    monkeypatch.setattr(http, "MAX_FRAMING", 1000)
    with pytest.raises(OutgoingError, match="does not end"):
        ask_raw(CHUNKED + b"-1\r\n" + b"x" * 100_000, max_bytes=10, is_cut=True)


def test_nobody_listens(server):
    server.close()
    with pytest.raises(OutgoingError, match="ConnectionRefusedError"):
        ask(server)


def test_second_address_is_tried_where_the_first_is_silent(server, monkeypatch):
    """A connection that nobody answers is given up early."""
    server.on("/", Reply({"a": 1}))
    connect, tried = socket.socket.connect, []

    def silent_at_first(self, address):
        tried.append(self.gettimeout())
        if len(tried) == 1:
            raise TimeoutError
        connect(self, address)

    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **how: [here, here])
    monkeypatch.setattr(socket.socket, "connect", silent_at_first)
    assert ask(server, deadline_seconds=60).json() == {"a": 1}
    assert tried == [http.CONNECT_SECONDS] * 2


def test_what_is_no_http_is_refused():
    with pytest.raises(OutgoingError):
        ask_raw(b"220 mail.example.com ESMTP\r\n")


def test_private_addresses_are_for_the_operator_alone(server):
    server.on("/", Reply({}))
    with pytest.raises(OutgoingError, match="not on the public internet"):
        ask(server, is_trusted=False)
    assert server.count["/"] == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user@example.com/",
        "http:///path",
        "example.com",
        "http://[",
        "",
    ],
)
def test_only_plain_web_addresses(url):
    with pytest.raises(OutgoingError, match="no http or https address"):
        request("GET", url, deadline_seconds=1, is_trusted=True)


@pytest.mark.parametrize("url", ["/a b", "/\r\nX-Evil: 1"])
def test_line_breaks_do_not_become_headers(server, url):
    with pytest.raises(OutgoingError):
        ask(server, url)
    assert not server.asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
        "x",
    ],
)  # fmt: skip
def test_address_inside_a_network(address):
    assert not is_reachable(address, ())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_address_of_the_internet(address):
    assert is_reachable(address, ())


def test_answer_that_is_no_json_object(server):
    server.on("/list", Reply([]))
    server.on("/text", Reply(b"<html>"))
    server.on("/error", Reply({}, status=500))
    for path in ("/list", "/text", "/error"):
        with pytest.raises(OutgoingError):
            ask(server, path).json_object()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that only itself vouches for, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now.replace(year=2100)
    )
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "server.pem"
    path.write_bytes(pem + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_server(tmp_path):
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with LocalServer(context) as running:
        running.on("/", Reply({"secure": True}))
        yield running, path


def test_encrypted_answer_is_read(tls_server, monkeypatch):
    server, path = tls_server
    monkeypatch.setattr(http, "_tls", lambda: ssl.create_default_context(cafile=path))
    assert ask(server).json() == {"secure": True}
    assert server.asked[0].headers["Host"] == server.url.removeprefix("https://")


def test_certificate_that_nobody_vouches_for_is_refused(tls_server):
    server, _path = tls_server
    with pytest.raises(OutgoingError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(server)
    assert not server.asked


def test_certificate_of_another_host_is_refused(tls_server, monkeypatch):
    server, path = tls_server
    monkeypatch.setattr(http, "_tls", lambda: ssl.create_default_context(cafile=path))
    with pytest.raises(OutgoingError, match="CERTIFICATE_VERIFY_FAILED"):
        request("GET", server.url.replace("127.0.0.1", "localhost"), deadline_seconds=1, is_trusted=True)
