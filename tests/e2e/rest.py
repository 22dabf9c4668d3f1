"""A small REST client that hides nothing: status, header fields and octets as they came."""
import http.client
import json
import urllib.parse

TIMEOUT = 60  # longer than any wait inside the server


class Response:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def content_type(self):
        return self.headers.get_content_type()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.content_type} {self.body[:500]!r}>"


class Rest:
    def __init__(self, address, tls=None):
        """`tls`: whom to trust, for HTTPS."""
        self.address = address
        self.tls = tls

    def connect(self):
        if self.tls:
            return http.client.HTTPSConnection(*self.address, timeout=TIMEOUT, context=self.tls)
        return http.client.HTTPConnection(*self.address, timeout=TIMEOUT)

    def open(self, method, path, body=None, headers=None, **query):
        """The connection and the response, not yet read."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        return connection, connection.getresponse()

    def request(self, method, path, body=None, headers=None, **query):
        connection, response = self.open(method, path, body, headers, **query)
        try:
            return Response(response)
        finally:
            connection.close()

    def get(self, path, headers=None, **query):
        return self.request("GET", path, None, headers, **query)

    def delete(self, path, **query):
        return self.request("DELETE", path, **query)

    def send_json(self, method, path, body):
        return self.request(method, path, json.dumps(body), {"Content-Type": "application/json"})

    # ---- what most tests want ----

    def message(self, message_id):
        response = self.get(f"/api/v1/messages/{message_id}")
        assert response.status == 200, response
        return response.json()

    def raw(self, message_id):
        response = self.get(f"/api/v1/messages/{message_id}/raw")
        assert response.status == 200, response
        return response.body

    def messages(self, **query):
        response = self.get("/api/v1/messages", **query)
        assert response.status == 200, response
        return response.json()

    def sent_to(self, recipient):
        """The newest message of an envelope with this recipient."""
        for message in self.messages(limit=500)["items"]:
            if recipient in message["envelope"]["to"]:
                return self.message(message["id"])
        raise AssertionError(f"no message to {recipient}")

    def events(self, last_id=None):
        return Events(self, {"Last-Event-ID": str(last_id)} if last_id is not None else {})


class Event:
    def __init__(self, fields):
        self.id = fields.get("id")
        self.type = fields.get("event", "message")
        self.data = json.loads(fields["data"]) if "data" in fields else None

    def __repr__(self):
        return f"<{self.id} {self.type} {self.data}>"


class Events:
    """Server-Sent Events; comments are passed over."""

    def __init__(self, rest, headers):
        self.connection, self.response = rest.open("GET", "/api/v1/events", None, headers)
        assert self.response.status == 200, self.response.status
        assert self.response.headers.get_content_type() == "text/event-stream"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.response.close()
        self.connection.close()

    def next(self, *types):
        """The next event, or the next of one of these types."""
        while True:
            event = self._next()
            if event and (not types or event.type in types):
                return event

    def _next(self):
        fields = {}
        while line := self.response.readline():
            line = line.decode().rstrip("\n")
            if not line:
                return Event(fields) if fields else None
            if not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
        raise AssertionError("the event stream ended")
