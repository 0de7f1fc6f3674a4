/** Vaults of one collateral type, rebuilt from what happened to them: coins in, debt out, and a fee that the debt grows by. */
import * as Figure from './Figure.ts'

/** What happened, in the order of the chain. Amounts ≥ 0: coins, or units of debt. */
export type Event = {
  readonly block: number
  readonly at: number
  readonly vault: string
} & (
  | { readonly kind: 'deposit' | 'withdraw' | 'borrow' | 'repay'; readonly amount: number }
  | { readonly kind: 'liquidate'; readonly coins: number; readonly repaid: number }
)

/** From when on debt grows by which fee a year. */
export type Fee = { readonly from: number; readonly annual: number }

export type Vault = { readonly coins: number; readonly debt: number }

/** In one block liquidations come last; of what came before them the order makes no difference. */
const turn = ({ kind }: Event): number => Number(kind === 'liquidate')

/** Rounded figures leave crumbs: a liquidated vault with less than a coin is closed. */
const crumb = 1

/**
 * Plays events back, and shows the vaults as they stood before each liquidation.
 *
 * Formula: debt `D = art·rate`, `rate = Π (1 + fee)^(Δt / year)`; what is borrowed or repaid moves `art` by `amount / rate`.
 * Source:  docs/method/cascade.md, eq. (33).
 *
 * @param events - in any order.
 * @param fees - in any order; none before the first.
 * @param before - called with each liquidation, and with coins and debt of every vault before it.
 * @returns the vaults at the end that hold coins and owe debt.
 * @throws {Figure.InvalidFigureError} an amount is negative or no number.
 */
export function replay(
  events: readonly Event[],
  fees: readonly Fee[],
  before: (event: Event, vaults: ReadonlyMap<string, Vault>) => void,
): ReadonlyMap<string, Vault> {
  const steps = [...fees].sort((a, b) => a.from - b.from)
  const vaults = new Map<string, { coins: number; art: number }>()
  const shown = (at: number): ReadonlyMap<string, Vault> => {
    const rate = rateAt(steps, at)
    return new Map([...vaults].map(([vault, { coins, art }]) => [vault, { coins, debt: Math.max(0, art * rate) }]))
  }
  let last = 0
  for (const event of [...events].sort((a, b) => a.block - b.block || turn(a) - turn(b))) {
    const { at, vault } = event
    last = Math.max(last, at)
    if (event.kind === 'liquidate') Figure.assert('at least 0', { coins: event.coins, repaid: event.repaid })
    else Figure.assert('at least 0', { amount: event.amount })
    if (event.kind === 'liquidate') before(event, shown(at))
    const entry = vaults.get(vault) ?? { coins: 0, art: 0 }
    vaults.set(vault, entry)
    const rate = rateAt(steps, at)
    if (event.kind === 'liquidate') {
      entry.coins -= event.coins
      entry.art -= event.repaid / rate
      if (entry.coins < crumb) vaults.delete(vault)
    } else if (event.kind === 'deposit') entry.coins += event.amount
    else if (event.kind === 'withdraw') entry.coins -= event.amount
    else if (event.kind === 'borrow') entry.art += event.amount / rate
    else entry.art -= event.amount / rate
  }
  return new Map([...shown(last)].filter(([, { coins, debt }]) => coins > dust && debt > dust))
}

const dust = 1e-6
const year = 31_536_000

/**
 * What debt of 1 has grown to.
 *
 * Source: docs/method/cascade.md, eq. (33).
 */
export function rateAt(fees: readonly Fee[], at: number): number {
  let rate = 1
  for (const [i, { from, annual }] of fees.entries()) {
    const until = Math.min(at, fees[i + 1]?.from ?? at)
    if (until > from) rate *= (1 + annual) ** ((until - from) / year)
  }
  return rate
}

/**
 * The price at which a vault can be liquidated.
 *
 * Formula: `ratio · D / C`.
 * Source:  docs/method/cascade.md, eq. (34).
 *
 * @param ratio - collateral by debt that has to stand, such as 1.3.
 *
 * @example
 * Vaults.liquidationPrice({ coins: 2, debt: 1000 }, 1.5)
 * // => 750
 */
export function liquidationPrice({ coins, debt }: Vault, ratio: number): number {
  Figure.assert('above 0', { coins, ratio })
  return (ratio * debt) / coins
}

/** A vault that was liquidated, and where it stood among all by liquidation price just before. */
export type Rank = { readonly at: number; readonly vault: string; readonly rank: number; readonly of: number }

/**
 * How well liquidation prices foretell who is liquidated: at the first liquidation of a vault on a day, its rank among all open vaults.
 *
 * Source: docs/method/cascade.md, eq. (34).
 *
 * @returns one entry a vault and day, in order; rank 1 is the highest liquidation price. A vault that does not stand there has the rank after
 *          the last.
 */
export function rank(events: readonly Event[], fees: readonly Fee[], ratio: number): readonly Rank[] {
  const seen = new Set<string>()
  const ranks: Rank[] = []
  replay(events, fees, (event, vaults) => {
    const key = `${event.vault} ${Math.floor(event.at / 86_400)}`
    if (seen.has(key)) return
    seen.add(key)
    const prices = [...vaults]
      .filter(([, { coins, debt }]) => coins > dust && debt > 1)
      .map(([vault, it]) => ({ vault, price: liquidationPrice(it, ratio) }))
    const own = prices.find(({ vault }) => vault === event.vault)
    const rank = own === undefined ? prices.length + 1 : 1 + prices.filter(({ price }) => price > own.price).length
    ranks.push({ at: event.at, vault: event.vault, rank, of: prices.length })
  })
  return ranks
}
