/** Positions of many accounts in a market's instruments, laid out for the loop that assesses them all. */
import { BaseError } from './BaseError.ts'
import type * as Matrix from './Matrix.ts'
import * as Portfolio from './Portfolio.ts'

/** What accounts hold: the positions of account a are from starts[a] to starts[a + 1] − 1, starts[0] is 0 and the last all positions. */
export type Positions = {
  readonly starts: Int32Array
  readonly instrument: Int32Array
  /** Units, signed; of collateral at least 0. */
  readonly amount: Float64Array
  /** cash[a]: with all profits that are not paid out. USD. */
  readonly cash: Float64Array
}

export type Book = {
  /** Whether expiries were told apart. */
  readonly alike: boolean
  readonly instruments: number
  readonly cash: Float64Array
  /** naked[a]: units written that nothing at their strike matches. */
  readonly naked: Float64Array
  /** The groups of account a, one an expiry, are from groups[a] to groups[a + 1] − 1. */
  readonly groups: Int32Array
  /** Of group g: its expiry; options from starts[g] to starts[g + 1] − 1; Σ |units| of options, and of those written; futures, net and gross. */
  readonly expiry: Int32Array
  readonly starts: Int32Array
  readonly units: Float64Array
  readonly written: Float64Array
  readonly futures: Float64Array
  readonly grossFutures: Float64Array
  readonly instrument: Int32Array
  readonly amount: Float64Array
  /** Perps and collaterals of account a are from others[a] to others[a + 1] − 1. */
  readonly others: Int32Array
  readonly otherInstrument: Int32Array
  readonly otherAmount: Float64Array
}

/**
 * A book of positions, to be assessed as often as prices change.
 *
 * @throws {InvalidPositionError} a position is in no instrument of the matrix, is no finite amount, owes collateral, or is not in one account.
 * @throws {Portfolio.InvalidAccountError} an account's cash is no finite number.
 */
export function of(matrix: Matrix.Matrix, positions: Positions): Book {
  const { starts, instrument, amount, cash } = positions
  assertLaid(positions)
  const laid = {
    naked: [] as number[],
    groups: [0],
    expiry: [] as number[],
    starts: [0],
    units: [] as number[],
    written: [] as number[],
    futures: [] as number[],
    grossFutures: [] as number[],
    instrument: [] as number[],
    amount: [] as number[],
    others: [0],
    otherInstrument: [] as number[],
    otherAmount: [] as number[],
  }
  for (let a = 0; a < cash.length; a++) {
    Portfolio.check({ cash: cash[a] as number, stablePrice: matrix.stablePrice, markets: [] })
    const own: Position[] = []
    for (let p = starts[a] as number; p < (starts[a + 1] as number); p++) {
      const position = { instrument: instrument[p] as number, amount: amount[p] as number }
      assertValid(matrix, position, a)
      if (position.amount !== 0) own.push(position)
    }
    let naked = 0
    for (const expiry of new Set(own.map((each) => matrix.expiry[each.instrument] as number))) {
      const inside = own.filter((each) => matrix.expiry[each.instrument] === expiry)
      if (expiry < 0) {
        laid.otherInstrument.push(...inside.map((each) => each.instrument))
        laid.otherAmount.push(...inside.map((each) => each.amount))
        continue
      }
      const options = inside.filter((each) => each.instrument < matrix.options)
      const futures = inside.filter((each) => each.instrument >= matrix.options)
      naked += nakedOf(matrix, options)
      laid.expiry.push(expiry)
      laid.instrument.push(...options.map((each) => each.instrument))
      laid.amount.push(...options.map((each) => each.amount))
      laid.starts.push(laid.instrument.length)
      laid.units.push(sum(options, (units) => Math.abs(units)))
      laid.written.push(sum(options, (units) => Math.max(0, -units)))
      laid.futures.push(sum(futures, (units) => units))
      laid.grossFutures.push(sum(futures, (units) => Math.abs(units)))
    }
    laid.naked.push(naked)
    laid.groups.push(laid.expiry.length)
    laid.others.push(laid.otherInstrument.length)
  }
  return {
    alike: matrix.alike,
    instruments: matrix.instruments,
    cash: Float64Array.from(cash),
    naked: Float64Array.from(laid.naked),
    groups: Int32Array.from(laid.groups),
    expiry: Int32Array.from(laid.expiry),
    starts: Int32Array.from(laid.starts),
    units: Float64Array.from(laid.units),
    written: Float64Array.from(laid.written),
    futures: Float64Array.from(laid.futures),
    grossFutures: Float64Array.from(laid.grossFutures),
    instrument: Int32Array.from(laid.instrument),
    amount: Float64Array.from(laid.amount),
    others: Int32Array.from(laid.others),
    otherInstrument: Int32Array.from(laid.otherInstrument),
    otherAmount: Float64Array.from(laid.otherAmount),
  }
}

export declare namespace of {
  type ErrorType = InvalidPositionError | Portfolio.InvalidAccountError
}

/** Every position is in exactly one account: the first that is not is named, by the account before which it would be. */
function assertLaid({ starts, instrument, amount, cash }: Positions): void {
  const of = (account: number, p: number) => ({ account, instrument: instrument[p] ?? Number.NaN, amount: amount[p] ?? Number.NaN })
  let from = 0
  for (let a = 0; a <= cash.length; a++) {
    const start = starts[a] ?? Number.NaN
    if (!(start >= from) || start > instrument.length || (a === 0 && start > 0)) throw new InvalidPositionError(of(a, from))
    from = start
  }
  if (from < instrument.length || amount.length !== instrument.length) throw new InvalidPositionError(of(cash.length, from))
}

type Position = { readonly instrument: number; readonly amount: number }

function sum(positions: readonly Position[], of: (units: number) => number): number {
  return positions.reduce((total, { amount }) => total + of(amount), 0)
}

/** Of one expiry, strike by strike. */
function nakedOf({ strike }: Matrix.Matrix, options: readonly Position[]): number {
  const nets = new Map<number, number>()
  for (const { instrument, amount } of options) {
    const key = strike[instrument] as number
    nets.set(key, (nets.get(key) ?? 0) + amount)
  }
  return [...nets.values()].reduce((total, net) => total + Math.max(0, -net), 0)
}

function assertValid({ instruments, collaterals }: Matrix.Matrix, position: Position, account: number): void {
  const { instrument, amount } = position
  const known = instrument >= 0 && instrument < instruments && Number.isFinite(amount)
  if (!known || (amount < 0 && instrument >= instruments - collaterals)) throw new InvalidPositionError({ account, ...position })
}

/** Thrown when a position is in no instrument of the matrix, is no finite amount, owes collateral, or is not in one account. */
export class InvalidPositionError extends BaseError {
  override readonly name = 'Book.InvalidPositionError'
  readonly account: number
  readonly instrument: number
  readonly amount: number
  constructor(args: { readonly account: number; readonly instrument: number; readonly amount: number }) {
    super({
      code: 'INVALID_POSITION',
      message: `Account ${args.account} cannot hold ${args.amount} of instrument ${args.instrument}.`,
      hint: 'Instruments are numbered as the market lists them, from 0; amounts are finite, of collateral at least 0; starts run from 0 to all positions.',
    })
    this.account = args.account
    this.instrument = args.instrument
    this.amount = args.amount
  }
}
