/** A circuit as a value: OK → DEGRADED → FROZEN at once, back only after clean rounds, and a grace before anybody is liquidated on it. */

export type Circuit<code extends string = string> = {
  readonly state: 'OK' | 'DEGRADED' | 'FROZEN'
  /** Why it is not OK; null while it is. */
  readonly code: code | 'STARTING' | null
  /** Clean rounds in a row. */
  readonly clean: number
  /** In this state since. Unix seconds. */
  readonly since: number
  /** Nobody is liquidated on it before. Unix seconds. */
  readonly graceUntil: number
}

/** What one round found. */
export type Finding<code extends string = string> =
  | { readonly status: 'clean' }
  | { readonly status: 'degraded' | 'frozen'; readonly code: code }

export type Policy = {
  /** Clean rounds in a row that end a fault. */
  readonly cleanRounds: number
  /** Between the end of a fault and the first liquidation on what it concerns. */
  readonly graceSeconds: number
}

export const policy: Policy = { cleanRounds: 3, graceSeconds: 600 }

/**
 * Before anything was read: frozen, as after a fault. What was known before a restart is not known.
 *
 * @example
 * Circuit.boot(1_000).state
 * // => 'FROZEN'
 */
export function boot(asOf: number): Circuit<never> {
  return { state: 'FROZEN', code: 'STARTING', clean: 0, since: asOf, graceUntil: asOf }
}

/**
 * The circuit after one more round.
 *
 * A fault acts at once, and a lesser one does not lift a greater one: that takes `cleanRounds` in a row.
 *
 * @param args.asOf - unix seconds.
 *
 * @example
 * const frozen = Circuit.next({ circuit: Circuit.boot(0), finding: { status: 'frozen', code: 'ORACLE_STALE' }, asOf: 10 })
 * const once = Circuit.next({ circuit: frozen, finding: { status: 'clean' }, asOf: 11 })
 * const twice = Circuit.next({ circuit: once, finding: { status: 'clean' }, asOf: 12 })
 * Circuit.next({ circuit: twice, finding: { status: 'clean' }, asOf: 13 })
 * // => { state: 'OK', code: null, clean: 3, since: 13, graceUntil: 613 }
 */
export function next<code extends string>(args: next.Args<code>): Circuit<code> {
  const { circuit, finding, asOf, policy: rules = policy } = args
  if (finding.status !== 'clean') {
    const found = finding.status === 'frozen' ? 'FROZEN' : 'DEGRADED'
    const isWorse = rank[found] > rank[circuit.state]
    const state = isWorse ? found : circuit.state
    // What froze it is what is told, until it is over; a lesser fault meanwhile is not why.
    const code = rank[found] >= rank[circuit.state] ? finding.code : circuit.code
    return { state, code, clean: 0, since: isWorse ? asOf : circuit.since, graceUntil: circuit.graceUntil }
  }
  const clean = Math.min(circuit.clean + 1, rules.cleanRounds)
  if (circuit.state === 'OK' || clean < rules.cleanRounds) return { ...circuit, clean }
  return { state: 'OK', code: null, clean, since: asOf, graceUntil: asOf + rules.graceSeconds }
}

export declare namespace next {
  type Args<code extends string> = {
    readonly circuit: Circuit<code>
    readonly finding: Finding<code>
    readonly asOf: number
    readonly policy?: Policy
  }
}

/**
 * Whether somebody may be liquidated on what it guards: never on doubtful data, and not at once after it.
 *
 * @example
 * Circuit.mayLiquidate(Circuit.boot(1_000), 1_000_000)
 * // => false
 */
export function mayLiquidate(circuit: Circuit, asOf: number): boolean {
  return circuit.state === 'OK' && asOf >= circuit.graceUntil
}

const rank = { OK: 0, DEGRADED: 1, FROZEN: 2 } as const
