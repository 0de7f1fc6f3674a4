/** The lines of an account one by one, and what moves between them: profit that settles, funds that rest. */
import type * as Account from './Account.ts'
import * as Line from './Line.ts'
import * as Orders from './Orders.ts'
import type * as Profile from './Profile.ts'

/**
 * Whether an account is sizes, prices and weights, and no more, under a profile that settles nothing: then its products may be summed before
 * they are rounded.
 */
export function isBare({ balances, positions, reserved }: Account.Account, { settle, gains }: Profile.Profile): boolean {
  if (reserved !== undefined || settle !== undefined || gains.most !== undefined) return false
  for (const balance of balances) if (!Line.isBareBalance(balance)) return false
  for (const position of positions) if (!Line.isBarePosition(position)) return false
  return true
}

/**
 * Every line of an account for one purpose, each rounded by itself.
 *
 * Formula: where profit settles into balances, `amount = amount + Σ settled` before a balance is weighed; funds that rest add
 *          `Orders.value` to what is owned.
 * Source:  docs/method/open-orders.md, eq. (11) and (12).
 *
 * @throws {Orders.UnknownAssetError} profit settles, or funds rest, in an asset that no balance states.
 */
export function of(account: Account.Account, under: Line.Under): readonly Line.Line[] {
  const { profile, purpose, asOf } = under
  const { positions } = account
  const settles = profile.settle === 'balance'
  const balances = settles ? joined(account.balances, positions, under) : account.balances
  const lines = [
    ...balances.map((each) => Line.ofBalance(each, under)),
    ...(settles ? [] : positions.map((each) => Line.ofPosition(each, under))),
  ]
  if (!account.reserved) return lines
  const reached = new Map(
    balances.map(({ asset, owned, owed, total, totalOwed = total, amount, unit, price }) => [
      asset,
      { amount, unit, price, owned: owned[purpose], owed: owed[purpose], total, totalOwed },
    ]),
  )
  const { assetWeight, rate, asset } = profile.rounding
  const weights = { unit: profile.rateUnit, rounding: { owned: assetWeight, owed: rate }, requirement: asset, asOf }
  return [...lines, { equity: Orders.value(account.reserved, reached, weights), margin: 0n, profit: 0n, liabilities: [] }]
}

/** The balances with what positions bring into them. */
function joined(
  balances: readonly Account.Balance[],
  positions: readonly Account.Position[],
  under: Line.Under,
): readonly Account.Balance[] {
  const known = new Map(balances.map((balance) => [balance.asset, balance]))
  const settled = new Map<string, bigint>()
  for (const position of positions) {
    const { asset } = Orders.at(known, position.currency?.asset ?? '')
    settled.set(asset, (settled.get(asset) ?? 0n) + Line.settled(position, under))
  }
  return balances.map((balance) => ({ ...balance, amount: balance.amount + (settled.get(balance.asset) ?? 0n) }))
}

/** What the lines come to, for both purposes. */
export function sums(account: Account.Account, profile: Profile.Profile): Account.Sums {
  const { asOf } = account
  const at = (purpose: Line.Purpose) => sum(of(account, { profile, asOf, purpose }))
  return { initial: at('initial'), maintenance: at('maintenance') }
}

function sum(lines: readonly Line.Line[]): Account.Sum {
  let [equity, margin, profit] = [0n, 0n, 0n]
  for (const line of lines) {
    equity += line.equity
    margin += line.margin
    profit += line.profit
  }
  return { equity, margin, profit }
}
