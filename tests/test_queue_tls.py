"""The queue over TLS: `rediss://`, with a certificate that is checked, from submission to done."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from polling import eventually
from tcp_valkey import PASSWORD, TcpValkey
from workbench import Workbench
from working import running_worker, service_environment

from novel_core.errors import QueueError
from novel_core.queue.connection import connect, translated_errors
from novel_royalroad_lookalike import LookalikeServer

URL = "https://www.royalroad.com/fiction/7"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of localhost, signed by itself; the key is in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def encrypted(tmp_path: Path, certificate: Path) -> Iterator[str]:
    """The address of a Valkey that is reached through TLS only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with TcpValkey(tmp_path) as valkey, socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context, valkey.port), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        yield f"rediss://:{PASSWORD}@localhost:{port}/0?ssl_ca_certs={certificate}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_pass_on, args=(plain, context, port), daemon=True).start()


def _pass_on(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        plain,
        contextlib.suppress(OSError),
        context.wrap_socket(plain, server_side=True) as client,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join(5)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_job_goes_through_an_encrypted_queue(
    bench: Workbench, site: LookalikeServer, database_url: str, encrypted: str, tmp_path: Path
) -> None:
    environment = service_environment(
        DATABASE_URL=database_url,
        REDIS_URL=encrypted,
        NOVEL_HOST_MAP=site.host_map,
        NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND="0",
    )
    with running_worker(environment, tmp_path):
        job_id = bench.submit(URL)
        status = "SELECT status FROM jobs WHERE id = :id"
        eventually(lambda: bench.value(status, id=job_id) == "done")


def test_a_server_nobody_vouches_for_is_refused(encrypted: str) -> None:
    unknown = encrypted.partition("?")[0]
    refused = pytest.raises(QueueError, match="certificate")
    with connect(unknown) as redis, refused, translated_errors():
        redis.ping()
    with connect(encrypted) as redis:
        assert redis.ping()
