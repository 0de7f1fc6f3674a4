import { BaseError } from './BaseError.ts'
import type { Model } from './Model.ts'
import type * as TrackRecord from './TrackRecord.ts'

/** One participant's net position in one market as it moved, with the prices it stood at: what exposure is read off. */
export type Exposure = {
  /** Whose the samples are said to be: one of the participant's accounts, CAIP-10. */
  readonly account: string
  /** Part of every sample's id. */
  readonly market: string
  /** Every change at every venue and of every account, in any order: the sum is the net position. */
  readonly changes: readonly Change[]
  readonly marks: readonly Mark[]
  /** Losses that collateral did not cover, positive when they were recorded and negative when they were settled. USD. */
  readonly losses: readonly { readonly at: number; readonly amountUsd: bigint }[]
  /** What an adverse day is measured by. Annualised, ppm. */
  readonly sigmaPpm: number
}

/** Base units × 1e18, positive buys. What a liquidation closed has not survived. */
export type Change = { readonly at: number; readonly delta: bigint; readonly liquidation: boolean }

/** The index price at a final block. USD × 1e18. */
export type Mark = { readonly at: number; readonly price: bigint }

const one = 10n ** 18n
const day = 86_400
const year = 365n * BigInt(day)
/** Between two marks further apart nothing is known, and unknown earns nothing. */
const mostGapSeconds = day

/**
 * Exposure that had lived through adverse days, as events of a record: one sample from each mark to the next.
 *
 * Formula: a day is adverse to a side if `−side·(P₁ − P₀)/P₀ ≥ σ·√(max(Δ, 1 d)/365 d)` between the first marks of two UTC days on end.
 * `USD = min(least |net| since the mark before, tested) · min(P, P before)`, with `tested` the n-th greatest of what the position held
 * throughout an adverse day, n = `model.record.adverseDays`. A position ends when it is flat, turns, or is liquidated in part, and what it
 * was tested with ends with it. Nothing counts while a loss is unsettled.
 * Source: docs/method/reputation.md, eq. (20) and (21). Rounding: down.
 *
 * The changes of one second are one, made before that second's mark. The order of the inputs changes nothing.
 *
 * @throws {InvalidMarkError} a price is not positive, or two prices are given for one second.
 *
 * @example
 * const day = 86_400
 * Exposure.of({ account: 'a', market: 'M', changes: [{ at: 0, delta: 10n ** 18n, liquidation: false }], losses: [], sigmaPpm: 365_000, marks: [0, 1, 2].map((i) => ({ at: i * day, price: [100n, 90n, 95n][i] * 10n ** 18n })) }, Model.first).map(({ at, amountUsd }) => [at / day, amountUsd])
 * // => [[2, 90000000000000000000n]]
 */
export function of(exposure: Exposure, model: Model): readonly TrackRecord.Event[] {
  const { account, market, losses, sigmaPpm } = exposure
  const changes = bySecond(exposure.changes)
  const marks = checked(exposure.marks)
  const found: TrackRecord.Event[] = []
  let position = flat
  let opening: Mark | null = null
  let before: Mark | null = null
  let next = 0
  for (const mark of marks) {
    for (let change = changes[next]; change && change.at <= mark.at; change = changes[++next]) position = moved(position, change)
    const unsettled = losses.reduce((sum, loss) => (loss.at <= mark.at ? sum + loss.amountUsd : sum), 0n) > 0n

    const size = lesser(greatest(position.lived, model.record.adverseDays), position.leastSinceMark)
    if (before && !unsettled && size > 0n && mark.at - before.at <= mostGapSeconds) {
      const amountUsd = (size * lesser(before.price, mark.price)) / one
      const held = { heldSeconds: mark.at - before.at, adverseDays: position.lived.length }
      found.push({ id: `exposure:${market}:${mark.at}`, account, at: mark.at, kind: 'exposure', amountUsd, ...held })
    }
    if (opening === null || dayOf(opening) !== dayOf(mark)) {
      const survived =
        position.leastToday > 0n && !unsettled && opening !== null && adverse({ position, from: opening, to: mark, sigmaPpm })
      position = { ...position, lived: survived ? [...position.lived, position.leastToday] : position.lived, leastToday: abs(position.net) }
      opening = mark
    }
    position = { ...position, leastSinceMark: abs(position.net) }
    before = mark
  }
  return found
}

type Position = {
  readonly net: bigint
  /** Least |net| since the last mark, and since the day's first. */
  readonly leastSinceMark: bigint
  readonly leastToday: bigint
  /** What was held throughout each adverse day of this position. */
  readonly lived: readonly bigint[]
}

const flat: Position = { net: 0n, leastSinceMark: 0n, leastToday: 0n, lived: [] }

function moved(position: Position, { delta, liquidation }: Change): Position {
  const net = position.net + delta
  const goesOn = !liquidation && net * position.net > 0n
  if (!goesOn) return { ...flat, net }
  const size = abs(net)
  return {
    ...position,
    net,
    leastSinceMark: lesser(size, position.leastSinceMark),
    leastToday: lesser(size, position.leastToday),
  }
}

/** What happens within one second cancels out there. */
function bySecond(changes: readonly Change[]): readonly Change[] {
  const seconds = new Map<number, Change>()
  for (const { at, delta, liquidation } of changes) {
    const known = seconds.get(at)
    seconds.set(at, { at, delta: delta + (known?.delta ?? 0n), liquidation: liquidation || known?.liquidation === true })
  }
  return [...seconds.values()].sort((a, b) => a.at - b.at)
}

/** Squared on both sides, so that nothing is rounded. */
function adverse(args: { readonly position: Position; readonly from: Mark; readonly to: Mark; readonly sigmaPpm: number }): boolean {
  const { position, from, to, sigmaPpm } = args
  if (dayOf(to) !== dayOf(from) + 1) return false
  const against = position.net > 0n ? from.price - to.price : to.price - from.price
  if (against <= 0n) return false
  const seconds = BigInt(Math.max(to.at - from.at, day))
  return (against * 1_000_000n) ** 2n * year >= (BigInt(sigmaPpm) * from.price) ** 2n * seconds
}

/** The n-th greatest; 0 where there are not so many. */
function greatest(sizes: readonly bigint[], n: number): bigint {
  return [...sizes].sort((a, b) => (a < b ? 1 : -1))[n - 1] ?? 0n
}

function dayOf(mark: Mark): number {
  return Math.floor(mark.at / day)
}

function lesser(a: bigint, b: bigint): bigint {
  if (b < a) return b
  return a
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

function checked(marks: readonly Mark[]): readonly Mark[] {
  const prices = new Map<number, bigint>()
  for (const { at, price } of marks) {
    const known = prices.get(at)
    if (price <= 0n) throw new InvalidMarkError({ at, reason: `its price is ${price}` })
    if (known !== undefined && known !== price) throw new InvalidMarkError({ at, reason: `it has two prices, ${known} and ${price}` })
    prices.set(at, price)
  }
  return [...prices].map(([at, price]) => ({ at, price })).sort((a, b) => a.at - b.at)
}

/** Thrown when a price cannot have been. */
export class InvalidMarkError extends BaseError {
  override readonly name = 'Exposure.InvalidMarkError'
  readonly at: number
  constructor(args: { readonly at: number; readonly reason: string }) {
    super({
      code: 'INVALID_MARK',
      message: `The mark at ${args.at} cannot be used: ${args.reason}.`,
      hint: 'Give one price above 0 for each second, read at a final block.',
    })
    this.at = args.at
  }
}
