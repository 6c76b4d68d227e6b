// What @hey-api/openapi-ts makes of the document: types and functions on top of fetch, for Node's module resolution.
import { defineConfig } from '@hey-api/openapi-ts'

export default defineConfig({
  input: '../../openapi.yaml',
  output: { path: 'generated', importFileExtension: '.js' },
  logs: { level: 'warn', file: false },
})
