/** A market's instruments, each priced once in every scenario, so that an account is a sum over rows. */
import { BaseError } from './BaseError.ts'
import type * as Book from './Book.ts'
import * as Model from './Model.ts'
import * as Portfolio from './Portfolio.ts'
import * as Repricing from './Repricing.ts'
import * as Sweep from './Sweep.ts'

/**
 * Instruments are numbered as the market lists them: options expiry by expiry, then futures expiry by expiry, perps, collaterals.
 * The amounts and profits in the market are not read.
 */
export type Matrix = {
  readonly market: Portfolio.Market
  readonly stablePrice: number
  readonly instruments: number
  /** The first instruments, which have rows of prices; and the last. */
  readonly options: number
  readonly collaterals: number
  /** Whether expiries need not be told apart: no factor depends on a sign, and all are charged alike. Then all count as expiry 0. */
  readonly alike: boolean
  /** prices[row · stride + column], USD per unit: scenarios that do not tilt, up to a multiple of 8; those that do; now; the basis's two. */
  readonly prices: Float64Array
  readonly stride: number
  readonly filled: number
  readonly tilted: number
  /** scenario[column], −1 where it only fills up; its dampening, and spot − 1. */
  readonly scenario: Int32Array
  readonly dampening: Float64Array
  readonly shifts: Float64Array
  /** Of an option or a future: its expiry; −1 for others. */
  readonly expiry: Int32Array
  /** Of an option: a number that only those of the same expiry and strike share. */
  readonly strike: Int32Array
  /** Per unit of an instrument: USD that move with spot; what counts towards initial and maintenance margin, and in the value. */
  readonly exposure: Float64Array
  readonly initial: Float64Array
  readonly maintenance: Float64Array
  readonly value: Float64Array
  /** Per unit of an instrument, without its sign. */
  readonly initialCharge: Float64Array
  readonly maintenanceCharge: Float64Array
  /** Per expiry: after a shock, on what is held and on what is owed; on the worse move of the basis. */
  readonly held: Float64Array
  readonly owed: Float64Array
  readonly basis: Float64Array
  /** Per unit of an option of an expiry, on initial margin: of all, and of those written. */
  readonly unitCharge: Float64Array
  readonly writtenCharge: Float64Array
  /** Per unit of a future of an expiry. */
  readonly futureExposure: Float64Array
  readonly futureInitialCharge: Float64Array
  readonly futureMaintenanceCharge: Float64Array
}

/**
 * The matrix of a market's instruments.
 *
 * Source:  docs/method/portfolio-margin.md, eq. (14).
 * Rounding: nearest, float64; a price is the one that `Portfolio.assess` uses.
 *
 * @throws {UnsupportedModelError} the model margins written options alone: that is no sum over positions.
 * @throws {Portfolio.InvalidAccountError} as `Portfolio.check`.
 */
export function of(market: Portfolio.Market, stablePrice: number): Matrix {
  const { model, expiries, perps, collaterals } = market
  const { grid, terms } = model
  if (terms.isolated !== null) throw new UnsupportedModelError()
  Portfolio.check({ cash: 0, stablePrice, markets: [market] })
  const order = columnsOf(grid.adverse)
  const tilted = order.filter((s) => grid.adverse[s] === 1).length
  const lines = expiries.map((expiry) => lineOf(expiry, { market, stablePrice }))
  const rows = expiries.flatMap((expiry) => rowsOf(expiry, { model, order }))
  const options = expiries.flatMap((expiry, at) => expiry.options.map(({ strike }) => ({ strike, at })))
  const futures = expiries.flatMap((expiry, at) => expiry.futures.map(() => at))
  const alike = tilted === 0 && futures.length === 0 && lines.every((line) => isNeutral(line) && sameCharges(line, lines[0]))
  const strikes = new Map<string, number>()
  const strikeOf = ({ strike, at }: { readonly strike: number; readonly at: number }) => {
    const key = `${at} ${strike}`
    const known = strikes.get(key) ?? strikes.size
    strikes.set(key, known)
    return known
  }
  const priced = [...options.map(() => nothing), ...futures.map(() => nothing)]
  const units = [...priced, ...perps.map((perp) => perpOf(perp, market, stablePrice))].concat(
    collaterals.map((each) => collateralOf(each, model, stablePrice)),
  )
  const column = (of: (unit: Unit) => number) => Float64Array.from(units, of)
  const perExpiry = (of: (line: Line) => number) => Float64Array.from(lines, of)
  return {
    market,
    stablePrice,
    instruments: units.length,
    options: options.length,
    collaterals: collaterals.length,
    alike,
    prices: Float64Array.from(rows.flat()),
    stride: order.length + 3,
    filled: order.length - tilted,
    tilted,
    scenario: Int32Array.from(order),
    dampening: Float64Array.from(order, (s) => grid.dampening[s] ?? 0),
    shifts: Float64Array.from(order, (s) => (terms.span?.scenarios[s]?.spot ?? 1) - 1),
    expiry: Int32Array.from(units, (_, i) => {
      const at = options[i]?.at ?? futures[i - options.length] ?? -1
      return alike ? Math.min(0, at) : at
    }),
    strike: Int32Array.from(options, strikeOf),
    exposure: column((unit) => unit.exposure),
    initial: column((unit) => unit.initial),
    maintenance: column((unit) => unit.maintenance),
    value: column((unit) => unit.value),
    initialCharge: column((unit) => unit.initialCharge),
    maintenanceCharge: column((unit) => unit.maintenanceCharge),
    held: perExpiry((line) => line.held),
    owed: perExpiry((line) => line.owed),
    basis: perExpiry((line) => line.basis),
    unitCharge: perExpiry((line) => line.unitCharge),
    writtenCharge: perExpiry((line) => line.writtenCharge),
    futureExposure: perExpiry((line) => line.exposure),
    futureInitialCharge: perExpiry((line) => line.initialCharge),
    futureMaintenanceCharge: perExpiry((line) => line.maintenanceCharge),
  }
}

export declare namespace of {
  type ErrorType = UnsupportedModelError | Portfolio.InvalidAccountError
}

/**
 * Margins of every account of a book.
 *
 * Formula: those of `Portfolio.assess`, each expiry's columns being `Σ amount · price`.
 * Source:  docs/method/portfolio-margin.md, eq. (15) to (22).
 * Rounding: nearest, float64; within the `error` of `Portfolio.assess`, because only the order of additions differs.
 *
 * @param book - from `Book.of`, of a matrix with the same instruments: prices may have changed since.
 * @throws {StaleBookError} the book is of other instruments, or told expiries apart differently.
 *
 * @example
 * const none = { initial: 0, maintenance: 0 }
 * const sure = { threshold: 0, rate: 0 }
 * const wing = { flat: 0, perRootYear: 0 }
 * const same = { base: 1, multiple: 1, addend: 0 }
 * const model = Model.of({
 *   span: {
 *     scenarios: [{ spot: 0.75, volatility: 'none', dampening: 1 }, { spot: 1.25, volatility: 'none', dampening: 1 }],
 *     shift: { up: 0, down: 0, least: 0, leastSeconds: 0, nearPower: 0, farPower: 0 },
 *     tilt: { linear: wing, absolute: wing, leastWidth: 1, width: 0, flat: 0, perRootYear: 0 },
 *     held: same,
 *     owed: same,
 *     averagingSeconds: 0,
 *     factor: { initial: 1, maintenance: 0.5 },
 *     basis: null,
 *   },
 *   isolated: null,
 *   linear: { price: 'mark', ...none },
 *   naked: none,
 *   doubt: { linear: sure, options: { ...sure, units: 'all' }, collateral: sure },
 *   depeg: { threshold: 0, ofLoss: 0, ofNotional: 0 },
 *   collateral: 'usd',
 * })
 * const leg = { strike: 100, volatility: 0, amount: 0 }
 * const options = [{ kind: 'call', ...leg }, { kind: 'put', ...leg }]
 * const expiry = { forward: 100, seconds: 0, rate: 0, confidence: 1, futures: [], options }
 * const matrix = Matrix.of({ model, spot: 100, perps: [], expiries: [expiry], collaterals: [] }, 1)
 * const positions = { starts: Int32Array.of(0, 2), instrument: Int32Array.of(0, 1), amount: Float64Array.of(-2, -1), cash: Float64Array.of(60) }
 * Matrix.assess(matrix, Book.of(matrix, positions)).initial[0]
 * // => 10
 */
export function assess(matrix: Matrix, book: Book.Book): Sweep.Sweep {
  if (matrix.instruments !== book.instruments || matrix.alike !== book.alike) throw new StaleBookError()
  return Sweep.assess(matrix, book)
}

export declare namespace assess {
  type ErrorType = StaleBookError
}

/** What one unit of an instrument that is no option is and costs. */
type Unit = {
  readonly exposure: number
  readonly initial: number
  readonly maintenance: number
  readonly value: number
  readonly initialCharge: number
  readonly maintenanceCharge: number
}

const nothing: Unit = { exposure: 0, initial: 0, maintenance: 0, value: 0, initialCharge: 0, maintenanceCharge: 0 }

/** What an expiry's positions share; `exposure` and the charges are those of a unit of its future. */
type Line = Unit & {
  readonly held: number
  readonly owed: number
  readonly basis: number
  readonly unitCharge: number
  readonly writtenCharge: number
}

/** The scenario of each column: those that do not tilt, −1 up to a multiple of the loop's width, then those that do. */
function columnsOf(adverse: Uint8Array): readonly number[] {
  const indices = [...adverse.keys()]
  const plain = indices.filter((s) => adverse[s] === 0)
  while (plain.length % Sweep.width !== 0) plain.push(-1)
  return [...plain, ...indices.filter((s) => adverse[s] === 1)]
}

/** A row an option. */
function rowsOf(
  expiry: Portfolio.Expiry,
  { model, order }: { readonly model: Model.Model; readonly order: readonly number[] },
): readonly (readonly number[])[] {
  const { grid } = model
  const repricing = Repricing.of(expiry, model)
  const columns = new Float64Array(grid.relative.length)
  return expiry.options.map((leg) => {
    columns.fill(0)
    Repricing.add(columns, { ...leg, amount: 1 }, repricing)
    return [...order, grid.now, grid.up, grid.down].map((at) => (at < 0 ? 0 : (columns[at] as number)))
  })
}

function depegged({ terms }: Model.Model, stablePrice: number): number {
  return Math.max(0, terms.depeg.threshold - stablePrice) * terms.depeg.ofNotional
}

/** A unit of a perp or a future. */
function perpOf(
  { price, confidence }: { readonly price: number; readonly confidence: number },
  { model, spot }: Portfolio.Market,
  stablePrice: number,
): Unit {
  const { linear, doubt } = model.terms
  const notional = linear.price === 'mark' ? price : spot
  return {
    ...nothing,
    exposure: price,
    initialCharge: notional * linear.initial + spot * (Model.doubtful(confidence, doubt.linear) + depegged(model, stablePrice)),
    maintenanceCharge: notional * linear.maintenance,
  }
}

function collateralOf({ price, confidence, moves, haircut }: Portfolio.Collateral, { terms }: Model.Model, stablePrice: number): Unit {
  const value = price / stablePrice
  const counted = terms.collateral === 'stable' ? value : price
  return {
    exposure: moves ? value : 0,
    value,
    initial: counted - counted * (haircut.initial + Model.doubtful(confidence, terms.doubt.collateral)),
    maintenance: counted - counted * haircut.maintenance,
    initialCharge: 0,
    maintenanceCharge: 0,
  }
}

function lineOf(
  expiry: Portfolio.Expiry,
  { market, stablePrice }: { readonly market: Portfolio.Market; readonly stablePrice: number },
): Line {
  const { model, spot } = market
  const { span, doubt } = model.terms
  const { held, owed, years, moving } = Repricing.of(expiry, model)
  const future = perpOf({ price: expiry.forward, confidence: expiry.confidence }, market, stablePrice)
  const unsure = spot * Model.doubtful(expiry.confidence, doubt.options)
  return {
    ...future,
    exposure: expiry.forward * moving,
    held,
    owed,
    basis: span?.basis ? span.basis.flat + span.basis.perYear * years : 0,
    unitCharge: doubt.options.units === 'all' ? unsure : 0,
    writtenCharge: (doubt.options.units === 'all' ? 0 : unsure) + spot * depegged(model, stablePrice),
  }
}

function isNeutral({ held, owed, basis }: Line): boolean {
  return held === 1 && owed === 1 && basis === 0
}

function sameCharges(line: Line, other: Line | undefined): boolean {
  return line.unitCharge === other?.unitCharge && line.writtenCharge === other.writtenCharge
}

/** Thrown when a model is no sum over positions. */
export class UnsupportedModelError extends BaseError {
  override readonly name = 'Matrix.UnsupportedModelError'
  constructor() {
    super({
      code: 'UNSUPPORTED_MODEL',
      message: 'A model that margins written options alone is no sum over positions.',
      hint: 'Assess its accounts one by one with Portfolio.assess.',
    })
  }
}

/** Thrown when a book was laid out for another matrix. */
export class StaleBookError extends BaseError {
  override readonly name = 'Matrix.StaleBookError'
  constructor() {
    super({
      code: 'STALE_BOOK',
      message: 'The book was laid out for other instruments, or for expiries that are told apart differently.',
      hint: 'Lay it out again with Book.of and this matrix.',
    })
  }
}
