/** The same crash on two chains, side by side: under liquidation at the threshold, and under mandates, a backstop and its desk. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Board from './Board.ts'
import * as Book from './Book.ts'
import * as Card from './Card.ts'
import * as Clock from './Clock.ts'
import type * as Facts from './Facts.ts'
import * as Money from './Money.ts'
import * as Outside from './Outside.ts'
import * as Proof from './Proof.ts'
import * as Side from './Side.ts'
import * as Sigma from './Sigma.ts'
import * as Stage from './Stage.ts'

/** How one step was left. Prices in USD, facts by side. */
export type Step = {
  readonly seconds: number
  readonly outside: number
  readonly north: Shown
  readonly south: Shown
  /** What the south's liquidator was told of the volatility. ppm a year. */
  readonly sigmaPpm: number
}

export type Shown = { readonly price: number; readonly facts: readonly Facts.Fact[] }

export type Report = {
  readonly seed: number
  readonly accounts: number
  readonly openInterest: number
  readonly impact: Outside.Impact
  readonly steps: readonly Step[]
  readonly north: Card.Card
  readonly south: Card.Card
  /** Steps in which a liquidator had not looked in time. */
  readonly late: { readonly north: number; readonly south: number }
  /** Why the south's liquidator held reductions back, and in how many steps. */
  readonly held: Readonly<Record<string, number>>
}

/** Steps at the first price, so that services know it before anything happens. */
const mostWarm = 20

/** Runs it. Everything ends with it. */
export async function run(args: run.Args): Promise<Report> {
  const { accounts, seed, steps, step: say, seen } = args
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-crash-'))
  await using ends = new AsyncDisposableStack()
  ends.defer(() => rm(home, { recursive: true, force: true }))
  const path = Outside.path(seed, steps)
  const { stepSeconds } = path
  const impact = Outside.impact(Book.openInterest)
  const traders = Book.of({ accounts, seed, price: Stage.price })
  const stages = await say(`two chains with the same contracts, and the same ${accounts} accounts opened on both`, async () => {
    const set = (name: Stage.Name) => Stage.set({ name, traders, impact })
    const [north, south] = await both(ends, set('north'), set('south'))
    return { north, south }
  })
  const heads = await Promise.all(Object.values(stages).map(({ chain }) => chain.publicClient.getBlock()))
  const clock = Clock.of(home, Math.max(...heads.map(({ timestamp }) => Number(timestamp))) + 1)
  const sigma = Sigma.of({ stepSeconds, asOf: clock.now(), history: [...path.log.subarray(0, path.start + 1)] })
  const boards = {
    north: ends.use(await Board.start({ symbol: Stage.symbol, sigma: null })),
    south: ends.use(await Board.start({ symbol: Stage.symbol, sigma })),
  }
  const open = (stage: Stage.Stage) => Side.start({ stage, clock, home, impact, stepSeconds, board: boards[stage.name] })
  const [north, south] = await say('a liquidator on each chain, and in the south a desk that bids', () =>
    both(ends, open(stages.north), open(stages.south)),
  )
  const sides = [north, south] as const

  let at = clock.now()
  /** One step of the clock: the price, what is told of it, a look, what was sent. */
  async function pass(log: number, tell: () => void): Promise<readonly [Facts.Facts, Facts.Facts]> {
    clock.move(Math.floor(at + stepSeconds / 2))
    await Promise.all(sides.map((side) => side.quote(log, stepSeconds)))
    tell()
    await Promise.all(sides.map((side) => side.looked()))
    at += stepSeconds
    clock.move(Math.floor(at))
    return Promise.all([north.settle(), south.settle()])
  }
  await say('prices trusted', async () => {
    for (let warm = 0; warm < mostWarm; warm += 1) {
      await pass(0, () => undefined)
      if (sides.every((side) => side.ready())) return
    }
    throw new NotReadyError()
  })

  const before = await Promise.all([Money.read(stages.north), Money.read(stages.south)])
  const prices = { north: [0], south: [0] }
  const told: Step[] = []
  for (let t = 1; t <= steps; t += 1) {
    const log = path.log[path.start + t] ?? 0
    const [first, second] = await pass(log, () => {
      prices.north.push(north.quoted())
      prices.south.push(south.quoted())
      sigma.see((prices.south[t] ?? 0) - (prices.south[t - 1] ?? 0), clock.now())
    })
    const usd = (value: number | undefined) => Stage.price * Math.exp(value ?? 0)
    const now: Step = {
      ...{ seconds: t * stepSeconds, outside: usd(log), sigmaPpm: sigma.ppm() },
      north: { price: usd(prices.north[t]), facts: first.facts },
      south: { price: usd(prices.south[t]), facts: second.facts },
    }
    told.push(now)
    seen(now, steps)
  }
  const cards = await Promise.all(
    sides.map(async ({ stage }, k) => {
      const facts = told.map((step) => step[stage.name].facts)
      const { healthy, failed } = await Proof.of(stage, facts.flat())
      return Card.of({
        ...{ steps: facts, stepSeconds, log: prices[stage.name], path: [...path.log.subarray(path.start, path.start + steps + 1)] },
        ...{ before: before[k] as Money.Money, after: await Money.read(stage), amiss: { healthy: healthy.length, failed: failed.length } },
      })
    }),
  )
  return {
    ...{ seed, accounts, openInterest: Book.openInterest, impact, steps: told },
    ...{ north: cards[0] as Card.Card, south: cards[1] as Card.Card, late: { north: north.late(), south: south.late() } },
    held: south.held(),
  }
}

export declare namespace run {
  type Args = {
    readonly accounts: number
    readonly seed: number
    readonly steps: number
    /** Runs one part of the start, and may say so. */
    readonly step: <T>(title: string, work: () => Promise<T>) => Promise<T>
    /** Told of every step. */
    readonly seen: (step: Step, of: number) => void
  }
}

/** Two of a kind, both ended with the stack even if only one came up. */
async function both<T extends AsyncDisposable>(
  ends: AsyncDisposableStack,
  first: Promise<T>,
  second: Promise<T>,
): Promise<readonly [T, T]> {
  for (const outcome of await Promise.allSettled([first, second])) if (outcome.status === 'fulfilled') ends.use(outcome.value)
  return Promise.all([first, second])
}

/** Thrown when a liquidator does not come to trust a price that stands still. */
export class NotReadyError extends Error {
  override readonly name = 'Crash.NotReadyError'
  readonly code = 'LIQUIDATOR_NOT_READY'
  readonly hint = 'Run it again when the machine is less busy.'
  constructor() {
    super(`After ${mostWarm} steps a liquidator still trusts no price.`)
  }
}
