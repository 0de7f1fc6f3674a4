/** What was tried, and what stopped it: a line each, for whoever reads the run. */
import { expect } from 'vitest'

/** The name of what refused an attempt, as the contract or the ledger gives it; `nothing` if it went through. */
export async function stop(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
    return /Error: (\w+)\(/.exec(error instanceof Error ? error.message : '')?.[1] ?? String(error)
  }
  return 'nothing'
}

export type Attack = {
  readonly name: string
  readonly tried: string
  readonly stopped: readonly string[]
  /** What should have stopped it, try by try. */
  readonly wanted: readonly string[]
}

/** The attack as a line; fails unless all of it was stopped by what should. */
export function told({ name, tried, stopped, wanted }: Attack): string {
  expect(stopped, name).toEqual(wanted)
  return `${name.padEnd(30)} ${tried}: ${stopped.join(', ')}`
}
