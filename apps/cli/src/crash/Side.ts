/** One side of a crash: a chain, its outside market, the services that work there, and what came of each step. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { priceFeedAbi } from '@plimsoll/contracts'
import { Deployment, Service, Wallet } from '@plimsoll/localnet'
import { encodeFunctionData, type Hex, parseGwei, parseUnits } from 'viem'
import * as Board from './Board.ts'
import type * as Clock from './Clock.ts'
import * as Facts from './Facts.ts'
import * as Outside from './Outside.ts'
import * as Stage from './Stage.ts'

export type Side = AsyncDisposable & {
  readonly stage: Stage.Stage
  /** The outside price reaches the feed, in a block of its own. */
  readonly quote: (log: number, seconds: number) => Promise<void>
  /** What the feed says: log price by the first one. */
  readonly quoted: () => number
  /** The services have seen it, and sent what they would. */
  readonly looked: () => Promise<void>
  /** What they sent is mined, and what the pool took of it goes on to the outside market. */
  readonly settle: () => Promise<Facts.Facts>
  /** Prices may be liquidated on. */
  readonly ready: () => boolean
  /** How often somebody had not looked in time. */
  readonly late: () => number
  /** Why reductions were held back, and in how many steps. */
  readonly held: () => Readonly<Record<string, number>>
}

const main = (service: string) => fileURLToPath(new URL(`../../../../services/${service}/src/main.ts`, import.meta.url))
/** The clock stands while services look; one that has not by then is late, as it may be in life. */
const mostMs = 60_000

/** Starts the services of a side; the stage stays its owner's. */
export async function start(args: start.Args): Promise<Side> {
  const { stage, clock, home, board, impact, stepSeconds } = args
  const { chain, name } = stage
  const isBacked = name === 'south'
  const config = join(home, `${name}.json`)
  await writeFile(config, JSON.stringify(stage.document))
  const services: Service.Service[] = []
  const open = async (service: string, env: Readonly<Record<string, string>>) => {
    const own = { HOST: '127.0.0.1', PORT: '0', PLIMSOLL_CONFIG: config, PLIMSOLL_HOME: join(home, name), TICK_MS: '50' }
    const opened = await Service.start({
      ...{ name: `${service} of the ${name}`, entry: main(service), log: join(home, 'logs', `${name}-${service}.log`), timeoutMs: 180_000 },
      env: { ...own, LEASE_SECONDS: '3600', REPLICA: name, ...clock.env, ...env },
    })
    services.push(opened)
    return opened
  }
  const stop = async () => {
    for (const { kill } of services) kill('SIGKILL')
    await Promise.all(services.map(({ exited }) => exited))
    await rounds[Symbol.asyncDispose]()
  }
  // Nothing is forecast to the desk: where it asks, its rounds are counted.
  const rounds = await Board.start({ symbol: Stage.symbol, sigma: null })
  try {
    const [liquidator, desk] = await Promise.all([
      open('liquidator', {
        ...{ LIQUIDATOR_KEY: Wallet.privateKeyOf('liquidator'), GRACE_SECONDS: '0', GUARD_MEMORY_SECONDS: '3600' },
        ...{ BLOCK_SECONDS: '600', STUCK_SECONDS: '3600', IN_FLIGHT: '256' },
        FORECASTER_URL: board.url,
      }),
      ...(isBacked
        ? [
            open('backstop', {
              BACKSTOP_KEY: Wallet.privateKeyOf('crash desk'),
              FORECASTER_URL: rounds.url,
              LIMIT_USD: '10000000',
              LOSS_USD: '500000',
              // Two minutes; a step has two blocks.
              FLOW_BLOCKS: `${2 * Math.ceil(120 / stepSeconds)}`,
            }),
          ]
        : []),
    ])
    const outside = Outside.of(impact)
    const owner = await teller(stage, Deployment.owner)
    let read = await chain.publicClient.getBlockNumber()
    let [lates, quoted] = [0, 0]
    let state: Status = { block: null }
    const held: Record<string, number> = {}

    const mine = async () => {
      await chain.testClient.setNextBlockTimestamp({ timestamp: BigInt(clock.now()) })
      await chain.testClient.mine({ blocks: 1 })
    }
    /** Lets a service look at the head until it went all the way round there and sent nothing more, and stops it: it acts on what it saw, and on no half of it. */
    async function look(service: Service.Service, asked: Board.Board['asked'], isSent: Sent): Promise<void> {
      const head = Number(await chain.publicClient.getBlockNumber())
      const end = Date.now() + mostMs
      let sent = await isSent.count()
      service.kill('SIGCONT')
      for (let seen: Status | null = null; seen === null || blockOf(seen) < head; seen = await statusOf(service)) {
        if (Date.now() >= end) break
        if (seen !== null) await wait(10)
      }
      for (let isDone = false; !isDone && Date.now() < end; ) {
        const round = asked()
        while (asked() < round + 2 && Date.now() < end) {
          if (isSent.ends && (await isSent.count()) > sent) break
          await wait(10)
        }
        const now = await isSent.count()
        isDone = isSent.ends || now === sent
        sent = now
      }
      if (Date.now() >= end) lates += 1
      state = service === liquidator ? await statusOf(service) : state
      service.kill('SIGSTOP')
    }

    return {
      ...{ stage, quoted: () => quoted },
      quote: async (log, seconds) => {
        outside.pass(log, seconds)
        quoted = outside.price()
        const answer = parseUnits((Stage.price * Math.exp(quoted)).toFixed(8), 8)
        await owner(stage.feed, encodeFunctionData({ abi: priceFeedAbi, functionName: 'set', args: [answer] }))
        await mine()
      },
      looked: async () => {
        const count = (address: Hex) => () => chain.publicClient.getTransactionCount({ address, blockTag: 'pending' })
        await look(liquidator, board.asked, { count: count(Stage.liquidator.address), ends: false })
        for (const fault of state.faults ?? []) {
          const [code, reason] = fault.split(': ')
          if (code === 'PLAN_HELD' && reason !== undefined) held[reason] = (held[reason] ?? 0) + 1
        }
        // It sends one thing, and waits for it.
        if (desk !== undefined) await look(desk, rounds.asked, { count: count(Stage.desk.address), ends: true })
      },
      settle: async () => {
        await mine()
        const head = await chain.publicClient.getBlockNumber()
        const found = await Facts.read(stage, { fromBlock: read + 1n, toBlock: head })
        read = head
        outside.take((Number(found.flow) / 1e18) * Stage.price)
        return found
      },
      ready: () => {
        const { prices = [] } = state
        return prices.length > 0 && prices.every(({ state }) => state === 'OK')
      },
      late: () => lates,
      held: () => held,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

export declare namespace start {
  type Args = {
    readonly stage: Stage.Stage
    readonly clock: Clock.Clock
    readonly home: string
    readonly board: Board.Board
    readonly impact: Outside.Impact
    readonly stepSeconds: number
  }
}

/** How many transactions of a service's there are, waiting ones too; and whether one ends its look. */
type Sent = { readonly count: () => Promise<number>; readonly ends: boolean }

/** Of a liquidator and of a desk, as far as it is read here. */
type Status = {
  readonly block: unknown
  readonly prices?: readonly { readonly state: string }[]
  readonly faults?: readonly string[]
}

async function statusOf(service: Service.Service): Promise<Status> {
  const { desks } = (await (await fetch(`${service.url}/status`)).json()) as { readonly desks: readonly Status[] }
  return desks[0] ?? { block: null }
}

/** The one says it as text, the other with its time. */
function blockOf({ block }: Status): number {
  return Number(typeof block === 'object' && block !== null && 'number' in block ? block.number : (block ?? 0))
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Sends in turn, without waiting for a block. */
async function teller({ chain }: Stage.Stage, account: ReturnType<typeof Wallet.of>): Promise<(to: Hex, data: Hex) => Promise<void>> {
  let nonce = await chain.publicClient.getTransactionCount({ address: account.address })
  return async (to, data) => {
    await chain.wallet(account).sendTransaction({
      ...{ to, data, nonce, gas: 1_000_000n },
      ...{ maxFeePerGas: parseGwei('300'), maxPriorityFeePerGas: parseGwei('100') },
    })
    nonce += 1
  }
}
