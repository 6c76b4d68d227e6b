// A page with the React sample's component that a test can unmount.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const ROOT = join(import.meta.dirname, '..', '..')
const entry = (agentId: string) => `
  import { createRoot } from 'react-dom/client'
  import { App } from './app.tsx'
  const root = createRoot(document.querySelector('#root'))
  root.render(<App agentId="${agentId}" />)
  window.unmount = () => root.unmount()`

declare global {
  interface Window {
    unmount(): void
  }
}

/** From its next load on, the page shows the component for this agent, and has window.unmount(). */
export async function serveUnmountablePage(page: Page, agentId: string): Promise<void> {
  const body = execFileSync(
    join(ROOT, 'node_modules', '.bin', 'esbuild'),
    ['--bundle', '--format=esm', '--jsx=automatic', '--loader=tsx', '--define:process.env.NODE_ENV="production"'],
    { cwd: join(ROOT, 'examples', 'react', 'src'), input: entry(agentId), maxBuffer: 64 * 1024 * 1024 },
  )
  await page.route('**/main.js', (route) => route.fulfill({ contentType: 'text/javascript', body }))
}
