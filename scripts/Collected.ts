/**
 * Stands in for `vitest` where mutants are judged: `test` only keeps what it is given, so that one test can run again and again without
 * its file being loaded anew. `expect` is vitest's own.
 *
 * It knows what tests of pure packages use. What it does not know, a test file cannot import, and the baseline says so.
 */
import { inspect } from 'node:util'
import { chai, expect } from 'vitest'

export type Test = { readonly title: string; readonly run: () => unknown }

type Body = (...values: readonly unknown[]) => unknown

let tests: Test[] = []
let above: readonly string[] = []

/** The tests that files have given since the last time. */
export function take(): readonly Test[] {
  const taken = tests
  tests = []
  return taken
}

/** What each snapshot was without a mutant: the real run has compared it with the text. */
const snapshots = new Map<string, string>()
let running = ''
let order = 0

/** Runs one test. Its snapshots are kept the first time, and compared afterwards. */
export async function run({ title, run }: Test): Promise<void> {
  running = title
  order = 0
  await run()
}

chai.use((_, { addMethod, flag }) => {
  addMethod(chai.Assertion.prototype, 'toMatchInlineSnapshot', function (this: Chai.AssertionStatic) {
    const key = `${running} ${order++}`
    const found = inspect(flag(this, 'object'), { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
    const kept = snapshots.get(key) ?? found
    snapshots.set(key, kept)
    if (kept !== found) throw new chai.AssertionError('The snapshot differs.')
  })
})

/** `test(title, body)`, or with options or a time before or after the body, which say nothing here. */
function keep(title: unknown, ...rest: readonly unknown[]): void {
  const body = rest.find((each) => typeof each === 'function')
  if (body) tests.push({ title: [...above, String(title)].join(' > '), run: body as () => unknown })
}

function group(title: unknown, ...rest: readonly unknown[]): void {
  const body = rest.find((each) => typeof each === 'function')
  const outside = above
  above = [...above, String(title)]
  try {
    if (body) (body as () => void)()
  } finally {
    above = outside
  }
}

const leave = (): void => {}

/** `.each`, `.skipIf` and `.runIf` of either. */
function extended(own: typeof keep) {
  const each =
    (rows: readonly unknown[]) =>
    (title: unknown, ...rest: readonly unknown[]): void => {
      const body = rest.find((other) => typeof other === 'function') as Body | undefined
      for (const [i, row] of rows.entries()) own(`${title} #${i}`, () => body?.(...(Array.isArray(row) ? row : [row])))
    }
  const conditional = (runs: boolean) => (runs ? Object.assign(own, { each }) : Object.assign(leave, { each: () => leave }))
  return Object.assign(own, { each, skipIf: (skips: unknown) => conditional(!skips), runIf: (runs: unknown) => conditional(Boolean(runs)) })
}

export const test = extended(keep)
export const describe = extended(group)
export { expect }
