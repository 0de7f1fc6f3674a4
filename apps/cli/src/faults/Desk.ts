/** A venue on a local chain with a long and a short position, an index with two sources, and a liquidator that is running. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { perpVenueAbi, priceFeedAbi } from '@plimsoll/contracts'
import { priceFeedBytecode } from '@plimsoll/contracts/bytecode'
import { Deployment, Service, Wallet } from '@plimsoll/localnet'
import * as Outside from '../crash/Outside.ts'
import * as Stage from '../crash/Stage.ts'
import { dollars } from './Feeds.ts'
import { until } from './Gate.ts'

type Hex = `0x${string}`

export type Desk = {
  /** Sets both sources. USD. */
  readonly say: (first: number, second: number) => Promise<void>
  /** What the liquidator makes of the price now: `OK`, or why it acts on none. */
  readonly judged: () => Promise<string>
  /** Lets it look at so many more blocks, of a second each. */
  readonly watch: (blocks: number) => Promise<void>
  readonly isOpen: (side: keyof typeof accounts) => Promise<boolean>
}

type Status = { readonly block: { readonly number: string } | null; readonly prices: readonly { readonly code: string | null }[] }

const accounts = { long: `0x${'0a'.repeat(20)}`, short: `0x${'0b'.repeat(20)}` } as const
const entry = fileURLToPath(new URL('../../../../services/liquidator/src/main.ts', import.meta.url))
/** Both opened at 3,000 with 4 % of their worth, where 2 % must remain. */
const traders = [
  { account: accounts.long, size: 30n * 10n ** 18n, deposit: 3_645n * 10n ** 6n },
  { account: accounts.short, size: -30n * 10n ** 18n, deposit: 3_645n * 10n ** 6n },
]

/** Opens a desk at a price of 3,000 from both sources; the liquidator trusts it. */
export async function desk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  await using stage = await Stage.set({ name: 'north', traders, impact: Outside.impact(10_000_000) })
  const { chain, world, venue, feed } = stage
  await chain.testClient.setIntervalMining({ interval: 1 })
  const hash = await chain.wallet(Deployment.owner).deployContract({
    ...{ abi: priceFeedAbi, bytecode: priceFeedBytecode, args: ['a second source', dollars(Stage.price), Deployment.owner.address] },
  })
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('A feed was deployed.')
  const second = contractAddress.toLowerCase() as Hex
  const set = (address: Hex, price: number) => world.owner({ address, abi: priceFeedAbi, functionName: 'set', args: [dollars(price)] })
  const say: Desk['say'] = async (first, other) => {
    await set(feed, first)
    await set(second, other)
  }
  await say(Stage.price, Stage.price)

  const home = await mkdtemp(join(tmpdir(), 'plimsoll-desk-'))
  const config = join(home, 'deployment.json')
  const { markets } = stage.document as { readonly markets: readonly object[] }
  await writeFile(config, JSON.stringify({ ...stage.document, markets: markets.map((market) => ({ ...market, secondFeed: second })) }))
  const liquidator = await Service.start({
    ...{ name: 'liquidator', entry, log: join(home, 'liquidator.log'), timeoutMs: 60_000 },
    env: {
      ...{ HOST: '127.0.0.1', PORT: '0', PLIMSOLL_HOME: home, PLIMSOLL_CONFIG: config },
      ...{ LIQUIDATOR_KEY: Wallet.privateKeyOf('liquidator'), TICK_MS: '250', GRACE_SECONDS: '0' },
    },
  })
  const status = async (): Promise<Status> => {
    const { desks } = (await (await fetch(`${liquidator.url}/status`)).json()) as { readonly desks: readonly Status[] }
    return desks[0] ?? { block: null, prices: [] }
  }
  const judged = async () => {
    const [price] = (await status()).prices
    return price === undefined ? 'STARTING' : (price.code ?? 'OK')
  }
  try {
    await until(judged, (code) => code === 'OK')
    return await work({
      say,
      judged,
      watch: async (blocks) => {
        const end = (await chain.publicClient.getBlockNumber()) + BigInt(blocks)
        await until(status, ({ block }) => block !== null && BigInt(block.number) >= end)
      },
      isOpen: async (side) => {
        const call = { address: venue, abi: perpVenueAbi, functionName: 'accountOf', args: [accounts[side]] } as const
        return (await chain.publicClient.readContract(call)).positions.length > 0
      },
    })
  } finally {
    liquidator.kill('SIGKILL')
    await liquidator.exited
    await rm(home, { recursive: true, force: true })
  }
}
