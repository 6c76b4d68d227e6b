// How loud a track is, as the ear judges it: logarithmic, from the quietest that is worth showing to the loudest there is.
import { createAudioAnalyser, type LocalAudioTrack, type RemoteAudioTrack } from 'livekit-client'

const QUIETEST_DB = -60
/** A bar that falls slowly can be read; speech itself is too fast for the eye. */
const FALL = 0.85

export interface LevelMeter {
  /** 0 is silence, 1 is as loud as it gets. */
  read(): number
  close(): void
}

export function createLevelMeter(track: LocalAudioTrack | RemoteAudioTrack): LevelMeter {
  const { analyser, cleanup } = createAudioAnalyser(track, { fftSize: 1024 })
  const samples = new Float32Array(analyser.fftSize)
  let shown = 0
  return {
    read() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      const decibels = 10 * Math.log10(power)
      const level = Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DB))
      shown = Math.max(level, shown < 0.02 ? 0 : shown * FALL)
      return shown
    },
    close: () => void cleanup(),
  }
}
