/** Writers in processes of their own, killed where it hurts. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type Writer = {
  /** The greatest number acknowledged; −1 before the first. */
  readonly acknowledged: () => number
  /** Resolves once `count` more were acknowledged, or the process ended; with the code it was refused with, or null. */
  readonly until: (count: number) => Promise<string | null>
  /** `kill −9`, and waits until it is gone. */
  readonly kill: () => Promise<void>
}

/** Starts one on a directory or a server. It goes on from what it finds there. */
export function start(options: { readonly directory: string } | { readonly url: string }): Writer {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./writing.ts', import.meta.url)), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  void gone.then(() => process.off('exit', end))
  let last = -1
  let count = 0
  let refused: string | null = null
  let watch = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('refused ')) refused = line.slice(8)
    else {
      last = Number(line)
      count += 1
    }
    watch()
  })
  return {
    acknowledged: () => last,
    until: async (more) => {
      const target = count + more
      const reached = new Promise<void>((resolve) => {
        watch = () => (count >= target || refused !== null ? resolve() : undefined)
        watch()
      })
      await Promise.race([reached, gone])
      return refused
    },
    kill: async () => {
      end()
      await gone
    },
  }
}
