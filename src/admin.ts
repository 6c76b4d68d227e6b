// The operator's command line: `npm run admin -- --help`. It needs only DATABASE_URL and prints JSON, one line.
import { runProgram } from './commands/program.ts'

process.exitCode = await runProgram(process.argv.slice(2), {
  databaseUrl: () => process.env.DATABASE_URL,
  readVariables: (file) => process.loadEnvFile(file),
  print: (text) => process.stdout.write(text),
  warn: (text) => process.stderr.write(text),
})
