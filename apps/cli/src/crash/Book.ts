/** Whose positions a crash finds: drawn with the seed, the same on both chains. */
import { Throng } from '@plimsoll/liquidation'
import { Random } from '@plimsoll/volatility'
import { type Hex, numberToHex, parseUnits } from 'viem'

export type Trader = {
  readonly account: Hex
  /** Base units × 1e18, shorts negative. */
  readonly size: bigint
  /** What is deposited for it, the fee of opening included. The token's own units. */
  readonly deposit: bigint
}

/** USD of each side: small enough for the pool and the backstop of a local deployment, which stand in the proportions of `plimsoll replay`. */
export const openInterest = 10_000_000

/** What a market asks here. ppm; the maintenance margin is that of `plimsoll replay`, and the initial one the least above it. */
export const terms = {
  mmPpm: Throng.shape.maintenance * 1e6,
  imPpm: 1.25 * Throng.shape.maintenance * 1e6,
  feePpm: 500,
  liquidationFeePpm: 5_000,
} as const

/**
 * So many accounts, a quarter of them short.
 *
 * @param price - at which they open. USD.
 */
export function of(args: { readonly accounts: number; readonly seed: number; readonly price: number }): readonly Trader[] {
  const { accounts, seed, price } = args
  const shorts = Math.max(1, Math.round(accounts / 4))
  const { long, short } = Throng.shape
  const shape = { ...Throng.shape, openInterest, long: { ...long, accounts: accounts - shorts }, short: { ...short, accounts: shorts } }
  const { side, notional, equity } = Throng.of(shape, Random.of(seed, 'book')).positions
  return Array.from(side, (sign, i) => {
    const [worth, own] = [notional[i] ?? 0, equity[i] ?? 0]
    return {
      // No key is known of these, and no contract is there.
      account: numberToHex(0x1000_0000n + BigInt(i), { size: 20 }),
      size: BigInt(sign) * parseUnits((worth / price).toFixed(9), 18),
      deposit: cents(own + (worth * terms.feePpm) / 1e6 + 0.01),
    }
  })
}

/** Dollars as the token counts them, to the cent. */
export const cents = (dollars: number): bigint => parseUnits(dollars.toFixed(2), 6)
