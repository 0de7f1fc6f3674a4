/** Paths people type: relative to where they typed them, whatever started us. */
import { resolve } from 'node:path'

/** `path` against `INIT_CWD` (set by pnpm and npm), else the working directory. */
export function typed(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}
