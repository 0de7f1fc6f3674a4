import { Certificate, Hash, limitBookAbi, Market, perpVenueAbi, priceFeedAbi } from '@plimsoll/contracts'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { TrackRecord } from '@plimsoll/reputation'
import type { PrivateKeyAccount } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as Book from './Book.ts'
import { canonicalMulticall } from './ChainConfig.ts'
import * as Conduct from './Conduct.ts'
import type { Hex } from './Hex.ts'
import * as History from './History.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as Mark from './Mark.ts'
import * as Oracle from './Oracle.ts'
import * as Query from './Query.ts'
import * as Quorum from './Quorum.ts'
import { faults, lying, start, type Tap } from './testing/Tap.ts'
import * as Venue from './Venue.ts'

const chainId = 31_337_003
const one = 10n ** 18n
const usd = (dollars: number) => BigInt(dollars) * one
const eth = Market.id('ETH-PERP')
const btc = Market.id('BTC-PERP')
const [alice, bob, carol] = [Wallet.of('alice'), Wallet.of('bob'), Wallet.of('carol')]
const lower = (account: { readonly address: string }) => account.address.toLowerCase() as Hex
const signer = LocalSigner.of({
  privateKeys: ['signer one', 'signer two', 'signer three'].map(Wallet.privateKeyOf),
  threshold: 2,
  chainIds: [chainId],
})

let strait: Anvil.Anvil
let others: readonly Anvil.Anvil[]
let taps: readonly Tap[]
let manifest: Manifest.Manifest
let north: Manifest.Manifest['venues'][number]

beforeAll(async () => {
  const [harbour, lagoon, chain] = await Promise.all([31_337_001, 31_337_002, chainId].map((id) => Anvil.start({ chainId: id })))
  if (!harbour || !lagoon || !chain) throw new Error('three chains were started')
  strait = chain
  others = [harbour, lagoon]
  manifest = await Deployment.deploy({ harbour, lagoon, strait, threshold: 2 })
  const venue = manifest.venues.find(({ name }) => name === 'north')
  if (!venue) throw new Error('there is a venue north')
  north = venue
  taps = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: strait.url })))

  await strait.fund([alice.address, bob.address, carol.address])
  await accept(alice, { credit: usd(50_000), maxNotional: usd(90_000) })
  for (const account of [alice, bob])
    await Deployment.deposit({ chain: strait, manifest, account, venue: 'north', amount: 20_000n * 10n ** 6n })
  await trade(alice, 'open', eth, 10n * one)
  await trade(bob, 'open', btc, -one)
  await strait.mine(9)
})

afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await Promise.all([strait, ...others].map((chain) => chain.stop()))
})

afterEach(() => {
  for (const tap of taps) tap.mend()
})

const readerOf = (k = 2) =>
  Quorum.open({
    config: {
      chainId,
      name: 'strait',
      sources: taps.map((tap) => tap.source),
      k,
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
      timeoutMs: 2_000,
    },
  })

/** Signs a certificate as a gateway would, and posts it. */
async function accept(
  account: PrivateKeyAccount,
  limit: { readonly credit: bigint; readonly maxNotional: bigint; readonly sequence?: bigint },
): Promise<void> {
  const now = (await strait.publicClient.getBlock()).timestamp
  const certificate: Certificate.Certificate = {
    participantId: Hash.ofText(account.address),
    account: account.address,
    venue: north.address,
    market: eth,
    maxNotional: limit.maxNotional,
    credit: limit.credit,
    imPpm: 100_000,
    sequence: limit.sequence ?? 1n,
    issuedAt: now,
    expiresAt: now + 300n,
    epoch: 1,
    inputsHash: Hash.ofText('inputs'),
    modelHash: Hash.ofText('model'),
    paramsHash: Hash.ofText('params'),
  }
  const signatures = await signer.sign({ digest: Certificate.digest(certificate, { chainId, verifyingContract: north.limitBook }) })
  await Deployment.write(strait, carol, {
    address: north.limitBook,
    abi: limitBookAbi,
    functionName: 'accept',
    args: [certificate, signatures],
  })
}

function trade(account: PrivateKeyAccount, functionName: 'open' | 'reduce', market: Hex, size: bigint): Promise<unknown> {
  const buys = functionName === 'open' ? size > 0n : account === bob
  const worst = buys ? 2n ** 200n : 0n
  return Deployment.write(strait, account, { address: north.address, abi: perpVenueAbi, functionName, args: [market, size, worst] })
}

const venue = (at: Quorum.At, rest: Partial<Venue.fetch.Args> = {}) =>
  Venue.fetch({ reader: readerOf(), venue: north.address, accounts: [carol.address, alice.address], at, ...rest })

describe('Venue.fetch', () => {
  test('worked example: markets, the accounts asked for, and the whole book, in one eth_call per source', async () => {
    const { pinned, markets, accounts, book } = await venue('final')
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([1, 1, 1])
    expect(pinned.at).toBe('final')
    expect(markets).toMatchObject([
      {
        market: eth,
        price: usd(3_000),
        longNotional: usd(30_000),
        shortNotional: 0n,
        imPpm: 100_000,
        mmPpm: 50_000,
        priceUpdatedAt: expect.any(Number),
      },
      { market: btc, price: usd(60_000), longNotional: 0n, shortNotional: usd(60_000) },
    ])
    expect(accounts.map(({ account, positions }) => [account, positions.length])).toEqual([
      [lower(carol), 0],
      [lower(alice), 1],
    ])
    // The fee of 0.05 % on 30,000 was 15.
    expect(accounts[1]).toMatchObject({ collateral: usd(19_985), credit: usd(50_000), equity: usd(69_985), im: usd(3_000), mm: usd(1_500) })
    expect(accounts[1]?.positions).toMatchObject([
      { market: eth, size: 10n * one, notional: usd(30_000), unrealised: 0n, entryPrice: usd(3_000) },
    ])
    expect(new Set(book.map(({ account }) => account))).toEqual(new Set([lower(alice), lower(bob)]))
  })

  test('worked example: prices, both venues and their limit book share one eth_call per source', async () => {
    const feed = { address: manifest.markets[0]?.feed ?? '0x', decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 0 }
    const query = Query.all([
      Query.all<readonly Venue.Part[]>(
        manifest.venues.map(({ address }) => Venue.query({ chainId, venue: address, accounts: [alice.address] })),
      ),
      Book.query({ chainId, limitBook: north.limitBook, keys: [{ account: alice.address, venue: north.address, market: eth }] }),
      Oracle.query({ feed, asOf: Math.floor(Date.now() / 1000) }),
    ])
    const reader = readerOf()
    const { pinned, value } = await Query.fetch({ reader, at: 'final', query })
    const [[first, second], book, price] = value
    if (!first || !second) throw new Error('there are two venues')
    expect(await Venue.complete({ reader, pinned, venue: north.address, part: first })).toEqual(
      await Venue.fetch({ reader: readerOf(), venue: north.address, accounts: [alice.address], at: 'final' }),
    )
    expect(second).toMatchObject({ total: 0, book: [] })
    expect(book.standings[0]).toMatchObject({ sequence: 1n })
    expect(price).toMatchObject({ status: 'ok', price: usd(3_000) })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([2, 2, 2])
  })

  test('edge: a book of several pages is whole, of one block, for one more eth_call', async () => {
    const paged = await venue('final', { pageSize: 1 })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([2, 2, 2])
    expect(new Set(paged.book.map(({ account }) => account))).toEqual(new Set([lower(alice), lower(bob)]))
    expect(paged.book).toHaveLength(2)
  })

  test('edge: every page is there once', async () => {
    const south = manifest.venues.find(({ name }) => name === 'south')?.address ?? '0x'
    const holders = ['dave', 'erin', 'frank', 'grace', 'heidi'].map(Wallet.of)
    for (const account of holders) {
      await Deployment.deposit({ chain: strait, manifest, account, venue: 'south', amount: 1_000n * 10n ** 6n })
      await Deployment.write(strait, account, { address: south, abi: perpVenueAbi, functionName: 'open', args: [eth, one, 2n ** 200n] })
    }
    for (const pageSize of [1, 2, 4, 5, 6]) {
      const { book } = await Venue.fetch({ reader: readerOf(), venue: south, accounts: [], at: 'head', pageSize })
      expect(book.map(({ account }) => account).sort()).toEqual(holders.map(lower).sort())
    }
  })

  test('property: more accounts than one call takes are read as each alone, in order', async () => {
    const crowd = Array.from({ length: 450 }, (_, index): Hex => `0x${(index + 0x1000).toString(16).padStart(40, '0')}`)
    const asked = [alice.address, ...crowd, bob.address]
    const whole = await venue('final', { accounts: asked })
    // Two hundred accounts to a call, and the book beside the last of them.
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([3, 3, 3])
    expect(whole.accounts.map(({ account }) => account)).toEqual(asked.map((account) => account.toLowerCase()))
    const [first, last] = (await venue('final', { accounts: [alice.address, bob.address] })).accounts
    expect([whole.accounts[0], whole.accounts.at(-1)]).toEqual([first, last])
    const keys = asked.map((account) => ({ account, venue: north.address, market: eth }))
    for (const tap of taps) tap.mend()
    const { standings } = await Book.fetch({ reader: readerOf(), limitBook: north.limitBook, keys, at: 'final' })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([1, 1, 1])
    expect(standings.map(({ key }) => key)).toEqual(keys)
    expect(standings[0]).toMatchObject({ sequence: 1n })
  })

  test('edge: what is open now is at the head, what cannot be undone is final', async () => {
    await trade(bob, 'reduce', btc, one / 2n)
    const [now, final] = [await venue('head'), await venue('final')]
    expect(now.markets[1]?.shortNotional).toBe(usd(30_000))
    expect(final.markets[1]?.shortNotional).toBe(usd(60_000))
    await strait.mine(9)
    expect((await venue('final')).markets[1]?.shortNotional).toBe(usd(30_000))
  })

  test('error: one source lies about the book', async () => {
    taps[1]?.break(faults.lie)
    expect((await venue('head')).pinned.dissent).toMatchObject([{ id: 'b', why: 'RPC_VALUE_DISAGREE' }])
  })

  test('error: no venue there', async () => {
    await expect(venue('head', { venue: canonicalMulticall })).rejects.toMatchObject({
      name: 'Contract.UnreadableError',
      code: 'CONTRACT_UNREADABLE',
    })
    const nobody = venue('head', { venue: lower(carol) })
    await expect(nobody).rejects.toMatchObject({
      code: 'CONTRACT_UNREADABLE',
      message: expect.stringContaining('there is no such contract'),
    })
  })

  test('bug: one feed without a price hid everybody, also who does not hold its market', async () => {
    const feed = manifest.markets.find(({ symbol }) => symbol === 'BTC-PERP')?.feed ?? '0x'
    const set = (answer: bigint) =>
      Deployment.write(strait, Deployment.owner, { address: feed, abi: priceFeedAbi, functionName: 'set', args: [answer] })
    const before = await venue('head')
    const [carols, alices] = before.accounts
    const bobs = before.book.find(({ account }) => account === lower(bob))
    const places = { chainId, venue: north.address }
    Venue.assertPriced([...before.accounts, ...before.book], places)
    await set(0n)
    const { markets, accounts, book } = await venue('head')
    expect(markets).toMatchObject([
      { market: eth, price: usd(3_000), fresh: true },
      { market: btc, price: 0n, priceUpdatedAt: 0, fresh: false },
    ])
    expect(accounts).toEqual([carols, alices])
    expect(accounts.map(({ priced }) => priced)).toEqual([true, true])
    Venue.assertPriced(accounts, places)
    // What was paid for it is known without a price: the profit at 0 is all but the cost.
    const blind = book.find(({ account }) => account === lower(bob))
    expect(blind).toMatchObject({ priced: false, collateral: bobs?.collateral, positions: [{ market: btc, price: 0n, size: -one / 2n }] })
    expect(blind?.positions[0]?.unrealised).toBe(usd(30_000))
    expect(Venue.blind(accounts, String)).toBe(null)
    expect(Venue.blind(book, (market) => (market === btc ? 'BTC-PERP' : 'another'))).toBe(
      `the feed of BTC-PERP has no price, and ${lower(bob)} holds it`,
    )
    expect(() => Venue.assertPriced(book, places)).toThrow(
      `accountOf of ${north.address} on chain ${chainId} gave no answer: the feed of market ${btc} has no price, and ${lower(bob)} holds it.`,
    )
    await set(60_000n * 10n ** 8n)
  })
})

describe('Book.fetch', () => {
  const keys = (): readonly Book.Key[] => [
    { account: alice.address, venue: north.address, market: eth },
    { account: alice.address, venue: north.address, market: btc },
    { account: bob.address, venue: north.address, market: eth },
  ]

  test('worked example: accepted sequences, credit and ceilings of several keys in one eth_call', async () => {
    const book = await Book.fetch({ reader: readerOf(), limitBook: north.limitBook, keys: keys(), at: 'final' })
    expect(taps.map((tap) => tap.count('eth_call'))).toEqual([1, 1, 1])
    expect(book).toMatchObject({ epoch: 1, paused: false })
    const [first, second, third] = book.standings
    expect(first).toMatchObject({
      key: keys()[0],
      sequence: 1n,
      maxNotional: usd(90_000),
      credit: usd(50_000),
      imPpm: 100_000,
      live: true,
      epoch: 1,
    })
    expect((first?.expiresAt ?? 0) - (first?.issuedAt ?? 0)).toBe(300)
    // Credit is the account's at the venue, over all its markets; the rest is the market's own.
    expect(second).toMatchObject({ sequence: 0n, maxNotional: 0n, credit: usd(50_000), live: false })
    expect(third).toMatchObject({ sequence: 0n, credit: 0n, ceiling: Deployment.bounds.bootstrapNotional + Deployment.bounds.raisePerHour })
  })

  test('edge: a sequence is there at the head before it is final', async () => {
    await accept(alice, { credit: usd(50_000), maxNotional: usd(80_000), sequence: 2n })
    const at = async (where: Quorum.At) =>
      (await Book.fetch({ reader: readerOf(), limitBook: north.limitBook, keys: keys(), at: where })).standings[0]?.sequence
    expect([await at('head'), await at('final')]).toEqual([2n, 1n])
  })

  test('worked example: the greatest haircut of each asset that a mark-down may name, and none of what the book does not know', async () => {
    const assets = ['WETH', 'XYZ', 'USDC'].map(Hash.ofText)
    const query = Book.haircuts({ chainId, limitBook: north.limitBook, assets })
    expect((await Query.fetch({ reader: readerOf(), at: 'head', query })).value).toEqual([500_000, null, 500_000])
    const nowhere = Query.fetch({ reader: readerOf(), at: 'head', query: Book.haircuts({ chainId, limitBook: north.address, assets }) })
    await expect(nowhere).rejects.toMatchObject({ code: 'CONTRACT_UNREADABLE' })
  })

  test('worked example: whose signatures the book takes, of those asked about, and how many', async () => {
    const { addresses, threshold } = manifest.signers
    const known = addresses.slice(1) as Hex[]
    const of = (limitBook: Hex) =>
      Query.fetch({ reader: readerOf(), at: 'head', query: Book.signers({ chainId, limitBook, addresses: [north.address, ...known] }) })
    expect((await of(north.limitBook)).value).toEqual({ known, threshold })
    expect((await of(north.limitBook)).value).toMatchObject({ known: { length: 2 }, threshold: 2 })
    await expect(of(north.address)).rejects.toMatchObject({ code: 'CONTRACT_UNREADABLE' })
  })

  test('error: no book there', async () => {
    const fetched = Book.fetch({ reader: readerOf(), limitBook: north.address, keys: keys(), at: 'head' })
    await expect(fetched).rejects.toMatchObject({ code: 'CONTRACT_UNREADABLE', address: north.address })
  })
})

describe('Mark.fetch', () => {
  const feeds = () =>
    manifest.markets.map(({ feed }) => ({
      address: feed as Hex,
      decimals: 8,
      heartbeatSeconds: manifest.feeds.heartbeatSeconds,
      deviationPpm: 0,
    }))
  const marks = (rest: Partial<Mark.fetch.Args> = {}) =>
    Mark.fetch({ reader: readerOf(), feeds: feeds(), from: 0n, every: 4n, most: 1_000, ...rest })

  test('worked example: every feed at every fourth final block, whoever asks and from where', async () => {
    const whole = await marks()
    const final = (await strait.publicClient.getBlockNumber()) - 8n
    expect(whole).toMatchObject({ next: (final / 4n + 1n) * 4n, complete: true, left: [] })
    expect(whole.marks.length).toBeGreaterThan(2)
    for (const mark of whole.marks) {
      const block = await strait.publicClient.getBlock({ blockNumber: mark.blockNumber })
      expect(mark).toMatchObject({ at: Number(block.timestamp), blockHash: block.hash, chainId })
      expect(mark.blockNumber % 4n).toBe(0n)
      expect(mark.price).toBe(usd(mark.feed === manifest.markets.find(({ symbol }) => symbol === 'ETH-PERP')?.feed ? 3_000 : 60_000))
    }
    const first = whole.marks[0]?.blockNumber ?? 0n
    expect((await marks({ from: first + 1n })).marks).toEqual(whole.marks.filter(({ blockNumber }) => blockNumber > first))
    expect((await marks({ from: first })).marks).toEqual(whole.marks)
  })

  test('edge: in pieces, and nothing before it is due', async () => {
    const whole = await marks()
    const pieces: Mark.Marks[] = [await marks({ most: 3 })]
    while (!pieces.at(-1)?.complete && pieces.length < 200) pieces.push(await marks({ from: pieces.at(-1)?.next ?? 0n, most: 3 }))
    expect(pieces.length).toBe(Math.ceil(Number(whole.next) / 12))
    expect(pieces.flatMap((piece) => piece.marks)).toEqual(whole.marks)
    const asked = taps.reduce((sum, tap) => sum + tap.count('eth_call'), 0)
    expect(await marks({ from: whole.next })).toEqual({ marks: [], next: whole.next, complete: true, left: [] })
    expect(taps.reduce((sum, tap) => sum + tap.count('eth_call'), 0)).toBe(asked)
  })

  test('edge: a feed that was stale at the block has no mark there', async () => {
    // Blocks of a later second than the feeds were published in; on a fast machine all before them are of one.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await strait.mine(16)
    const slow = feeds().map((feed) => ({ ...feed, heartbeatSeconds: 0 }))
    expect((await marks({ feeds: slow })).marks.length).toBeLessThan((await marks()).marks.length)
  })

  /** A reader whose nodes keep the state of the newest blocks only: a stand-in at this edge, since a local chain keeps all. */
  const pruned = (keptFrom: bigint): Quorum.Reader => {
    const reader = readerOf()
    const dissent = [{ id: 'a', why: 'RPC_ANSWERED_ERROR', detail: 'missing trie node' }] as const
    return {
      ...reader,
      read: (args) => {
        if (args.pinned.block.number < keptFrom)
          throw new Quorum.MulticallError({ chainId, dissent, address: canonicalMulticall, detail: '' })
        return reader.read(args)
      },
    }
  }

  test('error: state that nobody keeps is left out, except the newest, which is asked for again', async () => {
    const whole = await marks()
    const newest = whole.next - 4n
    const read = await marks({ reader: pruned(newest) })
    expect(read).toMatchObject({ marks: whole.marks.filter(({ blockNumber }) => blockNumber === newest), next: whole.next, complete: true })
    expect(read.left).toEqual(Array.from({ length: Number(newest / 4n) }, (_, i) => BigInt(4 * i)))
    await expect(marks({ reader: pruned(newest + 1n) })).rejects.toMatchObject({ name: 'Quorum.MulticallError' })
  })

  test('error: sources that are gone are not state that is gone: nothing is left out', async () => {
    const reader = readerOf()
    await reader.pin()
    for (const tap of taps) tap.break(faults.down)
    await expect(marks({ reader })).rejects.toMatchObject({ code: expect.stringContaining('RPC_') })
  })
})

describe('History.fetch', () => {
  const contracts = (): readonly History.fetch.Contract[] => [{ kind: 'venue', address: north.address, token: north.collateral.token }]
  const from = () => ({ number: BigInt(north.fromBlock) })
  const history = (rest: Partial<History.fetch.Args> = {}) =>
    History.fetch({ reader: readerOf(), from: from(), contracts: contracts(), ...rest })
  const kinds = (events: History.History['events'], account: PrivateKeyAccount) =>
    events.filter((event) => event.account === lower(account)).map(({ kind, amountUsd, token }) => [kind, amountUsd ?? token?.amount])

  test('worked example: what alice and bob did, in order', async () => {
    await strait.mine(9)
    const { events, complete, cursor } = await history()
    expect(complete).toBe(true)
    expect(kinds(events, alice)).toEqual([
      ['venue.deposited', 20_000n * 10n ** 6n],
      ['position.opened', usd(30_000)],
      ['fee.paid', usd(15)],
    ])
    expect(kinds(events, bob)).toEqual([
      ['venue.deposited', 20_000n * 10n ** 6n],
      ['position.opened', usd(60_000)],
      ['fee.paid', usd(30)],
      ['position.closed', usd(30_000)],
      ['pnl.realised', 0n],
    ])
    for (const event of events) {
      const block = await strait.publicClient.getBlock({ blockNumber: event.blockNumber })
      expect(event).toMatchObject({ at: Number(block.timestamp), blockHash: block.hash, chainId, contract: north.address })
    }
    expect(cursor.number).toBe((await strait.publicClient.getBlockNumber()) - 8n)
  })

  test('edge: incremental: nothing twice, nothing left out, only what is final', async () => {
    const before = await history()
    await trade(alice, 'reduce', eth, one)
    const early = await history({ from: before.cursor })
    expect(early).toMatchObject({ events: [], complete: true })
    await strait.mine(8)
    // The newest final block is the trade's own.
    const last = (await strait.publicClient.getBlockNumber()) - 8n
    expect((await history({ from: { number: last } })).events.map(({ kind }) => kind)).toEqual(['position.closed', 'pnl.realised'])
    await strait.mine(1)
    const later = await history({ from: early.cursor })
    expect(later.events.map(({ kind }) => kind)).toEqual(['position.closed', 'pnl.realised'])
    expect((await history()).events).toEqual([...before.events, ...later.events])
    expect((await history({ from: later.cursor })).events).toEqual([])
  })

  test('edge: nothing new gives back what was given: nothing is read twice', async () => {
    const { cursor } = await history()
    expect(await history({ from: cursor })).toMatchObject({ events: [], cursor, complete: true })
    const ahead = await strait.publicClient.getBlock()
    expect((await history({ from: ahead })).cursor).toBe(ahead)
    expect((await history({ from: { number: ahead.number + 100n } })).cursor).toEqual({ number: ahead.number + 100n })
  })

  test('edge: a long history comes in pieces', async () => {
    const width = { blocksPerRequest: 10, maxRequests: 2 }
    const whole = await history()
    const pieces: History.History[] = [await history(width)]
    while (!pieces.at(-1)?.complete && pieces.length < 20) pieces.push(await history({ from: pieces.at(-1)?.cursor ?? from(), ...width }))
    expect(pieces.length).toBe(Math.ceil(Number(whole.cursor.number - from().number + 1n) / 20))
    expect(pieces[0]?.cursor.number).toBe(from().number + 19n)
    expect(pieces.flatMap(({ events }) => events)).toEqual(whole.events)
    expect(pieces.at(-1)?.cursor).toEqual(whole.cursor)
  })

  const onLogs = (change: (logs: readonly Record<string, unknown>[]) => unknown) => lying('eth_getLogs', change)

  test('error: one source hides events, forges one, or is on a fork: the others tell', async () => {
    const truth = (await history()).events
    const forge = onLogs((logs) => [...logs, { ...logs[0], logIndex: '0xff' }])
    const fork = onLogs((logs) => logs.map((log) => ({ ...log, blockHash: `0x${'fa'.repeat(32)}` })))
    for (const fault of [faults.emptyLogs, onLogs((logs) => logs.slice(1)), forge, fork]) {
      taps[0]?.break(fault)
      const { events, dissent } = await history()
      expect(events).toEqual(truth)
      expect(dissent).toMatchObject([{ id: 'a', why: 'RPC_VALUE_DISAGREE' }])
    }
  })

  test('error: an empty answer is not nothing where another source has events', async () => {
    taps[0]?.break(faults.emptyLogs)
    taps[1]?.break(faults.emptyLogs)
    await expect(history()).rejects.toMatchObject({ code: 'RPC_VALUE_DISAGREE' })
  })

  test('error: k sources list a log in a block that is not there', async () => {
    const fork = onLogs((logs) => logs.map((log) => ({ ...log, blockHash: `0x${'fa'.repeat(32)}` })))
    for (const tap of taps) tap.break(fork)
    await expect(history()).rejects.toMatchObject({ code: 'RPC_VALUE_DISAGREE' })
  })

  test('error: a contract that logs something else', async () => {
    for (const tap of taps) tap.break(onLogs((logs) => logs.map((log) => ({ ...log, data: '0x' }))))
    await expect(history()).rejects.toMatchObject({ name: 'History.MalformedEventError', code: 'EVENT_MALFORMED' })
  })

  test("error: the cursor's block was replaced", async () => {
    const { cursor } = await history()
    const other: History.Cursor = { ...cursor, hash: `0x${'fa'.repeat(32)}` }
    await expect(history({ from: other })).rejects.toMatchObject({ code: 'FINALITY_VIOLATED', accepted: { hash: other.hash } })
  })

  test('worked example: a liquidation becomes evidence', async () => {
    await accept(alice, { credit: usd(50_000), maxNotional: usd(1), sequence: 3n })
    // Alice holds 9 ETH on 70,000 of equity; bob is short half a bitcoin on 20,000.
    await Deployment.setPrice({ chain: strait, manifest, symbol: 'BTC-PERP', price: 98_000 })
    const before = (await venue('head')).book.find(({ account }) => account === lower(bob))
    expect((before?.equity ?? 0n) < (before?.mm ?? 0n)).toBe(true)
    await Deployment.write(strait, carol, {
      address: north.address,
      abi: perpVenueAbi,
      functionName: 'liquidate',
      args: [bob.address, btc],
    })
    await strait.mine(9)

    const { events } = await history()
    const own = kinds(events, bob).slice(5)
    expect(own.map(([kind]) => kind)).toEqual(['position.closed', 'pnl.realised', 'liquidation', 'liquidation.fee'])
    expect(own[1]?.[1]).toBe(-usd(19_000))
    expect(own[2]?.[1]).toBe(usd(49_000))

    const conduct = Conduct.of(events).filter(({ account }) => account.endsWith(lower(bob)))
    expect(conduct.map(({ kind }) => kind)).toEqual(['fee', 'close', 'liquidation'])
    expect(TrackRecord.negativeKinds).toContain(conduct.at(-1)?.kind)
  })
})
