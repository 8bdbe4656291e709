from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from novel_core.errors import SiteUnavailable
from novel_core.page import Follow
from novel_core.source import PageKind


@pytest.fixture
def home_made(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_nobody_vouches_for_is_refused(world: Any, home_made: ssl.SSLContext) -> None:
    world.hosts = ()
    world.domains = ("localhost",)
    world.settings |= {"allow_private_hosts": True, "retry_times": 0}

    async def run() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", world.site.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=home_made).start()
        try:
            world.start = (Follow(f"https://localhost:{runner.addresses[0][1]}/", PageKind.INDEX),)
            with pytest.raises(SiteUnavailable, match="certificate"):
                await world.crawl().run()
        finally:
            await runner.cleanup()

    asyncio.run(run())
    assert world.site.hits == []
