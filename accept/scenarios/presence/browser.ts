// Chromium with pages that are clients of LiveKit: page/client.ts, each in a page of its own.
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../../test/browser/chromium.ts'
import { until } from '../../../test/until.ts'
import type { Joinable } from '../../calls.ts'
import type { ClientOptions, ClientStatus } from './page/status.ts'

/** Milliseconds; five times what is needed where nothing else runs. */
const timeout = 60_000

export interface Client {
  status(): Promise<ClientStatus>
  /** Waits until its sound is with LiveKit; since when, Unix milliseconds. */
  untilSending(): Promise<number>
  leave(): Promise<void>
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    timeout,
    args: [
      '--no-sandbox',
      '--headless=new',
      '--autoplay-policy=no-user-gesture-required',
      '--allow-loopback-in-peer-connection',
      // Otherwise the address of this machine is a name that LiveKit cannot resolve.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  })

async function bundle(): Promise<string> {
  const entryPoints = [join(import.meta.dirname, 'page', 'client.ts')]
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: 'iife' })
  return outputFiles[0]?.text as string
}

const bundled = new WeakMap<Browser, Promise<string>>()

async function openPage(browser: Browser): Promise<Page> {
  const content = bundled.get(browser) ?? bundle()
  bundled.set(browser, content)
  const page = await browser.newPage()
  page.setDefaultTimeout(timeout)
  await page.addScriptTag({ content: await content })
  return page
}

/** Connects with the signal; its media are connected after so many milliseconds, or never. */
export async function connect(
  browser: Browser,
  { livekitUrl: url, token }: Joinable,
  media: Omit<ClientOptions, 'url' | 'token'>,
): Promise<Client> {
  const page = await openPage(browser)
  await page.evaluate(`client.connect(${JSON.stringify({ url, token, ...media })})`)
  const status = () => page.evaluate<ClientStatus>('client.status')
  await until(async () => (await status()).joins > 0, timeout, 'the page does not reach LiveKit')
  return {
    status,
    untilSending: () => until(async () => (await status()).sound[0]?.from, timeout * 2, 'the page sends no sound'),
    async leave() {
      await page.evaluate('client.leave()')
      await page.close()
    },
  }
}
