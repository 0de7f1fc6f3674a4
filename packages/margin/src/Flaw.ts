/** What no account with portfolio margin has: the first figure that is none, below what it must be or above what it may be. */
import type * as Portfolio from './Portfolio.ts'

/** Where it stands, as a path from the account, and what stands there. */
export type Flaw = { readonly path: string; readonly value: unknown }

/** Whether a value can be meant. */
type Rule = (value: unknown) => boolean
type Rules<T> = readonly (readonly [keyof T & string, Rule])[]

const finite: Rule = (value) => Number.isFinite(value)
const natural: Rule = (value) => Number.isFinite(value) && (value as number) >= 0
const positive: Rule = (value) => Number.isFinite(value) && (value as number) > 0
const share: Rule = (value) => natural(value) && (value as number) <= 1
const kind: Rule = (value) => value === 'call' || value === 'put'

const rules = {
  account: [
    ['cash', finite],
    ['stablePrice', positive],
  ] satisfies Rules<Portfolio.Account>,
  market: [['spot', positive]] satisfies Rules<Portfolio.Market>,
  perp: [
    ['amount', finite],
    ['price', natural],
    ['profit', finite],
    ['confidence', share],
  ] satisfies Rules<Portfolio.Perp>,
  collateral: [
    ['amount', natural],
    ['price', natural],
    ['confidence', share],
  ] satisfies Rules<Portfolio.Collateral>,
  haircut: [
    ['initial', natural],
    ['maintenance', natural],
  ] satisfies Rules<Portfolio.Collateral['haircut']>,
  expiry: [
    ['forward', natural],
    ['seconds', natural],
    ['rate', natural],
    ['confidence', share],
  ] satisfies Rules<Portfolio.Expiry>,
  future: [
    ['amount', finite],
    ['profit', finite],
  ] satisfies Rules<Portfolio.Future>,
  option: [
    ['kind', kind],
    ['strike', natural],
    ['volatility', natural],
    ['amount', finite],
  ] satisfies Rules<Portfolio.Expiry['options'][number]>,
}

/**
 * The first flaw of an account, or null.
 */
export function of({ markets, ...money }: Portfolio.Account): Flaw | null {
  return inside(money, rules.account) ?? first(markets, 'markets', ofMarket)
}

function ofMarket(market: Portfolio.Market): Flaw | null {
  return (
    inside(market, rules.market) ??
    first(market.perps, 'perps', (perp) => inside(perp, rules.perp)) ??
    first(
      market.collaterals,
      'collaterals',
      (lot) => inside(lot, rules.collateral) ?? under('haircut', inside(lot.haircut, rules.haircut)),
    ) ??
    first(market.expiries, 'expiries', ofExpiry)
  )
}

function ofExpiry(expiry: Portfolio.Expiry): Flaw | null {
  return (
    inside(expiry, rules.expiry) ??
    first(expiry.futures, 'futures', (future) => inside(future, rules.future)) ??
    first(expiry.options, 'options', ofOption)
  )
}

/** An account has hundreds: the figures are looked at one by one only where something is wrong. */
function ofOption(option: Portfolio.Expiry['options'][number]): Flaw | null {
  const { strike, volatility, amount } = option
  if (kind(option.kind) && strike >= 0 && volatility >= 0 && Number.isFinite(strike + volatility + amount)) return null
  return inside(option, rules.option)
}

/** Paths are built on the way back, where there is a flaw. */
function first<T>(list: readonly T[], name: string, of: (each: T) => Flaw | null): Flaw | null {
  for (let i = 0; i < list.length; i++) {
    const flaw = of(list[i] as T)
    if (flaw !== null) return under(`${name}.${i}`, flaw)
  }
  return null
}

function inside<T>(of: T, figures: readonly (readonly [keyof T & string, Rule])[]): Flaw | null {
  for (let i = 0; i < figures.length; i++) {
    const figure = figures[i] as readonly [keyof T & string, Rule]
    if (!figure[1](of[figure[0]])) return { path: figure[0], value: of[figure[0]] }
  }
  return null
}

function under(name: string, flaw: Flaw | null): Flaw | null {
  return flaw === null ? null : { path: `${name}.${flaw.path}`, value: flaw.value }
}
