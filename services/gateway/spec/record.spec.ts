/**
 * A record that earns: somebody trades for days on real chains, and the running state grants what that proves. The forecaster alone is a
 * stand-in, an HTTP server that answers with one forecast as of the chains' clock: theirs runs days ahead of this machine's.
 */
import { createServer, type Server } from 'node:http'
import { Deployment as Document, Gather } from '@plimsoll/api'
import { Circuit } from '@plimsoll/chain'
import { perpVenueAbi } from '@plimsoll/contracts'
import { Deployment, Wallet, World } from '@plimsoll/localnet'
import { Limit } from '@plimsoll/margin'
import { Database, Events, Evidence, Ledger, Participants } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { pino } from 'pino'
import { type Hex, type PrivateKeyAccount, parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Config from '../src/config.ts'
import * as Scorecard from '../src/jobs/scorecard.ts'
import * as Shares from '../src/jobs/shares.ts'
import * as State from '../src/state.ts'

const hour = 3_600
const one = 10n ** 18n
const days = 9
const [alice, bob, carol] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('carol')]

let world: World.World
let forecaster: Server
let forecasterUrl: string
let database: Database.Database
let scorecard: Scorecard.Scorecard
let state: State.State
let config: Config.Config
let clock = 0
/** Done while a snapshot is being taken. */
let meanwhile = () => {}
let price = '3000'
const ids = new Map<string, Hex>()

const log = pino({ level: 'silent' })
const opened = () =>
  State.open({ config, database, shares: Shares.alone(database), scorecard, forecasterUrl, nowMs: () => clock * 1000, log })
const idOf = (account: PrivateKeyAccount) => ids.get(account.address) ?? '0x'
const standing = (account: PrivateKeyAccount, of: State.State = state) => {
  const found = of.snapshot().standings.get(idOf(account))
  if (!found) throw new Error(`nobody knows ${account.address}`)
  return found
}
const grant = (account: PrivateKeyAccount, of: State.State = state) => standing(account, of).grants.get('ETH-PERP')

beforeAll(async () => {
  world = await World.start()
  forecaster = createServer((_, response) => {
    meanwhile()
    const quantile = { longPpm: 15_000, shortPpm: 15_000 }
    const forecast = { source: 'stand-in', modelHash: `0x${'0'.repeat(64)}`, asOf: clock - 60, sigmaPpm: 600_000 }
    const forecasts = config.markets.map(({ symbol }) => ({
      ...{ symbol, ...forecast, closeOut: { longPpm: 60_000, shortPpm: 60_000 } },
      ...{ liquidation: quantile, throughTheCycle: quantile },
    }))
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ backend: 'stand-in', forecasts }))
  })
  forecasterUrl = await new Promise((resolve) =>
    forecaster.listen(0, '127.0.0.1', () => {
      const address = forecaster.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
    }),
  )
  const evidence = { scope: 'people', proofSeconds: 60, groups: [{ name: 'people', root: '1' }], trusts: [] }
  const feeds = { ...world.manifest.feeds, deviationPpm: 1_000, everyBlocks: 2 }
  config = Config.checked(Document.parse({ ...world.document, feeds, evidence }))
  database = await Database.open({ memory: await Template.blob(), clock: () => clock })
  scorecard = await Scorecard.read(Scorecard.fitted)
  await pass(0)

  for (const account of [alice, bob, carol]) {
    const { participantId } = await Participants.ensure(database, { account: `eip155:0:${account.address.toLowerCase()}` })
    ids.set(account.address, participantId)
    await Deployment.lock({
      ...{ chain: world.chains.harbour, manifest: world.manifest, account, asset: 'USDC' },
      amount: parseUnits('20000', 6),
    })
    await world.chains.strait.fund([account.address])
  }
  for (const account of [alice, bob])
    await Deployment.deposit({
      ...{ chain: world.chains.strait, manifest: world.manifest, account, venue: 'north' },
      amount: parseUnits('30000', 6),
    })

  // Alice holds 20 ETH for nine days, through a fall of 6 % on the fourth, and takes a little off each day.
  await trade(alice, 'open', 20n * one)
  for (let day = 0; day < days; day++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      if (day === 3 && quarter === 2) price = '2820'
      await pass(6 * hour)
    }
    await trade(alice, 'reduce', one / 10n)
  }
  // Bob turns over as much in an hour as she holds, under a name of that day.
  await trade(bob, 'open', 20n * one)
  await pass(hour)
  await trade(bob, 'reduce', 20n * one)
  await pass(60)
  await world.finalise()
  await pass(0)
  state = opened()
  await caughtUp(state)
}, 240_000)

afterAll(async () => {
  await state?.stop()
  await database?.close()
  forecaster?.close()
  await world?.stop()
})

/** Lets time pass on every chain alike, and has the feeds answer anew. */
async function pass(seconds: number): Promise<void> {
  const chains = Object.values(world.chains)
  const now = async () => Math.max(...(await Promise.all(chains.map(async (it) => Number((await it.publicClient.getBlock()).timestamp)))))
  const target = BigInt((await now()) + seconds + 1)
  for (const chain of chains) {
    await chain.testClient.setNextBlockTimestamp({ timestamp: target })
    await chain.mine(3)
  }
  await world.price('USDC', '1')
  await world.price('ETH-PERP', price)
  await world.price('BTC-PERP', '60000')
  await world.finalise()
  clock = await now()
}

async function trade(account: PrivateKeyAccount, functionName: 'open' | 'reduce', size: bigint): Promise<void> {
  const venue = world.manifest.venues.find(({ name }) => name === 'north')
  const market = world.manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')
  if (!venue || !market) throw new Error('there is a venue north with ETH-PERP')
  const bound = functionName === 'open' ? 2n ** 200n : 0n
  await Deployment.write(world.chains.strait, account, {
    address: venue.address,
    abi: perpVenueAbi,
    functionName,
    args: [market.id, size, bound],
  })
}

/** A keeper closes a position at the venue, as often as it takes. */
async function closed(account: PrivateKeyAccount): Promise<void> {
  const { strait } = world.chains
  const keeper = Wallet.of('keeper')
  const [venue] = world.manifest.venues
  if (!venue) throw new Error('there is a venue')
  await strait.fund([keeper.address])
  const at = { address: venue.address, abi: perpVenueAbi } as const
  for (;;) {
    const { positions } = await strait.publicClient.readContract({ ...at, functionName: 'accountOf', args: [account.address] })
    const open = positions.find(({ size }) => size !== 0n)
    if (!open) return
    await Deployment.write(strait, keeper, { ...at, functionName: 'liquidate', args: [account.address, open.market] })
  }
}

/** What was just started trusts nothing before it was read several times. */
async function started(of: State.State): Promise<void> {
  for (let round = 1; round < Circuit.policy.cleanRounds; round++) await of.tick()
}

/** A first reading comes in pieces. */
async function caughtUp(of: State.State): Promise<void> {
  let before = -1n
  await started(of)
  for (let now = 0n; now !== before; ) {
    before = now
    await of.tick()
    expect(of.faults()).toEqual([])
    const [row] = await database.query<{ rows: bigint }>('select count(*) as rows from events')
    now = row?.rows ?? 0n
  }
}

function limitOf(account: PrivateKeyAccount): Limit.Limit {
  const snapshot = state.snapshot()
  const participantId = idOf(account)
  const [venue] = [...snapshot.venues.values()]
  if (!venue) throw new Error('there is a venue')
  const address = account.address.toLowerCase() as Hex
  const { terms } = Gather.marketOf(snapshot, 'ETH-PERP')
  const ledger = snapshot.ledger.state({ participantId, account: address, venue, market: terms })
  const key = { participantId, account: address, venue: venue.id, market: 'ETH-PERP', notional: null }
  return Limit.of(Gather.inputs(snapshot, { ...key, asOf: clock, ledger }))
}

describe('a record from chain', () => {
  test('nine days through a fall earn a proven cap, and the limit says so', () => {
    const found = grant(alice)
    expect(standing(alice).tier).toBe(1)
    expect(found?.provenCap ?? 0n).toBeGreaterThan(0n)
    expect(found?.imDiscountPpm ?? 0).toBeGreaterThan(0)
    expect(found?.modelHash).toBe(scorecard.modelHash)
    const reputation = limitOf(alice).reasons.find(({ factor }) => factor === 'reputation')
    expect(reputation?.imPpm ?? 0).toBeLessThan(0)
    expect(standing(alice).points.reduce((sum, { points }) => sum + points, 0)).toBe(standing(alice).score)
  })

  test('a wallet of the day and one that did nothing prove nothing', () => {
    for (const account of [bob, carol]) {
      expect(grant(account)).toMatchObject({ imDiscountPpm: 0, provenCap: 0n })
      expect(limitOf(account).reasons.find(({ factor }) => factor === 'reputation')?.imPpm).toBe(0)
    }
    expect(standing(bob).tier).toBe(1)
    expect(standing(carol).tier).toBe(0)
  })

  test('the score moved as the lines say', () => {
    const { from, to, lines } = state.scoreChange(idOf(alice), { from: clock - 6 * 86_400, to: clock })
    expect(to).toBeGreaterThan(from)
    expect(to).toBe(standing(alice).score)
    expect(lines.reduce((sum, { points }) => sum + points, 0)).toBe(to - from)
  })

  test('another gateway over the same database goes on where this one was, and knows the same', async () => {
    const logs = () => world.sources.strait.reduce((sum, source) => sum + (source.calls()['eth_getLogs'] ?? 0), 0)
    const before = logs()
    const second = opened()
    await started(second)
    await second.tick()
    expect(second.faults()).toEqual([])
    expect(logs()).toBe(before)
    expect(standing(alice, second)).toEqual({ ...standing(alice), grants: expect.any(Map), grantOf: expect.any(Function) })
    expect(grant(alice, second)).toEqual(grant(alice))
    await second.stop()
  })

  test('marks are of blocks that anybody can read again', async () => {
    const rows = await database.query<{ block_number: bigint; block_hash: Hex; at: bigint; body: string; account: Hex }>(
      "select * from events where kind = 'index.marked' order by at desc limit 5",
    )
    expect(rows).toHaveLength(5)
    for (const { block_number, block_hash, at } of rows) {
      expect(block_number % 2n).toBe(0n)
      const block = await world.chains.strait.publicClient.getBlock({ blockNumber: block_number })
      expect([block.hash, block.timestamp]).toEqual([block_hash, at])
    }
  })

  test('edge: of two marks in one second the later block’s counts, whichever is read first', async () => {
    const [row] = await database.query<{ chain_id: bigint; block_number: bigint; at: bigint; account: Hex }>(
      "select * from events where kind = 'index.marked' order by at desc limit 1",
    )
    if (!row) throw new Error('there are marks')
    const { account, at, block_number: number } = row
    const earlier = { chainId: Number(row.chain_id), blockNumber: number - 1n, blockHash: `0x${'e'.repeat(64)}`, logIndex: -1 } as const
    await Events.record(database, [{ ...earlier, account, kind: 'index.marked', at: Number(at), body: { price: '1' } }])
    const second = opened()
    await caughtUp(second)
    expect(grant(alice, second)).toEqual(grant(alice))
    await second.stop()
    await Events.dropBlock(database, { chainId: earlier.chainId, blockHash: earlier.blockHash })
  })

  test('what a reorganisation takes back never counted, and what it brings again counts once', async () => {
    const closes = async () => {
      const [row] = await database.query<{ rows: bigint }>("select count(*) as rows from events where kind = 'position.closed'")
      return row?.rows ?? 0n
    }
    const [before, found] = [await closes(), grant(alice)?.provenCap]
    await trade(alice, 'reduce', one)
    await state.tick()
    expect(await closes()).toBe(before)
    await world.chains.strait.testClient.request({ method: 'anvil_reorg', params: [1, []] } as never)
    await state.tick()
    expect([await closes(), grant(alice)?.provenCap]).toEqual([before, found])
    await trade(alice, 'reduce', one)
    await pass(60)
    await caughtUp(state)
    expect(await closes()).toBe(before + 1n)
    await caughtUp(state)
    expect(await closes()).toBe(before + 1n)
  })
})

test('bug: one source that made up logs kept what had happened from being read, and records went on giving', async () => {
  const [liar] = world.sources.strait
  if (!liar) throw new Error('there is a source')
  expect(grant(alice)?.imDiscountPpm ?? 0).toBeGreaterThan(0)
  const made = (filter: { readonly fromBlock: Hex; readonly address: Hex | readonly Hex[] }) => ({
    ...{ address: [filter.address].flat()[0], topics: [`0x${'ab'.repeat(32)}`], data: '0x', blockNumber: filter.fromBlock, removed: false },
    ...{ blockHash: `0x${'cd'.repeat(32)}`, transactionHash: `0x${'ef'.repeat(32)}`, transactionIndex: '0x0', logIndex: '0x0' },
  })
  liar.become({
    kind: 'lie',
    tell: ({ method, params }, result) =>
      method === 'eth_getLogs' && Array.isArray(result) && result.length === 0 ? [made((params as never)[0])] : result,
  })
  await pass(900)
  await state.tick()
  expect(state.faults().join()).toContain('history of chain')
  // For a while a record is what it was when it was read.
  expect(grant(alice)?.imDiscountPpm ?? 0).toBeGreaterThan(0)
  await pass(901)
  await state.tick()
  expect(grant(alice)).toMatchObject({ imDiscountPpm: 0, provenCap: 0n })
  expect(grant(alice)?.reasons.at(-1)).toEqual({ code: 'HISTORY_UNREAD', points: 0 })
  liar.become({ kind: 'none' })
  await pass(60)
  await caughtUp(state)
  expect(grant(alice)?.imDiscountPpm ?? 0).toBeGreaterThan(0)
})

describe('a debt left behind', () => {
  const people = { scope: 'people', nullifier: 'alice', claim: 'uniqueHuman', kind: 'semaphore', source: {} } as const

  test('burns what was earned and what was proven of the person, for good, and the limit says so', async () => {
    await Evidence.record(database, { participantId: idOf(alice), piece: { ...people, until: clock + 999 * 86_400 } })
    await caughtUp(state)
    const before = { ...standing(alice), limit: limitOf(alice) }
    expect(before.tier).toBe(2)
    expect(grant(alice)?.imDiscountPpm ?? 0).toBeGreaterThan(0)

    // The price falls through everything she has at the venue before anybody closes her.
    price = '800'
    await pass(60)
    await closed(alice)
    await pass(60)
    await caughtUp(state)
    const [debt] = await database.query<{ body: string }>("select body from events where kind = 'bad-debt' and account = $1", [
      alice.address.toLowerCase(),
    ])
    expect(BigInt(String((JSON.parse(debt?.body ?? '{}') as { amountUsd?: string }).amountUsd ?? 0))).toBeGreaterThan(0n)

    const after = standing(alice)
    expect(after.score).toBeLessThan(before.score)
    expect(after.points.find(({ code }) => code === 'BAD_DEBT')?.points ?? 0).toBeLessThan(0)
    expect(after.tier).toBe(1)
    expect(after.evidence.pieces).toMatchObject([{ status: 'BURNED' }])
    // It is noted, once: what one gateway worked out holds at every other, and after a restart.
    const [burned] = await Evidence.of(database, idOf(alice))
    expect(burned?.burnedAt ?? 0).toBeGreaterThan(clock - 3_600)
    expect(await Evidence.standing(database)).toEqual([])
    expect(grant(alice)).toMatchObject({ imDiscountPpm: 0, provenCap: 0n })
    expect(grant(alice)?.reasons.find(({ code }) => code === 'BAD_DEBT')?.points ?? 0).toBeLessThan(0)
    const earned = (limit: Limit.Limit) => limit.reasons.find(({ factor }) => factor === 'reputation')?.imPpm
    expect(earned(before.limit) ?? 0).toBeLessThan(0)
    expect(earned(limitOf(alice))).toBe(0)
  })

  test('stays when the debt is paid, the evidence is brought again, or another gateway is asked', async () => {
    const { strait } = world.chains
    const [venue] = world.manifest.venues
    if (!venue) throw new Error('there is a venue')
    const { unsettledLoss: owed } = await strait.publicClient.readContract({
      ...{ address: venue.address, abi: perpVenueAbi, functionName: 'accountOf', args: [alice.address] },
    })
    const amount = owed / 10n ** 12n + 1n
    await Deployment.deposit({ ...{ chain: strait, manifest: world.manifest, account: alice, venue: 'north' }, amount })
    await pass(60)
    await Evidence.record(database, { participantId: idOf(alice), piece: { ...people, until: clock + 999 * 86_400 } })
    const second = opened()
    await caughtUp(second)
    expect(standing(alice, second).tier).toBe(1)
    expect(grant(alice, second)).toMatchObject({ imDiscountPpm: 0, provenCap: 0n })
    await second.stop()
  })

  test('goes with a wallet that was there, though it did nothing itself', async () => {
    const clean = Wallet.of('clean')
    const account = `eip155:0:${clean.address.toLowerCase()}`
    await Participants.link(database, { participantId: idOf(alice), account })
    await Participants.unlink(database, { participantId: idOf(alice), account, coolDownSeconds: 0 })
    ids.set(clean.address, (await Participants.ensure(database, { account })).participantId)
    await caughtUp(state)
    expect(standing(clean).points.find(({ code }) => code === 'BAD_DEBT')).toEqual(
      standing(alice).points.find(({ code }) => code === 'BAD_DEBT'),
    )
    expect(standing(clean).score).toBeLessThan(standing(carol).score)
  })
})

describe('a margin call', () => {
  test('bug: whoever signed in again while each snapshot was taken was never called, and never marked down', async () => {
    // Somewhere else Carol needs more than she has locked.
    const elsewhere = {
      chainId: 999,
      venue: `0x${'ee'.repeat(20)}`,
      block: { number: 1n, hash: `0x${'ee'.repeat(32)}`, timestamp: clock },
    } as const
    const position = {
      market: elsewhere.block.hash,
      side: 'long',
      notional: 50_000n * one,
      requirement: 50_000n * one,
      acceptedSequence: 0n,
    } as const
    const nothing = { venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n, credit: 0n }
    const account = carol.address.toLowerCase() as Hex
    await Ledger.observe(database, { ...elsewhere, accounts: [{ account, ...nothing, positions: [position] }] })
    const included: Promise<void>[] = []
    meanwhile = () => {
      if (included.length < 3) included.push(state.include(idOf(carol)))
    }
    await state.tick()
    meanwhile = () => {}
    expect(included).not.toHaveLength(0)
    expect((await Ledger.snapshot(database)).participants.get(idOf(carol))?.marginCall).toBe(true)
    await Promise.all(included)
    expect(state.marginCall(idOf(carol))).toBe(true)
  })
})
