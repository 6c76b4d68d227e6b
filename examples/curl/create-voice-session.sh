#!/bin/sh
# Creates a voice session with curl: prints the answer, or says what is wrong and what to do about it.
#
#   API_URL=https://your-voice-sessions-host API_KEY=tk_live_your_key ./create-voice-session.sh [AGENT_ID]
#
# Where a repeat can help it says with which IDEMPOTENCY_KEY: the same key gets the same session, never a second billed call.
set -eu
: "${API_URL:?is where the service is, such as https://voice.example.com}"
: "${API_KEY:?is a key of your organization, tk_live_…}"
AGENT_ID=${1:-5b710eca-ee67-4c3a-aeb6-8b541f451b40}
IDEMPOTENCY_KEY=${IDEMPOTENCY_KEY:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}
again="try again in a moment with IDEMPOTENCY_KEY=$IDEMPOTENCY_KEY"

# The status comes after the answer, on a line of its own.
answer=$(
  curl -sS -X POST "$API_URL/v1/chat/voice-sessions" \
    -H "X-API-Key: $API_KEY" \
    -H "Content-Type: application/json" \
    -H "Idempotency-Key: $IDEMPOTENCY_KEY" \
    -d "{
      \"agent_id\": \"$AGENT_ID\"
    }" \
    -w '\n%{http_code}'
) || {
  echo "No answer from $API_URL: is the service running there? If so, $again" >&2
  exit 1
}
status=$(printf '%s\n' "$answer" | tail -n 1)
body=$(printf '%s\n' "$answer" | sed '$d')

case $status in
  200) printf '%s\n' "$body" && exit ;;
  401) advice='check API_KEY: it is unknown, revoked or expired' ;;
  402) advice='less than one minute is left: grant credits' ;;
  404) advice="check the agent's id: $AGENT_ID" ;;
  409 | 429 | 500 | 503) advice=$again ;;
  *) advice='correct the request' ;;
esac
detail=$(printf '%s\n' "$body" | sed -n 's/^{"detail":"\(.*\)"}$/\1/p')
echo "$status ${detail:-$body}: $advice" >&2
exit 1
