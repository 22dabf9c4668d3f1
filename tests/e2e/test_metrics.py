"""GET /metrics: true to what happened, and to Prometheus's conventions."""
import re

from program import until
from wire import Session

SAMPLE = re.compile(r'(mailstop_[a-z_]+)(\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})? (\d+(?:\.\d+)?(?:e[+-]?\d+)?)')


def scrape(server):
    response = server.rest.get("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = {}
    for line in response.body.decode().splitlines():
        if not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] + (match[2] or "") not in samples, line
            samples[match[1] + (match[2] or "")] = float(match[3])
    return samples, response.body.decode()


def test_conventions(server):
    _, text = scrape(server)
    types = dict(re.findall(r"# TYPE (\S+) (\S+)", text))
    assert types.keys() == dict(re.findall(r"# HELP (\S+) (.+)", text)).keys()
    for name, kind in types.items():
        assert (kind == "counter") == name.endswith("_total"), name
    for name in re.findall(r"^(mailstop_[a-z_]+)", text, re.MULTILINE):
        assert re.sub("_(bucket|sum|count)$", "", name) in types or name in types


def once_counted(server):
    """The samples, once those are there that nobody waits for."""
    samples, _ = scrape(server)
    is_there = (samples['mailstop_smtp_sessions_total{outcome="quit"}'] == 2 and
                samples["mailstop_store_commit_seconds_count"] >= 2)
    return samples if is_there else None


def test_what_happened(start):
    server = start("--starttls")
    with server.session() as session:
        session.deliver(b"Subject: x\r\n\r\nHello\r\n")
        session.deliver(b"Subject: x\r\n\r\nHello\r\n")
        assert session.command("BREW").code == 500
        assert session.command("QUIT").code == 221
    with server.tls_session() as session:
        assert session.command("QUIT").code == 221
    server.rest.get("/api/v1/messages/99")
    samples = until(lambda: once_counted(server))
    assert samples["mailstop_messages_stored_total"] == samples["mailstop_messages"] == 2
    assert samples["mailstop_message_bytes_total"] == 2 * len(b"Subject: x\r\n\r\nHello\r\n")
    assert samples['mailstop_smtp_replies_total{code="354"}'] == 2
    assert samples['mailstop_smtp_replies_total{code="500"}'] == 1
    assert samples['mailstop_smtp_replies_total{code="221"}'] == 2
    assert samples['mailstop_smtp_tls_handshakes_total{version="TLS1.3"}'] == 1
    assert samples["mailstop_smtp_connections_total"] == 2
    assert samples['mailstop_http_requests_total{method="GET",route="/api/v1/messages/#id",status="404"}'] == 1
    assert samples['mailstop_store_commit_seconds_bucket{le="+Inf"}'] == \
        samples["mailstop_store_commit_seconds_count"]
    assert samples["mailstop_store_commit_seconds_sum"] > 0


def test_what_is_there_now(server):
    with server.rest.events(), Session(server.smtp):
        samples, _ = scrape(server)
        assert samples["mailstop_event_streams"] >= 1
        assert samples["mailstop_smtp_connections"] >= 1
    assert samples["mailstop_database_bytes"] > 0
