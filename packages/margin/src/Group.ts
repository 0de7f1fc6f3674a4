/** Lines that belong together: categories that lift weights, fences around what may not be mixed, tiers, collateral that falls with the exposure. */
import * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import type * as Profile from './Profile.ts'
import * as Weight from './Weight.ts'

/** Assets that move together, and so count for more against debts among them. */
export type Category = {
  readonly id: string
  readonly owned: readonly { readonly asset: string; readonly terms: Account.Terms }[]
  /** What may be owed under it. */
  readonly debts: readonly string[]
}

/**
 * The account with the weights of its category, where it keeps to it.
 *
 * Source:  docs/method/liquidation.md, eq. (18).
 *
 * @param chosen - the account's category; null, an unknown one, or a debt outside of it leaves the account as it is.
 *
 * @example
 * const terms = (rate) => ({ initial: { kind: 'flat', rate }, maintenance: { kind: 'flat', rate } })
 * const ether = { asset: 'ETH', amount: 1n, unit: 1n, price: Valuation.mark(100n), owned: terms(800_000n), owed: terms(1_000_000n), total: 0n }
 * const account = { balances: [ether, { ...ether, asset: 'stETH', amount: -1n }], positions: [], fees: 0n, asOf: 0 }
 * const category = { id: 'ether', owned: [{ asset: 'ETH', terms: terms(950_000n) }], debts: ['stETH'] }
 * Group.replace(account, [category], 'ether').balances[0].owned.initial.rate
 * // => 950000n
 */
export function replace(account: Account.Account, categories: readonly Category[], chosen: string | null): Account.Account {
  const category = categories.find(({ id }) => id === chosen)
  const keeps = category && account.balances.every(({ asset, amount }) => amount >= 0n || category.debts.includes(asset))
  if (!keeps) return account
  const termsOf = new Map(category.owned.map(({ asset, terms }) => [asset, terms]))
  const balances = account.balances.map((balance) => ({ ...balance, owned: termsOf.get(balance.asset) ?? balance.owned }))
  return { ...account, balances }
}

/** What stands alone: an isolated asset backs an account by itself, an isolated market is its only one. */
export type Fence = { readonly assets: readonly string[]; readonly markets: readonly string[] }

export type Mix =
  | { readonly status: 'ok' }
  | {
      readonly status: 'refused'
      readonly code: 'ISOLATED_ASSET' | 'ISOLATED_MARKET'
      readonly names: readonly string[]
      readonly message: string
    }

/**
 * Whether an account keeps to its fences.
 *
 * Source:  docs/method/liquidation.md, eq. (18).
 *
 * @returns refused with everything that is held beside what is isolated, in the order of the account.
 *
 * @example
 * const flat = { kind: 'flat', rate: 1n }
 * const terms = { margin: { initial: flat, maintenance: flat }, openInterest: 0n, charge: 0n, quote: 0n, cost: 0n, unit: 1n }
 * const open = (market) => ({ market, size: 1n, price: Valuation.mark(1n), ...terms })
 * const account = { balances: [], positions: [open('ETH'), open('PEPE')], fees: 0n, asOf: 0 }
 * Group.check(account, { assets: [], markets: ['PEPE'] }).code
 * // => 'ISOLATED_MARKET'
 */
export function check({ balances, positions }: Account.Account, fence: Fence): Mix {
  const owned = balances.filter(({ amount }) => amount > 0n).map(({ asset }) => asset)
  const open = positions.filter(({ size }) => size !== 0n).map(({ market }) => market)
  if (isMixed(owned, fence.assets)) return refused('ISOLATED_ASSET', owned)
  return isMixed(open, fence.markets) ? refused('ISOLATED_MARKET', open) : { status: 'ok' }
}

/**
 * What is liquidated first: what is open in the safest tier, so that the funds of safer tiers do not pay for riskier ones.
 *
 * Source:  docs/method/liquidation.md, eq. (18).
 *
 * @param tiers - names of markets and of owed assets, the safest tier first; what is in none comes last.
 * @returns markets with a position and assets owed, in the order of the account; empty where nothing is due.
 *
 * @example
 * const flat = { kind: 'flat', rate: 1n }
 * const terms = { margin: { initial: flat, maintenance: flat }, openInterest: 0n, charge: 0n, quote: 0n, cost: 0n, unit: 1n }
 * const open = (market) => ({ market, size: 1n, price: Valuation.mark(1n), ...terms })
 * const account = { balances: [], positions: [open('PEPE'), open('ETH'), open('BTC')], fees: 0n, asOf: 0 }
 * Group.first(account, [['BTC', 'ETH'], ['PEPE']])
 * // => ['ETH', 'BTC']
 */
export function first({ balances, positions }: Account.Account, tiers: readonly (readonly string[])[]): readonly string[] {
  const due = [
    ...balances.filter(({ amount }) => amount < 0n).map(({ asset }) => asset),
    ...positions.filter(({ size }) => size !== 0n).map(({ market }) => market),
  ]
  const rank = (name: string) => {
    const found = tiers.findIndex((tier) => tier.includes(name))
    return found < 0 ? tiers.length : found
  }
  const safest = Math.min(...due.map(rank))
  return due.filter((name) => rank(name) === safest)
}

/** How prices move together, and how far each falls in the stress that is meant. Integer ppm. */
export type Correlation = {
  /** Symmetric, in any order. Everything moves with itself; a pair that is not given moves in whichever way is worse. */
  readonly pairs: readonly { readonly of: readonly [string, string]; readonly ppm: number }[]
  /** What an asset loses when it falls: 0 to 1 000 000. One that is not given loses all. */
  readonly falls: { readonly [asset: string]: number }
}

/** What one piece of collateral adds, and the position that it would fail. */
export type Addon = { readonly asset: string; readonly market: string; readonly amount: bigint }

/**
 * What initial margin lacks because collateral loses when the exposure does, asset by asset.
 *
 * Formula: `Σ_a max_m ⌈min(V_a, N_m) · max(0, ρ⁺_am · q_a − h_a)⌉`, ρ⁺ the correlation of the asset with the loss: ρ for a long, −ρ for a short,
 *          at least 0; h the haircut that its initial weight takes already.
 * Source:  docs/method/liquidation.md, eq. (19).
 * Rounding: up.
 *
 * An asset can fail once, so that it is charged for the one position that needs it most. What backs no exposure is charged for none.
 *
 * @returns the additions to initial margin, in the order of the account; their amounts add up. Money.
 * @throws {Fixed.NotAnIntegerError} a fall or a correlation is no integer.
 *
 * @example
 * const terms = (rate) => ({ initial: { kind: 'flat', rate }, maintenance: { kind: 'flat', rate } })
 * const ether = { asset: 'ETH', amount: 5n, unit: 1n, price: Valuation.mark(100n), owned: terms(900_000n), owed: terms(1_000_000n), total: 0n }
 * const position = { market: 'SOL', size: 10n, unit: 1n, price: Valuation.mark(30n), cost: 300n, quote: 0n, margin: terms(100_000n) }
 * const account = { balances: [ether], positions: [{ ...position, openInterest: 0n, charge: 0n }], fees: 0n, asOf: 0 }
 * // min(500, 300) · (0.8 · 30 % − 10 %)
 * Group.wrongWay(account, plimsoll, { pairs: [{ of: ['SOL', 'ETH'], ppm: 800_000 }], falls: { ETH: 300_000 } })
 * // => [{ asset: 'ETH', market: 'SOL', amount: 42n }]
 */
export function wrongWay(account: Account.Account, profile: Profile.Profile, correlation: Correlation): readonly Addon[] {
  const exposures = account.positions
    .filter(({ size }) => size !== 0n)
    .map((position) => ({ market: position.market, isLong: position.size > 0n, notional: notionalOf(position, profile) }))
  return account.balances.flatMap((balance) => {
    if (balance.amount <= 0n) return []
    const { asset } = balance
    const falls = Fixed.toPpm(Object.hasOwn(correlation.falls, asset) ? (correlation.falls[asset] ?? 1_000_000) : 1_000_000)
    const value = Account.value(balance, profile)
    const haircut = haircutOf(balance, value, { account, profile })
    const worst = exposures
      .map(({ market, isLong, notional }) => {
        const known = together(correlation, asset, market)
        const moves = known === null ? Fixed.ppm : Fixed.toPpm(isLong ? known : -known)
        // In parts of ppm² and of the profile's unit at once.
        const beyond = moves * falls * profile.rateUnit - haircut * Fixed.ppm * Fixed.ppm
        const amount = beyond <= 0n ? 0n : Fixed.mulDiv(Fixed.min(value, notional), beyond, Fixed.ppm * Fixed.ppm * profile.rateUnit, 'up')
        return { asset, market, amount }
      })
      .reduce<Addon | null>((most, each) => (most === null || each.amount > most.amount ? each : most), null)
    return worst === null || worst.amount === 0n ? [] : [worst]
  })
}

function together({ pairs }: Correlation, asset: string, market: string): number | null {
  if (asset === market) return 1_000_000
  return pairs.find(({ of }) => of.includes(asset) && of.includes(market))?.ppm ?? null
}

/** What is missing to the whole value, in parts of the profile's unit. */
function haircutOf(
  { owned, amount, total }: Account.Balance,
  value: bigint,
  of: { readonly account: Account.Account; readonly profile: Profile.Profile },
) {
  const { rateUnit: unit, rounding } = of.profile
  const state = { notional: value, size: amount, openInterest: 0n, total, asOf: of.account.asOf }
  return Fixed.max(0n, unit - Weight.rate(owned.initial, state, { unit, rounding: rounding.assetWeight }))
}

/** In money, whatever currency the position is in. */
function notionalOf({ size, unit, price, currency }: Account.Position, { rounding }: Profile.Profile): bigint {
  const notional = Fixed.mulDiv(Fixed.abs(size), price.high, unit, rounding.notional)
  return currency ? Fixed.mulDiv(notional, currency.price.high, currency.unit, rounding.notional) : notional
}

function isMixed(held: readonly string[], isolated: readonly string[]): boolean {
  return new Set(held).size > 1 && held.some((name) => isolated.includes(name))
}

function refused(code: (Mix & { readonly status: 'refused' })['code'], names: readonly string[]): Mix {
  return { status: 'refused', code, names, message: `${names.join(', ')} may not stand together: one of them is isolated.` }
}
