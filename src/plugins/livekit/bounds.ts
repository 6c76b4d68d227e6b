// How many bytes of an answer of LiveKit's API are read. What is longer is broken off, so that no answer fills the memory.

const kibibyte = 1024
/**
 * Some 400 bytes for each participant and track, of one caller and a few agents. LiveKit's events about whoever publishes more
 * would soon be over the 256 KiB that are read of one of LiveKit's events, so that they could not be followed.
 */
const maxParticipantsBytes = 128 * kibibyte
/** All rooms at once: 100,000 of about 600 bytes, which is more than one LiveKit node can carry. */
const maxRoomsBytes = 64 * kibibyte * kibibyte
const maxAnswerBytes = kibibyte * kibibyte

/** `body` is the request's, as JSON. */
export function maxBytes(method: string, body: string): number {
  if (method === 'ListParticipants') return maxParticipantsBytes
  // Without names it asks for all rooms.
  return method === 'ListRooms' && body === '{}' ? maxRoomsBytes : maxAnswerBytes
}
