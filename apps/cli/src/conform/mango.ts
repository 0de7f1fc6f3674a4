/** Mango v4: health of three tokens, two spot markets and a perpetual, whose prices and weights the model states. Everything × 1e18. */
import { Account, Fixed, type Orders, Valuation, type Weight } from '@plimsoll/margin'
import { MangoV4 } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Fields } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile } = MangoV4
const one = Fixed.one
const decimals = 18
const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })
const flat = (rate: Fixed.Fixed): Weight.Weight => ({ kind: 'flat', rate })

/** Price, and w where an asset counts for 1 − w and a debt for 1 + w. */
const tokens = [
  { asset: '1', price: one, weight: (2n * one) / 10n },
  { asset: '2', price: 5n * one, weight: one / 2n },
  { asset: '3', price: 10n * one, weight: one / 2n },
] as const
/** Ten of the base a lot; it settles into the first token. */
const perpetual = { lot: 10n, price: 5n * one, rate: (2n * one) / 10n, overall: (95n * one) / 100n, settles: tokens[0].asset }

function balanceOf(of: Fields, { asset, price, weight }: (typeof tokens)[number]): Account.Balance {
  const bank = Read.record(of[`bank${asset}`], `bank${asset}`)
  const held = { unit: one, price: Valuation.mark(price) }
  const start = Read.has(bank, 'scaleStartQuote') ? Read.scaled(bank, 'scaleStartQuote') : null
  return {
    ...held,
    asset,
    amount: Read.scaled(of, `token${asset}`),
    owned: both(MangoV4.owned(one - weight, start)),
    owed: both(MangoV4.owed(one + weight, start)),
    total: Account.value({ ...held, amount: Read.scaled(bank, 'totals') }, profile),
  }
}

function figures(of: Fields, name: string): readonly Fixed.Fixed[] {
  return Read.list(of, name).map((each) => Read.toScaled(each, name, decimals))
}

/** The best bid is stated as its inverse; 0 is none. */
function reservedOf(of: Fields, base: '2' | '3'): Orders.Reserved {
  const [quote = 0n, amount = 0n] = figures(of, `openOrders1${base}_quote_base`)
  const [bid = 0n, ask = 0n] = figures(of, `maxBid_minAsk_1${base}`)
  return {
    base: { asset: base, amount },
    quote: { asset: tokens[0].asset, amount: quote },
    bought: bid === 0n ? null : Fixed.mul(quote, bid, 'down'),
    sold: ask === 0n ? null : Fixed.mul(amount, ask, 'down'),
  }
}

function positionOf(of: Fields): Account.Position {
  const [lots = 0n, quote = 0n, bids = 0n, asks = 0n] = figures(of, 'perp_baseLots_quote_bidsLots_asksLots')
  const { lot, price, rate, overall, settles } = perpetual
  return {
    market: '',
    size: lots * lot,
    unit: one,
    price: Valuation.mark(price),
    cost: 0n,
    quote,
    margin: both(flat(rate)),
    openInterest: 0n,
    charge: 0n,
    orders: { bids: bids * lot, asks: asks * lot },
    gains: { ...both(flat(overall)), total: 0n },
    currency: { asset: settles, price: Valuation.mark(one), unit: one },
  }
}

function health(of: Fields): Answer {
  const account = {
    balances: tokens.map((token) => balanceOf(of, token)),
    positions: [positionOf(of)],
    reserved: [reservedOf(of, '2'), reservedOf(of, '3')],
    fees: 0n,
    asOf: 0,
  }
  const { initialEquity, initialMargin } = Account.assess(account, profile)
  return { initHealth: Number(initialEquity - initialMargin) / Number(one) }
}

export const mango: Anchor = {
  anchor: 'mango-v4',
  groups: { '': { exactness: { kind: 'relative', tolerance: 1e-9 }, answer: (given) => health(given.in) } },
}
