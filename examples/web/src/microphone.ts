// The microphone: asked for before anything else, so that a refusal costs no session.
import { createLocalAudioTrack, type LocalAudioTrack, MediaDeviceFailure } from 'livekit-client'

export type MicrophoneFailure = 'insecure' | 'denied' | 'missing' | 'busy' | 'other'

export class MicrophoneError extends Error {
  override readonly name = 'MicrophoneError'
  readonly failure: MicrophoneFailure

  constructor(failure: MicrophoneFailure, cause?: unknown) {
    super(`no microphone: ${failure}`, { cause })
    this.failure = failure
  }
}

/** Undefined when the signal was given first: the browser may wait for the person's answer as long as it likes. */
export async function openMicrophone(signal: AbortSignal): Promise<LocalAudioTrack | undefined> {
  // Browsers hide microphones from pages that did not come by https or from this machine.
  if (navigator.mediaDevices === undefined) throw new MicrophoneError('insecure')
  const opening = createLocalAudioTrack().catch((error) => {
    throw new MicrophoneError(failureOf(error), error)
  })
  const givenUp = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
  const microphone = await Promise.race([opening, givenUp])
  if (microphone === undefined) opening.then((late) => late.stop()).catch(() => {})
  return microphone
}

function failureOf(error: unknown): MicrophoneFailure {
  switch (MediaDeviceFailure.getFailure(error)) {
    case MediaDeviceFailure.PermissionDenied:
      return 'denied'
    case MediaDeviceFailure.NotFound:
      return 'missing'
    case MediaDeviceFailure.DeviceInUse:
      return 'busy'
    default:
      return 'other'
  }
}
