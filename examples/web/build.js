// Makes dist/, which any web server can serve: the bundled script, the page, its style and its icon.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname

await build({
  entryPoints: [join(here, 'src', 'main.ts'), join(here, 'style', 'style.css')],
  outdir: join(here, 'dist'),
  entryNames: '[name]',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
})
await cp(join(here, 'public'), join(here, 'dist'), { recursive: true })
