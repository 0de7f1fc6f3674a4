/** The one clock of a crash: chains take their blocks' times from it, and services read it. It stands still until it is moved. */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Clock = {
  /** Unix seconds. */
  readonly now: () => number
  /** Moves it forward to a time. Unix seconds. */
  readonly move: (to: number) => void
  /** What a process is started with to live by it. */
  readonly env: Readonly<Record<string, string>>
}

/** @param home - where the file lies that processes read. */
export function of(home: string, from: number): Clock {
  const file = join(home, 'clock')
  let now = from
  const move = (to: number) => {
    now = to
    // Whoever reads finds the old time or the new one, and never half of one.
    writeFileSync(`${file}.next`, `${to * 1_000}`)
    renameSync(`${file}.next`, file)
  }
  move(from)
  const preload = new URL('./lapse.ts', import.meta.url).href
  return { now: () => now, move, env: { PLIMSOLL_CLOCK: file, NODE_OPTIONS: `--import=${preload}` } }
}
