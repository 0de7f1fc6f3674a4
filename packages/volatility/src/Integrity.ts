import type * as Bar from './Bar.ts'
import { BaseError } from './BaseError.ts'

/** What may be wrong with bars, in the order in which it is looked for. */
export const kinds = [
  'off grid',
  'future',
  'price',
  'unsorted',
  'duplicate',
  'conflict',
  'ohlc',
  'wick',
  'apart',
  'tick',
  'level',
  'gap',
] as const
export type Kind = (typeof kinds)[number]

/** One thing that was wrong, when, and what was done about it. */
export type Finding = {
  readonly kind: Kind
  /** Close of the bar; for a gap, of the bar after it. Unix seconds. */
  readonly closeAt: number
  readonly action: 'dropped' | 'moved' | 'repaired' | 'filled' | 'split'
  readonly detail: string
}

/** What was given, what is left, and everything that was done in between. */
export type Report = {
  readonly given: number
  /** Bars in the runs, those put into gaps included. */
  readonly kept: number
  readonly filled: number
  readonly counts: Readonly<Record<Kind, number>>
  readonly findings: readonly Finding[]
}

/** A price that agrees with the two before it is a level, however far from the old one. */
const agreeing = 3

/**
 * Cleans bars as they come from a venue into unbroken runs of sound ones (`Bar.assertSeries`), and tells all that it did. It looks back only:
 * more bars at the end change nothing before them, so a cleaned history is the one that was seen at the time.
 *
 * | kind | what | done |
 * |---|---|---|
 * | off grid, future, price | closeAt no multiple of the interval; after `asOf`; a price not finite and above zero | dropped |
 * | unsorted | stands after a later bar | moved |
 * | duplicate, conflict | again, the same or not | dropped: the first one holds |
 * | ohlc | high or low inside the body | widened to it |
 * | wick, apart | high or low, open or close, further than `basis` outside the range of a second venue | brought back to that edge |
 * | tick | moves more than `mostMove` from the last good close; a lone high or low is brought back to the body | dropped, or repaired |
 * | level | the third such bar in a row that agrees with the two before it | a new run begins |
 * | gap | missing bars: up to `mostFilled` in a row become flat ones at the last close | filled, or a new run begins |
 *
 * A filled gap hides no move: the bar after it carries the whole return. No return is taken between runs.
 * Source: docs/method/volatility.md, eq. (6), (7).
 *
 * @param args.bars - as they came, any order.
 * @param args.asOf - bars that close later are from the future. Unix seconds.
 * @param args.mostFilled - bars to fill in a row, ≥ 0; 0 splits at every gap.
 * @param args.mostMove - greatest |ln| a price may move in a bar, > 0: ln 10 passes any real crash and no ×100 tick.
 * @param args.reference - the same asset at a second venue, and the log distance its range may be left by; where it has no sound bar, nothing is compared.
 * @returns runs, oldest first, each with at least one bar, and the report.
 * @throws {InvalidRuleError} a rule is out of range.
 * @throws {NothingSoundError} no bar is left.
 *
 * @example
 * const bar = (closeAt: number, close: number) => ({ closeAt, open: close, high: close, low: close, close })
 * const { runs, report } = Integrity.clean({ bars: [bar(60, 5), bar(120, 500), bar(180, 6)], intervalSeconds: 60, asOf: 180, mostFilled: 1, mostMove: Math.log(10) })
 * runs.map((run) => run.map(({ close }) => close))
 * // => [[5, 5, 6]]
 * [report.counts.tick, report.counts.gap, report.filled]
 * // => [1, 1, 1]
 */
export function clean(args: clean.Arguments): { readonly runs: readonly (readonly Bar.Bar[])[]; readonly report: Report } {
  const { bars, intervalSeconds, mostFilled, mostMove, reference } = args
  assertRules(args)
  const findings: Finding[] = []
  const say = (kind: Kind, closeAt: number, action: Finding['action'], detail: string): void => {
    findings.push({ kind, closeAt, action, detail })
  }
  const second = new Map(reference?.bars.filter(priced).map((bar) => [bar.closeAt, bar]))

  const runs: Bar.Bar[][] = []
  let run: Bar.Bar[] = []
  let strays: Bar.Bar[] = []
  let filled = 0
  const begin = (bar: Bar.Bar): void => {
    run = [bar]
    runs.push(run)
  }
  for (const raw of ordered(args, say)) {
    const bar = compared(widened(raw, say), second.get(raw.closeAt), reference?.basis ?? 0, say)
    const last = run.at(-1)
    if (last === undefined) {
      begin(bar)
      continue
    }
    if (moves(bar.close, last.close) > mostMove || moves(bar.open, last.close) > mostMove) {
      strays = strays.every((stray) => moves(bar.close, stray.close) <= mostMove) ? [...strays, bar] : [bar]
      if (strays.length < agreeing) {
        say('tick', bar.closeAt, 'dropped', `from ${last.close} to ${bar.open}, ${bar.close}`)
        continue
      }
      say('level', bar.closeAt, 'split', `${agreeing} bars in a row stand at ${bar.close}; before them ${last.close}`)
      begin(bar)
      strays = []
      continue
    }
    strays = []
    const missing = (bar.closeAt - last.closeAt) / intervalSeconds - 1
    if (missing > mostFilled) {
      say('gap', bar.closeAt, 'split', `${missing} bars are missing`)
      begin(calmed(bar, last.close, mostMove, say))
      continue
    }
    if (missing > 0) {
      say('gap', bar.closeAt, 'filled', `${missing} bars are missing`)
      for (let k = 1; k <= missing; k++) run.push(flat(last.closeAt + k * intervalSeconds, last.close))
      filled += missing
    }
    run.push(calmed(bar, last.close, mostMove, say))
  }
  if (runs.length === 0) throw new NothingSoundError({ given: bars.length })
  const counts = Object.fromEntries(kinds.map((kind) => [kind, findings.filter((finding) => finding.kind === kind).length]))
  return {
    runs,
    report: {
      given: bars.length,
      kept: runs.reduce((sum, { length }) => sum + length, 0),
      filled,
      counts: counts as Record<Kind, number>,
      findings,
    },
  }
}

export declare namespace clean {
  type Arguments = {
    readonly bars: readonly Bar.Bar[]
    readonly intervalSeconds: number
    readonly asOf: number
    readonly mostFilled: number
    readonly mostMove: number
    readonly reference?: { readonly bars: readonly Bar.Bar[]; readonly basis: number }
  }
  type ErrorType = InvalidRuleError | NothingSoundError
}

type Say = (kind: Kind, closeAt: number, action: Finding['action'], detail: string) => void

/** Sound times and prices, oldest first, one a time. */
function ordered({ bars, intervalSeconds, asOf }: clean.Arguments, say: Say): Bar.Bar[] {
  const held = new Map<number, Bar.Bar>()
  let newest = Number.NEGATIVE_INFINITY
  for (const bar of bars) {
    const { closeAt } = bar
    const before = held.get(closeAt)
    if (!Number.isSafeInteger(closeAt) || closeAt < 0 || closeAt % intervalSeconds !== 0)
      say('off grid', closeAt, 'dropped', `not a multiple of ${intervalSeconds} s`)
    else if (closeAt > asOf) say('future', closeAt, 'dropped', `after ${asOf}`)
    else if (!priced(bar)) say('price', closeAt, 'dropped', `open ${bar.open}, high ${bar.high}, low ${bar.low}, close ${bar.close}`)
    else if (before !== undefined) {
      const same = before.open === bar.open && before.high === bar.high && before.low === bar.low && before.close === bar.close
      say(same ? 'duplicate' : 'conflict', closeAt, 'dropped', same ? 'the same again' : `close ${bar.close}, held ${before.close}`)
    } else {
      if (closeAt < newest) say('unsorted', closeAt, 'moved', `stood after ${newest}`)
      newest = Math.max(newest, closeAt)
      held.set(closeAt, bar)
    }
  }
  return [...held.values()].sort((a, b) => a.closeAt - b.closeAt)
}

function widened(bar: Bar.Bar, say: Say): Bar.Bar {
  const { closeAt, open, close } = bar
  const [high, low] = [Math.max(bar.high, bar.low, open, close), Math.min(bar.high, bar.low, open, close)]
  if (high === bar.high && low === bar.low) return bar
  say('ohlc', closeAt, 'repaired', `high ${bar.high} to ${high}, low ${bar.low} to ${low}`)
  return { closeAt, open, high, low, close }
}

/** Every price within the range of the second venue, give or take the basis. */
function compared(bar: Bar.Bar, other: Bar.Bar | undefined, basis: number, say: Say): Bar.Bar {
  if (other === undefined) return bar
  const least = Math.min(other.low, other.high) * Math.exp(-basis)
  const greatest = Math.max(other.low, other.high) * Math.exp(basis)
  const hold = (price: number): number => Math.min(greatest, Math.max(least, price))
  const { closeAt } = bar
  const held = { closeAt, open: hold(bar.open), high: hold(bar.high), low: hold(bar.low), close: hold(bar.close) }
  if (held.open !== bar.open || held.close !== bar.close)
    say('apart', closeAt, 'repaired', `open ${bar.open} to ${held.open}, close ${bar.close} to ${held.close}`)
  if (held.high !== bar.high || held.low !== bar.low)
    say('wick', closeAt, 'repaired', `high ${bar.high} to ${held.high}, low ${bar.low} to ${held.low}`)
  return held
}

/** A high or low that no price beside it explains. */
function calmed(bar: Bar.Bar, before: number, mostMove: number, say: Say): Bar.Bar {
  const { closeAt, open, close } = bar
  const high = moves(bar.high, before) > mostMove ? Math.max(open, close) : bar.high
  const low = moves(bar.low, before) > mostMove ? Math.min(open, close) : bar.low
  if (high === bar.high && low === bar.low) return bar
  say('tick', closeAt, 'repaired', `high ${bar.high} to ${high}, low ${bar.low} to ${low}`)
  return { closeAt, open, high, low, close }
}

const moves = (price: number, before: number): number => Math.abs(Math.log(price / before))

const flat = (closeAt: number, price: number): Bar.Bar => ({ closeAt, open: price, high: price, low: price, close: price })

const priced = ({ open, high, low, close }: Bar.Bar): boolean =>
  [open, high, low, close].every((price) => Number.isFinite(price) && price > 0)

function assertRules({ intervalSeconds, asOf, mostFilled, mostMove, reference }: clean.Arguments): void {
  const fail = (rule: string): never => {
    throw new InvalidRuleError({ rule })
  }
  if (!Number.isSafeInteger(intervalSeconds) || intervalSeconds <= 0) fail('intervalSeconds')
  if (Number.isNaN(asOf)) fail('asOf')
  if (!Number.isSafeInteger(mostFilled) || mostFilled < 0) fail('mostFilled')
  if (!(mostMove > 0)) fail('mostMove')
  if (reference !== undefined && !(reference.basis >= 0)) fail('reference.basis')
}

/** Thrown when a rule of cleaning is out of range. */
export class InvalidRuleError extends BaseError {
  override readonly name = 'Integrity.InvalidRuleError'
  readonly rule: string
  constructor(args: { readonly rule: string }) {
    super({
      code: 'INTEGRITY_RULE_INVALID',
      message: `The rule ${args.rule} is out of range.`,
      hint: 'See Integrity.clean for what each may be.',
    })
    this.rule = args.rule
  }
}

/** Thrown when cleaning leaves no bar: an empty answer would read as a market that stood still. */
export class NothingSoundError extends BaseError {
  override readonly name = 'Integrity.NothingSoundError'
  readonly given: number
  constructor(args: { readonly given: number }) {
    super({
      code: 'INTEGRITY_NOTHING_SOUND',
      message: `None of ${args.given} bars is sound.`,
      hint: 'Look at the source, its interval and its clock.',
    })
    this.given = args.given
  }
}
