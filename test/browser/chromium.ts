// Finds a browser of the Chromium family on this machine.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
/** Where macOS keeps programs that are not on PATH. */
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The path that CHROME_PATH gives, or the first browser on PATH; throws where there is none, and says how to get one. */
export function findChromium(): string {
  const given = process.env.CHROME_PATH
  if (given && !isProgram(given)) throw new Error(`CHROME_PATH is ${given}, and that is not a program`)
  const directories = (process.env.PATH ?? '').split(delimiter)
  const candidates = NAMES.flatMap((name) => directories.map((directory) => join(directory, name)))
  const found = given || [...candidates, ...APPLICATIONS].find(isProgram)
  if (found) return found
  throw new Error('there is no Chromium: install it ("apt-get install chromium"), or set CHROME_PATH to a Chrome')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
