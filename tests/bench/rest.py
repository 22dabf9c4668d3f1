"""The REST API over a kept connection, and nothing that holds a large answer in memory."""
import hashlib
import http.client
import json
import urllib.parse

TIMEOUT = 120
CHUNK = 64 * 1024


class Status(Exception):
    def __init__(self, status, body):
        super().__init__(f"HTTP {status}: {body[:200]!r}")
        self.status = status


class Rest:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(*address, timeout=TIMEOUT)

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, method, path, headers=None):
        self.connection.request(method, path, headers=headers or {})
        return self.connection.getresponse()

    def body(self, method, path):
        response = self.request(method, path)
        body = response.read()
        if response.status != 200:
            raise Status(response.status, body)
        return body

    def send_json(self, method, path, body):
        self.connection.request(method, path, json.dumps(body),
                                {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise Status(response.status, answer)
        return json.loads(answer)

    def json(self, path, **query):
        return json.loads(self.body("GET", path + "?" + urllib.parse.urlencode(query)))

    def messages(self, **query):
        return self.json("/api/v1/messages", **query)

    def total(self):
        return self.messages(limit=1)["total"]

    def newest_id(self):
        items = self.messages(limit=1)["items"]
        return items[0]["id"] if items else 0

    def ids_after(self, after):
        """Every id above `after`, oldest first."""
        while True:
            page = self.messages(after=after, limit=500)
            for item in page["items"]:
                after = item["id"]
                yield after
            if page["next"] is None:
                return

    def raw_sha256(self, message_id):
        """Of the message as it was sent, read in pieces; None if it cannot be had in whole."""
        digest = hashlib.sha256()
        try:
            response = self.request("GET", f"/api/v1/messages/{message_id}/raw")
            while piece := response.read(CHUNK):
                digest.update(piece)
        except (http.client.HTTPException, ConnectionResetError):
            self.close()  # the server ended the answer early; the next request connects again
            return None
        return digest.hexdigest() if response.status == 200 and not response.length else None

    def delete_all(self):
        return json.loads(self.body("DELETE", "/api/v1/messages?all=true"))
