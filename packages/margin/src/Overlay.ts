/** What is laid over initial margin for a reason of its own: ordered, audited, revocable. Maintenance margin is never touched. */
import * as Account from './Account.ts'
import { BaseError } from './BaseError.ts'
import * as Fixed from './Fixed.ts'
import * as Health from './Health.ts'
import type * as Profile from './Profile.ts'

export type Overlay = {
  readonly id: string
  readonly reason: Reason
  /** Of one market; null of every one. */
  readonly market: string | null
  readonly effect: Effect
  readonly setBy: string
  readonly why: string
  /** Unix seconds; the last second of `until` still counts, null is without end. */
  readonly setAt: number
  readonly until: number | null
  readonly revokedAt: number | null
}

export type Reason = 'customLeverage' | 'predictedVolatility' | 'reputation' | 'depeg' | 'concentration' | 'systemicBrake'

/** Rates of notional, or a factor of what came before. Integer ppm; a negative `add` and a factor below 1 000 000 concede. */
export type Effect = { readonly kind: 'max' | 'add' | 'multiply'; readonly ppm: number }

/** What every overlay is held to. */
export type Terms = {
  /** β: initial margin stays at or above (1 + β)·MM. */
  readonly betaPpm: number
  /** The market's floor, of notional. */
  readonly floorPpm: number
  /** Concessions vanish the moment a liquidation starts, and what was added stays. */
  readonly phase: 'open' | 'liquidation'
}

/** Overlays in the order in which they apply. */
export type Stack = Terms & { readonly overlays: readonly Overlay[] }

/** What one overlay did to one market's initial margin. */
export type Entry = {
  readonly id: string
  readonly reason: Reason
  readonly market: string
  /** Signed, in money; the changes of an audit add up to the result less the base, exactly. */
  readonly change: bigint
  /** `bounded`: a concession that stops at the least margin. `suspended`: one that a liquidation has taken back. */
  readonly status: 'applied' | 'bounded' | 'suspended' | 'pending' | 'expired' | 'revoked'
}

/** One market's figures, in money. */
export type Margin = { readonly market: string; readonly notional: bigint; readonly initial: bigint; readonly maintenance: bigint }

export type Overlaid = { readonly base: bigint; readonly initial: bigint; readonly audit: readonly Entry[] }

/**
 * Initial margin of one market with a stack of overlays, one after another.
 *
 * Formula: `max(IM, ⌈r·N⌉)`, `IM + ⌈r·N⌉` or `⌈f·IM⌉`; a step that lowers it ends at `max(IM′, min(IM, ⌈(1 + β)·MM⌉, …))`, the least being the
 *          greater of `⌈(1 + β)·MM⌉` and `⌈floor·N⌉`, or IM itself where that is lower already.
 * Source:  docs/method/liquidation.md, eq. (15) and (16).
 * Rounding: up at each step.
 *
 * @param stack.overlays - those of other markets are left out of the audit.
 * @throws {InvalidOverlayError} a time or a rate is no integer, a factor is negative, or an effect is none of the three.
 *
 * @example
 * const overlay = { market: null, setBy: 'risk', why: 'a thin market', setAt: 0, until: null, revokedAt: null }
 * const overlays = [
 *   { ...overlay, id: 'volatility', reason: 'predictedVolatility', effect: { kind: 'max', ppm: 80_000 } },
 *   { ...overlay, id: 'reputation', reason: 'reputation', effect: { kind: 'multiply', ppm: 500_000 } },
 * ]
 * const stack = { overlays, betaPpm: 250_000, floorPpm: 10_000, phase: 'open' }
 * // 50, then 8 % of 1000 = 80, then half of it is below 1.25 · 40 = 50.
 * Overlay.apply({ market: 'ETH', notional: 1_000n, initial: 50n, maintenance: 40n }, stack, 0).initial
 * // => 50n
 */
export function apply(margin: Margin, stack: Stack, asOf: number): Overlaid {
  assertValid(stack, asOf)
  return lay(margin, stack, asOf)
}

function lay(margin: Margin, stack: Stack, asOf: number): Overlaid {
  const { market, notional, maintenance } = margin
  const { betaPpm, floorPpm } = stack
  const least = Fixed.max(Fixed.ofPpm(maintenance, 1_000_000 + betaPpm, 'up'), Fixed.ofPpm(notional, floorPpm, 'up'))
  let initial = margin.initial
  const audit: Entry[] = []
  for (const overlay of stack.overlays) {
    if (overlay.market !== null && overlay.market !== market) continue
    const { change, status } = step({ initial, notional, least }, overlay, { asOf, phase: stack.phase })
    initial += change
    audit.push({ id: overlay.id, reason: overlay.reason, market, change, status })
  }
  return { base: margin.initial, initial, audit }
}

export declare namespace apply {
  type ErrorType = InvalidOverlayError | Fixed.NotAnIntegerError
}

/**
 * An account whose initial margin has overlays, position by position.
 *
 * Source:  docs/method/liquidation.md, eq. (15) to (17).
 * Rounding: initial margin by the line whatever the profile says, so that each position's changes are its own; all else the profile's.
 *
 * @returns the assessment of `Account.assess`, with the overlaid initial margin and the health that follows; the audit, positions in order.
 * @throws {InvalidOverlayError} as `apply`.
 *
 * @example
 * const flat = (rate) => ({ kind: 'flat', rate })
 * const terms = { margin: { initial: flat(100_000n), maintenance: flat(50_000n) }, openInterest: 0n, quote: 0n, charge: 0n, unit: 1n }
 * const position = { market: 'ETH', size: 1_000n, cost: 1_000n, price: Valuation.mark(1n), ...terms }
 * const brake = { id: 'brake', reason: 'systemicBrake', market: null, effect: { kind: 'multiply', ppm: 1_500_000 } }
 * const overlays = [{ ...brake, setBy: 'system', why: 'reflexivity 0.7', setAt: 0, until: null, revokedAt: null }]
 * const stack = { overlays, betaPpm: 250_000, floorPpm: 10_000, phase: 'open' }
 * Overlay.assess({ balances: [], positions: [position], fees: 0n, asOf: 0 }, plimsoll, stack).initialMargin
 * // => 150n
 */
export function assess(account: Account.Account, profile: Profile.Profile, stack: Stack): Assessment {
  assertValid(stack, account.asOf)
  const base = Account.assess(account, profile)
  const byLine: Profile.Profile = { ...profile, rounded: 'line' }
  const overlaid = account.positions
    .filter(({ size, orders }) => size !== 0n || orders !== undefined)
    .map((position) => lay(marginOf(position, account, byLine), stack, account.asOf))
  const audit = overlaid.flatMap((each) => each.audit)
  const start = Account.assess(account, byLine).initialMargin
  const initialMargin = audit.reduce((sum, { change }) => sum + change, start)
  return { ...base, initialMargin, health: Health.assess({ ...base, initialMargin }), base: start, audit }
}

/** `base` is initial margin before the first overlay: it and the audit's changes add up to `initialMargin`. */
export type Assessment = Account.Assessment & { readonly base: bigint; readonly audit: readonly Entry[] }

export declare namespace assess {
  type ErrorType = Account.assess.ErrorType | InvalidOverlayError | Fixed.NotAnIntegerError
}

type At = { readonly initial: bigint; readonly notional: bigint; readonly least: bigint }

function step({ initial, notional, least }: At, overlay: Overlay, now: { readonly asOf: number; readonly phase: Terms['phase'] }) {
  const idle = (status: Entry['status']) => ({ change: 0n, status })
  if (now.asOf < overlay.setAt) return idle('pending')
  if (overlay.revokedAt !== null && now.asOf >= overlay.revokedAt) return idle('revoked')
  if (overlay.until !== null && now.asOf > overlay.until) return idle('expired')

  const to = effectOn(initial, notional, overlay.effect)
  if (to >= initial) return { change: to - initial, status: 'applied' as const }
  if (now.phase === 'liquidation') return idle('suspended')
  const bound = Fixed.min(initial, least)
  return to < bound ? { change: bound - initial, status: 'bounded' as const } : { change: to - initial, status: 'applied' as const }
}

function effectOn(initial: bigint, notional: bigint, { kind, ppm }: Effect): bigint {
  switch (kind) {
    case 'max':
      return Fixed.max(initial, Fixed.ofPpm(notional, ppm, 'up'))
    case 'add':
      return initial + Fixed.ofPpm(notional, ppm, 'up')
    case 'multiply':
      return Fixed.ofPpm(initial, ppm, 'up')
  }
}

/** A position by itself, and its notional as what it would need at a rate of 1. */
function marginOf(position: Account.Position, { asOf }: Account.Account, { settle: _, ...profile }: Profile.Profile): Margin {
  const alone = (only: Account.Position) => Account.assess({ balances: [], positions: [only], fees: 0n, asOf }, profile)
  const { initialMargin: initial, maintenanceMargin: maintenance } = alone(position)
  const { short: __, ...bare } = position
  const all = { kind: 'flat' as const, rate: profile.rateUnit }
  const { initialMargin: notional } = alone({ ...bare, margin: { initial: all, maintenance: all }, charge: 0n })
  return { market: position.market, notional, initial, maintenance }
}

const effects: readonly Effect['kind'][] = ['max', 'add', 'multiply']

/** What no comparison would find: a time or a rate that is no number is neither before nor after another. */
function assertValid({ overlays }: Stack, asOf: number): void {
  const refuse = (holds: boolean, path: string, value: unknown) => {
    if (holds) throw new InvalidOverlayError({ path, value })
  }
  const isOff = (value: number | null) => value !== null && !Number.isSafeInteger(value)
  refuse(!Number.isSafeInteger(asOf), 'asOf', asOf)
  for (const { id, effect, setAt, until, revokedAt } of overlays) {
    const { kind, ppm } = effect
    refuse(!Number.isSafeInteger(setAt), `${id}.setAt`, setAt)
    refuse(isOff(until), `${id}.until`, until)
    refuse(isOff(revokedAt), `${id}.revokedAt`, revokedAt)
    refuse(!effects.includes(kind), `${id}.effect.kind`, kind)
    refuse(!Number.isSafeInteger(ppm) || (kind === 'multiply' && ppm < 0), `${id}.effect.ppm`, ppm)
  }
}

/** Thrown when an overlay has a time, a rate or an effect that no overlay has. */
export class InvalidOverlayError extends BaseError {
  override readonly name = 'Overlay.InvalidOverlayError'
  readonly path: string
  readonly value: unknown
  constructor(args: { readonly path: string; readonly value: unknown }) {
    super({
      code: 'INVALID_OVERLAY',
      message: `Overlays cannot have ${String(args.value)} as ${args.path}.`,
      hint: 'Times are whole unix seconds, rates integer ppm; a factor is at least 0.',
    })
    this.path = args.path
    this.value = args.value
  }
}
