/** The running house: a world, the forecaster, the gateway. Ended together, in the order of their dependence. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BaseError } from './BaseError.ts'
import * as Service from './Service.ts'
import * as World from './World.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export type House = AsyncDisposable & {
  readonly world: World.World
  readonly gateway: Service.Service
  readonly forecaster: Service.Service
  /** The last price of each symbol of the market replayed. USD per whole token. */
  readonly prices: ReadonlyMap<string, string>
  /** Where logs, databases and the deployment document are. */
  readonly home: string
  /** Another gateway over the same world, or one in the place of one that ended. */
  openGateway(options?: openGateway.Options): Promise<Service.Service>
  stop(): Promise<void>
}

export declare namespace openGateway {
  type Options = { readonly name?: string; readonly port?: number; readonly env?: Readonly<Record<string, string>> }
}

/** Prices over one interval, as the forecaster takes them. */
export type Bar = {
  readonly closeAt: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Traded, in any one unit; where a bar has none the model takes its symbol's volumes to be as usual. */
  readonly volume?: number
}

/** Runs one step of the start, and may say so. */
export type Step = <T>(title: string, work: () => Promise<T>) => Promise<T>

/**
 * Starts everything and replays a market.
 *
 * @param options.home - where database and logs go; a temporary place that goes with the house if null.
 * @param options.prepare - puts into the home what is to be there before anything starts.
 * @param options.market - bars by symbol, oldest first: given to the forecaster, and where they end the feeds stand.
 * @param options.env - of the gateway, beside what the house sets: `DATABASE_URL`, `PORT`.
 */
export async function start(options: start.Options): Promise<House> {
  const { market, intervalSeconds, step = (_, work) => work() } = options
  const home = options.home === null ? await mkdtemp(join(tmpdir(), 'plimsoll-')) : resolve(options.home)
  await mkdir(home, { recursive: true })
  await options.prepare?.(home)
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end().catch(() => {})
    if (options.home === null) await rm(home, { recursive: true, force: true })
  }
  try {
    const world = await step('three local chains, contracts deployed, two RPC sources a chain', () => World.start(options.world))
    ends.push(() => world.stop())
    const log = (name: string) => join(home, 'logs', `${name}.log`)
    const forecaster = await step('the forecaster, with the champion model', () =>
      Service.start({
        name: 'forecaster',
        entry: join(root, 'services/forecaster/src/main.ts'),
        env: { HOST: '127.0.0.1', PORT: '0' },
        log: log('forecaster'),
      }),
    )
    ends.push(() => forecaster.stop())
    const prices = await step('a seeded market replayed', () => replay({ market, intervalSeconds, forecaster, world }))
    world.live()
    const document = join(home, 'deployment.json')
    await world.write(document)

    const openGateway = async ({ name = 'gateway', port = 0, env = {} }: openGateway.Options = {}) => {
      const gateway = await Service.start({
        name,
        entry: join(root, 'services/gateway/src/main.ts'),
        env: {
          HOST: '127.0.0.1',
          PORT: `${port}`,
          PLIMSOLL_HOME: home,
          PLIMSOLL_CONFIG: document,
          SIGNER_KEYS: world.signerKeys,
          SIGNER_THRESHOLD: `${world.manifest.signers.threshold}`,
          FORECASTER_URL: forecaster.url,
          WEB_DIST: join(root, 'apps/web/dist'),
          ...env,
        },
        log: log(name),
      })
      ends.push(() => gateway.stop())
      return gateway
    }
    const gateway = await step('the gateway, on its database', () => openGateway(options.gateway))
    return { world, gateway, forecaster, prices, home, openGateway, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export declare namespace start {
  type Options = {
    readonly home: string | null
    readonly prepare?: (home: string) => Promise<void>
    readonly market: Readonly<Record<string, readonly Bar[]>>
    readonly intervalSeconds: number
    readonly gateway?: openGateway.Options
    readonly world?: World.start.Options
    readonly step?: Step
  }
}

/** So many bars to a request: the forecaster takes no more than so much at once. */
const barsPerRequest = 400

async function replay(args: {
  readonly market: start.Options['market']
  readonly intervalSeconds: number
  readonly forecaster: Service.Service
  readonly world: World.World
}): Promise<ReadonlyMap<string, string>> {
  const { market, intervalSeconds, forecaster, world } = args
  const prices = new Map<string, string>()
  for (const [symbol, bars] of Object.entries(market)) {
    for (let from = 0; from < bars.length; from += barsPerRequest) {
      const response = await fetch(`${forecaster.url}/bars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ symbol, intervalSeconds, bars: bars.slice(from, from + barsPerRequest) }),
      })
      if (!response.ok) throw new RefusedBarsError({ symbol, said: await response.text() })
    }
    const last = bars.at(-1)?.close.toFixed(2)
    if (last === undefined) throw new RefusedBarsError({ symbol, said: 'there are none' })
    prices.set(symbol, last)
    await world.price(symbol, last)
  }
  return prices
}

/** Thrown when the forecaster does not take the market it is given. */
export class RefusedBarsError extends BaseError {
  override readonly name = 'House.RefusedBarsError'
  override readonly code = 'BARS_REFUSED'

  constructor(options: { readonly symbol: string; readonly said: string }) {
    super(`The forecaster did not take the bars of ${options.symbol}: ${options.said}.`, {
      hint: 'Give an unbroken series of bars, oldest first.',
    })
  }
}
