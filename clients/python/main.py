"""Calls the service with the generated client, and prints what it answers: one line for each request."""

from datetime import date
from os import environ
from uuid import uuid4

from voice_sessions import AuthenticatedClient
from voice_sessions.api.events import list_events
from voice_sessions.api.usage import get_usage
from voice_sessions.api.voice_sessions import create_voice_session, end_voice_session, get_voice_session
from voice_sessions.models import (
    CallEvent,
    CreateVoiceSessionRequest,
    EventList,
    Metadata,
    Usage,
    UsageGroupBy,
    VoiceSession,
    VoiceSessionConnection,
)
from voice_sessions.types import UNSET

METADATA = {"name": "Ana", "order": "427"}


def connect(api_key: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=environ["API_URL"], token=api_key, prefix="", auth_header_name="X-API-Key")


def create(client: AuthenticatedClient, agent_id: str, idempotency_key: str | None = None) -> VoiceSessionConnection:
    body = CreateVoiceSessionRequest(agent_id, metadata=Metadata.from_dict(METADATA), user_identifier="customer-427")
    response = create_voice_session.sync_detailed(client=client, body=body, idempotency_key=idempotency_key or UNSET)
    if isinstance(response.parsed, VoiceSessionConnection):
        replayed = response.headers.get("Idempotency-Replayed") == "true"
        print(response.status_code, response.parsed.room_name, *(["replayed"] if replayed else []))
        return response.parsed
    raise Refusal(f"{response.status_code} {response.headers['X-Error-Code']}")


class Refusal(Exception):
    pass


def refused(client: AuthenticatedClient, agent_id: str) -> None:
    try:
        create(client, agent_id)
    except Refusal as refusal:
        print(refusal)


def main() -> None:
    client, agent_id = connect(environ["API_KEY"]), environ["AGENT_ID"]

    idempotency_key = str(uuid4())
    room_name = create(client, agent_id, idempotency_key).room_name
    create(client, agent_id, idempotency_key)

    session = get_voice_session.sync(room_name, client=client)
    assert isinstance(session, VoiceSession) and session.metadata
    name, order = session.metadata["name"], session.metadata["order"]
    print(200, session.room_name, session.status, session.user_identifier, name, order)

    ended = end_voice_session.sync(room_name, client=client)
    assert isinstance(ended, VoiceSession)
    print(200, ended.room_name, ended.status, ended.end_reason)

    first, last = (date.fromisoformat(environ[name]) for name in ("USAGE_FROM", "USAGE_TO"))
    usage = get_usage.sync(client=client, from_=first, to=last, group_by=UsageGroupBy.AGENT)
    assert isinstance(usage, Usage)
    print(200, usage.group_by, len(usage.rows), usage.rows[0].calls, usage.open_calls)

    events = list_events.sync(client=client, type_="call.ended")
    assert isinstance(events, EventList)
    for event in events.events:
        if isinstance(event, CallEvent):
            print(200, event.type_, event.data.room_name)

    refused(connect("tk_live_unknown"), agent_id)
    refused(connect(environ["POOR_API_KEY"]), environ["POOR_AGENT_ID"])
    refused(client, str(uuid4()))


main()
