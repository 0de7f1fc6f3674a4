/** The web app, built where it is missing or older than its sources. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('../../../web/', import.meta.url))

/** Builds `apps/web/dist` unless it is newer than everything it is made of. */
export async function build(): Promise<void> {
  const built = join(web, 'dist', 'index.html')
  if (existsSync(built) && statSync(built).mtimeMs > newest([join(web, 'src'), join(web, 'index.html'), ...packages])) return
  const vite = join(dirname(createRequire(join(web, 'package.json')).resolve('vite/package.json')), 'bin', 'vite.js')
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: web, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new WebBuildError(said.trim().slice(-1_000))
}

/** What the web app bundles beside its own sources. */
const packages = ['margin', 'contracts', 'sdk'].map((name) => fileURLToPath(new URL(`../../../../packages/${name}/src`, import.meta.url)))

function newest(paths: readonly string[]): number {
  return Math.max(
    ...paths.map((path) => {
      const found = statSync(path)
      return found.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : found.mtimeMs
    }),
  )
}

/** Thrown when the web app does not build. */
export class WebBuildError extends Error {
  override readonly name = 'Web.WebBuildError'
  readonly code = 'WEB_BUILD_FAILED'
  readonly hint = 'Run `pnpm --filter @plimsoll/web build` to see it whole.'
  constructor(said: string) {
    super(`The web app does not build: ${said}`)
  }
}
