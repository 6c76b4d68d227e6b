// LiveKit's own way to a token, for the code that expects a TokenSource.
import { TokenSource } from 'livekit-client'

/**
 * A source that makes a session each time it is asked. TokenSource.endpoint alone gives the same token again until a minute
 * before it expires: for an hour here, though its session is over when the call is, and its room is gone.
 */
export function voiceSessionTokens(url: string) {
  const endpoint = TokenSource.endpoint(url)
  const askAgain = true
  return TokenSource.literal(() => endpoint.fetch({}, askAgain))
}
