"""Every operator and promise of the search language, from outside, for messages that are indexed and
for those that are too new to be."""
import re

import pytest
import yaml

from program import ROOT
from test_inboxes import make

RICH = """\
Received: from app by relay; Mon, 23 Nov 2026 12:00:00 +0000
Date: Mon, 23 Nov 2026 12:00:00 +0000
From: =?utf-8?q?Zo=C3=AB?= <app@shop.test>
Reply-To: help@shop.test
To: Ann Lee <ann@b.test>
Cc: carl@c.test
Message-ID: <M.1@shop.test>
Subject: Reset your password
X-Tenant: blue 42
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<head><title>unseen</title><style>hidden</style></head><!-- remark -->
<p class=attribute>Click&nbsp;h<b>ere</b> caf&eacute;<br>soon<script>code</script></p>
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="invoice 7.pdf"

PDF
--b
Content-Type: image/png
Content-Disposition: inline; filename=logo.png

PNG
--b--
"""
MANY_SCRIPTS = """\
From: bob@d.test
To: ann@b.test
Bcc: secret@e.test
Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

na\u00efve fac\u0327ade \u039f\u0394\u039f\u03a3 \u03ac\u03bb\u03c6\u03b1 \u041c\u043e\u0441\u043a\u0432\u0430
\u6771\u4eac\u90fd \ud55c\uad6d\uc5b4 \u2139
"""
PLAIN = "Subject: Your parcel\n\nyour password? reset it. passwords\n"

# What is asked, and which of the three messages are found, newest first.
QUESTIONS = {
    # words, phrases, fronts, parts
    "password": "31", "PassWord": "31", "pass": "", "pass*": "31", "passwords": "3",
    '"your password"': "31", '"password your"': "", "your-password": "31", '"reset your pass"': "",
    "~asswor": "31", '~"r passw"': "31", "~xyzzy": "", "subject:~arce": "3",
    # addresses, subject, text and names of attachments are looked at, and nothing else
    "zoe": "1", "lee": "1", "app@shop.test": "321", "help@shop.test": "1",
    "parcel": "3", "click": "1", "logo": "1",
    "blue": "", "image": "",
    # logic
    "parcel OR click": "31", "your click": "1", "your AND click": "1", "your or click": "",
    "-your": "2", "!your": "2", "-(your OR click)": "2", "-(your click)": "32", "--click": "1",
    "your -click": "3", "(parcel OR click) password": "31", '-"your password"': "2",
    "-~asswor": "2", "-pass*": "2", "parcel OR is:pinned": "32", "-is:unread OR parcel": "31",
    "click OR larger:1M": "1", "~asswor OR is:pinned": "321",
    # folding
    "cafe": "1", "café": "1", "CAFÉ": "1", "grosse": "2", "größe": "2", "GRÖSSE": "2", "grose": "",
    "naive": "2", "façade": "2", "οδος": "2", "οδοσ": "2", "αλφα": "2", "ΆΛΦΑ": "2", "москва": "2",
    "МОСК*": "2", "東京": "2", "東": "2", "京都": "2", "東都": "", "한국어": "2", "한국*": "2", "ℹ": "2",
    # HTML as a reader sees it
    "here": "1", "soon": "1", '"click here"': "1", "hidden": "", "code": "", "remark": "",
    "attribute": "", "eacute": "", "nbsp": "",
    # where
    "from:zoe": "1", "from:app@shop.test": "1", "from:@shop.test": "1", "from:shop": "1",
    "from:pp@shop.test": "", "from:help": "", "to:ann": "21", '"ann lee"': "1", "to:carl": "",
    "cc:carl@c.test": "1", "cc:ann": "", "bcc:secret@e.test": "2", "bcc:quiet@f.test": "1",
    "bcc:ann@b.test": "3", "reply-to:help": "1", "reply-to:app": "", "rcpt:quiet@f.test": "1",
    "rcpt:carl": "1", "rcpt:secret": "", "envelope-from:bounces@shop.test": "1",
    "envelope-from:app": "32",
    "addressed:carl": "1", "addressed:quiet@f.test": "1", "addressed:secret@e.test": "2",
    "addressed:zoe": "", "subject:password": "1", "subject:größe": "2", "text:password": "3",
    'text:"click here"': "1", "filename:invoice": "1", 'filename:"invoice 7.pdf"': "1",
    "filename:password": "", "message-id:<M.1@shop.test>": "1", "message-id:m.1@shop.test": "1",
    "message-id:m": "", "message-id:m.*": "1", "helo:client.test": "321", "helo:client": "",
    "helo:~lient": "321", "ip:127.0.0.1": "321", "ip:127.*": "321", "ip:10.*": "",
    "header:X-Tenant": "1", "header:x-tenant=42": "1", "header:X-Tenant=blue*": "1",
    'header:X-Tenant="blue 42"': "1", "header:X-Tenant=4": "", "header:X-Tenant=~lu": "1",
    "header:Received=relay": "1", "header:Subject=parcel": "3", "header:From=@shop.test": "1",
    "header:Cc": "1", "-header:Date": "32", "header:X-Nothing": "",
    # what
    "is:read": "1", "is:unread": "32", "-is:read": "32", "is:pinned": "2", "-is:pinned": "31",
    "has:attachment": "1", "-has:attachment": "32", "has:inline": "1", "has:html": "1",
    "has:warning": "32", "warning:missing-date": "32", "warning:missing-mime-version": "",
    "tag:urgent": "1", "tag:URGENT": "1", 'tag:"two words"': "1", "tag:two": "", "-tag:urgent": "32",
    "inbox:default": "321", "inbox:1": "321", "inbox:others": "", "inbox:nowhere": "",
    # how large, when
    "larger:500": "1", "smaller:500": "32", "larger:1k": "", "smaller:1M larger:10": "321",
    "after:1h": "321", "before:1h": "", "after:2020-01-01": "321", "before:2020-01-01": "",
    "before:2020-01-01T00:00:00Z": "", "after:2020-01-01T00:00:00+01:00": "321",
    "-before:1h password": "31",
}
FILLER = 600  # so many behind them, and they are in the index


@pytest.fixture(params=["new", "indexed"])
def program(start, request):
    program = start()
    make(program, name="others", recipients=["*@others.test"])
    rich = {"sender": "bounces@shop.test", "to": ["ann@b.test", "carl@c.test", "quiet@f.test"]}
    assert program.deliver(crlf(RICH), **rich) == 1
    assert program.deliver(crlf(MANY_SCRIPTS), to=["ann@b.test"]) == 2
    assert program.deliver(crlf(PLAIN), to=["ann@b.test"]) == 3
    if request.param == "indexed":
        with program.session() as session:
            for _ in range(FILLER):
                session.deliver(b"Subject: password\r\n\r\nparcel, click\r\n", to=["x@others.test"])
    mark(program, 1, read=True, tags=["urgent", "two words"])
    mark(program, 2, pinned=True)
    return program


def crlf(text):
    return text.encode().replace(b"\n", b"\r\n")


def mark(program, message_id, **fields):
    answer = program.rest.send_json("PATCH", f"/api/v1/messages/{message_id}", fields)
    assert answer.status == 200, answer


def test_each_question(program):
    wrong = {}
    session = program.rest.message(2)["session_id"]
    for query, expected in (QUESTIONS | {f"session:{session}": "2"}).items():
        answers = [program.rest.messages(query=query, before=4),
                   program.rest.get("/api/v1/inboxes/default/messages", query=query).json()]
        found = ["".join(str(m["id"]) for m in a["items"]) for a in answers]
        if found != [expected] * 2 or answers[1]["total"] != len(expected):
            wrong[query] = expected, found, answers[1]["total"]
    assert not wrong


def test_the_documents_operators_are_asked_for():
    document = yaml.safe_load((ROOT / "web" / "openapi.yaml").read_text())
    words = document["components"]["parameters"]["query"]["description"]
    told = set(re.findall(r"`([a-z-]+:(?:(?<=is:)[a-z]+|(?<=has:)[a-z]+)?)", words))
    assert len(told) > 25
    asked = "session: " + " ".join(QUESTIONS)
    assert [operator for operator in told if operator not in asked] == []
