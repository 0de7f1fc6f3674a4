/** Synthetix v3 perps: margins, fills, windows and rewards, × 1e18. */
import { Account, CloseOut, Fixed, KeeperReward, SkewPrice, Valuation, Weight } from '@plimsoll/margin'
import { SynthetixV3 } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Fields, Group, Json } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile } = SynthetixV3
const unit = profile.rateUnit
const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
const whole = { initial: flat(unit), maintenance: flat(unit) }

/** Weights of a market as a case states them. */
function marginOf(of: Fields): Account.Terms {
  const initial: Weight.Weight = {
    kind: 'skew',
    minimum: Read.scaled(of, 'minimumInitialMarginRatio'),
    coefficient: Read.scaled(of, 'initialMarginFraction'),
    scale: Read.scaled(of, 'skewScale'),
  }
  return { initial, maintenance: { kind: 'scaled', of: initial, rate: Read.scaled(of, 'maintenanceMarginScalar') } }
}

function fillOf(of: Fields, names: { readonly price: string; readonly skew: string; readonly size: string }): bigint {
  return SkewPrice.of({
    price: Read.scaled(of, names.price),
    skew: Read.scaled(of, names.skew),
    size: Read.scaled(of, names.size),
    scale: Read.scaled(of, 'skewScale'),
    unit,
  })
}

function positionOf(of: Fields): Account.Position {
  const size = Read.scaled(of, 'size')
  return {
    market: Read.has(of, 'symbol') ? Read.text(of, 'symbol') : '',
    size,
    unit,
    price: Valuation.mark(Read.scaled(of, 'price')),
    cost: size * fillOf(of, { price: 'openPrice', skew: 'openSkewBefore', size: 'size' }),
    quote: 0n,
    margin: marginOf(of),
    openInterest: 0n,
    // What is closed needs nothing.
    charge: size !== 0n && Read.has(of, 'minimumPositionMargin') ? Read.scaled(of, 'minimumPositionMargin') : 0n,
  }
}

function assess(collateral: bigint, positions: readonly Account.Position[]): Account.Assessment {
  const balance = { asset: 'USD', amount: collateral, unit, price: Valuation.mark(unit), owned: whole, owed: whole, total: 0n }
  return Account.assess({ balances: [balance], positions, fees: 0n, asOf: 0 }, profile)
}

const usd = (value: bigint) => Fixed.format(value, { decimals: 18 })

function account(of: Fields): Answer {
  const markets = Read.records(of, 'markets')
  const positions = markets.map(positionOf)
  const debt = Read.has(of, 'debtUsd') ? Read.scaled(of, 'debtUsd') : 0n
  const { equity, initialMargin, maintenanceMargin } = assess(Read.scaled(of, 'collateralUsd') - debt, positions)
  const notionals = positions.map(({ size, price }) => Fixed.mulDiv(Fixed.abs(size), price.high, unit, profile.rounding.notional))
  const rewards = markets.map((market, i) =>
    Read.has(market, 'flagRewardRatio')
      ? Fixed.mulDiv(notionals[i] ?? 0n, Read.scaled(market, 'flagRewardRatio'), unit, profile.rounding.requirement)
      : 0n,
  )
  const reward = rewards.reduce((sum, each) => sum + each, 0n)
  const free = Fixed.max(0n, equity - initialMargin - reward)
  return {
    positionPnl: positions.map((position) => usd(assess(0n, [position]).equity)),
    availableMargin: usd(equity),
    totalOpenInterest: usd(notionals.reduce((sum, each) => sum + each, 0n)),
    initialMargin: usd(initialMargin),
    maintenanceMargin: usd(maintenanceMargin),
    liquidationReward: usd(reward),
    withdrawableMargin: usd(debt > 0n ? 0n : free),
  }
}

function order(of: Fields): Answer {
  const size = Read.scaled(of, 'sizeDelta')
  const fill = fillOf(of, { price: 'oraclePrice', skew: 'skew', size: 'sizeDelta' })
  const price = Valuation.mark(Read.scaled(of, 'oraclePrice'))
  const terms = { market: '', quote: 0n, openInterest: 0n, charge: 0n }
  const { equity, initialMargin, maintenanceMargin } = assess(0n, [
    { ...terms, size, unit, price, cost: size * fill, margin: marginOf(of) },
  ])
  return { initialMargin1e18: initialMargin, maintenanceMargin1e18: maintenanceMargin, fillPrice1e18: fill, immediatePnl1e18: equity }
}

function window(of: Fields): Answer {
  if (Read.has(of, 'calls')) return sequence(of)
  const capacity = CloseOut.windowOf({
    makerFee: Read.scaled(of, 'makerFee'),
    takerFee: Read.scaled(of, 'takerFee'),
    skewScale: Read.scaled(of, 'skewScale'),
    multiplier: Read.scaled(of, 'accumulationMultiplier'),
    seconds: Read.integer(of, 'maxSecondsInLiquidationWindow'),
    unit,
  })
  return { maxLiquidationInWindow: usd(capacity) }
}

/** Calls in order of time, each liquidating what the window leaves of the account's size. */
function sequence(of: Fields): Answer {
  const sizes = new Map(Object.entries(Read.record(of['accounts'], 'accounts')).map(([id, size]) => [id, Read.toScaled(size, id, 18)]))
  const remaining: Record<string, string[]> = {}
  const liquidated: string[] = []
  let taken: readonly CloseOut.Taken[] = []
  for (const each of Read.list(of, 'calls')) {
    const [id, at] = callOf(each)
    const size = sizes.get(id)
    if (size === undefined) throw new Read.UnreadableError('calls', `of one of the accounts: ${id}`, undefined)
    const used = CloseOut.used(taken, { now: at, seconds: Read.number(of, 'windowSec') })
    // A case states no skew: no second window opens.
    const window = { capacity: Read.scaled(of, 'cap'), skewScale: unit, unit, mostSkew: 0n }
    const amount = CloseOut.inWindow({ asked: size, used, skew: 0n }, window)
    taken = [...taken, { at, size: amount }]
    sizes.set(id, size - amount)
    liquidated.push(usd(amount))
    remaining[id] = [...(remaining[id] ?? []), usd(size - amount)]
  }
  return { liquidated, remaining }
}

function callOf(call: Json): readonly [string, number] {
  if (Array.isArray(call) && typeof call[0] === 'string' && typeof call[1] === 'number') return [call[0], call[1]]
  throw new Read.UnreadableError('calls', 'pairs of an account and a time', call)
}

function reward(of: Fields): Answer {
  const wei = (name: string) => Read.integer(of, name)
  const flagged = Fixed.mulDiv(Read.scaled(of, 'notionalUsd'), Read.scaled(of, 'flagRewardRatio'), unit, 'zero')
  const costs = { cost: wei('costWei'), reward: flagged, collateral: Read.scaled(of, 'collateralUsd') }
  return {
    rewardWei: KeeperReward.of(costs, {
      minimum: wei('minKeeperRewardWei'),
      profitRate: Read.scaled(of, 'minKeeperProfitRatio'),
      maximum: wei('maxKeeperRewardWei'),
      collateralRate: Read.scaled(of, 'maxKeeperScalingRatio'),
      unit,
    }),
  }
}

function haircut(of: Fields): Answer {
  const amount = Read.scaled(of, 'amount')
  const discount: Weight.Weight = {
    kind: 'clamp',
    of: { kind: 'skew', minimum: 0n, coefficient: Read.scaled(of, 'discountScalar'), scale: Read.scaled(of, 'skewScale') },
    lower: Read.scaled(of, 'lowerLimitDiscount'),
    upper: Read.scaled(of, 'upperLimitDiscount'),
  }
  const counted: Weight.Weight = { kind: 'complement', of: discount }
  const price = Valuation.mark(Read.scaled(of, 'price'))
  const owned = { initial: counted, maintenance: counted }
  const balance = { asset: '', amount, unit, price, owned, owed: whole, total: 0n }
  const { equity } = Account.assess({ balances: [balance], positions: [], fees: 0n, asOf: 0 }, profile)
  const state = { notional: 0n, size: amount, openInterest: 0n, total: 0n, asOf: 0 }
  return { discount: usd(Weight.rate(discount, state, { unit, rounding: profile.rounding.assetWeight })), valueUsd: usd(equity) }
}

const exact = (answer: (of: Fields) => Answer): Group => ({ exactness: { kind: 'exact' }, answer: (given) => answer(given.in) })

export const synthetix: Anchor = {
  anchor: 'synthetix-v3-perps',
  groups: {
    'account-pnl-margin': exact(account),
    'required-margins': exact(account),
    'fill-price': exact((of) => ({ fillPrice: usd(fillOf(of, { price: 'oraclePrice', skew: 'skew', size: 'sizeDelta' })) })),
    'order-what-if': exact(order),
    'liquidation-window': exact(window),
    'keeper-reward-caps': exact(reward),
    'collateral-size-haircut': exact(haircut),
  },
}
