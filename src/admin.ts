// The operator's command line: `npm run admin -- --help`. It needs only DATABASE_URL and prints JSON, one line.
import { runProgram } from './commands/program.ts'

// Nobody would know what is printed, such as a new key: the disk is full, or the reader has gone.
process.stdout.on('error', ({ message }) => {
  process.stderr.write(`error: it is done, but could not be printed: ${message}\n`)
  process.exit(1)
})

process.exitCode = await runProgram(process.argv.slice(2), {
  variable: (name) => process.env[name],
  readVariables: (file) => process.loadEnvFile(file),
  print: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
})
