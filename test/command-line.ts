// The command line as the tests judge it: what a command printed, and what it refused.
import type { Test } from 'tap'
import { runAdmin } from './processes.ts'

/** A moment as it is printed. */
export const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** What a command printed, having ended well. */
export async function admin(t: Test, url: string, ...args: string[]) {
  const { code, stdout, stderr } = await runAdmin(url, ...args)
  t.equal(stderr, '', args.join(' '))
  t.equal(code, 0, args.join(' '))
  t.equal(stdout.split('\n').length, 2, `${args.join(' ')}: one line`)
  return JSON.parse(stdout)
}

/** Runs each command; judges its exit code and that stderr is exactly this line. */
export async function refuses(t: Test, exitCode: number, url: string | undefined, cases: [RegExp, ...string[]][]) {
  for (let start = 0; start < cases.length; start += 4) {
    await Promise.all(
      cases.slice(start, start + 4).map(async ([line, ...args]) => {
        const { code, stdout, stderr } = await runAdmin(url, ...args)
        const title = JSON.stringify(args.join(' '))
        t.equal(code, exitCode, `${title}: exit code`)
        t.equal(stdout, '', `${title}: nothing on stdout`)
        t.match(stderr, /^error: [^\n]+\n$/, `${title}: one line on stderr`)
        t.match(stderr, line, title)
      }),
    )
  }
}
