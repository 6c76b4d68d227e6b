// A way to a real part that leads through a proxy of the test's own, on which the test can cause faults.
import type { Test } from 'tap'
import { type Proxy as FaultProxy, startProxy } from './proxy.ts'

/** A proxy in front of one of the parts, and the URL that leads through it; closed after the test. */
export async function through(t: Pick<Test, 'teardown'>, partUrl: string): Promise<{ proxy: FaultProxy; url: string }> {
  const url = new URL(partUrl)
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port) })
  t.teardown(() => proxy.close())
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}
