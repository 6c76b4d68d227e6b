"""Receives events: verifies each, keeps it, answers at once, and does its work once, however often it comes."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import environ

from standardwebhooks import Webhook, WebhookVerificationError
from voice_sessions.models import VoiceSession

webhook = Webhook(environ["WEBHOOK_SECRET"])
# The ids of what has come. In production: a table of yours, in which the id is unique.
known: set[str] = set()


def work(event_type: str, session: VoiceSession) -> None:
    print(event_type, session.room_name, session.credits_charged, flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        # The exact bytes are signed, not what they mean.
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            print("not verified", flush=True)
            self.answer(401)
            return
        event = json.loads(body)
        is_new = event["id"] not in known
        known.add(event["id"])
        self.answer(204)
        # A type that nobody here knows is answered all the same.
        if is_new and event["type"] == "call.ended":
            work(event["type"], VoiceSession.from_dict(event["data"]))
        if not is_new:
            print("again", event["type"], flush=True)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(environ["PORT"])), Receiver)
print("listening", flush=True)
server.serve_forever()
