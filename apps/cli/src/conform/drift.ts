/** Drift v2: cases of its weights, accounts and liquidations. Money × 1e6. */
import {
  Account,
  Exit,
  Fixed,
  InsuranceFee,
  LiquidationFee,
  type Orders,
  type Profile,
  Reduction,
  SocialisedLoss,
  Valuation,
  Weight,
} from '@plimsoll/margin'
import { DriftV2 } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Fields, Group } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile, priceUnit, baseUnit, feeUnit } = DriftV2
const down: Weight.Basis = { unit: profile.rateUnit, rounding: profile.rounding.rate }
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const both = (weight: Weight.Weight): Account.Terms => ({ initial: weight, maintenance: weight })
const nothing: Weight.State = { notional: 0n, size: 0n, openInterest: 0n, total: 0n, asOf: 0 }
const finer = feeUnit / profile.rateUnit
/** What the protocol answers where no size is enough: the greatest of the integer's type. */
const greatest = { u64: 2n ** 64n - 1n, u128: 2n ** 128n - 1n }

/** A figure that may be left out, as `otherwise`. */
const given = (of: Fields, name: string, otherwise: bigint) => (Read.has(of, name) ? Read.integer(of, name) : otherwise)

function purposeOf(of: Fields): DriftV2.Purpose {
  const type = Read.text(of, 'type')
  if (type === 'initial' || type === 'fill' || type === 'maintenance') return type
  throw new Read.UnreadableError('type', 'initial, fill or maintenance', type)
}

/** The weight of one purpose, where each is stated; a fill stands half-way where it is not. */
function stated(of: Fields, name: string, purpose: DriftV2.Purpose): Weight.Weight {
  if (!Read.has(of, name)) return flat(profile.rateUnit)
  const weights = Read.record(of[name], name)
  Read.fields(weights, 'initial', 'maintenance', 'fill')
  if (purpose !== 'fill' || Read.has(weights, 'fill')) return flat(Read.integer(weights, purpose))
  return { kind: 'mean', of: [flat(Read.integer(weights, 'initial')), flat(Read.integer(weights, 'maintenance'))] }
}

function priceOf(of: Fields, rule: Valuation.Rule): Valuation.Value {
  const oracle = Read.integer(of, 'price')
  const sources = { oracle, twap: given(of, 'twap5', oracle) }
  const outcome = Valuation.of({ sources, confidence: 0n, publishedAt: 0 }, rule, 0)
  if (outcome.status === 'refused') throw new Read.UnreadableError('price', 'one that may be used', oracle.toString())
  return outcome.value
}

/** Asks are stated as a negative figure. */
function ordersOf(of: Fields): { readonly orders?: Orders.Orders } {
  const orders = { bids: given(of, 'openBids', 0n), asks: -given(of, 'openAsks', 0n) }
  return orders.bids === 0n && orders.asks === 0n ? {} : { orders }
}

const chargeOf = (of: Fields) => given(of, 'openOrders', 0n) * DriftV2.orderCharge

/** What a case is asked for, and under which choices of the account. */
type Asked = { readonly purpose: DriftV2.Purpose; readonly rule: Valuation.Rule; readonly custom: bigint; readonly leveraged: boolean }

/** The quote asset counts in full and has no orders. */
function balanceOf(of: Fields, { purpose, rule, custom }: Asked): Account.Balance {
  Read.fields(of, 'market', 'tokens', 'decimals', 'price', 'twap5', 'aw', 'lw', 'openBids', 'openAsks', 'openOrders')
  const held = {
    asset: Read.integer(of, 'market').toString(),
    amount: Read.integer(of, 'tokens'),
    unit: 10n ** Read.integer(of, 'decimals'),
    price: priceOf(of, rule),
    total: 0n,
  }
  if (held.asset === '0') return { ...held, owned: both(flat(profile.rateUnit)), owed: both(flat(profile.rateUnit)) }
  const override = {
    owned: both(DriftV2.customOwned(stated(of, 'aw', 'initial'), custom)),
    owed: both(DriftV2.customOwed(stated(of, 'lw', 'initial'), custom)),
  }
  return {
    ...held,
    ...ordersOf(of),
    owned: both(stated(of, 'aw', purpose)),
    owed: both(stated(of, 'lw', purpose)),
    charge: chargeOf(of),
    ...(custom === 0n ? {} : { override }),
  }
}

/** A position whose quote is not stated stands at what it was entered at. */
function positionOf(of: Fields, { purpose, rule, custom, leveraged }: Asked): Account.Position {
  Read.fields(of, 'market', 'base', 'price', 'm', 'posMax', 'quote', 'quoteAmt', 'prediction', 'openBids', 'openAsks', 'openOrders')
  const market = Read.record(of['m'], 'm')
  Read.fields(market, 'init', 'maint', 'imf', 'uw_init', 'uw_maint', 'u_imf', 'hl_init', 'hl_maint')
  const rates = {
    initial: Read.integer(market, 'init'),
    maintenance: Read.integer(market, 'maint'),
    factor: given(market, 'imf', 0n),
    unit: baseUnit,
  }
  const granted = { initial: leveraged ? given(market, 'hl_init', 0n) : 0n, maintenance: leveraged ? given(market, 'hl_maint', 0n) : 0n }
  const own = purpose === 'initial' ? given(of, 'posMax', 0n) : 0n
  const gain = {
    initial: given(market, 'uw_init', profile.rateUnit),
    maintenance: given(market, 'uw_maint', profile.rateUnit),
    factor: given(market, 'u_imf', 0n),
  }
  const [size, price] = [Read.integer(of, 'base'), Read.integer(of, 'price')]
  const quote = Read.has(of, 'quote') ? Read.record(of['quote'], 'quote') : { price: Number(priceUnit) }
  return {
    market: '',
    size,
    unit: baseUnit,
    price: Valuation.mark(price),
    cost: Read.has(of, 'quoteAmt') ? 0n : size * price,
    quote: given(of, 'quoteAmt', 0n),
    margin: both(DriftV2.customMargin(DriftV2.leveraged(rates, granted, purpose), Fixed.max(own, custom))),
    openInterest: 0n,
    charge: chargeOf(of),
    gains: { ...both(DriftV2.gain(gain, 0n, purpose)), total: 0n },
    currency: { asset: '0', price: priceOf(quote, rule), unit: priceUnit },
    ...ordersOf(of),
    ...(Read.has(of, 'prediction') && Read.flag(of, 'prediction') ? { payout: priceUnit } : {}),
  }
}

/** The ratio an account has set holds for new risk; one that the protocol sets, for every purpose. */
function customOf(of: Fields, purpose: DriftV2.Purpose): bigint {
  const ratio = given(of, 'customMarginRatio', 0n)
  const is = Read.has(of, 'customIs') ? Read.text(of, 'customIs') : 'user'
  if (is.startsWith('override')) return ratio
  if (!is.startsWith('user')) throw new Read.UnreadableError('customIs', 'of the user or an override', is)
  return purpose === 'initial' ? ratio : 0n
}

/** Every purpose is asked by itself, so that both margins of the engine have its terms. */
function accountOf(of: Fields): Answer {
  Read.fields(of, 'account', 'type', 'strict', 'customMarginRatio', 'customIs', 'bufferRatio', 'highLeverageMode')
  const purpose = purposeOf(of)
  const rule = Read.has(of, 'strict') && Read.flag(of, 'strict') ? DriftV2.strict : DriftV2.oracle
  const leveraged = Read.has(of, 'highLeverageMode') && Read.flag(of, 'highLeverageMode')
  const asked = { purpose, rule, custom: customOf(of, purpose), leveraged }
  const holdings = Read.record(of['account'], 'account')
  Read.fields(holdings, 'spot', 'perp')
  const all = (name: string) => (Read.has(holdings, name) ? Read.records(holdings, name) : [])
  const account: Account.Account = {
    balances: all('spot').map((each) => balanceOf(each, asked)),
    positions: all('perp').map((each) => positionOf(each, asked)),
    fees: 0n,
    asOf: 0,
  }
  const under: Profile = purpose === 'fill' ? DriftV2.fill : profile
  const { initialEquity, equity, initialMargin, maintenanceMargin } = Account.assess(account, under)
  const isHeld = purpose === 'maintenance'
  const [collateral, required] = isHeld ? [equity, maintenanceMargin] : [initialEquity, initialMargin]
  const exit = Exit.assess(account, under, { buffer: given(of, 'bufferRatio', 0n), purpose: isHeld ? 'maintenance' : 'initial' })
  return {
    totalCollateral1e6: collateral,
    marginRequirement1e6: required,
    totalCollateralPlusBuffer1e6: exit.equity,
    totalCollateralBuffer1e6: exit.equity - collateral,
    marginRequirementPlusBuffer1e6: exit.margin,
    marginShortage1e6: exit.shortage,
    freeCollateral1e6: Fixed.max(0n, collateral - required),
    healthy: collateral >= required,
  }
}

const ratesOf = (of: Fields, unit: bigint) => ({
  initial: Read.integer(of, 'initialWeight'),
  maintenance: Read.integer(of, 'maintenanceWeight'),
  factor: Read.integer(of, 'imfFactor'),
  unit,
})

function spotWeight(of: Fields): Answer {
  Read.fields(of, 'kind', 'initialWeight', 'maintenanceWeight', 'imfFactor', 'sizeNative', 'decimals', 'type')
  const rates = ratesOf(of, 10n ** Read.integer(of, 'decimals'))
  const kind = Read.text(of, 'kind')
  if (kind !== 'asset' && kind !== 'liability') throw new Read.UnreadableError('kind', 'asset or liability', kind)
  const weight = kind === 'asset' ? DriftV2.owned(rates, 0n, purposeOf(of)) : DriftV2.owed(rates, purposeOf(of))
  return { weight: Weight.rate(weight, { ...nothing, size: Read.integer(of, 'sizeNative') }, down) }
}

function depositWeight(of: Fields): Answer {
  Read.fields(of, 'initialWeight', 'scaleStartUsd1e6', 'totalDepositsTokens1e9', 'price1e6')
  const rates = { initial: Read.integer(of, 'initialWeight'), maintenance: 0n, factor: 0n, unit: baseUnit }
  const deposits = {
    amount: Read.integer(of, 'totalDepositsTokens1e9'),
    unit: baseUnit,
    price: Valuation.mark(Read.integer(of, 'price1e6')),
  }
  const weight = DriftV2.owned(rates, Read.integer(of, 'scaleStartUsd1e6'), 'initial')
  return { weight: Weight.rate(weight, { ...nothing, total: Account.value(deposits, profile) }, down) }
}

function marginRatio(of: Fields): Answer {
  const names = ['marginRatioInitial', 'marginRatioMaintenance', 'highLeverageInitial', 'highLeverageMaintenance'] as const
  Read.fields(of, ...names, 'imfFactor', 'baseSize1e9', 'type', 'highLeverageMode')
  const ordinary = {
    initial: Read.integer(of, 'marginRatioInitial'),
    maintenance: Read.integer(of, 'marginRatioMaintenance'),
    factor: Read.integer(of, 'imfFactor'),
    unit: baseUnit,
  }
  const granted = { initial: Read.integer(of, 'highLeverageInitial'), maintenance: Read.integer(of, 'highLeverageMaintenance') }
  const weight = Read.flag(of, 'highLeverageMode')
    ? DriftV2.leveraged(ordinary, granted, purposeOf(of))
    : DriftV2.owed(ordinary, purposeOf(of))
  return { marginRatio: Weight.rate(weight, { ...nothing, size: Read.integer(of, 'baseSize1e9') }, down) }
}

function gainWeight(of: Fields): Answer {
  Read.fields(of, 'unrealizedPnl1e6', 'unrealizedPnlImfFactor', 'initialWeight')
  const rates = {
    initial: Read.integer(of, 'initialWeight'),
    maintenance: profile.rateUnit,
    factor: Read.integer(of, 'unrealizedPnlImfFactor'),
  }
  const gain = Read.integer(of, 'unrealizedPnl1e6')
  // A loss counts in full.
  if (gain <= 0n) return { weight: profile.rateUnit }
  return { weight: Weight.rate(DriftV2.gain(rates, 0n, 'initial'), { ...nothing, notional: gain, size: gain }, down) }
}

const perpetual = (of: Fields) => ({
  price: Read.integer(of, 'oraclePrice1e6'),
  unit: baseUnit,
  currency: { price: Read.integer(of, 'quotePrice1e6'), unit: priceUnit },
  rate: Read.integer(of, 'marginRatio1e4') * finer,
  fee: Read.integer(of, 'liquidatorFee1e6'),
  rateUnit: feeUnit,
})

const exchanged = (of: Fields) => ({
  assetMultiplier: Read.integer(of, 'assetMultiplier1e6'),
  debtMultiplier: Read.integer(of, 'liabilityMultiplier1e6'),
})

const sizeOf = (outcome: Reduction.Outcome, otherwise: bigint) => (outcome.status === 'closes' ? outcome.size : otherwise)
const changeOf = (outcome: SocialisedLoss.Outcome) => (outcome.status === 'shared' ? outcome.change : 0n)

function insuranceOfDebt(of: Fields): Answer {
  const debt = {
    amount: Read.integer(of, 'tokenAmount'),
    price: Read.integer(of, 'price1e6'),
    unit: 10n ** Read.integer(of, 'decimals'),
    owed: Read.integer(of, 'liabilityWeight1e4') * finer,
    owned: Read.integer(of, 'assetWeight1e4') * finer,
    weightUnit: feeUnit,
    ...exchanged(of),
  }
  return { ifFee1e6: InsuranceFee.ofDebt(Read.integer(of, 'marginShortage1e6'), debt, Read.integer(of, 'maxIfFee1e6')) }
}

function debtToCover(of: Fields): Answer {
  const debt = {
    price: Read.integer(of, 'liabilityPrice1e6'),
    unit: 10n ** Read.integer(of, 'liabilityDecimals'),
    owed: Read.integer(of, 'liabilityWeight1e4') * DriftV2.fine,
    owned: Read.integer(of, 'assetWeight1e4') * DriftV2.fine,
    weightUnit: profile.rateUnit * DriftV2.fine,
    insuranceFee: Read.integer(of, 'ifFee1e6'),
    rateUnit: feeUnit,
    ...exchanged(of),
  }
  return { liabilityTransfer: sizeOf(Reduction.ofDebt(Read.integer(of, 'marginShortage1e6'), debt, 'down'), greatest.u128) }
}

function debtOfAsset(of: Fields): Answer {
  const { assetMultiplier, debtMultiplier } = exchanged(of)
  const asset = {
    amount: Read.integer(of, 'assetAmount'),
    price: Read.integer(of, 'assetPrice1e6'),
    unit: 10n ** Read.integer(of, 'assetDecimals'),
    multiplier: assetMultiplier,
  }
  const debt = {
    price: Read.integer(of, 'liabilityPrice1e6'),
    unit: 10n ** Read.integer(of, 'liabilityDecimals'),
    multiplier: debtMultiplier,
  }
  return { liabilityTransfer: Reduction.debtOf(asset, debt, 'up') }
}

/** A case states a market's loss or a pool's. */
function socialised(of: Fields): Answer {
  if (Read.has(of, 'borrow1e6')) {
    const pool = {
      loss: Read.integer(of, 'borrow1e6'),
      deposits: Read.integer(of, 'totalDeposits1e6'),
      index: Read.integer(of, 'cumulativeDepositInterest1e10'),
    }
    return { delta: changeOf(SocialisedLoss.toIndex(pool, 'up')) }
  }
  const market = {
    loss: Fixed.abs(Read.integer(of, 'loss1e6')),
    long: Fixed.abs(Read.integer(of, 'baseLong1e9')),
    short: Fixed.abs(Read.integer(of, 'baseShort1e9')),
    unit: baseUnit,
    scale: DriftV2.fundingScale,
  }
  return { cumulativeFundingDelta: changeOf(SocialisedLoss.toFunding(market, 'up')) }
}

const exact = (answer: (of: Fields) => Answer): Group => ({ exactness: { kind: 'exact' }, answer: (of) => answer(of.in) })

export const drift: Anchor = {
  anchor: 'drift-v2',
  groups: {
    'spot-weights': exact(spotWeight),
    'deposit-scaled-weight': exact(depositWeight),
    'perp-margin-ratio': exact(marginRatio),
    'unrealized-pnl-weight': exact(gainWeight),
    accounts: exact(accountOf),
    'perp-base-to-cover-shortage': exact((of) => {
      const terms = { ...perpetual(of), insuranceFee: Read.integer(of, 'ifFee1e6') }
      return { base1e9: sizeOf(Reduction.ofPosition(Read.integer(of, 'marginShortage1e6'), terms, 'down'), greatest.u64) }
    }),
    'spot-liability-to-cover-shortage': exact(debtToCover),
    'liability-implied-by-asset': exact(debtOfAsset),
    'perp-insurance-fee': exact((of) => {
      const limits = { most: Read.integer(of, 'maxIfFee1e6'), kept: DriftV2.insuranceKept }
      const position = { ...perpetual(of), size: Read.integer(of, 'base1e9') }
      return { ifFee1e6: InsuranceFee.ofPosition(Read.integer(of, 'marginShortage1e6'), position, limits) }
    }),
    'spot-insurance-fee': exact(insuranceOfDebt),
    'liquidation-fee-ramp': exact((of) => {
      const ramp = { ...DriftV2.feeRamp, base: Read.integer(of, 'baseFee1e6'), most: Read.integer(of, 'maxFee1e6') }
      return { fee1e6: LiquidationFee.of(ramp, Read.integer(of, 'slot') - Read.integer(of, 'lastActiveSlot')) }
    }),
    'socialised-loss': exact(socialised),
  },
}
