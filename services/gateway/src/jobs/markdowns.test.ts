import type { Snapshot } from '@plimsoll/api'
import { type Quorum, Signer } from '@plimsoll/chain'
import { Hash, limitBookAbi } from '@plimsoll/contracts'
import { type Inputs, Lowering } from '@plimsoll/margin'
import { Book, Database, Ledger, MarkDowns, Participants } from '@plimsoll/store'
import { encodeFunctionResult, toFunctionSelector, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Config } from '../config.ts'
import { asked, dueAt, run } from './markdowns.ts'

const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const participantId = Hash.ofText('participant')
const account = '0x00000000000000000000000000000000000000aa'
const venue = { chainId: 3, address: '0x00000000000000000000000000000000000000cc' } as const
const lot: Inputs.Lot = {
  ...{ lotId: Hash.ofText('lot'), chainId: 1, holder: account, asset: 'USDC', custody: 'LOCKED', decimals: 6 },
  ...{ token: '0x00000000000000000000000000000000000000ee', venue: '0x00000000000000000000000000000000000000ff' },
  ...{ amount: usdc(10_000), pendingOut: 0n, block: { number: 9n, hash: Hash.ofText('block'), timestamp: 998 } },
  price: { value: usd(1), confidence: 0n, publishedAt: 995 },
  haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
}
const half = { ...lot, amount: usdc(5_000) }

/** One participant on call, with 10,000 in the venue's book and nothing bound elsewhere. */
const book = (participant: Partial<Book.Participant> = {}): Book.Book => ({
  ...{ version: 1n, readAt: 1_000, markets: new Map(), certificates: [] },
  participants: new Map([
    [
      participantId,
      {
        ...{ version: 1n, marginCall: true, releases: 0n },
        keys: new Map([
          [
            'north',
            {
              ...{ account, chainId: venue.chainId, venue: venue.address, encumbrance: usd(10_000), certificateCredit: 0n },
              ...{ bookCredit: usd(10_000), venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n, positions: new Map() },
            },
          ],
        ]),
        ...participant,
      },
    ],
  ]),
})

type Lots = readonly Inputs.Lot[]
type Missing = Inputs.View['missing']
const missing: Missing = [{ chainId: 1, code: 'RPC_QUORUM_LOST' }]

/** What a snapshot shows of the participant; ether is moved by a market that has no forecast. */
const shown = (firm: Lots, seen: Lots = firm, gone: Missing = [], doubts: Lots = [], beside: Lots = []) =>
  ({
    views: new Map([[participantId, { lots: seen, missing: gone }]]),
    firm: new Map([[participantId, { lots: firm, missing: gone, doubts, beside }]]),
    assets: new Map([
      ['USDC', null],
      ['WETH', 'ETH-PERP'],
    ]),
    markets: new Map([['ETH-PERP', { forecast: { status: 'missing', code: 'FORECAST_MISSING', message: 'There is none.' } }]]),
  }) as unknown as Snapshot.Snapshot
const nothing = new Map<string, bigint>()
const due = (...given: Parameters<typeof shown>) =>
  dueAt({ book: book(), venue, snapshot: shown(...given), claimed: nothing, rests: 'forecast', asked: nothing, most: new Map() })

/** What is bound at this venue and at another, in the books of both. */
const two = (north: number, south: { readonly bound: number; readonly book: number }) => {
  const key: Omit<Book.Key, 'venue' | 'encumbrance' | 'bookCredit'> = {
    ...{ account, chainId: venue.chainId, certificateCredit: 0n, venueCollateral: 0n, unrealisedLoss: 0n, fees: 0n },
    positions: new Map(),
  }
  return book({
    keys: new Map([
      [keyIds.north, { ...key, venue: venue.address, encumbrance: usd(north), bookCredit: usd(north) }],
      [keyIds.south, { ...key, venue: other.address, encumbrance: usd(south.bound), bookCredit: usd(south.book) }],
    ]),
  })
}
const other = { chainId: venue.chainId, address: '0x00000000000000000000000000000000000000dd' } as const
const keyIds = { north: Book.keyId({ account, venue }), south: Book.keyId({ account, venue: other }) }

/** People on call at one venue, and what `run` is given of them. */
function crowd(database: Database.Database, unpriced: readonly string[] = [], maxHaircutPpm: number | null = null) {
  const firm = new Map<`0x${string}`, Snapshot.Firm>()
  /** Somebody on call, of whose 10,000 in the venue's book so much is left. */
  const called = async (byte: string, left: Partial<Inputs.Lot>) => {
    const own = `0x${byte.repeat(20)}` as const
    const { participantId: id } = await Participants.ensure(database, { account: `eip155:0:${own}` })
    const flat = { market: Hash.ofText('ETH-PERP'), side: 'flat', notional: 0n, requirement: 0n, acceptedSequence: 0n } as const
    const read = { account: own, venueCollateral: 0n, unrealisedLoss: 0n, fees: usd(10_000), credit: usd(10_000), positions: [flat] }
    const block = { number: 7n, hash: Hash.ofText('block'), timestamp: 990 }
    await Ledger.observe(database, { chainId: venue.chainId, venue: venue.address, block, accounts: [read] })
    await Ledger.call(database, { participantId: id, credit: 0n })
    firm.set(id, { lots: [{ ...half, lotId: Hash.ofText(byte), holder: own, ...left }], missing: [], doubts: [], beside: [] })
    return id
  }
  const nothingYet = `0x${'00'.repeat(64)}` as const
  const terms = {
    feed: maxHaircutPpm === null ? zeroAddress : other.address,
    heartbeatSeconds: 60,
    decimals: 6,
    maxHaircutPpm: maxHaircutPpm ?? 0,
  }
  const known = encodeFunctionResult({ abi: limitBookAbi, functionName: 'assetOf', result: terms })
  const asksTerms = (data: string) => data.startsWith(toFunctionSelector('function assetOf(bytes32)'))
  const reader = {
    config: { chainId: venue.chainId },
    fetch: async ({ calls }: { readonly calls: readonly { readonly data: string }[] }) => ({
      pinned: { block: { timestamp: 990 }, head: { timestamp: 1_000 } },
      results: calls.map(({ data }) => ({
        success: asksTerms(data) || !unpriced.some((asset) => data.includes(Hash.ofText(asset).slice(2))),
        data: asksTerms(data) ? known : nothingYet,
      })),
    }),
  } as unknown as Quorum.Reader
  const args: Omit<Parameters<typeof run>[0], 'signer'> = {
    ...{ database, reader, relay: null, holdersOf: () => [], asked: asked() },
    venue: { ...venue, name: 'north', limitBook: other.address } as unknown as Config['venues'][number],
    snapshot: {
      ...{ ...shown([half]), firm, params: { ttlSeconds: 300 } },
      venues: new Map([[`eip155:${venue.chainId}:${venue.address}`, { epoch: 1 }]]),
    } as unknown as Snapshot.Snapshot,
  }
  return { called, args }
}

describe('dueAt', () => {
  test('worked example: half of what is bound is left, and a little above it stays', () => {
    // 5,000 · 1.002, above what the book computes at prices that may have moved.
    expect(due([half])).toEqual([
      {
        ...{ participantId, account, credit: usd(5_010) },
        evidence: { lots: [{ asset: Hash.ofText('USDC'), amount: usdc(5_000), haircutPpm: 0 }], sharePpm: 1_000_000 },
      },
    ])
  })

  test('rounding: up, so that no credit is lost to it', () => {
    // Seven parts of 1e18 USD, and a clearance of 0.014 of one.
    const grain = { ...lot, amount: 1n, price: { ...lot.price, value: 7_000_000n } }
    expect(due([grain])[0]?.credit).toBe(8n)
  })

  test('edge: what one source says has left lowers nobody before it is final', () => {
    expect(due([lot], [{ ...lot, pendingOut: usdc(10_000) }])).toEqual([])
    expect(due([lot], [])).toEqual([])
    expect(due([{ ...lot, pendingOut: usdc(10_000) }], [lot])).toMatchObject([{ credit: 0n }])
  })

  test('edge: nobody who is not on call, and nobody of whom a part is missing', () => {
    expect(
      dueAt({
        book: book({ marginCall: false }),
        venue,
        snapshot: shown([half]),
        claimed: nothing,
        rests: 'forecast',
        asked: nothing,
        most: new Map(),
      }),
    ).toEqual([])
    expect(due([half], [half], missing)).toEqual([])
  })

  test('edge: what another venue lost beyond its credit is its own, and takes no share of this one', () => {
    // 5,000 and 5,000 in the books; the other venue is owed 45,000.
    const snapshot = shown([half])
    expect(
      dueAt({
        book: two(5_000, { bound: 45_000, book: 5_000 }),
        venue,
        snapshot,
        claimed: nothing,
        rests: 'forecast',
        asked: nothing,
        most: new Map(),
      }),
    ).toMatchObject([{ credit: usd(2_505), evidence: { sharePpm: 500_000 } }])
  })

  test('edge: what is claimed for another venue counts once, and is no reason to lower this one', () => {
    // Of 10,000 half is reserved for a claim of the other venue, and what is left is what is bound here.
    const snapshot = shown([{ ...lot, pendingOut: usdc(5_000) }])
    const claimed = new Map([[keyIds.south, usd(5_000)]])
    expect(
      dueAt({
        book: two(5_000, { bound: 5_000, book: 5_000 }),
        venue,
        snapshot,
        claimed,
        rests: 'forecast',
        asked: nothing,
        most: new Map(),
      }),
    ).toEqual([])
    // Nor is the other's own lowered: what it claimed is under way.
    expect(
      dueAt({
        book: two(5_000, { bound: 5_000, book: 5_000 }),
        venue: other,
        snapshot,
        claimed,
        rests: 'forecast',
        asked: nothing,
        most: new Map(),
      }),
    ).toEqual([])
  })

  test('edge: dust in many lots makes nobody safe: what is alike is one line of the evidence', () => {
    const dust = Array.from({ length: 40 }, (_, index) => ({ ...lot, lotId: Hash.ofText(`dust ${index}`), amount: 1n }))
    expect(due([half, ...dust])).toMatchObject([
      { evidence: { lots: [{ asset: Hash.ofText('USDC'), amount: usdc(5_000) + 40n, haircutPpm: 0 }] } },
    ])
  })

  test('bug: a grain in each of more vaults than a book takes lines made whoever held them safe', () => {
    const grains = (count: number): Lots =>
      Array.from({ length: count }, (_, index) => ({
        ...{ ...lot, lotId: Hash.ofText(`grain ${index}`), amount: 1n },
        haircuts: { ...lot.haircuts, bridgePpm: 1_000 * (index + 1) },
      }))
    expect(due([half, ...grains(31)])[0]?.evidence.lots).toHaveLength(32)
    const ether = {
      ...lot,
      lotId: Hash.ofText('ether'),
      asset: 'WETH',
      decimals: 18,
      amount: 2n,
      price: { ...lot.price, value: usd(2_000) },
    }
    const [order] = due([
      ...grains(32),
      half,
      ether,
      { ...ether, lotId: Hash.ofText('dearer'), price: { ...lot.price, value: usd(10_000) } },
    ])
    expect(order?.evidence.lots).toEqual([
      { asset: Hash.ofText('USDC'), amount: usdc(5_000) + 32n, haircutPpm: 0 },
      { asset: Hash.ofText('WETH'), amount: 4n, haircutPpm: 0 },
    ])
    // 32 grains of a millionth of a dollar each, and four of ether, at the greatest price of them.
    expect(order?.credit).toBe(((usd(5_000) + 32n * 10n ** 12n + 40_000n) * 1_002n) / 1_000n)
    const assets = Array.from({ length: 33 }, (_, index) => ({
      ...lot,
      lotId: Hash.ofText(`asset ${index}`),
      asset: `A${index}`,
      amount: 1n,
    }))
    expect(due([half, ...assets.slice(0, 31)])).toHaveLength(1)
    expect(due([half, ...assets])).toEqual([])
  })

  test('edge: what an operator lets count nothing is no evidence of anything', () => {
    const gone = { ...lot, lotId: Hash.ofText('gone'), asset: 'HOST', haircuts: { ...lot.haircuts, bridgePpm: 1_000_000 } }
    expect(due([half, gone])).toEqual(due([half]))
    expect(due([half, { ...gone, haircuts: { ...lot.haircuts, bridgePpm: 999_999 } }])).not.toEqual(due([half]))
  })

  test('worked example: a grain in doubt counts at the most that it may be worth, whole; a sack of it leaves nothing to lower', () => {
    // A thousandth of an ether, of which the last price was 2,000: at most 10.
    const ether = { ...lot, lotId: Hash.ofText('ether'), asset: 'WETH', decimals: 18, price: { ...lot.price, value: usd(10_000) } }
    const grain = [{ ...ether, amount: 10n ** 15n }]
    expect(due([half], [half], [], grain)).toMatchObject([
      {
        credit: (usd(5_010) * 1_002n) / 1_000n,
        evidence: { lots: [{ amount: usdc(5_000) }, { asset: Hash.ofText('WETH'), amount: 10n ** 15n, haircutPpm: 0 }] },
      },
    ])
    expect(due([half], [half], [], [{ ...ether, amount: 10n ** 18n }])).toEqual([])
  })

  test('edge: dust that counts nothing for want of a forecast makes nobody safe: it counts whole', () => {
    const ether = { ...lot, lotId: Hash.ofText('ether'), asset: 'WETH', decimals: 18, price: { ...lot.price, value: usd(2_000) } }
    // 5,000 of USDC and 0.001 ether at 2,000.
    expect(due([half, { ...ether, amount: 10n ** 15n }])).toMatchObject([
      {
        credit: (usd(5_002) * 1_002n) / 1_000n,
        evidence: { lots: [{ haircutPpm: 0 }, { asset: Hash.ofText('WETH'), haircutPpm: 0 }] },
      },
    ])
  })
})

describe('dueAt, however many lots there are', () => {
  test('bug: grains in two hundred lots stood before what has no forecast, and credit was lowered by all of that', () => {
    const ether = { ...lot, asset: 'WETH', decimals: 18, amount: 5n * 10n ** 18n, price: { ...lot.price, value: usd(2_000) } }
    const grains = Array.from({ length: 200 }, (_, index) => ({ ...lot, lotId: Hash.ofText(`grain ${index}`), amount: 1n }))
    expect(due([ether, ...grains])).toEqual([])
    expect(due([{ ...ether, amount: 25n * 10n ** 17n }, ...grains])).toMatchObject([
      {
        credit: ((usd(5_000) + 200n * 10n ** 12n) * 1_002n) / 1_000n,
        evidence: { lots: [{ amount: 25n * 10n ** 17n }, { amount: 200n }] },
      },
    ])
  })
})

describe('dueAt, resting on what each signer can check', () => {
  const checked = (of: Book.Book, firm: Lots, asked = nothing) =>
    dueAt({ book: of, venue, snapshot: shown(firm), claimed: nothing, rests: 'checked', asked, most: new Map() })

  test('worked example: the share of what is left, with configured haircuts whatever is forecast', () => {
    const ether = { ...lot, asset: 'WETH', decimals: 18, amount: 10n ** 18n, price: { ...lot.price, value: usd(2_000) } }
    const tenth = { ...ether, haircuts: { ...lot.haircuts, assetPpm: 100_000 } }
    // 6,000 and 2,000 in the books, 1,800 left: 1,350 of it, and a little above.
    expect(checked(two(6_000, { bound: 2_000, book: 2_000 }), [tenth])).toMatchObject([
      { credit: (usd(1_350) * 1_002n) / 1_000n, evidence: { lots: [{ haircutPpm: 100_000 }], sharePpm: 750_000 } },
    ])
  })

  test('edge: no less than what is left beyond what other books hold, whatever is bound', () => {
    // 1,000 of the 6,000 in this book are bound, and all 100 of the other: a share of 2,000 would be 1,818.
    const keys = [...(two(6_000, { bound: 100, book: 100 }).participants.get(participantId)?.keys ?? [])]
    const partly = new Map(keys.map(([id, key]) => [id, id === keyIds.north ? { ...key, encumbrance: usd(1_000) } : key]))
    expect(checked(book({ keys: partly }), [{ ...lot, amount: usdc(2_000) }])).toMatchObject([{ credit: usd(2_004) - usd(100) }])
  })

  test('edge: what signers were asked for another venue, and may have signed, counts as lowered there', () => {
    // Of 12,000 half is left, after less was: south may be lowered to 1,000, so that 5,000 are certain for north and not 4,500.
    const of = two(9_000, { bound: 3_000, book: 3_000 })
    const left = [{ ...lot, amount: usdc(6_000) }]
    expect(checked(of, left)).toMatchObject([{ credit: (usd(4_500) * 1_002n) / 1_000n }])
    expect(checked(of, left, new Map([[keyIds.south, usd(1_000)]]))).toMatchObject([
      { credit: (usd(6_000) * 1_002n) / 1_000n - usd(1_000) },
    ])
    expect(checked(of, left, new Map([[keyIds.south, usd(4_000)]]))).toMatchObject([{ credit: (usd(4_500) * 1_002n) / 1_000n }])
    expect(checked(of, left, new Map([[keyIds.north, 0n]]))).toMatchObject([{ credit: (usd(4_500) * 1_002n) / 1_000n }])
  })

  test('bug: a grain that anybody locked for a contract account on another chain kept signers from ever lowering its credit', () => {
    const grain = { ...half, lotId: Hash.ofText('grain'), chainId: 2, amount: 1n }
    const given = { book: book(), venue, claimed: nothing, asked: nothing, most: new Map() }
    const dueBeside = (beside: Lots, rests: 'checked' | 'forecast' = 'checked') =>
      dueAt({ ...given, rests, snapshot: shown([half], [half], [], [], beside) })
    const [order] = dueBeside([grain])
    // A signer finds everything at the address, and cannot tell that it is another's.
    const lines = (order?.evidence.lots ?? []).map((line) => ({ ...line, asset: 'USDC' }))
    const own = [half, grain]
    expect(Lowering.compare({ lines, credit: order?.credit ?? 0n, own, elsewhere: 0n, unpriced: new Set() })).toEqual({ status: 'sound' })
    // A lot of it keeps as much from being lowered; what signers do not check rests on the participant's own.
    expect(dueBeside([{ ...grain, amount: usdc(1_000) }])).toMatchObject([{ credit: (usd(6_000) * 1_002n) / 1_000n }])
    expect(dueBeside([{ ...grain, amount: usdc(1_000) }], 'forecast')).toMatchObject([{ credit: usd(5_010) }])
  })

  test('edge: every lot counts, however many there are', () => {
    const many = Array.from({ length: 201 }, (_, index) => ({ ...lot, lotId: Hash.ofText(`lot ${index}`), amount: usdc(10) }))
    expect(checked(book(), many)).toMatchObject([{ credit: (usd(2_010) * 1_002n) / 1_000n, evidence: { lots: [{ amount: usdc(2_010) }] } }])
  })
})

describe('asked', () => {
  test('worked example: the least of what was asked for a key, until a block of its venue is past the life of each', () => {
    const all = asked()
    all.note({ account, venue }, { credit: usd(30), until: 1_200 })
    all.note({ account, venue }, { credit: usd(40), until: 1_300 })
    all.note({ account, venue: other }, { credit: usd(20), until: 1_200 })
    const after = (at: typeof venue | typeof other, blockTime: number) => {
      const left = all.forget(at, blockTime)
      return [left, all.least().get(keyIds.north), all.least().get(keyIds.south)]
    }
    expect(after(venue, 1_200)).toEqual([true, usd(30), usd(20)])
    expect(after(venue, 1_201)).toEqual([true, usd(40), usd(20)])
    expect(after(venue, 1_301)).toEqual([false, undefined, usd(20)])
    expect(after(other, 1_200)).toEqual([true, undefined, usd(20)])
    expect(after(other, 1_201)).toEqual([false, undefined, undefined])
  })
})

describe('run', () => {
  const down = (why: Signer.Failure['why'], asked: string[]): Parameters<typeof run>[0]['signer'] => ({
    ...{ kind: 'quorum', addresses: [], threshold: 2 },
    sign: async ({ markDown }) => {
      asked.push(markDown.account)
      const failures = [{ signer: other.address, why, detail: 'EVIDENCE_LOW: Its evidence has less.' }]
      throw new Signer.UnavailableError({ threshold: 2, failures })
    },
  })
  test.each<[string, Signer.Failure['why'], number]>([
    ['signers that are silent are asked for one, and not for everybody', 'timeout', 1],
    ['signers that cannot check one are asked for the next', 'unable', 2],
  ])('edge: %s; what they said is told', async (_, why, times) => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { called, args } = crowd(database)
    await called('a1', {})
    await called('a2', {})
    const asked: string[] = []
    const faults = await run({ ...args, signer: down(why, asked) })
    expect(asked).toHaveLength(times)
    expect(faults).toHaveLength(times)
    expect(args.asked.least().size).toBe(times)
    expect(faults[0]).toContain(`SIGNERS_UNAVAILABLE: ${other.address} (${why}): EVIDENCE_LOW`)
    expect(await MarkDowns.pending(database, venue)).toEqual([])
  })

  test('edge: what the book cannot value is in no evidence, and in the credit all the same', async () => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { called, args } = crowd(database, ['WETH'])
    const id = await called('a1', {})
    const ether = {
      ...lot,
      lotId: Hash.ofText('ether'),
      asset: 'WETH',
      decimals: 18,
      amount: 10n ** 15n,
      price: { ...lot.price, value: usd(10_000) },
    }
    const firm = args.snapshot.firm as Map<`0x${string}`, Snapshot.Firm>
    firm.set(id, { ...(firm.get(id) ?? { lots: [], missing: [], beside: [] }), doubts: [ether] })
    expect(await run({ ...args, signer: { sign: async () => ['0x01'] } as unknown as Parameters<typeof run>[0]['signer'] })).toEqual([])
    const [order] = await MarkDowns.pending(database, venue)
    const { message, evidence } = JSON.parse(order?.document ?? '')
    expect(evidence.lots.map(({ asset }: { readonly asset: string }) => asset)).toEqual([Hash.ofText('USDC')])
    expect(BigInt(message.credit)).toBe((usd(5_010) * 1_002n) / 1_000n)
  })

  test('bug: of what a forecast takes more off than the book does it refused the order, and nobody who held it was marked down', async () => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { called, args } = crowd(database, [], 400_000)
    // It stands for what a forecast takes off: 5,000 USD count for 2,000, and the book takes no line that says so.
    await called('a1', { haircuts: { ...lot.haircuts, assetPpm: 600_000 } })
    const sign = { sign: async () => ['0x01'] } as unknown as Parameters<typeof run>[0]['signer']
    await called('a2', { haircuts: { ...lot.haircuts, assetPpm: 100_000 } })
    expect(await run({ ...args, signer: sign })).toEqual([])
    const orders = (await MarkDowns.pending(database, venue)).map(({ document }) => JSON.parse(document))
    const { message, evidence } = orders.find(({ message }) => message.account.startsWith('0xa1'))
    // Who has less taken off keeps his own.
    const other = orders.find(({ message }) => message.account.startsWith('0xa2'))
    expect([other.evidence.lots[0].haircutPpm, BigInt(other.message.credit)]).toEqual([100_000, usd(4_509)])
    expect(evidence.lots).toEqual([{ asset: Hash.ofText('USDC'), amount: `${usdc(5_000)}`, haircutPpm: 400_000 }])
    // 3,000 · 1.002, above what the book computes.
    expect(BigInt(message.credit)).toBe(usd(3_006))
  })

  test('edge: one whose order cannot be written keeps nobody else from his, and is said', async () => {
    await using database = await Database.open({ memory: true, clock: () => 1_000 })
    const { called, args } = crowd(database)
    // More of a token than an order has room for, and worth next to nothing.
    const cheap = { ...half.price, value: 1n }
    await called('a1', { amount: 2n ** 128n, decimals: 18, price: cheap })
    const second = await called('a2', {})
    const faults = await run({ ...args, signer: { sign: async () => ['0x01'] } as unknown as Parameters<typeof run>[0]['signer'] })
    expect((await MarkDowns.pending(database, venue)).map((it) => it.participantId)).toEqual([second])
    expect(faults).toEqual([expect.stringContaining('0xa1a1')])
  })
})
