import { Fixed, type Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import * as Book from './Book.ts'
import * as Cascade from './Cascade.ts'
import * as Impact from './Impact.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import * as Reflexivity from './Reflexivity.ts'

/** The systemic add-on to initial margin, as margin reads it. */
export type Brake = Inputs.Brake

/** No brake up to here… */
export const free = 0.5

/** …and no raise from here. */
export const shut = 0.8

const levels = 16

/** n is compared with this much to spare, so that a rounding of the last digit never opens a step. */
const slack = 1e-9

/**
 * The brake of one market: how much more initial margin a raise to N costs, per side, before it makes the market fragile.
 *
 * Formula: `ppm(N) = brakeMax · (n(N) − 0.5) / 0.3`, 0 below n = 0.5; no step reaches beyond n = 0.8. n is the greatest secant
 *          reflexivity of the side over 1, 2 and 3 σ, on book + live headroom + N.
 * Assumption: headroom and N are one wall, opened at `initialPpm` and closed at `maintenancePpm`. Whoever holds more margin than the
 *          least fails later, and a wall that fails sooner never stops a cascade: this is the worst way to place them.
 * Steps:   at sixteen levels of the brake, equally spaced; each reaches to the largest whole dollar at which n is still within its
 *          level. So the table at N is n(N) rounded up to the grid, and a worse book, impact or σ never eases it anywhere.
 * Rounding: notionals down, ppm and n up.
 *
 * @param request.headroom - notional that live certificates may still add. USD.
 * @param request.initialPpm - the least initial margin any raise of the side can be opened at, discounts included.
 * @param request.sigmaPpm - annualised, through the cycle.
 * @param request.ceiling - the greatest notional anybody may ask for, at most 2^53 USD; the table ends there at the latest.
 * @returns n at N = 0 in `reflexivity`, headroom included: it is where the table starts.
 * @throws {InvalidTermsError} {Impact.InvalidImpactError} {Reflexivity.InvalidShockError}
 */
export function of(request: of.Request): Brake {
  const { book, market, bookHash, impact, sigmaPpm, horizonSeconds } = request
  checked(request)
  Impact.assert(impact)
  const shocks = Reflexivity.shocks(sigmaPpm, horizonSeconds)
  const long = side(request, LiquidationCurve.of(book, market, 'long'), shocks)
  const short = side(request, LiquidationCurve.of(book, market, 'short'), shocks)
  return {
    status: 'ok',
    bookHash,
    reflexivity: { longPpm: long.reflexivityPpm, shortPpm: short.reflexivityPpm },
    long: long.steps,
    short: short.steps,
  }
}

export declare namespace of {
  type Request = {
    readonly book: Book.Book
    readonly market: string
    readonly bookHash: Book.Hex
    readonly headroom: { readonly long: bigint; readonly short: bigint }
    readonly initialPpm: { readonly long: number; readonly short: number }
    readonly maintenancePpm: { readonly long: number; readonly short: number }
    readonly impact: Impact.Impact
    readonly sigmaPpm: number
    readonly horizonSeconds: number
    readonly ceiling: bigint
    readonly brakeMaxPpm: number
  }
  type ErrorType = InvalidTermsError | Impact.InvalidImpactError | Reflexivity.InvalidShockError
}

/**
 * The brake of a book that could not be read. Unknown is not calm: no steps, and n as bad as it gets.
 *
 * @example
 * Brake.unavailable('0x00').reflexivity
 * // => { longPpm: 1000000, shortPpm: 1000000 }
 */
export function unavailable(bookHash: Book.Hex): Brake {
  return { status: 'unavailable', bookHash, reflexivity: { longPpm: 1_000_000, shortPpm: 1_000_000 }, long: [], short: [] }
}

function side(request: of.Request, curve: LiquidationCurve.LiquidationCurve, shocks: readonly number[]) {
  const { impact, brakeMaxPpm } = request
  const headroom = Book.usd(request.headroom[curve.side])
  const ceiling = Number(request.ceiling / Fixed.one)
  const at = LiquidationCurve.distance({
    side: curve.side,
    notional: 1,
    equity: request.initialPpm[curve.side] / 1_000_000,
    maintenance: request.maintenancePpm[curve.side] / 1_000_000,
  })
  const reach = (shock: number, notional: number, until: number): number =>
    Cascade.reach({ curve, impact, shock }, at === null ? 0 : headroom + notional, at ?? 0, until)
  const within = (notional: number, n: number): boolean =>
    shocks.every((shock) => {
      const until = shock / (1 - n + slack)
      return reach(shock, notional, until) <= until
    })

  const steps: Inputs.Step[] = []
  let done = -1
  for (let level = 0; level < levels && done < ceiling; level++) {
    const n = free + ((shut - free) * level) / (levels - 1)
    const to = largest(done, ceiling, (notional) => within(notional, n))
    if (to > done && to > 0) steps.push({ upToNotional: BigInt(to) * Fixed.one, ppm: Math.ceil((brakeMaxPpm * level) / (levels - 1)) })
    done = Math.max(done, to)
  }
  const n = Math.max(...shocks.map((shock) => 1 - shock / reach(shock, 0, Number.POSITIVE_INFINITY)))
  return { steps, reflexivityPpm: Math.min(1_000_000, Math.ceil(Math.max(0, n) * 1_000_000)) }
}

/** The largest whole number in (from, to] that passes, `from` where none does; `passes` is true up to some point. */
function largest(from: number, to: number, passes: (n: number) => boolean): number {
  if (passes(to)) return to
  let low = from
  let high = to
  for (let stride = Math.max(1, low); low + stride < high; stride *= 2) {
    if (passes(low + stride)) low += stride
    else {
      high = low + stride
      break
    }
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (passes(middle)) low = middle
    else high = middle
  }
  return low
}

function checked({ headroom, initialPpm, maintenancePpm, ceiling, brakeMaxPpm }: of.Request): void {
  if (headroom.long < 0n || headroom.short < 0n) throw new InvalidTermsError('headroom is negative')
  if (ceiling < 0n || ceiling / Fixed.one > BigInt(Number.MAX_SAFE_INTEGER)) throw new InvalidTermsError(`the ceiling is ${ceiling}`)
  if (!Number.isSafeInteger(brakeMaxPpm) || brakeMaxPpm < 0) throw new InvalidTermsError(`brakeMax is ${brakeMaxPpm} ppm`)
  for (const side of ['long', 'short'] as const) {
    const [initial, maintenance] = [initialPpm[side], maintenancePpm[side]]
    if (!Number.isSafeInteger(initial) || !Number.isSafeInteger(maintenance) || maintenance < 0 || maintenance >= 1_000_000)
      throw new InvalidTermsError(`margins of the ${side} side are ${initial} and ${maintenance} ppm`)
    if (initial < maintenance) throw new InvalidTermsError(`initial margin of the ${side} side is below maintenance`)
  }
}

/** Thrown when the terms of a market cannot carry a brake. */
export class InvalidTermsError extends BaseError {
  override readonly name = 'Brake.InvalidTermsError'
  constructor(reason: string) {
    super({
      code: 'INVALID_TERMS',
      message: `No brake can be computed: ${reason}.`,
      hint: 'Give whole ppm with initial at least maintenance and maintenance below 100 %, and USD amounts of at least 0.',
    })
  }
}
