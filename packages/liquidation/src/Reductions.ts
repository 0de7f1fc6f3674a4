/** A liquidator at work in a replay: what it remembers from one look at the book to the next, and the slices that it has still to close. */
import * as Exchange from './Exchange.ts'
import * as Preemption from './Preemption.ts'
import * as Standing from './Standing.ts'

/** Changed in place by `look` and `close`. */
export type Reductions = {
  readonly mandates: Uint8Array
  readonly stepSeconds: number
  /** Accounts whose reduction has begun and not ended, and until when others need not be asked about again. Seconds. */
  readonly phases: Set<number>
  readonly resting: Float64Array
  readonly history: Map<number, { readonly at: number; readonly size: number }[]>
  /** - slices in units, the next first. */
  readonly orders: Record<1 | -1, readonly { readonly account: number; readonly slices: number[] }[]>
  /** - by account: units reduced, and what that cost against the index, fees included. USD. */
  readonly reduced: Float64Array
  readonly cost: Float64Array
}

/** Nothing begun. */
export function of(mandates: Uint8Array, stepSeconds: number): Reductions {
  const count = mandates.length
  return {
    ...{ mandates, stepSeconds, phases: new Set(), history: new Map(), orders: { 1: [], [-1]: [] } },
    resting: new Float64Array(count).fill(Number.NEGATIVE_INFINITY),
    reduced: new Float64Array(count),
    cost: new Float64Array(count),
  }
}

/** One moment of one side. */
export type Moment = { readonly side: 1 | -1; readonly now: number; readonly sigma: number }

/** Plans the reductions of one side until the next look; what an earlier look left over is planned again. */
export function look(
  reductions: Reductions,
  exchange: Exchange.Exchange,
  terms: Preemption.Terms,
  moment: Moment & { readonly reach: Preemption.Reach },
): void {
  const { side, now, sigma, reach } = moment
  const { mandates, stepSeconds, phases, resting, history, orders } = reductions
  const { standing, market } = exchange
  orders[side] = []
  const mark = Exchange.mark(exchange)
  const near: Preemption.Account[] = []
  const add = (account: number) => {
    if (mandates[account] !== 1 || (resting[account] as number) > now) return
    near.push({
      account,
      equity: Standing.equity(standing, account, mark),
      notional: (standing.units[account] as number) * mark,
      maintenance: standing.maintenance[account] as number,
      distance: Standing.distance(standing, account, mark),
      phase: phases.has(account) ? 'reducing' : 'armed',
      history: recent(history.get(account) ?? [], now - terms.plan.window.seconds),
    })
  }
  for (const account of phases) {
    if (standing.side[account] !== side) continue
    // Closed, or as safe as it was to become.
    if (Standing.distance(standing, account, mark) > reach.release) phases.delete(account)
    else add(account)
  }
  for (const account of Standing.failing(standing, side, mark, reach.trigger)) if (!phases.has(account)) add(account)
  if (near.length === 0) return
  const planned = Preemption.plan(
    terms,
    {
      side: side === 1 ? 'long' : 'short',
      ...{ sigma, now, reach, stepSeconds },
      slope: (market.permanent + terms.felt * market.temporary) / mark,
    },
    { near, walls: wallsOf(standing, side, { mark, horizon: reach.horizon }) },
  )
  for (const { account, phase, held } of planned.phases) {
    if (phase === 'reducing') phases.add(account)
    else phases.delete(account)
    // Until then the answer is the same.
    const before = history.get(account) ?? []
    if (held === 'window') resting[account] = (before[0]?.at ?? now) + terms.plan.window.seconds
    if (held === 'cooldown') resting[account] = (before.at(-1)?.at ?? now) + terms.plan.cooldownSeconds
  }
  orders[side] = planned.orders.map(({ account, slices }) => ({ account, slices: slices.map((slice) => slice / mark) }))
}

/** What lies within the window; the rest is forgotten, but for the last. */
function recent(history: { readonly at: number; readonly size: number }[], since: number) {
  while (history.length > 1 && (history[0]?.at ?? since) <= since) history.shift()
  return history
}

/** Walls of a hundredth of the horizon each, at the middle of what is in them: what a crowd weighs does not need more. */
const bins = 100

function wallsOf(standing: Standing.Standing, side: 1 | -1, { mark, horizon }: { readonly mark: number; readonly horizon: number }) {
  const notional = new Float64Array(bins)
  const moment = new Float64Array(bins)
  for (const account of Standing.failing(standing, side, mark, horizon)) {
    const at = Math.max(0, Standing.distance(standing, account, mark))
    const bin = Math.min(bins - 1, Math.floor((bins * at) / horizon))
    const amount = (standing.units[account] as number) * mark
    notional[bin] = (notional[bin] as number) + amount
    moment[bin] = (moment[bin] as number) + amount * at
  }
  const walls: { readonly at: number; readonly notional: number }[] = []
  for (const [bin, amount] of notional.entries()) if (amount > 0) walls.push({ at: (moment[bin] as number) / amount, notional: amount })
  return walls
}

/** Closes the next slice of every order of a side, as one order. Returns what was closed, in USD. */
export function close(reductions: Reductions, exchange: Exchange.Exchange, { side, now, sigma }: Moment): number {
  const { orders, reduced, cost, history } = reductions
  const { standing, market } = exchange
  const parts: { readonly account: number; readonly part: number }[] = []
  let units = 0
  for (const { account, slices } of orders[side]) {
    const part = Math.min(slices.shift() ?? 0, standing.units[account] as number)
    if (!(part > 0)) continue
    parts.push({ account, part })
    units += part
  }
  if (units === 0) return 0
  const index = Exchange.index(exchange)
  const price = Exchange.close(exchange, side, { units, sigma })
  for (const { account, part } of parts) {
    const fee = Exchange.settle(exchange, account, { units: part, price, fee: market.mandateFee * part * price })
    reduced[account] = (reduced[account] as number) + part
    cost[account] = (cost[account] as number) + side * (index - price) * part + fee
    const before = history.get(account)
    if (before === undefined) history.set(account, [{ at: now, size: part * price }])
    else before.push({ at: now, size: part * price })
  }
  return units * price
}
