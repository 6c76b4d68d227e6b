// What a line of log about a session begins with, so that all lines of a call are found by either: `reqId` is the X-Request-Id of
// the create, as in the line of that request.

export function traceOf({ room_name, request_id }: { room_name: string; request_id: string | null }) {
  return { ...(request_id !== null && { reqId: request_id }), room_name }
}
