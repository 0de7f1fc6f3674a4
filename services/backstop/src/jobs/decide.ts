/** What a desk does about what it sees. Pure: the rules are in packages/liquidation, here they meet the units of a chain. */
import type { Hex, Venue } from '@plimsoll/chain'
import { Bid, Quote, Unwinding } from '@plimsoll/liquidation'
import type { Env } from '../env.ts'
import type { Look, Offer } from './look.ts'

export type Act =
  | { readonly kind: 'bid'; readonly market: Hex.Hex; readonly size: bigint; readonly limitPrice: bigint; readonly why: string }
  | { readonly kind: 'reduce'; readonly market: Hex.Hex; readonly size: bigint; readonly limitPrice: bigint; readonly why: string }

export type Decided = { readonly act: Act | null; readonly quote: Quote.Quote | null; readonly why: string }

/** Market, annualised σ, and ln(venue / index); null where no index is fresh: then nothing is done there. */
export type Terms = { readonly market: Hex.Hex; readonly sigma: number; readonly divergence: number | null }

/** `LIMIT_USD` 0: nothing that would make a holding larger, as after a loss. */
export type Policy = Pick<
  Env,
  'LIMIT_USD' | 'LEAST_USD' | 'DEPTH_USD' | 'CONFIDENCE_PPM' | 'AVERSION' | 'FEE_PPM' | 'HORIZON_SECONDS' | 'NEAR_PPM' | 'SLICE_USD'
>

const year = 365 * 86_400
/** n from which a market is fragile, as the backstop has it; and how much deeper a quote gets. */
const fragile = { low: 0.5, high: 0.8, most: 4 } as const
/** By how much fewer orders reach a price that is further away. */
const decay = 500

/**
 * One market: a bid if a lot is worth it, else a sale if the fall is over, else nothing; and the quote in any case.
 *
 * Source: docs/method/backstop.md.
 */
export function decide(look: Look, { market, sigma, divergence }: Terms, policy: Policy): Decided {
  const seen = look.markets.find((one) => one.market === market)
  if (seen === undefined || !seen.fresh || divergence === null) return { act: null, quote: null, why: 'PRICE_STALE' }
  const price = dollars(seen.price)
  const held = look.account.positions.find((position) => position.market === market)?.size ?? 0n
  const holding = dollars(held) * price
  const admitted = admittedIn(look.account, seen)
  const appetite = {
    ...{ confidence: policy.CONFIDENCE_PPM / 1e6, aversion: policy.AVERSION / 1e12, fee: policy.FEE_PPM / 1e6 },
    limit: Math.min(policy.LIMIT_USD, admitted),
  }
  const risk = { sigma: sigma / Math.sqrt(year), horizon: policy.HORIZON_SECONDS }
  const quote = Quote.of(
    { price, holding, ...risk, aversion: appetite.aversion, decay, depth: policy.DEPTH_USD, limit: appetite.limit },
    { reflexivity: look.reflexivityPpm / 1e6, ...fragile },
  )
  const offer = look.offers.find((one) => one.market === market)
  if (offer && offer.size !== 0n) {
    const side = offer.size > 0n ? 1 : -1
    const lot = { discount: offer.discountPpm / 1e6, notional: Math.abs(dollars(offer.size)) * price }
    const dear = Bid.dearness(divergence, side)
    if (lot.discount < dear) return { act: null, quote, why: `INDEX: the venue's price is ${dear.toFixed(6)} dearer` }
    const decision = Bid.of({ ...lot, discount: lot.discount - dear }, appetite, { risk, holding: side * holding })
    const needed = decision.needed + dear
    if (decision.status === 'pass') {
      const reason = decision.reason === 'LIMIT' && admitted < policy.LIMIT_USD ? 'MARGIN' : decision.reason
      return { act: null, quote, why: `${reason}: ${needed.toFixed(6)} is needed` }
    }
    const { notional } = decision
    const isSmall = notional < Math.min(lot.notional, policy.LEAST_USD)
    if (isSmall) return { act: null, quote, why: `SMALL: ${notional.toFixed(2)} is all that it would take` }
    return { act: bidOf(offer, { share: notional / lot.notional, needed }), quote, why: 'BID' }
  }
  const flow = dollars(look.flow.get(market) ?? 0n)
  const step = Unwinding.of({ holding, flow, divergence }, { quiet: 0, near: policy.NEAR_PPM / 1e6, slice: policy.SLICE_USD })
  if (step.status === 'wait') return { act: null, quote, why: step.reason }
  const all = held < 0n ? -held : held
  // The last slice is what is there, and leaves no dust of a float.
  const size = step.notional === Math.abs(holding) ? all : least(units(step.notional / price), all)
  // Half a percent of room for the price to move while the call travels.
  const limitPrice = held > 0n ? (seen.price * 995n) / 1_000n : (seen.price * 1_005n) / 1_000n
  return { act: { kind: 'reduce', market, size, limitPrice, why: 'the fall is over' }, quote, why: 'REDUCE' }
}

/** Greatest holding that the venue admits, by a personal rate only where something is held. USD. */
function admittedIn(account: Venue.Account, { market, imPpm, mmPpm }: Venue.Market): number {
  const own = account.positions.find((position) => position.market === market)
  return dollars(Bid.admitted(account, { held: own?.notional ?? 0n, ratePpm: own?.imPpm ?? Math.max(imPpm, mmPpm) }))
}

/** The price it takes is the one at which the discount is still what it needs, to a part in a million that is rounded up. */
function bidOf(offer: Offer, args: { readonly share: number; readonly needed: number }): Act {
  const most = offer.size < 0n ? -offer.size : offer.size
  // All of a lot is what is there, and leaves no dust of a float.
  const size = args.share === 1 ? most : least(units(dollars(most) * args.share), most)
  const off = (offer.mark * BigInt(Math.ceil(Math.max(0, args.needed) * 1e6))) / 1_000_000n
  const limitPrice = offer.size > 0n ? offer.mark - off : offer.mark + off
  return { kind: 'bid', market: offer.market, size, limitPrice, why: `a discount of ${offer.discountPpm} ppm` }
}

const dollars = (amount: bigint) => Number(amount) / 1e18
const units = (amount: number) => BigInt(Math.floor(amount * 1e9)) * 1_000_000_000n
const least = (a: bigint, b: bigint) => (a < b ? a : b)
