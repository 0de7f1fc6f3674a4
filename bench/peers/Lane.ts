/** One contender in a process of its own, so that nobody runs on code that others have made the engine forget, or on their garbage. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cost } from './Clock.ts'

export type Introduction = { readonly name: string; readonly returns: string; readonly complete: boolean }
/** `worst`: the largest relative difference to what its accounts come to by hand. */
type Verdict = { readonly worst: number }

export type Question = { readonly milliseconds: number } | { readonly verify: true }
export type Answer = Introduction | Cost | Verdict

export type Lane = Introduction & {
  slice(milliseconds: number): Promise<Cost>
  verify(): Promise<Verdict>
  close(): void
}

/**
 * @param from - a file of this folder and what it exports.
 * @throws {LaneError} its process ends before it answers; the message carries what it wrote.
 */
export async function open(from: { readonly file: string; readonly exported: string }, seed: number): Promise<Lane> {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const child = fork(worker, [from.file, from.exported, String(seed)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let written = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    written += chunk
  })
  const ask = <T extends Answer>(question: Question | null) => next<T>(child, question, () => `${from.file}, ${from.exported}:\n${written}`)
  const introduction = await ask<Introduction>(null)
  return {
    ...introduction,
    slice: (milliseconds) => ask<Cost>({ milliseconds }),
    verify: () => ask<Verdict>({ verify: true }),
    close: () => child.disconnect(),
  }
}

/** The next message of the child, after it was sent the question, if there is one. */
function next<T extends Answer>(child: ChildProcess, question: Question | null, about: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new LaneError(about()))
    child.once('close', ended)
    child.once('message', (message) => {
      child.off('close', ended)
      resolve(message as T)
    })
    if (question !== null) child.send(question)
  })
}

/** Thrown when a contender's process ends before it answers. */
export class LaneError extends Error {
  override readonly name = 'Lane.LaneError'
}
