"""Warnings come with the message and are never a reason to refuse it. Each rule has its own test in
tests/unit/warnings; here is what only the whole way shows."""

GOOD = b"""\
Date: Mon, 24 Nov 2025 16:00:00 +0000\r
From: App <app@shop.test>\r
To: %s\r
Message-ID: <1@shop.test>\r
Subject: Hello\r
\r
Hello\r
"""


def codes(message):
    return sorted(warning["code"] for warning in message["warnings"])


def detail(message, code):
    return next(w["detail"] for w in message["warnings"] if w["code"] == code)


def test_a_sound_message_has_none(server, recipient):
    sent = server.deliver(GOOD % recipient.encode(), sender="app@shop.test", to=[recipient])
    assert server.rest.message(sent)["warnings"] == []


def test_what_the_wire_the_envelope_and_the_message_show(server, recipient):
    raw = b"From: app@shop.test\r\nTo: eve@b.test\r\nBcc: boss@b.test\r\n\r\nbare\nline\r\n"
    sent = server.deliver(raw, sender="a@other.test", to=[recipient])
    message = server.rest.message(sent)
    assert codes(message) == ["bare-lf", "bcc-in-header", "missing-date", "missing-message-id",
                              "recipients-differ", "sender-differs"]
    assert server.rest.raw(sent) == raw
    warning = next(w for w in message["warnings"] if w["code"] == "bcc-in-header")
    assert warning == {"code": "bcc-in-header", "reference": "RFC 5322 3.6.3",
                       "detail": "every recipient can read that boss@b.test got it too"}
    assert detail(message, "bare-lf") == "a line ends in LF without CR (line 5)"


def test_they_are_of_one_message_and_not_of_the_session(server, recipient):
    with server.session() as session:
        odd = session.deliver(GOOD % recipient.encode() + b"bare\nline\r\n", to=[recipient],
                              sender="app@shop.test")
        good = session.deliver(GOOD % recipient.encode(), to=[recipient], sender="app@shop.test")
    assert codes(server.rest.message(odd)) == ["bare-lf"]
    assert codes(server.rest.message(good)) == []
