// The clients: what each needs on the machine, how it is generated and compiled, how it is called, and what it must print.
import { join } from 'node:path'
import { agentJob, expectedOfGenerated, expectedOfGo, refusals } from './expected.ts'
import { go, java, node, python, rust, type Toolchain } from './toolchains.ts'

export interface Client {
  name: string
  /** Where its commands run. */
  directory: string
  needs: Toolchain[]
  /** Commands that generate and compile it, in order. */
  prepare: string[][]
  /** The command that makes the calls and prints a line for each. */
  call: string[]
  /** The command that receives events on PORT, and prints a line for each. */
  receiver?: string[]
  /** Variables that its commands need. */
  env?: Record<string, string>
  /** How many sessions it makes; 1. */
  sessions?: number
  /** What the calls show, and the line that says so. */
  expected: (roomName: string) => [title: string, line: string][]
}

const directory = (path: string) => join(import.meta.dirname, path)
const install = ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']

const installPython = [
  ['python3', '-m', 'venv', '.venv'],
  ['.venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', 'requirements.txt'],
]

export const clients: Client[] = [
  {
    name: 'typescript',
    directory: directory('typescript'),
    needs: [node],
    prepare: [install, ['npm', 'run', 'generate'], ['npm', 'run', 'build']],
    call: ['npm', 'start', '--silent'],
    receiver: ['node', 'build/receiver.js'],
    expected: expectedOfGenerated,
  },
  {
    name: 'python',
    directory: directory('python'),
    needs: [python],
    prepare: [
      ...installPython,
      [
        ...['.venv/bin/openapi-python-client', 'generate', '--path', '../../openapi.yaml', '--config', 'config.yaml'],
        ...['--meta', 'none', '--output-path', 'generated/voice_sessions', '--overwrite', '--fail-on-warning'],
      ],
      // Its cache goes with the generated code: it does not notice a module that is back.
      ['.venv/bin/mypy', '--strict', '--cache-dir', 'generated/cache', 'main.py', 'receiver.py'],
    ],
    call: ['.venv/bin/python', 'main.py'],
    receiver: ['.venv/bin/python', 'receiver.py'],
    env: { PYTHONPATH: 'generated', MYPYPATH: 'generated' },
    expected: expectedOfGenerated,
  },
  {
    name: 'go',
    directory: directory('go'),
    needs: [go],
    prepare: [
      ['go', 'tool', 'oapi-codegen', '-config', 'config.yaml', '../../openapi.yaml'],
      ['go', 'build', '-o', 'build/client', '.'],
      ['go', 'build', '-o', 'build/receiver', './receiver'],
    ],
    call: ['build/client'],
    receiver: ['build/receiver'],
    // No C compiler is needed then.
    env: { CGO_ENABLED: '0', AGENT_JOB: JSON.stringify(agentJob) },
    expected: expectedOfGo,
  },
  {
    name: 'java',
    directory: directory('java'),
    needs: [java],
    prepare: [['mvn', '--quiet', '--batch-mode', 'compile']],
    call: ['java', '-classpath', 'target/classes:target/libraries/*', 'Main'],
    receiver: ['java', '-classpath', 'target/classes:target/libraries/*', 'Receiver'],
    expected: expectedOfGenerated,
  },
  {
    name: 'rust',
    directory: directory('rust'),
    needs: [rust],
    prepare: [
      [process.execPath, ...process.execArgv, '../../reference/openapi-3.0.ts', 'generated/openapi-3.0.json'],
      ['cargo', 'build', '--quiet', '--locked'],
    ],
    call: ['.cargo-target/debug/client'],
    // Kept from one run to the next: Cargo notices a changed document, and the packages take minutes.
    env: { CARGO_TARGET_DIR: '.cargo-target' },
    expected: expectedOfGenerated,
  },
  {
    name: 'nextjs',
    directory: directory('../examples/nextjs'),
    needs: [node],
    prepare: [install, ['npm', 'run', 'build']],
    call: [process.execPath, ...process.execArgv, directory('nextjs.ts')],
    env: { NEXT_TELEMETRY_DISABLED: '1' },
    expected: (roomName) => [
      ['200', `200 ${roomName}`],
      ['an Idempotency-Key is passed on, also from the page’s own origin', `200 ${roomName}`],
      ...refusals,
      ['a body that is not JSON', '400 agent_id_required'],
      ['another site', '403 Not from other sites'],
      ['another host of the same site', '403 Not from other sites'],
      ['another site, said only by its Origin', '403 Not from other sites'],
      ['a frame without an origin', '403 Not from other sites'],
      ['the service cannot be reached', '500 Failed to start voice session'],
      ['the key stays on the server', 'no answer and no file for the browser has the key'],
    ],
  },
  {
    // Last: what is called from then on would have an agent.
    name: 'python-worker',
    directory: directory('python-worker'),
    needs: [python],
    prepare: [...installPython],
    call: [process.execPath, ...process.execArgv, directory('python-worker.ts')],
    sessions: 2,
    expected: () => [
      ['the worker of the guide greets by name', 'Hello Ana! Is it about order 427?'],
      ['and whoever has none', 'Hello! What is it about?'],
    ],
  },
]
