// What a page plays, measured in the page: how loud it is, and which tone.
import type { Page } from 'playwright-core'

/** What Chromium's fake microphone beeps. */
export const BEEP_HZ = 400

/** From now on notes, twenty times a second, the strongest frequency that the page plays, and how loud it is. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const element = document.querySelector('audio')
    if (!(element?.srcObject instanceof MediaStream)) throw new Error('the page plays nothing')
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 4096
    analyser.smoothingTimeConstant = 0
    context.createMediaStreamSource(element.srcObject).connect(analyser)
    const bins = new Float32Array(analyser.frequencyBinCount)
    const heard: { decibels: number; hertz: number; at: number }[] = []
    Object.assign(window, { heard })
    setInterval(() => {
      analyser.getFloatFrequencyData(bins)
      const strongest = bins.reduce((best, value, index) => (value > (bins[best] ?? 0) ? index : best), 0)
      const hertz = (strongest * context.sampleRate) / analyser.fftSize
      heard.push({ decibels: bins[strongest] ?? -Infinity, hertz, at: performance.now() })
    }, 50)
  })
}

declare global {
  interface Window {
    heard: { decibels: number; hertz: number; at: number }[]
  }
}

/** Waits until the page plays a tone of this frequency; what it played before this call does not count. */
export async function untilHeard(page: Page, hertz: number, tolerance = 40): Promise<void> {
  await page.waitForFunction(
    ({ since, hertz, tolerance }) =>
      window.heard.some(
        (sound) => sound.at > since && sound.decibels > -60 && Math.abs(sound.hertz - hertz) < tolerance,
      ),
    { since: await page.evaluate(() => performance.now()), hertz, tolerance },
    { polling: 100 },
  )
}

/** Decibels of the loudest sound in the last `milliseconds`. */
export async function loudest(page: Page, milliseconds: number): Promise<number> {
  return page.evaluate((span) => {
    const since = performance.now() - span
    return Math.max(...window.heard.filter(({ at }) => at > since).map(({ decibels }) => decibels))
  }, milliseconds)
}
