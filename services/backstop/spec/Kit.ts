/** What the acceptance specs stand on: a venue with a backstop on a real chain, read through two sources, and desks that bid there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Deployment as Document } from '@plimsoll/api'
import { ChainConfig, Quorum } from '@plimsoll/chain'
import { backstopAbi, Market, mandatesAbi, perpVenueAbi, priceFeedAbi } from '@plimsoll/contracts'
import { type Anvil, Deployment, type FaultyRpc, Postgres, Service, Wallet, World } from '@plimsoll/localnet'
import { Database } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { pino } from 'pino'
import { type Hex, parseUnits } from 'viem'
import { Desk, Env } from '../src/index.ts'

export const eth = Market.id('ETH-PERP')
export const one = 10n ** 18n
const entry = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export type Given = Readonly<Record<string, string>>

export type Stage = AsyncDisposable & {
  readonly world: World.World
  readonly chain: Anvil.Anvil
  readonly sources: readonly [FaultyRpc.FaultyRpc, FaultyRpc.FaultyRpc]
  readonly venue: Hex
  readonly backstop: Hex
  readonly token: Hex
  readonly home: string
  /** Gives somebody so many dollars at the venue. */
  deposit(name: string, dollars: number): Promise<void>
  /**
   * Somebody buys so much ether at 3,000 with 130 dollars for each; at 2,900 the backstop inherits it, at the owner's call. After a fee of
   * 1.50 and a loss of 100 he has 28.50 for each, less than two thirds of 1.5 %: all of it goes, a twentieth to the owner, and 27.075, or
   * 0.9336 % of the price, are left behind for whoever buys. He has nothing left, and may do so again.
   */
  fall(name: string, size: number): Promise<void>
  /** Somebody buys an ether with enough of his own, and a tenth of it is sold ahead by a keeper under a mandate. */
  reduce(name: string): Promise<void>
  /** A server that replicas may share; null where there is none. */
  readonly databaseUrl: string | null
  /** A desk in this process, with readers of its own; `of` names the key. */
  desk(of: string, given?: Given, change?: (document: Document.Deployment) => Document.Deployment): Promise<Desk.Desk>
  /** Every desk of this process gives its lease back. */
  close(): Promise<void>
  /** A desk as a process. */
  start(replica: string, given: Given): Promise<Service.Service>
  /** Dates the price of ether so many seconds before now. */
  age(seconds: number): Promise<void>
  /** So much later, on the chain and for desks opened from then on. */
  later(seconds: number): Promise<void>
}

/** @param auctionSeconds - after which the discount is the greatest, 5 % or what the account left behind. */
export async function stage(auctionSeconds: number): Promise<Stage> {
  const [world, postgres] = await Promise.all([World.start({ backstop: { auctionSeconds } }), Postgres.start()])
  const databaseUrl = postgres.status === 'running' ? postgres.url : null
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-backstop-'))
  const config = join(home, 'deployment.json')
  await world.write(config)
  const { strait: chain } = world.chains
  const [manifest] = world.manifest.venues
  const market = world.manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')
  if (!manifest || !market) throw new Error('a venue and a market were deployed')
  const [venue, backstop] = [manifest.address, manifest.backstop.address]
  const services: Service.Service[] = []
  const desks: Desk.Desk[] = []
  let count = 0
  let aheadMs = 0
  const database = await Database.open(databaseUrl === null ? { memory: await Template.blob() } : { url: databaseUrl })
  const deposit = (name: string, dollars: number) =>
    Deployment.deposit({
      ...{ chain, manifest: world.manifest, venue: manifest.name, account: Wallet.of(name), amount: parseUnits(`${dollars}`, 6) },
    })
  const priceOf = async () =>
    (await chain.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'marketOf', args: [eth] })).price
  return {
    ...{ world, chain, sources: world.sources.strait, venue, backstop, home, databaseUrl, deposit },
    token: manifest.collateral.token,
    fall: async (name, size) => {
      await world.price('ETH-PERP', '3000')
      await deposit(name, 130 * size)
      const account = Wallet.of(name)
      const args = [eth, parseUnits(`${size}`, 18), 2n ** 256n - 1n]
      await Deployment.write(chain, account, { address: venue, abi: perpVenueAbi, functionName: 'open', args })
      await world.price('ETH-PERP', '2900')
      await world.owner({ address: backstop, abi: backstopAbi, functionName: 'inherit', args: [account.address, eth] })
    },
    reduce: async (name) => {
      const [account, keeper] = [Wallet.of(name), Wallet.of('keeper')]
      const send = (of: typeof account, address: Hex, call: { readonly functionName: string; readonly args: readonly unknown[] }) =>
        Deployment.write(chain, of, { address, abi: [...perpVenueAbi, ...mandatesAbi], ...call })
      await deposit(name, 1_000)
      await chain.fund([keeper.address])
      await send(account, venue, { functionName: 'open', args: [eth, one, 2n ** 256n - 1n] })
      const { timestamp } = await chain.publicClient.getBlock()
      const mandate = { expiresAt: timestamp + 86_400n, maxSharePpm: 500_000, maxSlippagePpm: 10_000 }
      await send(account, manifest.mandates, { functionName: 'grantMandate', args: [keeper.address, eth, mandate] })
      const order = { account: account.address, market: eth, size: one / 10n, planHash: `0x${'ab'.repeat(32)}` }
      await send(keeper, manifest.mandates, { functionName: 'reduce', args: [{ ...order, limitPrice: await priceOf() }] })
    },
    desk: async (of, given = {}, change = (document) => document) => {
      const replica = `${of} ${count++}`
      const keys = { PLIMSOLL_CONFIG: config, PLIMSOLL_HOME: home, BACKSTOP_KEY: Wallet.privateKeyOf(of), REPLICA: replica }
      const env = Env.parse({ ...keys, ...given })
      const deployment = change(Document.parse(world.document))
      const [own] = deployment.venues
      const configured = deployment.chains.find(({ chainId }) => chainId === chain.chainId)
      if (!own || !configured) throw new Error('the document has the venue and its chain')
      // Short enough that a source which hangs is noticed within a test.
      const nowMs = () => Date.now() + aheadMs
      const reader = Quorum.open({ config: ChainConfig.from({ ...configured, timeoutMs: 1_000 }), nowMs })
      const log = pino({ level: 'silent' })
      const desk = Desk.open({
        ...{ env, deployment, venue: own, backstop, reader, feeds: reader, database, nowMs, log },
      })
      desks.push(desk)
      return desk
    },
    close: async () => void (await Promise.all(desks.splice(0).map((desk) => desk.close()))),
    start: async (replica, given) => {
      const service = await Service.start({
        ...{ name: replica, entry, log: join(home, `${replica}.log`) },
        env: { PORT: '0', PLIMSOLL_CONFIG: config, PLIMSOLL_HOME: home, REPLICA: replica, TICK_MS: '100', LEASE_SECONDS: '3', ...given },
      })
      services.push(service)
      return service
    },
    age: async (seconds) => {
      const { timestamp } = await chain.publicClient.getBlock()
      const args = [parseUnits('2900', 8), timestamp - BigInt(seconds)]
      await world.owner({ address: market.feed, abi: priceFeedAbi, functionName: 'setAt', args })
    },
    later: async (seconds) => {
      aheadMs += seconds * 1_000
      await chain.testClient.increaseTime({ seconds })
      await chain.mine(1)
    },
    [Symbol.asyncDispose]: async () => {
      for (const service of services) service.kill('SIGKILL')
      await Promise.all(services.map(({ exited }) => exited))
      await database.close()
      if (postgres.status === 'running') await postgres.stop()
      await world.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** What somebody holds. Base units × 1e18. */
export const sizeOf = ({ chain, venue }: Stage, name: string): Promise<bigint> =>
  chain.publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'sizeOf', args: [Wallet.of(name).address, eth] })

/** How many transactions of somebody's are in blocks. */
export const sentBy = ({ chain }: Stage, name: string): Promise<number> =>
  chain.publicClient.getTransactionCount({ address: Wallet.of(name).address })

/** Somebody's changes of position so far, in order. */
export async function fillsOf({ chain, venue }: Stage, name: string) {
  const filter = { address: venue, abi: perpVenueAbi, eventName: 'PositionChanged', fromBlock: 0n, strict: true } as const
  const logs = await chain.publicClient.getContractEvents({ ...filter, args: { account: Wallet.of(name).address } })
  return logs.map(({ args }) => args)
}

/** Asks until `holds`. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; ; ) {
    const value = await ask()
    if (holds(value)) return value
    if (Date.now() > end)
      throw new Error(`not within ${seconds} s: ${JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `${it}` : it))}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
