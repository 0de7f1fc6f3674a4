/** Portfolio margin: perps, futures, options and collateral in the same scenarios. */
import { BaseError } from './BaseError.ts'
import * as Flaw from './Flaw.ts'
import * as Isolated from './Isolated.ts'
import * as Model from './Model.ts'
import * as Option from './Option.ts'
import * as Payoff from './Payoff.ts'
import * as Repricing from './Repricing.ts'

/** Money is USD in float64, amounts are units of the underlying, signed: held is above 0. Confidences are 0 to 1. */
export type Account = {
  /** In units of the stablecoin. May be negative. */
  readonly cash: number
  /** USD per unit of the stablecoin, > 0. */
  readonly stablePrice: number
  /** One an underlying. Losses in one are not offset by gains in another. */
  readonly markets: readonly Market[]
}

export type Market = {
  readonly model: Model.Model
  /** USD per unit, > 0. */
  readonly spot: number
  readonly perps: readonly Perp[]
  readonly expiries: readonly Expiry[]
  readonly collaterals: readonly Collateral[]
}

/** `profit` is what it has made and not paid out, funding included. USD. */
export type Perp = { readonly amount: number; readonly price: number; readonly profit: number; readonly confidence: number }

export type Future = { readonly amount: number; readonly profit: number }

export type Expiry = Repricing.Quote & {
  /** The least of the feeds that the venue counts. */
  readonly confidence: number
  readonly futures: readonly Future[]
  readonly options: readonly Repricing.Leg[]
}

export type Collateral = {
  /** ≥ 0, in its own units. */
  readonly amount: number
  readonly price: number
  readonly confidence: number
  /** Whether its value moves with spot, and so can cancel risk. */
  readonly moves: boolean
  readonly haircut: Model.Margins
}

export type Assessment = {
  /** What is left beyond the requirement; negative when it is short. USD. */
  readonly initial: number
  readonly maintenance: number
  readonly markToMarket: number
  /** What any of the three may be wrong by. USD. */
  readonly error: number
  /** One a market, in order. */
  readonly markets: readonly Assessed[]
}

export type Assessed = {
  readonly initial: number
  readonly maintenance: number
  readonly markToMarket: number
  readonly error: number
  readonly optionValue: number
  readonly collateralValue: number
  /** Set aside for forwards against spot, ≤ 0. USD. */
  readonly basis: number
  /** profits[s], USD: of each scenario, after dampening. */
  readonly profits: Float64Array
  /** ≤ 0, before factors. USD. */
  readonly worst: number
  /** Its index; the number of scenarios where none is worse than the basis. */
  readonly worstScenario: number
}

/**
 * Initial and maintenance margin of an account, and what it is worth.
 *
 * Formula: per market `base + worst · factor − charges`, `worst = min(basis, min over s of profit(s))`; cash once.
 * Source:  docs/method/portfolio-margin.md, eq. (15) to (22).
 * Rounding: none, float64; `error` says how far from the exact figure. `Float.toFixed` rounds it against the user.
 *
 * @throws {InvalidAccountError} as `check`; or figures are too large to be added up.
 *
 * @example
 * const none = { initial: 0, maintenance: 0 }
 * const sure = { threshold: 0, rate: 0 }
 * const model = Model.of({
 *   span: null,
 *   isolated: null,
 *   linear: { price: 'mark', initial: 0.125, maintenance: 0.0625 },
 *   naked: none,
 *   doubt: { linear: sure, options: { ...sure, units: 'all' }, collateral: sure },
 *   depeg: { threshold: 0, ofLoss: 0, ofNotional: 0 },
 *   collateral: 'usd',
 * })
 * const perp = { amount: -2, price: 1000, profit: 50, confidence: 1 }
 * const market = { model, spot: 1000, perps: [perp], expiries: [], collaterals: [] }
 * const { initial, maintenance } = Portfolio.assess({ cash: 300, stablePrice: 1, markets: [market] })
 * initial
 * // => 100
 * maintenance
 * // => 225
 */
export function assess(account: Account): Assessment {
  check(account)
  const { cash, stablePrice, markets } = account
  const assessed = markets.map((market) => assessMarket(market, stablePrice))
  let initial = cash
  let maintenance = cash
  let markToMarket = cash
  let error = Math.abs(cash) * ulp + underflow
  for (const each of assessed) {
    initial += each.initial
    maintenance += each.maintenance
    markToMarket += each.markToMarket
    error += each.error
  }
  // Every figure is finite, and what they add up to is not.
  if (!Number.isFinite(initial + maintenance + markToMarket + error))
    throw new InvalidAccountError({ path: 'cash', value: Number.POSITIVE_INFINITY })
  return { initial, maintenance, markToMarket, error, markets: assessed }
}

export declare namespace assess {
  type ErrorType = InvalidAccountError
}

/**
 * An account that can be meant, or a sentence why not: unknown is neither 0 nor certain.
 *
 * Spot and the stable price are above 0; prices, strikes, volatilities, seconds, rates, haircuts and amounts of collateral at least 0; a confidence
 * is 0 to 1; an option is a call or a put; everything is a finite number.
 *
 * @throws {InvalidAccountError}
 *
 * @example
 * Portfolio.check({ cash: -5, stablePrice: 1, markets: [] })
 * // => undefined
 */
export function check(account: Account): void {
  const flaw = Flaw.of(account)
  if (flaw !== null) throw new InvalidAccountError(flaw)
}

export declare namespace check {
  type ErrorType = InvalidAccountError
}

/** Twice the relative rounding of one operation, so that it covers a sum's own rounding as well; and more than all underflow. */
const ulp = 2 ** -52
const underflow = 2 ** -1000

/** What all charges of a market are made of, while its holdings are gone through. */
type Tally = {
  base: { initial: number; maintenance: number; markToMarket: number }
  charges: { initial: number; maintenance: number }
  /** USD that move with spot, one for one. */
  exposure: number
  optionValue: number
  collateralValue: number
  basis: number
  /** Σ of what was added up, without signs: floats are wrong by a part of it. */
  gross: number
  terms: number
}

function assessMarket(market: Market, stablePrice: number): Assessed {
  const { model, spot } = market
  const { terms, grid } = model
  const profits = new Float64Array(grid.scenarios)
  const columns = new Float64Array(grid.relative.length)
  const depeg = Math.max(0, terms.depeg.threshold - stablePrice)
  const tally: Tally = {
    base: { initial: 0, maintenance: 0, markToMarket: 0 },
    charges: { initial: 0, maintenance: 0 },
    exposure: 0,
    optionValue: 0,
    collateralValue: 0,
    basis: 0,
    gross: 0,
    terms: 4 + grid.scenarios,
  }
  for (const perp of market.perps) {
    const { amount, price, profit, confidence } = perp
    tally.exposure += amount * price
    addLinear(tally, { model, spot, depeg, units: Math.abs(amount), price, profit, confidence })
  }
  for (const collateral of market.collaterals) addCollateral(tally, collateral, { model, stablePrice })
  for (const expiry of market.expiries) addExpiry(tally, expiry, { model, spot, depeg, profits, columns })

  let worst = tally.basis
  let worstScenario = grid.scenarios
  for (let s = 0; s < grid.scenarios; s++) {
    const profit = (profits[s] as number) + (grid.moves[s] as number) * tally.exposure
    profits[s] = profit
    tally.gross += Math.abs(profit)
    if (profit < worst) {
      worst = profit
      worstScenario = s
    }
  }
  const factor = terms.span?.factor ?? { initial: 0, maintenance: 0 }
  const { base, charges, basis, optionValue, collateralValue } = tally
  const initialFactor = factor.initial + depeg * terms.depeg.ofLoss
  return {
    initial: base.initial + worst * initialFactor - charges.initial,
    maintenance: base.maintenance + worst * factor.maintenance - charges.maintenance,
    markToMarket: base.markToMarket,
    error: tally.gross * Math.max(1, initialFactor, factor.maintenance) * ulp * (64 + tally.terms),
    optionValue,
    collateralValue,
    basis,
    profits,
    worst,
    worstScenario,
  }
}

type Linear = {
  readonly model: Model.Model
  readonly spot: number
  readonly depeg: number
  readonly units: number
  readonly price: number
  readonly profit: number
  readonly confidence: number
}

/** A perp or a future: its profit, and charges on its notional. */
function addLinear(tally: Tally, { model: { terms, grid }, spot, depeg, units, price, profit, confidence }: Linear): void {
  const { linear, doubt } = terms
  const notional = units * (linear.price === 'mark' ? price : spot)
  const unsure = Model.doubtful(confidence, doubt.linear) + depeg * terms.depeg.ofNotional
  tally.charges.initial += notional * linear.initial + units * spot * unsure
  tally.charges.maintenance += notional * linear.maintenance
  addValue(tally, profit)
  tally.gross += units * (price + spot) * grid.reach
  tally.terms += 4
}

function addCollateral(
  tally: Tally,
  { amount, price, confidence, moves, haircut }: Collateral,
  { model: { terms, grid }, stablePrice }: { readonly model: Model.Model; readonly stablePrice: number },
): void {
  const value = (amount * price) / stablePrice
  const counted = terms.collateral === 'stable' ? value : amount * price
  tally.base.initial += counted
  tally.base.maintenance += counted
  tally.base.markToMarket += value
  tally.collateralValue += value
  tally.charges.initial += counted * (haircut.initial + Model.doubtful(confidence, terms.doubt.collateral))
  tally.charges.maintenance += counted * haircut.maintenance
  if (moves) tally.exposure += value
  tally.gross += (counted + value) * grid.reach
  tally.terms += 4
}

function addValue(tally: Tally, value: number): void {
  tally.base.initial += value
  tally.base.maintenance += value
  tally.base.markToMarket += value
  tally.gross += Math.abs(value)
}

type Room = {
  readonly model: Model.Model
  readonly spot: number
  readonly depeg: number
  /** profits[s], added to. */
  readonly profits: Float64Array
  /** columns[c], working memory. */
  readonly columns: Float64Array
}

function addExpiry(tally: Tally, expiry: Expiry, { model, spot, depeg, profits, columns }: Room): void {
  const { forward, confidence, futures, options } = expiry
  const { terms, grid } = model
  const repricing = Repricing.of(expiry, model)

  let delta = 0
  for (const { amount, profit } of futures) {
    delta += amount * forward * repricing.moving
    addLinear(tally, { model, spot, depeg, units: Math.abs(amount), price: forward, profit, confidence })
  }
  tally.exposure += delta

  columns.fill(0)
  let units = 0
  let written = 0
  let scale = 0
  for (const leg of options) {
    const { amount, strike } = leg
    Repricing.add(columns, leg, repricing)
    const size = Math.abs(amount)
    units += size
    if (amount < 0) written += size
    scale += size * (strike + forward * grid.reach)
  }
  const value = columns[grid.now] as number
  tally.optionValue += value
  tally.base.markToMarket += value
  if (terms.isolated === null) {
    tally.base.initial += value
    tally.base.maintenance += value
  } else {
    const needed = bounded(expiry, { terms: terms.isolated, spot })
    tally.base.initial -= needed.initial
    tally.base.maintenance -= needed.maintenance
  }
  const naked = terms.naked.initial === 0 && terms.naked.maintenance === 0 ? 0 : Payoff.naked(options) * spot
  const { doubt } = terms
  const notional = spot * (doubt.options.units === 'all' ? units : written)
  tally.charges.initial +=
    naked * terms.naked.initial + notional * Model.doubtful(confidence, doubt.options) + spot * written * depeg * terms.depeg.ofNotional
  tally.charges.maintenance += naked * terms.naked.maintenance
  tally.gross += (scale + units * spot) * Math.max(1, repricing.held, repricing.owed)
  tally.terms += 4 * (1 + options.length)
  if (terms.span === null) return

  addProfits(profits, columns, repricing)
  if (terms.span.basis !== null) {
    const { basis } = terms.span
    const upwards = (columns[grid.up] as number) - value + delta * (basis.up - 1)
    const downwards = (columns[grid.down] as number) - value + delta * (basis.down - 1)
    tally.basis += Math.min(0, upwards, downwards) * (basis.flat + basis.perYear * repricing.years)
  }
}

/** An expiry's share in every scenario: what its options are worth after the shock, discounted, less what they are worth now. */
function addProfits(profits: Float64Array, columns: Float64Array, { grid, held, owed }: Repricing.Repricing): void {
  const { dampening, adverse } = grid
  const value = columns[grid.now] as number
  for (let s = 0; s < profits.length; s++) {
    const shocked = columns[s] as number
    const profit = (dampening[s] as number) * ((shocked >= 0 ? shocked * held : shocked * owed) - value)
    profits[s] = (profits[s] as number) + (adverse[s] === 1 ? -Math.abs(profit) : profit)
  }
}

/** What an expiry needs where its options are looked at alone, or bound each other's loss: the less of both. */
function bounded(
  { forward, seconds, rate, options }: Expiry,
  { terms, spot }: { readonly terms: Isolated.Terms; readonly spot: number },
): Model.Margins {
  const discount = Math.exp((-rate * seconds) / Option.yearSeconds)
  let initial = 0
  let maintenance = 0
  for (const { kind, strike, volatility, amount } of options) {
    if (!(amount < 0)) continue
    const value = -amount * Option.price({ kind, strike, forward, seconds, volatility, discount })
    const written = { kind, strike, units: -amount, value }
    initial += Isolated.initial(written, spot, terms)
    maintenance += Isolated.maintenance(written, spot, terms)
  }
  return {
    initial: Math.min(initial, Isolated.bound(options, forward, terms.unpaired.initial)),
    maintenance: Math.min(maintenance, Isolated.bound(options, forward, terms.unpaired.maintenance)),
  }
}

/** Thrown when an account has a figure that no account has. */
export class InvalidAccountError extends BaseError {
  override readonly name = 'Portfolio.InvalidAccountError'
  readonly path: string
  readonly value: unknown
  constructor(args: { readonly path: string; readonly value: unknown }) {
    super({
      code: 'INVALID_ACCOUNT',
      message: `An account cannot have ${String(args.value)} as ${args.path}.`,
      hint: 'Every figure is finite; spot and the stable price above 0; prices, strikes, volatilities, seconds, rates and collateral at least 0; confidences 0 to 1.',
    })
    this.path = args.path
    this.value = args.value
  }
}
