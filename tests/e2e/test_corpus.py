"""Real messages that others met in practice, in a folder beside the project if there is one. Each
is sent as SMTP wants it and comes back as sent."""
import pytest

from program import ROOT
from wire import with_crlf

FOLDER = ROOT.parent / "shared" / "mail"
FILES = sorted(p for p in FOLDER.rglob("*") if p.suffix in (".eml", ".raw")) if FOLDER.is_dir() else []

if FILES:

    @pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
    def test_comes_back_as_sent(server, file):
        raw = with_crlf(file.read_bytes())
        message_id = server.deliver(raw)
        assert server.rest.raw(message_id) == raw
        message = server.rest.message(message_id)
        assert message["size"] == len(raw)
        for view, exists in (("text", message["has_text"]), ("html", message["has_html"])):
            response = server.rest.get(f"/api/v1/messages/{message_id}/{view}")
            assert response.status == (200 if exists else 404)
        for attachment in message["attachments"]:
            response = server.rest.get(f"/api/v1/messages/{message_id}/parts/{attachment['part']}")
            assert response.status == 200
            assert len(response.body) == attachment["size"]
