// A real browser, with a microphone that works or with one that does not, and its pages.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import tap, { type Test } from 'tap'
import { connection } from './connection.ts'

/** fake: it beeps. denied: the person refuses it. missing: the machine has none. busy: it cannot be opened. */
export type Microphone = 'fake' | 'denied' | 'missing' | 'busy'

const MICROPHONE_FLAGS: Record<Microphone, string[]> = {
  fake: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  denied: ['--use-fake-ui-for-media-stream=deny', '--use-fake-device-for-media-stream'],
  missing: ['--use-fake-ui-for-media-stream', '--disable-audio-input'],
  busy: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--fail-audio-stream-creation'],
}
/** Five times what is needed where nothing else runs. */
const TIMEOUT_MS = 60_000

/** Those that run, by their flags: the tests of a file share a browser, and each test has a context of its own in it. */
const browsers = new Map<string, Promise<Browser>>()

/**
 * The browser with this microphone; it is closed after the file's tests.
 * @param flags of Chromium's command line, besides those for the microphone
 */
export function openBrowser(microphone: Microphone = 'fake', flags: string[] = []): Promise<Browser> {
  const key = [microphone, ...flags].join(' ')
  const browser = browsers.get(key) ?? launch(microphone, flags)
  browsers.set(key, browser)
  return browser
}

async function launch(microphone: Microphone, flags: string[]): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: connection.chromium,
    timeout: TIMEOUT_MS,
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

/** A new page; an exception that is thrown in it fails the test. */
export async function openPage(
  t: Pick<Test, 'fail' | 'teardown'>,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(TIMEOUT_MS)
  page.on('pageerror', (error) => t.fail(`the page threw: ${error.message}`))
  await page.goto(url)
  return page
}

/** Saves a picture of the page in the directory that SCREENSHOTS names; does nothing where it is not set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const directory = process.env.SCREENSHOTS
  if (!directory) return
  mkdirSync(directory, { recursive: true })
  await page.screenshot({ path: join(directory, `${name}.png`) })
}
