/** What the acceptance specs stand on: one chain with a venue full of accounts, read through three sources of which one may lie. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Market, mandatesAbi, perpVenueAbi, priceFeedAbi, testTokenAbi } from '@plimsoll/contracts'
import { Anvil, Deployment, FaultyRpc, Impersonation, Service, Wallet } from '@plimsoll/localnet'
import * as Template from '@plimsoll/store/testing'
import { encodeFunctionData, type Hex, multicall3Abi, parseUnits } from 'viem'

export const entry = fileURLToPath(new URL('../src/main.ts', import.meta.url))
export const eth = Market.id('ETH-PERP')
const chainId = 31_337_003
const usd = (dollars: number) => parseUnits(`${dollars}`, 18)

export type Trader = { readonly account: Hex; readonly long: boolean; readonly notional: number; readonly collateral: number }

/** A backstop, and where its layers lie; the insurance fund is with itself. */
export type Layers = { readonly address: Hex; readonly junior: Hex; readonly senior: Hex }

export type Stage = AsyncDisposable & {
  readonly chain: Anvil.Anvil
  readonly sources: readonly FaultyRpc.FaultyRpc[]
  readonly venue: Hex
  readonly token: Hex
  readonly mandates: Hex
  readonly backstop: Layers
  readonly feed: Hex
  /** Of every market of the venue, by symbol. */
  readonly feeds: ReadonlyMap<string, Hex>
  /** Of the key that the liquidator sends with. */
  readonly liquidator: Hex
  readonly home: string
  /** Sets the market's price. Whole cents. */
  price(dollars: number): Promise<void>
  /** Opens everybody's position, at the price that holds. */
  open(traders: readonly Trader[]): Promise<void>
  /** Somebody lets listed keepers, of whom the liquidator is one, close half of his positions. */
  mandate(account: Hex): Promise<void>
  /** Sends a call as the owner of everything. */
  owner(call: Parameters<typeof Deployment.write>[2]): Promise<void>
  /** From now on a block a second, and none by transaction. */
  tick(): Promise<void>
  start(options?: { readonly name?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Service.Service>
}

/**
 * @param slotsInAnEpoch - the head less twice as many blocks is final.
 * @param symbols - markets that the liquidator looks after, Ether among them.
 */
export async function stage(slotsInAnEpoch = 1, symbols: readonly string[] = ['ETH-PERP']): Promise<Stage> {
  const ids = [31_337_001, 31_337_002, chainId]
  const [harbour, lagoon, strait] = await Promise.all(ids.map((id) => Anvil.start({ chainId: id, slotsInAnEpoch })))
  if (!harbour || !lagoon || !strait) throw new Error('three chains were started')
  const manifest = await Deployment.deploy({ harbour, lagoon, strait, prices: { ETH: 3_000 } })
  await Promise.all([harbour.stop(), lagoon.stop()])
  const [north] = manifest.venues
  const market = manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')
  if (!north || !market) throw new Error('there are a venue and a market')
  const sources = await Promise.all([1, 2, 3].map(() => FaultyRpc.start({ target: strait.url })))
  const key = Wallet.of('liquidator')
  await strait.fund([key.address])
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-liquidator-'))
  const markets = manifest.markets.filter(({ symbol }) => symbols.includes(symbol))
  const document = documentOf({ sources, north, markets, feeds: manifest.feeds })
  await writeFile(join(home, 'deployment.json'), JSON.stringify(document))
  await Template.lay(join(home, 'liquidator'))

  const services: Service.Service[] = []
  const as = (from: Hex, to: Hex, data: Hex) => Impersonation.send(strait, [{ from, to, data }])
  const stop = async () => {
    for (const service of services) service.kill('SIGKILL')
    await Promise.all(services.map(({ exited }) => exited))
    await Promise.all(sources.map((source) => source.stop()))
    await strait.stop()
    await rm(home, { recursive: true, force: true })
  }
  return {
    ...{ chain: strait, sources, home },
    ...{ venue: north.address, mandates: north.mandates, feed: market.feed, backstop: north.backstop },
    feeds: new Map(manifest.markets.map(({ symbol, feed }) => [symbol, feed])),
    token: north.collateral.token,
    liquidator: key.address.toLowerCase() as Hex,
    price: async (dollars) => {
      const answer = parseUnits(dollars.toFixed(2), 8)
      await strait.wallet(Deployment.owner).writeContract({ address: market.feed, abi: priceFeedAbi, functionName: 'set', args: [answer] })
    },
    open: async (traders) => {
      await deposit({ chain: strait, venue: north.address, token: north.collateral.token, traders })
      const [price] = [
        await strait.publicClient.readContract({ address: north.address, abi: perpVenueAbi, functionName: 'marketOf', args: [eth] }),
      ]
      await Impersonation.send(
        strait,
        traders.map(({ account, long, notional }) => {
          const size = (usd(notional) * 10n ** 18n) / price.price
          const args = [eth, long ? size : -size, long ? 2n ** 200n : 0n] as const
          return { from: account, to: north.address, data: encodeFunctionData({ abi: perpVenueAbi, functionName: 'open', args }) }
        }),
      )
    },
    mandate: async (account) => {
      const { address } = Wallet.of('liquidator')
      const keeper = { address: north.mandates, abi: mandatesAbi, functionName: 'setKeeper', args: [address, true] }
      await Deployment.write(strait, Deployment.owner, keeper)
      const { timestamp } = await strait.publicClient.getBlock()
      const mandate = { expiresAt: timestamp + 86_400n, maxSharePpm: 500_000, maxSlippagePpm: 10_000 }
      const args = [`0x${'00'.repeat(20)}`, `0x${'00'.repeat(32)}`, mandate] as const
      await as(account, north.mandates, encodeFunctionData({ abi: mandatesAbi, functionName: 'grantMandate', args }))
    },
    owner: async (call) => void (await Deployment.write(strait, Deployment.owner, call)),
    tick: async () => {
      await strait.testClient.setAutomine(false)
      await strait.testClient.setIntervalMining({ interval: 1 })
    },
    start: async ({ name = 'liquidator', env = {} } = {}) => {
      const service = await Service.start({
        name,
        entry,
        log: join(home, `${name}.log`),
        env: {
          ...{ HOST: '127.0.0.1', PORT: '0', PLIMSOLL_HOME: home, PLIMSOLL_CONFIG: join(home, 'deployment.json') },
          ...{ LIQUIDATOR_KEY: Wallet.privateKeyOf('liquidator'), REPLICA: name, TICK_MS: '250', GRACE_SECONDS: '2', STUCK_SECONDS: '5' },
          ...env,
        },
      })
      services.push(service)
      return service
    },
    [Symbol.asyncDispose]: stop,
  }
}

export type Status = {
  readonly role: string
  readonly due: number
  readonly underWay: number
  readonly faults: readonly string[]
  readonly prices: readonly { readonly state: string; readonly graceUntil: number }[]
}

/** How the one desk of a liquidator stands. */
export async function status(service: Service.Service): Promise<Status> {
  const response = await fetch(`${service.url}/status`)
  const { desks } = (await response.json()) as { readonly desks: readonly Status[] }
  const [desk] = desks
  if (!desk) throw new Error('the liquidator has no desk')
  return desk
}

/** Asks until `holds`, a few times a second. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; ; ) {
    const value = await ask()
    if (holds(value)) return value
    if (Date.now() > end)
      throw new Error(`not within ${seconds} s: ${JSON.stringify(value, (_, it: unknown) => (typeof it === 'bigint' ? `${it}` : it))}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What a forecaster answers that has looked at Ether just now. */
function forecasts({ modelHash, sigmaPpm }: { readonly modelHash: Hex; readonly sigmaPpm: number }): string {
  const loss = { longPpm: 50_000, shortPpm: 50_000 }
  const own = { symbol: 'ETH-PERP', source: 'test', modelHash, asOf: Math.floor(Date.now() / 1_000), sigmaPpm }
  return JSON.stringify({ backend: 'none', forecasts: [{ ...own, closeOut: loss, liquidation: loss, throughTheCycle: loss }] })
}

export type Forecaster = { readonly url: string; readonly close: () => void }

/** Stands in for the forecaster: what it says is the test's, asked anew each time. */
export async function forecaster(say: () => Parameters<typeof forecasts>[0]): Promise<Forecaster> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(forecasts(say()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** What a source says that lies about everything it is asked, in a way that changes every few requests. */
export function lies(): FaultyRpc.Fault {
  let turn = 0
  return {
    kind: 'lie',
    tell: ({ method }, result) => {
      turn += 1
      if (method === 'eth_call' && typeof result === 'string' && result.length > 10) return `${result.slice(0, -1)}${turn % 10}`
      if (method === 'eth_getLogs' || method === 'eth_getTransactionReceipt') return method === 'eth_getLogs' ? [] : null
      if (method === 'eth_getTransactionCount' || method === 'eth_estimateGas') return turn % 2 === 0 ? '0x0' : '0xffffff'
      if (method === 'eth_getBlockByNumber' && result !== null && turn % 3 === 0)
        return { ...(result as object), hash: `0x${'de'.repeat(32)}` }
      return result
    },
  }
}

/** Once prices may be liquidated on: clean several times, and the grace after that over. */
export const ready = (service: Service.Service): Promise<Status> =>
  until(
    () => status(service),
    ({ prices }) => prices.length > 0 && prices.every(({ state, graceUntil }) => state === 'OK' && Date.now() / 1_000 >= graceUntil),
    60,
  )

async function deposit(args: {
  readonly chain: Anvil.Anvil
  readonly venue: Hex
  readonly token: Hex
  readonly traders: readonly Trader[]
}): Promise<void> {
  const { chain, venue, token, traders } = args
  const total = traders.reduce((sum, { collateral }) => sum + cents(collateral), 0n)
  const through = Anvil.multicallAddress
  const call = (target: Hex, callData: Hex) => ({ target, allowFailure: false, callData })
  const send = async (calls: readonly ReturnType<typeof call>[]) =>
    void (await Deployment.write(chain, Deployment.owner, {
      ...{ address: through, abi: multicall3Abi, functionName: 'aggregate3' },
      args: [calls],
    }))
  await send([
    call(token, encodeFunctionData({ abi: testTokenAbi, functionName: 'mint', args: [through, total] })),
    call(token, encodeFunctionData({ abi: testTokenAbi, functionName: 'approve', args: [venue, total] })),
  ])
  for (let from = 0; from < traders.length; from += 100)
    await send(
      traders
        .slice(from, from + 100)
        .map(({ account, collateral }) =>
          call(venue, encodeFunctionData({ abi: perpVenueAbi, functionName: 'depositFor', args: [account, cents(collateral)] })),
        ),
    )
}

/** Dollars as the token counts them, to the cent. */
export const cents = (dollars: number): bigint => parseUnits(dollars.toFixed(2), 6)

function documentOf(args: {
  readonly sources: readonly FaultyRpc.FaultyRpc[]
  readonly north: {
    readonly address: Hex
    readonly limitBook: Hex
    readonly mandates: Hex
    readonly backstop: { readonly address: Hex }
    readonly fromBlock: string
    readonly collateral: { readonly token: Hex }
  }
  readonly markets: readonly { readonly symbol: string; readonly feed: Hex; readonly mmPpm: number }[]
  readonly feeds: { readonly chainId: number; readonly heartbeatSeconds: number }
}) {
  const { sources, north, markets, feeds } = args
  const text = (dollars: number) => usd(dollars).toString()
  return {
    chains: [
      {
        ...{ chainId, name: 'strait', k: 2, timeoutMs: 3_000, local: true },
        finality: { tag: 'finalized', maxAgeSeconds: 120 },
        sources: ['alpha', 'beta', 'gamma'].map((operator, i) => ({ id: `strait-${operator}`, operator, url: sources[i]?.url })),
      },
    ],
    vaults: [],
    assets: [],
    venues: [
      {
        ...{
          chainId,
          address: north.address,
          name: 'north',
          limitBook: north.limitBook,
          mandates: north.mandates,
          backstop: north.backstop.address,
        },
        ...{ collateral: north.collateral.token, fromBlock: north.fromBlock },
      },
    ],
    markets: markets.map(({ symbol, feed, mmPpm }) => ({
      ...{ symbol, feed, depth: text(12_000_000), throughTheCycleSigmaPpm: 650_000 },
      initial: { kind: 'flat', ppm: 100_000 },
      maintenance: { kind: 'flat', ppm: mmPpm },
      liquidity: { kind: 'flat', ppm: 2_000 },
      liquidationCostPpm: 5_000,
      caps: { side: text(50_000_000), participant: text(2_000_000) },
      wrongWay: { longPpm: 0, shortPpm: 0 },
    })),
    feeds: { ...feeds, deviationPpm: 0 },
    params: {
      ...{ betaPpm: 250_000, brakeMaxPpm: 500_000, floorPpm: 10_000, longCapPpm: 1_000_000 },
      ...{ quantileFallPpmPerDay: 100_000, throughTheCycleMovePpmPerDay: 20_000, tierDiscountPpm: [0, 100_000, 200_000, 300_000] },
      concentration: [{ upTo: null, weightPpm: 1_000_000 }],
      ...{ maxViewAgeSeconds: 120, maxPriceAgeSeconds: 120, maxForecastAgeSeconds: 7_200 },
      ...{ ttlSeconds: 300, closeOutSeconds: 3_600, liquidationSeconds: 300 },
    },
    tierCaps: [text(1), text(1), text(1), text(1)],
  }
}
