/** A book on a price path under one policy of liquidation, step by step: what is forced, who pays, and how far the price is pushed. */
import * as Absorption from './Absorption.ts'
import * as Book from './Book.ts'
import * as Deleveraging from './Deleveraging.ts'
import * as Figure from './Figure.ts'
import type * as Isolated from './Isolated.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import type * as Path from './Path.ts'
import * as Closes from './Policy.ts'
import * as Preemption from './Preemption.ts'
import * as Standing from './Standing.ts'
import * as Waterfall from './Waterfall.ts'

/** What a flow does to the price, and what is charged. Slopes in log by USD at P0. */
export type Market = {
  /** What stays of a flow's impact, and what comes on top and is gone with a half-life. */
  readonly permanent: number
  readonly temporary: number
  readonly halfLifeSeconds: number
  /** Looks at the book within a step, ≥ 1: 1 is a venue that looks once a step. */
  readonly rounds: number
  /** Of what is closed by force, and of what is reduced under a mandate. Shares. */
  readonly fee: number
  readonly mandateFee: number
  /** USD. */
  readonly insurance: number
}

/** A backstop: its capital, how much of it pays bad debt first, how far it is levered, what it takes and when it lets go. */
export type Backstop = {
  readonly capital: number
  readonly junior: number
  readonly leverage: number
  readonly terms: Absorption.Terms
  readonly release: Absorption.Release
}

export type Policy = {
  /** What happens at the threshold. */
  readonly close: Closes.Policy
  /** What happens before it; null where nothing does. */
  readonly preemption: Preemption.Terms | null
  readonly backstop: Backstop | null
}

export type Case = {
  readonly book: Isolated.Positions
  /** - 1 for an account that lets itself be reduced before the threshold. */
  readonly mandates: Uint8Array
  readonly path: Path.Path
  /** - forecast at each traded step, known then: log by √second. Length: traded steps. */
  readonly sigma: Float64Array
  readonly market: Market
  readonly policy: Policy
}

/** What a replay came to. USD. */
export type Outcome = {
  /** - log price after each traded step's orders, the first at the start; and how far it then stood from the index. */
  readonly price: Float64Array
  readonly divergence: Float64Array
  /** - forced and pre-emptive flow of each traded step, at what it was filled at. */
  readonly forced: Float64Array
  readonly preemptive: Float64Array
  /** Σ of what forced closes lost to the index, and what they were worth at the index. */
  readonly slipped: number
  readonly worth: number
  readonly absorbed: number
  readonly badDebt: number
  readonly deleveraged: number
  /** - by account: how often it was closed by force, what was reduced before, what that cost it, equity at the end. */
  readonly hits: Uint16Array
  readonly reduced: Float64Array
  readonly cost: Float64Array
  readonly equity: Float64Array
  readonly parties: Parties
}

/** Where the money is at the end: cash and units of all parties, who took no more and no less than they gave. */
export type Parties = {
  readonly accounts: Party
  readonly makers: Party
  readonly backstop: Party
  readonly reserves: Record<keyof Waterfall.Reserves, number>
  /** What nobody paid. */
  readonly unpaid: number
  /** The price ratio at which the backstop's inventory is valued: the index at the end. */
  readonly index: number
}

export type Party = { readonly cash: number; readonly units: number }

type State = {
  readonly given: Case
  readonly standing: Standing.Standing
  /** Exogenous, permanent and temporary part of the log price. */
  exogenous: number
  permanent: number
  temporary: number
  readonly makers: { cash: number; units: number }
  readonly backstop: { cash: number; units: number }
  reserves: Waterfall.Reserves
  quiet: number
  /** Losses that no reserve paid, until the winners do. */
  deficit: bigint
  unpaid: number
  slipped: number
  worth: number
  absorbed: number
  badDebt: number
  deleveraged: number
  readonly hits: Uint16Array
  readonly reduced: Float64Array
  readonly cost: Float64Array
  step: number
  /** Accounts whose reduction has begun and not ended, and until when others need not be asked about again. Seconds. */
  readonly phases: Set<number>
  readonly resting: Float64Array
  readonly history: Map<number, Preemption.Account['history']>
  /** - slices in units, the next first. */
  readonly orders: Record<1 | -1, readonly { readonly account: number; readonly slices: number[] }[]>
}

/**
 * Replays a path.
 *
 * Formula: `ln P = m + p + τ`; a sale of q moves p by −κ_p·q and τ by −κ_τ·q, and τ halves with its half-life.
 * Source:  docs/method/replay.md, eq. (4) to (11).
 *
 * @throws {Figure.InvalidFigureError} a figure is out of range, or there is not one forecast a traded step.
 */
export function run(given: Case): Outcome {
  checked(given)
  const { path, market, book } = given
  const steps = path.log.length - 1 - path.start
  const state = begin(given)
  const price = new Float64Array(steps + 1)
  const divergence = new Float64Array(steps + 1)
  const forced = new Float64Array(steps)
  const preemptive = new Float64Array(steps)
  const decay = 0.5 ** (path.stepSeconds / market.halfLifeSeconds)
  const minute = Math.max(1, Math.round(60 / path.stepSeconds))
  for (let t = 0; t < steps; t++) {
    state.step = t
    state.exogenous = path.log[path.start + t + 1] as number
    state.temporary *= decay
    const sigma = given.sigma[t] as number
    let flow = 0
    for (let round = 0; round < market.rounds; round++) {
      const more = force(state, 1, sigma) + force(state, -1, sigma)
      if (more === 0) break
      flow += more
    }
    forced[t] = flow
    preemptive[t] = reduce(state, t, sigma)
    state.quiet = flow > 0 ? 0 : state.quiet + path.stepSeconds
    release(state)
    if (state.deficit > 0n && ((t + 1) % minute === 0 || t === steps - 1)) deleverage(state)
    price[t + 1] = state.exogenous + state.permanent + state.temporary
    divergence[t + 1] = state.temporary
  }
  const index = Math.exp(state.exogenous + state.permanent)
  const { standing } = state
  const accounts = { cash: 0, units: 0 }
  const equity = new Float64Array(book.side.length)
  for (let i = 0; i < equity.length; i++) {
    equity[i] = Standing.equity(standing, i, index)
    accounts.cash += standing.cash[i] as number
    accounts.units += (standing.side[i] as number) * (standing.units[i] as number)
  }
  const { makers, backstop, reserves, unpaid, slipped, worth, absorbed, badDebt, deleveraged, hits, reduced, cost } = state
  const left = { fees: 0, junior: 0, insurance: 0, senior: 0 }
  for (const layer of Waterfall.layers) left[layer] = Book.usd(reserves[layer])
  const parties = { accounts, makers, backstop, reserves: left, unpaid, index }
  return { price, divergence, forced, preemptive, slipped, worth, absorbed, badDebt, deleveraged, hits, reduced, cost, equity, parties }
}

export declare namespace run {
  type ErrorType = Figure.InvalidFigureError
}

function begin(given: Case): State {
  const { book, market, policy, path } = given
  const count = book.side.length
  const standing = Standing.of(book)
  let open = 0
  for (let i = 0; i < count; i++) open += (standing.side[i] as number) * (standing.units[i] as number)
  const { capital = 0, junior = 0 } = policy.backstop ?? {}
  return {
    given,
    standing,
    exogenous: path.log[path.start] as number,
    permanent: 0,
    temporary: 0,
    // Whoever took the other side of what accounts do not hold against each other.
    makers: { cash: open, units: -open },
    backstop: { cash: 0, units: 0 },
    reserves: { fees: 0n, junior: exact(capital * junior), insurance: exact(market.insurance), senior: exact(capital * (1 - junior)) },
    quiet: Number.POSITIVE_INFINITY,
    deficit: 0n,
    unpaid: 0,
    slipped: 0,
    worth: 0,
    absorbed: 0,
    badDebt: 0,
    deleveraged: 0,
    hits: new Uint16Array(count),
    reduced: new Float64Array(count),
    cost: new Float64Array(count),
    step: 0,
    phases: new Set(),
    resting: new Float64Array(count).fill(Number.NEGATIVE_INFINITY),
    history: new Map(),
    orders: { 1: [], [-1]: [] },
  }
}

/** Closes everybody of one side who fails at the price that stands, as one order. Returns what was closed, in USD. */
function force(state: State, side: 1 | -1, sigma: number): number {
  const { given, standing, hits } = state
  const { market, policy } = given
  const mark = Math.exp(state.exogenous + state.permanent + state.temporary)
  const failing = Standing.failing(standing, side, mark, LiquidationCurve.tolerance)
  if (failing.length === 0) return 0
  const closing = failing.map((account) => {
    const notional = (standing.units[account] as number) * mark
    const share = Closes.share(policy.close, {
      equity: Standing.equity(standing, account, mark),
      notional,
      maintenance: (standing.maintenance[account] as number) * notional,
      cost: market.fee,
      done: hits[account] as number,
    })
    return share >= 1 ? (standing.units[account] as number) : share * (standing.units[account] as number)
  })
  const units = closing.reduce((sum, part) => sum + part, 0)
  const index = Math.exp(state.exogenous + state.permanent)
  const fill = sell(state, side, { units, taken: absorbed(state, side, units, sigma) })
  state.slipped += side * (index - fill) * units
  state.worth += index * units
  for (const [k, account] of failing.entries()) {
    const part = closing[k] as number
    hits[account] = (hits[account] as number) + 1
    collect(state, Standing.trade(standing, account, { units: part, price: fill, fee: market.fee * part * fill }))
    const owed = -(standing.cash[account] as number)
    if ((standing.units[account] as number) === 0 && owed > 0) writeOff(state, account, owed)
  }
  return units * fill
}

/** Looks at the book where it is time to, and closes the slices of this step on either side. Returns what was reduced, in USD. */
function reduce(state: State, t: number, sigma: number): number {
  const { policy } = state.given
  if (policy.preemption === null) return 0
  if (t % policy.preemption.every === 0) for (const side of [1, -1] as const) look(state, policy.preemption, { side, t, sigma })
  return execute(state, 1, sigma) + execute(state, -1, sigma)
}

/** Plans the reductions of one side until the next look. */
function look(
  state: State,
  terms: Preemption.Terms,
  { side, t, sigma }: { readonly side: 1 | -1; readonly t: number; readonly sigma: number },
): void {
  const { standing, given, phases, resting, orders } = state
  const { market, path, mandates } = given
  orders[side] = []
  if (!(sigma > 0) || Math.abs(state.temporary) > terms.divergence) return
  const mark = Math.exp(state.exogenous + state.permanent + state.temporary)
  const now = t * path.stepSeconds
  const reach = Preemption.reach(terms, { sigma, stepSeconds: path.stepSeconds })
  const isNear = (account: number) => mandates[account] === 1 && (resting[account] as number) <= now
  const begun = [...phases].filter((account) => standing.side[account] === side && (standing.units[account] as number) > 0)
  const near = [...new Set([...begun, ...Standing.failing(standing, side, mark, reach.trigger)])].filter(isNear)
  if (near.length === 0) return
  const walls = Standing.failing(standing, side, mark, reach.horizon).map((account) => ({
    at: distanceOf(state, account, mark),
    notional: (standing.units[account] as number) * mark,
  }))
  const planned = Preemption.plan(
    terms,
    {
      side: side === 1 ? 'long' : 'short',
      ...{ sigma, now, reach, stepSeconds: path.stepSeconds, slope: (market.permanent + terms.felt * market.temporary) / mark },
    },
    {
      walls,
      near: near.map((account) => ({
        account,
        equity: Standing.equity(standing, account, mark),
        notional: (standing.units[account] as number) * mark,
        maintenance: standing.maintenance[account] as number,
        distance: distanceOf(state, account, mark),
        phase: phases.has(account) ? 'reducing' : 'armed',
        history: state.history.get(account) ?? [],
      })),
    },
  )
  for (const { account, phase, held } of planned.phases) {
    if (phase === 'reducing') phases.add(account)
    else phases.delete(account)
    // Until then the answer is the same.
    const history = state.history.get(account) ?? []
    if (held === 'window') resting[account] = (history[0]?.at ?? now) + terms.plan.window.seconds
    if (held === 'cooldown') resting[account] = (history.at(-1)?.at ?? now) + terms.plan.cooldownSeconds
  }
  orders[side] = planned.orders.map(({ account, slices }) => ({ account, slices: slices.map((slice) => slice / mark) }))
}

function distanceOf({ standing }: State, account: number, mark: number): number {
  const side = standing.side[account] as 1 | -1
  const key = (side === 1 ? standing.longs : standing.shorts).keys[account] as number
  return side * Math.log(mark / (side * key))
}

/** Closes the next slice of every order of a side, as one order. */
function execute(state: State, side: 1 | -1, sigma: number): number {
  const { standing, given, reduced, cost, history } = state
  const { market, policy, path } = given
  const parts = state.orders[side].flatMap(({ account, slices }) => {
    const part = Math.min(slices.shift() ?? 0, standing.units[account] as number)
    return part > 0 ? [{ account, part }] : []
  })
  const units = parts.reduce((sum, { part }) => sum + part, 0)
  if (units === 0) return 0
  const index = Math.exp(state.exogenous + state.permanent)
  const fill = sell(state, side, { units, taken: absorbed(state, side, units, sigma) })
  for (const { account, part } of parts) {
    const fee = Standing.trade(standing, account, { units: part, price: fill, fee: market.mandateFee * part * fill })
    collect(state, fee)
    reduced[account] = (reduced[account] as number) + part
    cost[account] = (cost[account] as number) + side * (index - fill) * part + fee
    const window = policy.preemption?.plan.window.seconds ?? 0
    const now = state.step * path.stepSeconds
    const before = (history.get(account) ?? []).filter(({ at }) => at > now - window)
    history.set(account, [...before, { at: now, size: part * fill }])
    const owed = -(standing.cash[account] as number)
    if ((standing.units[account] as number) === 0 && owed > 0) writeOff(state, account, owed)
  }
  return units * fill
}

/** What of a flow the backstop takes, in units. */
function absorbed(
  { given, backstop, reserves, temporary, permanent, exogenous }: State,
  side: 1 | -1,
  units: number,
  sigma: number,
): number {
  const { policy, market } = given
  if (policy.backstop === null) return 0
  const { leverage, terms } = policy.backstop
  const mark = Math.exp(exogenous + permanent + temporary)
  const inventory = side * backstop.units * mark
  const capital = Book.usd(reserves.junior) + Book.usd(reserves.senior) + Math.min(0, backstop.cash + backstop.units * mark)
  const taken = Absorption.of(terms, {
    amount: units * mark,
    inventory,
    room: Math.max(0, leverage * capital - inventory),
    divergence: -side * temporary,
    slope: (market.permanent + market.temporary) / mark,
    sigma,
  })
  return taken / mark
}

/** Sends a flow to the market, less what the backstop takes at the same price; returns that price. */
function sell(state: State, side: 1 | -1, { units, taken }: { readonly units: number; readonly taken: number }): number {
  const { makers, backstop, given } = state
  const { permanent, temporary } = given.market
  const rest = units - taken
  const mark = Math.exp(state.exogenous + state.permanent + state.temporary)
  const move = -side * (permanent + temporary) * rest
  const fill = move === 0 ? mark : (mark * Math.expm1(move)) / move
  state.permanent -= side * permanent * rest
  state.temporary -= side * temporary * rest
  makers.cash -= side * rest * fill
  makers.units += side * rest
  backstop.cash -= side * taken * fill
  backstop.units += side * taken
  state.absorbed += taken * fill
  return fill
}

/** Sells of the backstop's inventory what it lets go of now. */
function release(state: State): void {
  const { given, backstop, makers, temporary } = state
  const { policy } = given
  if (policy.backstop === null || backstop.units === 0) return
  const side = backstop.units > 0 ? 1 : -1
  const mark = Math.exp(state.exogenous + state.permanent + temporary)
  const held = Math.abs(backstop.units)
  const amount = Absorption.release(policy.backstop.release, { inventory: held * mark, quietSeconds: state.quiet, divergence: temporary })
  if (amount <= 0) return
  const units = Math.min(held, amount / mark)
  const fill = sell(state, side, { units, taken: 0 })
  const fee = policy.backstop.terms.fee * units * fill
  backstop.cash += side * units * fill - fee
  backstop.units -= side * units
  makers.cash += fee
}

/** Money comes into the fees, which pay first. */
function collect(state: State, fee: number): void {
  state.reserves = { ...state.reserves, fees: state.reserves.fees + exact(fee) }
}

/** What an account cannot pay goes down the waterfall; what is left there waits for the winners. */
function writeOff(state: State, account: number, owed: number): void {
  Standing.pay(state.standing, account, -owed)
  state.badDebt += owed
  const { left, unpaid } = Waterfall.pay(state.reserves, exact(owed))
  state.reserves = left
  state.deficit += unpaid
}

/** Winners give up profit, highest profit by equity first. */
function deleverage(state: State): void {
  const { standing } = state
  const mark = Math.exp(state.exogenous + state.permanent + state.temporary)
  const winners = Deleveraging.rank(
    Array.from(standing.units.keys()).flatMap((account) => {
      const equity = Standing.equity(standing, account, mark)
      const profit = equity - (standing.posted[account] as number)
      return profit > 0 && (standing.units[account] as number) > 0
        ? [{ account: `${account}`, number: account, profit: exact(profit), equity: exact(equity) }]
        : []
    }),
  )
  const { haircuts, unpaid } = Deleveraging.of(
    'queue',
    state.deficit,
    winners.map(({ profit }) => profit),
  )
  for (const [k, { number, profit }] of winners.entries()) {
    const given = Book.usd(haircuts[k] as bigint)
    if (given === 0) continue
    Standing.pay(standing, number, given)
    state.deleveraged += ((standing.units[number] as number) * mark * given) / Book.usd(profit)
  }
  state.unpaid += Book.usd(unpaid)
  state.deficit = 0n
}

/** A float in USD as the waterfall counts, to a millionth. */
function exact(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 1_000_000_000_000n
}

function checked({ book, mandates, path, sigma, market, policy }: Case): void {
  const { permanent, temporary, halfLifeSeconds, rounds, fee, mandateFee, insurance } = market
  Figure.assert('at least 0', { permanent, temporary, insurance })
  Figure.assert('above 0', { halfLifeSeconds, rounds, stepSeconds: path.stepSeconds })
  Figure.assert('a share below 1', { fee, mandateFee })
  for (const array of [book.notional, book.equity, book.maintenance, mandates])
    if (array.length !== book.side.length)
      throw new Figure.InvalidFigureError({ figure: 'accounts', value: array.length, range: `${book.side.length}` })
  const steps = path.log.length - 1 - path.start
  Figure.assert('above 0', { 'traded steps': steps })
  if (sigma.length !== steps) throw new Figure.InvalidFigureError({ figure: 'forecasts', value: sigma.length, range: `${steps}` })
  Closes.assert(policy.close)
  if (policy.preemption !== null) Preemption.assert(policy.preemption)
  if (policy.backstop === null) return
  const { capital, junior, leverage, terms } = policy.backstop
  Figure.assert('at least 0', { capital, leverage })
  Figure.assert('a share', { junior })
  Absorption.assert(terms)
}
