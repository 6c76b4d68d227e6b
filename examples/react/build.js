// Makes dist/, which any web server can serve.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname

await build({
  entryPoints: [join(here, 'src', 'main.tsx')],
  outdir: join(here, 'dist'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  minify: true,
  sourcemap: true,
})
await cp(join(here, 'public'), join(here, 'dist'), { recursive: true })
