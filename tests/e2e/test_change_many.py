"""PATCH of lists: marks many at once, those that are named, found, or all."""
import pytest

from test_inboxes import make

TAGS = ["seen by QA", "größe"]


@pytest.fixture
def box(server, request):
    """An inbox with ten messages."""
    address = f"{abs(hash(request.node.name))}@many.test"
    inbox = make(server, recipients=[address])
    with server.session() as session:
        inbox["ids"] = [session.deliver(b"Subject: number %d\r\n\r\nHello\r\n" % n, to=[address])
                        for n in range(10)]
    inbox["path"] = f"/api/v1/inboxes/{inbox['id']}/messages"
    return inbox


def change(server, path, **body):
    return server.rest.send_json("PATCH", path, body)


def unread(server, box):
    return [m["id"] for m in server.rest.get(box["path"]).json()["items"] if not m["read"]]


def test_by_ids(server, box):
    with server.rest.events() as events:
        answer = change(server, box["path"], ids=box["ids"][:3] + [10 ** 12], set={"read": True})
        assert answer.json() == {"changed": 3}
        assert events.next("message.changed").data["id"] == box["ids"][0]
    assert len(unread(server, box)) == 7
    assert change(server, box["path"], ids=box["ids"][:4], set={"read": True}).json() == {"changed": 1}


def test_ids_of_other_inboxes_are_not_there(server, box):
    other = make(server)
    path = f"/api/v1/inboxes/{other['id']}/messages"
    assert change(server, path, ids=box["ids"], set={"read": True}).json() == {"changed": 0}
    assert change(server, "/api/v1/messages", ids=box["ids"], set={"read": True}).json() == {
        "changed": 10}


def test_by_query(server, box):
    answer = change(server, box["path"], query="subject:number (subject:3 OR subject:4)",
                    set={"pinned": True, "tags": TAGS})
    assert answer.json() == {"changed": 2}
    message = server.rest.message(box["ids"][3])
    assert message["pinned"] and message["tags"] == TAGS
    found = server.rest.get(box["path"], query='tag:"seen by qa"').json()["items"]
    assert [m["id"] for m in found] == [box["ids"][4], box["ids"][3]]


def test_all(server, box):
    with server.session() as session:
        for n in range(150):
            session.deliver(b"Subject: more\r\n\r\n", to=[box["recipients"][0]])
    assert change(server, box["path"], all=True, set={"read": True}).json() == {"changed": 160}
    assert unread(server, box) == []
    assert server.rest.get(f"/api/v1/inboxes/{box['id']}").json()["unread_count"] == 0


def test_tags_of_one(server, box):
    path = f"/api/v1/messages/{box['ids'][0]}"
    assert server.rest.send_json("PATCH", path, {"tags": TAGS}).json()["tags"] == TAGS
    assert server.rest.send_json("PATCH", path, {"read": True}).json()["tags"] == TAGS
    assert server.rest.send_json("PATCH", path, {"tags": []}).json()["tags"] == []


@pytest.mark.parametrize("body", [
    {}, {"set": {"read": True}}, {"all": True}, {"all": False, "set": {"read": True}},
    {"all": True, "query": "x", "set": {"read": True}}, {"ids": [], "set": {"read": True}},
    {"ids": ["1"], "set": {"read": True}}, {"ids": [0], "set": {"read": True}},
    {"ids": list(range(1, 1002)), "set": {"read": True}}, {"query": "(", "set": {"read": True}},
    {"all": True, "set": {}}, {"all": True, "set": {"seen": True}},
    {"all": True, "set": {"tags": ["x"] * 21}}, {"all": True, "set": {"tags": ["x" * 65]}},
    {"all": True, "set": {"tags": [""]}}, {"all": True, "set": {"tags": ["a\nb"]}},
    {"all": True, "set": {"tags": [" a"]}}, {"all": True, "set": {"tags": "a"}}])
def test_nonsense_changes_nothing(server, box, body):
    assert change(server, box["path"], **body).status == 400
    assert len(unread(server, box)) == 10


# ---- with a bound ----

def left(server, box):
    return [m["id"] for m in server.rest.get(box["path"]).json()["items"]][::-1]


@pytest.mark.parametrize("which", [{"all": True}, {"query": "subject:number"}])
def test_only_below_an_id(server, box, which):
    """What came since somebody looked stays as it is."""
    bound = box["ids"][7]
    answer = change(server, box["path"], before=bound, set={"read": True}, **which)
    assert answer.json() == {"changed": 7}
    assert unread(server, box)[::-1] == box["ids"][7:]
    words = {name: "true" if value is True else value for name, value in which.items()}
    assert server.rest.delete(box["path"], before=bound, **words).json() == {"deleted": 7}
    assert left(server, box) == box["ids"][7:]


def test_a_bound_alone_names_nothing(server, box):
    assert server.rest.delete(box["path"], before=box["ids"][3]).status == 400
    assert change(server, box["path"], before=9, set={"read": True}).status == 400
    assert change(server, box["path"], ids=[1], before=9, set={"read": True}).status == 400
    for bad in ("0", "-1", "x"):
        assert server.rest.delete(box["path"], all="true", before=bad).status == 400
    assert left(server, box) == box["ids"]
