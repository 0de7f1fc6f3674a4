import { Fixed, type Inputs } from '@plimsoll/margin'
import type { Account } from './Book.ts'

type Hex = Inputs.Hex

/** An account at one venue, as the venue's contracts show it. USD × 1e18, rates in ppm. */
export type Holder = {
  readonly account: Hex
  readonly collateral: bigint
  /** Losses and fees that its collateral there did not cover. */
  readonly unsettledLoss: bigint
  /** By the venue's limit book. */
  readonly credit: bigint
  /** Collateral, credit, losses and gains. */
  readonly equity: bigint
  readonly positions: readonly Position[]
}

export type Position = {
  readonly market: Hex
  /** Negative: short. */
  readonly size: bigint
  readonly notional: bigint
  readonly unrealised: bigint
  /** What the venue asks now: of a live certificate, or its static rate. */
  readonly imPpm: number
  readonly mmPpm: number
  /** What liquidations go by. */
  readonly mmLiquidationPpm: number
}

/** The last certificate the limit book took for a market; sequence 0 before the first. */
export type Accepted = { readonly sequence: bigint; readonly imPpm: number }

/** What a ledger records of it. */
export type Bound = {
  readonly account: Hex
  readonly venueCollateral: bigint
  readonly unrealisedLoss: bigint
  readonly fees: bigint
  readonly credit: bigint
  readonly positions: readonly BoundPosition[]
}

export type BoundPosition = {
  readonly market: Hex
  readonly side: 'long' | 'short' | 'flat'
  readonly notional: bigint
  readonly requirement: bigint
  readonly acceptedSequence: bigint
}

/**
 * The account as a book of everybody's positions takes it, named by chain, venue and holder: the same contract address on two chains
 * is two venues.
 *
 * @example
 * Holder.toBook({ account: '0xa0', collateral: 7n, unsettledLoss: 0n, credit: 3n, equity: 10n, positions: [] }, { chainId: 5, address: '0xc1' })
 * // => { account: '5:0xc1:0xa0', equity: 10n, collateral: 10n, positions: [] }
 */
export function toBook(holder: Holder, venue: { readonly chainId: number; readonly address: Hex }): Account {
  return {
    account: `${venue.chainId}:${venue.address}:${holder.account}`,
    equity: holder.equity,
    collateral: holder.collateral + holder.credit,
    positions: holder.positions.map(({ market, size, notional, mmLiquidationPpm }) => ({
      market,
      side: size > 0n ? ('long' as const) : ('short' as const),
      notional,
      maintenancePpm: mmLiquidationPpm,
    })),
  }
}

/**
 * What of the account a ledger binds, market by market, in the order of `markets`.
 *
 * What was admitted by a certificate is bound at that certificate's rate, also after its expiry: expiry alone calls nobody.
 *
 * Formula: `R = ⌈max(IM, MM)·N⌉`, with IM of the last accepted certificate, else of the venue.
 * Source:  docs/method/limit.md, eq. (8).
 * Rounding: requirements up, losses up.
 *
 * @param accepted - by market; null where the book never took one.
 *
 * @example
 * Holder.toLedger({ account: '0xa0', collateral: 7n, unsettledLoss: 1n, credit: 3n, equity: 10n, positions: [] }, ['0xe7'], () => null)
 * // => { account: '0xa0', venueCollateral: 7n, unrealisedLoss: 0n, fees: 1n, credit: 3n, positions: [{ market: '0xe7', side: 'flat', notional: 0n, requirement: 0n, acceptedSequence: 0n }] }
 */
export function toLedger(holder: Holder, markets: readonly Hex[], accepted: (market: Hex) => Accepted | null): Bound {
  return {
    account: holder.account,
    venueCollateral: holder.collateral,
    unrealisedLoss: holder.positions.reduce((sum, { unrealised }) => (unrealised < 0n ? sum - unrealised : sum), 0n),
    fees: holder.unsettledLoss,
    credit: holder.credit,
    positions: markets.map((market): BoundPosition => {
      const position = holder.positions.find((it) => it.market === market)
      const last = accepted(market)
      const acceptedSequence = last?.sequence ?? 0n
      if (!position || position.size === 0n) return { market, side: 'flat', notional: 0n, requirement: 0n, acceptedSequence }
      const { size, notional } = position
      const imPpm = last !== null && last.sequence > 0n ? Math.max(last.imPpm, position.mmPpm) : position.imPpm
      const requirement = Fixed.ofPpm(notional, imPpm, 'up')
      return { market, side: size > 0n ? 'long' : 'short', notional, requirement, acceptedSequence }
    }),
  }
}
