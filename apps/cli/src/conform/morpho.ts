/** Morpho Blue: positions, incentives and the rounding they stand on. */
import { Account, Fixed, LiquidationBonus, Loan, Shares, Valuation, type Weight } from '@plimsoll/margin'
import { MorphoBlue } from '@plimsoll/margin/profiles'
import type { Anchor, Answer, Fields, Group } from './Conformance.ts'
import * as Read from './Read.ts'

const { profile, virtual, priceUnit, incentive } = MorphoBlue

/** What the protocol's libraries answer where there is nothing to divide by. */
const greatest = (1n << 256n) - 1n

function position(of: Fields): Answer {
  const pool = { assets: Read.integer(of, 'totalBorrowAssets'), shares: Read.integer(of, 'totalBorrowShares'), virtual }
  const amount = Read.integer(of, 'collateral')
  const shares = Read.integer(of, 'borrowShares')
  const debt = Shares.assets(shares, pool, profile.rounding.debt)
  const flat = (rate: bigint): Weight.Weight => ({ kind: 'flat', rate })
  const lltv = flat(Read.integer(of, 'lltvWad'))
  const whole = flat(profile.rateUnit)
  const collateral: Account.Balance = {
    asset: 'collateral',
    amount,
    unit: priceUnit,
    price: Valuation.mark(Read.integer(of, 'price1e36')),
    owned: { initial: lltv, maintenance: lltv },
    owed: { initial: whole, maintenance: whole },
    total: 0n,
  }
  const owed: Account.Balance = { ...collateral, asset: 'loan', amount: -debt, unit: 1n, price: Valuation.mark(1n) }
  const { equity, maintenanceMargin } = Account.assess({ balances: [collateral, owed], positions: [], fees: 0n, asOf: 0 }, profile)
  const loan = {
    value: Account.value(collateral, profile),
    debt,
    threshold: Read.integer(of, 'lltvWad'),
    unit: profile.rateUnit,
  }
  const health = Loan.health(loan, { one: profile.rateUnit, capacity: 'down', rounding: 'down' })
  // Without a debt the library knows neither a price nor a loan-to-value.
  const isOwed = shares !== 0n && pool.shares !== 0n
  const price = isOwed ? (Loan.liquidationPrice(loan, { amount, priceUnit }) ?? greatest) : null
  const withdrawable = Loan.withdrawable(loan, { amount, priceUnit, price: collateral.price.low })
  return {
    borrowAssets: debt,
    withdrawable,
    withdrawableCollateral: withdrawable,
    collateralValue: loan.value,
    maxBorrow: equity,
    maxBorrowable: Loan.borrowable(loan, 'down'),
    healthy: equity >= maintenanceMargin,
    liquidatable: equity < maintenanceMargin,
    healthFactor: health ?? greatest,
    ltv: isOwed ? (Loan.loanToValue(loan, 'up') ?? greatest) : null,
    liquidationPrice: price,
    capacityUsage: usage(health ?? greatest),
  }
}

/** The inverse of a health factor, rounded up. */
function usage(health: bigint): bigint {
  return health === 0n ? greatest : Fixed.mulDiv(profile.rateUnit, profile.rateUnit, health, 'up')
}

/** The roundings of the library by its own names. */
const roundings: Readonly<Record<string, Fixed.Rounding>> = { up: 'up', down: 'down' }

function mulDiv(of: Fields): Answer {
  const rounding = roundings[Read.text(of, 'round').toLowerCase()]
  if (rounding === undefined) throw new Read.UnreadableError('round', 'up or down', of['round'])
  return { v: Fixed.mulDiv(Read.integer(of, 'x'), Read.integer(of, 'y'), Read.integer(of, 'd'), rounding) }
}

const exact = (answer: (of: Fields) => Answer): Group => ({ exactness: { kind: 'exact' }, answer: (given) => answer(given.in) })

export const morpho: Anchor = {
  anchor: 'morpho-blue',
  groups: {
    'liquidation-incentive': exact((of) => ({
      liquidationIncentiveFactorWad: LiquidationBonus.of(
        { kind: 'threshold', threshold: Read.integer(of, 'lltvWad'), cursor: incentive.cursor, most: incentive.maximum },
        { health: 0n, loanToValue: 0n, elapsedSeconds: 0n },
        { unit: profile.rateUnit, rounding: 'down' },
      ),
    })),
    position: exact(position),
    'mul-div': exact(mulDiv),
  },
}
