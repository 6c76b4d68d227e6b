// A real browser with a microphone, or without one, and ears: what sounds in a page is measured there.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import tap, { type Test } from 'tap'
import { connection } from './connection.ts'

/** fake beeps; denied is refused by the person; missing is a machine without any; busy cannot be opened. */
export type Microphone = 'fake' | 'denied' | 'missing' | 'busy'

const MICROPHONE_FLAGS: Record<Microphone, string[]> = {
  fake: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  denied: ['--use-fake-ui-for-media-stream=deny', '--use-fake-device-for-media-stream'],
  missing: ['--use-fake-ui-for-media-stream', '--disable-audio-input'],
  busy: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--fail-audio-stream-creation'],
}
/** Five times what a calm machine needs. */
const PATIENCE_MS = 60_000

/** One for a whole file of tests, whose pages know nothing of each other. */
const browsers = new Map<string, Promise<Browser>>()

/** @param flags more of Chromium's own */
export function openBrowser(microphone: Microphone = 'fake', flags: string[] = []): Promise<Browser> {
  const key = [microphone, ...flags].join(' ')
  const browser = browsers.get(key) ?? launch(microphone, flags)
  browsers.set(key, browser)
  return browser
}

async function launch(microphone: Microphone, flags: string[]): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: connection.chromium,
    timeout: PATIENCE_MS,
    args: [
      '--no-sandbox',
      '--headless=new',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      ...MICROPHONE_FLAGS[microphone],
      ...flags,
    ],
  })
  tap.teardown(() => browser.close())
  return browser
}

/** A page on which nothing may fail unnoticed. */
export async function openPage(
  t: Pick<Test, 'fail' | 'teardown'>,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`))
  await page.goto(url)
  return page
}

/** With SCREENSHOTS=directory the page's states are kept there, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env.SCREENSHOTS
  if (!directory) return
  mkdirSync(directory, { recursive: true })
  await page.screenshot({ path: join(directory, `${name}.png`) })
}

/** Samples what the page plays from now on: loudness and the strongest frequency, twenty times a second. */
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

/** Waits until the page plays a tone of this frequency, heard from now on. */
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

/** The loudest of the last so many milliseconds. */
export async function loudest(page: Page, milliseconds: number): Promise<number> {
  return page.evaluate((span) => {
    const since = performance.now() - span
    return Math.max(...window.heard.filter(({ at }) => at > since).map(({ decibels }) => decibels))
  }, milliseconds)
}
