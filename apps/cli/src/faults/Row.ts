/** One row of the fault table: a fault, what must come of it, and how it is injected for real. */

/** What came of it. `evidence` is what a person would look at to believe it. */
export type Verdict = { readonly pass: boolean; readonly seen: string; readonly evidence: string }

export type Row = {
  /** `RPC-5`. */
  readonly id: string
  readonly fault: string
  readonly expected: string
  readonly inject: ((seed: Seed) => Promise<Verdict | Elsewhere>) | Elsewhere
}

/** Why it is not injected here. */
export type Elsewhere = { readonly elsewhere: string }

/** `elsewhere`: it cannot be injected on one machine, or lacks a program here, and `evidence` says which. */
export type Result = Omit<Row, 'inject'> & {
  readonly status: 'PASS' | 'FAIL' | 'ELSEWHERE'
  readonly seen: string
  readonly evidence: string
  readonly seed: number
  readonly seconds: number
}

/** Numbers drawn from a seed: the same seed injects the same fault. */
export type Seed = {
  readonly value: number
  /** An integer from 0 to `below` − 1. */
  readonly draw: (below: number) => number
}

/** Mulberry32: small, and the same on every machine. */
export function seed(value: number): Seed {
  let state = value >>> 0
  const draw = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  return { value, draw }
}

/** Injects a row's fault. What is thrown fails it: a row knows which errors it expects. */
export async function run(row: Row, value: number): Promise<Result> {
  const { id, fault, expected, inject } = row
  const shown = { id, fault, expected, seed: value }
  const skip = (why: Elsewhere) => ({ ...shown, status: 'ELSEWHERE' as const, seen: 'not injected', evidence: why.elsewhere, seconds: 0 })
  if (typeof inject !== 'function') return skip(inject)
  const from = performance.now()
  const verdict = await inject(seed(value ^ hash(id))).catch(
    (error: unknown): Verdict => ({
      pass: false,
      seen: codeOf(error),
      evidence: error instanceof Error ? error.message.slice(0, 300) : String(error),
    }),
  )
  if ('elsewhere' in verdict) return skip(verdict)
  return {
    ...shown,
    status: verdict.pass ? 'PASS' : 'FAIL',
    seen: verdict.seen,
    evidence: verdict.evidence,
    seconds: (performance.now() - from) / 1000,
  }
}

/** What a promise came to: the code of its error, or `answered`. */
export function outcome(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'answered', codeOf)
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : String(error)
}

/** A verdict on several things that must all hold; the first that does not is what was seen. */
export function verdict(args: {
  readonly seen: string
  readonly evidence: string
  readonly holds: Readonly<Record<string, boolean>>
}): Verdict {
  const broken = Object.entries(args.holds).flatMap(([what, holds]) => (holds ? [] : [what]))
  return {
    pass: broken.length === 0,
    seen: broken.length === 0 ? args.seen : `${args.seen}; not: ${broken.join(', ')}`,
    evidence: args.evidence,
  }
}

function hash(text: string): number {
  let sum = 0
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0
  return sum
}
