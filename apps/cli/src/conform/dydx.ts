/** dYdX v4: cases of its perpetuals, subaccounts and liquidations. Quote quantums throughout. */
import {
  Account,
  BankruptcyPrice,
  CloseOut,
  FillablePrice,
  Fixed,
  Funding,
  Health,
  InsuranceFund,
  Valuation,
  Weight,
} from '@plimsoll/margin'
import { DydxV4 } from '@plimsoll/margin/profiles'
import type { Anchor, Case, Fields, Group } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile } = DydxV4
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const whole = { initial: flat(Fixed.ppm), maintenance: flat(Fixed.ppm) }
const down: Weight.Basis = { unit: Fixed.ppm, rounding: 'down' }

/** A market as a case states it, ready to hold a size. */
type Market = { readonly price: bigint; readonly unit: bigint; readonly margin: Account.Terms; readonly openInterest: bigint }

/** `10^exponent` as what a price is multiplied with and what a product is divided by. */
function power(exponent: number): { readonly times: bigint; readonly unit: bigint } {
  if (exponent >= 0) return { times: 10n ** BigInt(exponent), unit: 1n }
  return { times: 1n, unit: 10n ** BigInt(-exponent) }
}

function marketOf(of: Fields): Market {
  const { times, unit } = power(Read.number(of, 'exponent') + Read.number(of, 'atomicResolution') + DydxV4.quoteExponent)
  const price = Read.integer(of, 'price') * times
  const base = Read.integer(of, 'initialMarginPpm')
  const curve: Weight.Weight = Read.has(of, 'openInterestUpperCap')
    ? {
        kind: 'openInterest',
        rate: base,
        lower: Read.integer(of, 'openInterestLowerCap'),
        upper: Read.integer(of, 'openInterestUpperCap'),
      }
    : flat(base)
  const custom = ['customImfPpm', 'customImf'].find((name) => Read.has(of, name))
  const initial: Weight.Weight = custom === undefined ? curve : { kind: 'max', of: [curve, flat(Read.integer(of, custom))] }
  const fraction = Read.integer(of, 'maintenanceFractionPpm')
  return {
    price,
    unit,
    margin: { initial, maintenance: { kind: 'share', of: flat(base), rate: fraction } },
    openInterest: Read.has(of, 'openInterestBase')
      ? Fixed.mulDiv(Read.integer(of, 'openInterestBase'), price, unit, profile.rounding.notional)
      : 0n,
  }
}

/** A market of which a case states the price alone. */
function unmargined(of: Fields): Market {
  return marketOf({ ...of, initialMarginPpm: 0, maintenanceFractionPpm: 0 })
}

/** Open interest counts the position itself here; the engine adds it. */
function positionOf(market: Market, size: bigint): Account.Position {
  const { price, unit, margin, openInterest } = market
  const own = Fixed.mulDiv(Fixed.abs(size), price, unit, profile.rounding.notional)
  return {
    market: '',
    size,
    unit,
    price: Valuation.mark(price),
    cost: 0n,
    quote: 0n,
    margin,
    openInterest: openInterest - own,
    charge: 0n,
  }
}

function assess(quantums: bigint, positions: readonly Account.Position[]): Account.Assessment {
  const balance = { asset: 'USDC', amount: quantums, unit: 1n, price: Valuation.mark(1n), owned: whole, owed: whole, total: 0n }
  return Account.assess({ balances: [balance], positions, fees: 0n, asOf: 0 }, profile)
}

/** A subaccount: funding settled, then positions and balance as the case moves them. */
function subaccountOf(of: Fields): { readonly quantums: bigint; readonly sizes: ReadonlyMap<bigint, bigint>; readonly markets: Markets } {
  const markets: Markets = new Map(Read.records(of, 'perpetuals').map((each) => [Read.integer(each, 'id'), marketOf(each)]))
  const held = Read.records(of, 'positions')
  const funding = held.map((each) => {
    const size = Read.integer(each, 'baseQuantums')
    return Funding.owed({ index: 0n, from: Read.has(each, 'fundingIndex') ? Read.integer(each, 'fundingIndex') : 0n, size })
  })
  const settled = Fixed.ratio(funding.reduce(add, 0n), Fixed.ppm, DydxV4.funding)
  const sizes = new Map(held.map((each) => [Read.integer(each, 'id'), Read.integer(each, 'baseQuantums')]))
  for (const each of Read.has(of, 'positionDeltas') ? Read.records(of, 'positionDeltas') : []) {
    const id = Read.integer(each, 'perp')
    sizes.set(id, (sizes.get(id) ?? 0n) + Read.integer(each, 'deltaBase'))
  }
  const delta = Read.has(of, 'usdcDelta') ? Read.integer(of, 'usdcDelta') : 0n
  return { quantums: Read.integer(of, 'usdcQuantums') + settled + delta, sizes, markets }
}
type Markets = ReadonlyMap<bigint, Market>

function held(markets: Markets, id: bigint, size: bigint): Account.Position {
  const market = markets.get(id)
  if (!market) throw new Read.UnreadableError('perpetuals', `a list with the perpetual ${id}`, undefined)
  return positionOf(market, size)
}

/** The whole subaccount and one of its positions, before and after a change of size. */
function closing(of: Fields, change: bigint) {
  const { quantums, sizes, markets } = subaccountOf(of)
  const id = Read.integer(of, 'perpetualId')
  const size = sizes.get(id) ?? 0n
  const alone = (of: bigint) => assess(0n, [held(markets, id, of)])
  const account = assess(
    quantums,
    [...sizes].map(([each, of]) => held(markets, each, of)),
  )
  const [before, after] = [alone(size), alone(size + change)]
  return {
    account,
    size,
    before,
    notionalChange: after.equity - before.equity,
    marginChange: after.maintenanceMargin - before.maintenanceMargin,
  }
}

function bankruptcy(of: Fields, change: bigint): bigint {
  const { account, notionalChange, marginChange } = closing(of, change)
  return BankruptcyPrice.quote({ equity: account.equity, maintenanceMargin: account.maintenanceMargin, notionalChange, marginChange })
}

const add = (a: bigint, b: bigint) => a + b
const exact = (answer: (of: Fields) => Readonly<Record<string, unknown>>): Group => ({
  exactness: { kind: 'exact' },
  answer: (given: Case) => answer(given.in),
})

function curveOf(of: Fields): Weight.Weight {
  return {
    kind: 'openInterest',
    rate: Read.integer(of, 'initialMarginPpm'),
    lower: Read.integer(of, 'openInterestLowerCap'),
    upper: Read.integer(of, 'openInterestUpperCap'),
  }
}

/** The state in which open interest is as the case says, the notional counted in. */
function stateOf(of: Fields, notional: bigint): Weight.State {
  return { notional, size: 0n, openInterest: Read.integer(of, 'openInterestNotional') - notional, total: 0n, asOf: 0 }
}

const nothing: Weight.State = { notional: 0n, size: 0n, openInterest: 0n, total: 0n, asOf: 0 }

function maintenancePpm(of: Fields): bigint {
  const initial = flat(Read.integer(of, 'initialMarginPpm'))
  return Weight.rate({ kind: 'share', of: initial, rate: Read.integer(of, 'maintenanceFractionPpm') }, nothing, down)
}

export const dydx: Anchor = {
  anchor: 'dydx-v4',
  groups: {
    'maintenance-ppm': exact((of) => ({ maintenanceMarginPpm: maintenancePpm(of) })),
    'funding-clamp': exact((of) => ({
      maxAbsFundingClampPpm: Funding.clamp({
        factor: Read.integer(of, 'clampFactorPpm'),
        initial: Read.integer(of, 'initialMarginPpm'),
        maintenance: maintenancePpm(of),
        unit: Fixed.ppm,
      }),
    })),
    'initial-margin-oimf': exact((of) => {
      const state = stateOf(of, Fixed.abs(Read.integer(of, 'quoteQuantums')))
      return { initialMarginQuoteQuantums: Weight.requirement(curveOf(of), state, { ...down, requirement: profile.rounding.requirement }) }
    }),
    'oimf-ppm': exact((of) => ({ imfPpm: Weight.rate(curveOf(of), stateOf(of, 0n), down) })),
    'funding-settlement': exact((of) => ({
      netSettlementPpm: Funding.owed({
        index: Read.integer(of, 'fundingIndex'),
        from: Read.integer(of, 'positionFundingIndex'),
        size: Read.integer(of, 'baseQuantums'),
      }),
    })),
    'net-notional': exact((of) => ({
      netNotionalQuoteQuantums: assess(0n, [positionOf(unmargined(of), Read.integer(of, 'baseQuantums'))]).equity,
    })),
    'margin-requirements': exact((of) => {
      const { initialMargin, maintenanceMargin } = assess(0n, [positionOf(marketOf(of), Read.integer(of, 'baseQuantums'))])
      return { imr: initialMargin, mmr: maintenanceMargin }
    }),
    'pred-initial': exact((of) => ({ initialCollateralized: Read.integer(of, 'nc') >= Read.integer(of, 'imr') })),
    'pred-liquidatable': exact((of) => ({
      liquidatable: Health.breached({ equity: Read.integer(of, 'nc'), maintenanceMargin: Read.integer(of, 'mmr') }),
    })),
    'risk-ordering': exact((of) => ({
      cmp: Health.compare(
        { equity: Read.integer(of, 'firstNC'), maintenanceMargin: Read.integer(of, 'firstMMR') },
        { equity: Read.integer(of, 'secondNC'), maintenanceMargin: Read.integer(of, 'secondMMR') },
      ),
    })),
    'account-risk': exact((of) => {
      const { quantums, sizes, markets } = subaccountOf(of)
      const account = assess(
        quantums,
        [...sizes].map(([id, size]) => held(markets, id, size)),
      )
      return { nc: account.equity, imr: account.initialMargin, mmr: account.maintenanceMargin }
    }),
    'bankruptcy-price': exact((of) => ({ bankruptcyQuoteQuantums: bankruptcy(of, Read.integer(of, 'deltaBase')) })),
    'fillable-price': exact((of) => {
      const { account, size, before } = closing(of, 0n)
      const price = FillablePrice.of({
        equity: account.equity,
        maintenanceMargin: account.maintenanceMargin,
        notional: before.equity,
        margin: before.maintenanceMargin,
        size,
        adjustmentPpm: Read.number(of, 'bankruptcyAdjustmentPpm'),
        spreadPpm: Read.number(of, 'spreadToMaintenanceMarginRatioPpm'),
      })
      return { fillablePriceNum: price.numerator, fillablePriceDen: price.denominator }
    }),
    'partial-liquidation-caps': exact((of) => {
      const { price, unit } = unmargined(of)
      const notional = Fixed.mulDiv(Fixed.abs(Read.integer(of, 'baseQuantums')), price, unit, profile.rounding.notional)
      const range = CloseOut.portion(notional, {
        least: Read.integer(of, 'minPositionNotionalLiquidated'),
        mostPpm: Read.number(of, 'maxPositionPortionLiquidatedPpm'),
      })
      return { min: range.least, max: range.most }
    }),
    'insurance-fund-delta': exact((of) => {
      const fill = Read.integer(of, 'fillBaseQuantums')
      const { times, unit } = power(Read.number(of, 'quantumConversionExponent'))
      const quote = Fixed.mulDiv(Read.integer(of, 'subticks') * times, fill, unit, 'down')
      const isBuy = Read.flag(of, 'isBuy')
      return {
        insuranceFundDelta: InsuranceFund.change({
          filled: isBuy ? -quote : quote,
          bankruptcy: bankruptcy(of, isBuy ? fill : -fill),
          maxFeePpm: Read.number(of, 'maxLiquidationFeePpm'),
        }),
      }
    }),
  },
}
