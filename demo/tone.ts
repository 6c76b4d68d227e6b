// Pure tones, made and recognised: how a caller without ears or voice proves that sound passed in both directions.

export const SAMPLE_RATE_HZ = 48_000
/** What the agent greets with, and what the caller says: far enough apart not to be mistaken for each other. */
export const GREETING_HZ = 880
export const SPEECH_HZ = 440

const AMPLITUDE = 0.3 * 32_767
const SILENCE = 0.005 * 32_767
const TONE_SHARE = 0.5

/** A stretch of a sine wave; firstSample keeps the phase going from one stretch to the next. */
export function sine(frequencyHz: number, firstSample: number, length: number): Int16Array {
  const step = (2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ
  return Int16Array.from({ length }, (_, index) => Math.round(AMPLITUDE * Math.sin(step * (firstSample + index))))
}

/** Whether anything can be heard at all. */
export function isAudible(samples: Int16Array): boolean {
  return samples.length > 0 && Math.sqrt(energyOf(samples) / samples.length) > SILENCE
}

/**
 * Whether one frequency carries most of the sound's energy (Goertzel's algorithm: a single bin of a Fourier transform).
 * Needs at least 20 ms of samples to tell 440 Hz from 880 Hz.
 */
export function isTone(samples: Int16Array, frequencyHz: number): boolean {
  if (!isAudible(samples)) return false
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ)
  let previous = 0
  let beforePrevious = 0
  for (const sample of samples) {
    const current = sample + coefficient * previous - beforePrevious
    beforePrevious = previous
    previous = current
  }
  const power = previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious
  return power / ((energyOf(samples) * samples.length) / 2) > TONE_SHARE
}

function energyOf(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0)
}
