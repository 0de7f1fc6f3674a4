import type { Deployment } from '@plimsoll/api'
import type { Code, QuorumSigner } from '@plimsoll/chain'
import { Hash, MarkDown } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import type * as Certain from './certain.ts'
import * as Holders from './holders.ts'
import * as Lowering from './lowering.ts'
import * as Memory from './Memory.ts'

const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const [anna, her, stranger] = ['a1', 'a2', 'b1'].map((byte) => `0x${byte.repeat(20)}` as const) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
]
const [north, south, limitBook] = ['c1', 'c2', 'd1'].map((byte) => `0x${byte.repeat(20)}` as const) as [
  typeof anna,
  typeof anna,
  typeof anna,
]
const participantId = Hash.ofText('anna')
const deployment = {
  venues: [north, south].map((address) => ({ chainId: 3, address, limitBook })),
  vaults: [{ chainId: 1 }, { chainId: 2 }, { chainId: 3 }],
  assets: [{ asset: 'USDC' }, { asset: 'WETH' }],
} as unknown as Deployment.Deployment
const now = 1_000
const lot: Inputs.Lot = {
  ...{ lotId: Hash.ofText('lot'), chainId: 1, holder: anna, asset: 'USDC', custody: 'LOCKED', decimals: 6 },
  ...{ token: `0x${'ee'.repeat(20)}`, venue: 'vault', amount: usdc(4_000), pendingOut: 0n },
  block: { number: 9n, hash: Hash.ofText('block'), timestamp: 998 },
  price: { value: usd(1), confidence: 0n, publishedAt: 995 },
  haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
}
const documentOf = (...holders: readonly string[]) => JSON.stringify({ view: { lots: holders.map((holder) => ({ holder })) } })
const behind = documentOf(anna, her)

/** 6,000 are left of what backed 9,000 at north and 3,000 at south: 4,500 of it are north's. */
const evidence: MarkDown.Evidence = { lots: [{ asset: Hash.ofText('USDC'), amount: usdc(6_000), haircutPpm: 0 }], sharePpm: 750_000 }
const order: MarkDown.MarkDown = {
  ...{
    account: anna,
    venue: north,
    credit: usd(4_500),
    sequence: 8n,
    epoch: 1,
    inputsHash: MarkDown.hashOf(evidence),
    issuedAt: BigInt(now),
  },
}
const lots = [lot, { ...lot, lotId: Hash.ofText('another'), holder: her, amount: usdc(2_000) }]
const reads: Certain.Certain = {
  book: { epoch: 1, paused: false, sequence: 7n, credit: usd(9_000), headTime: now, unpriced: new Set() },
  collateral: { missing: [], firm: { lots, doubtful: [] }, codes: [] },
  last: { account: anna, venue: north, participantId, inputsHash: Hash.ofText(behind) },
  others: [{ key: `3:${south}:${anna}`, participantId, credit: usd(3_000), blockTime: 990 }],
}
/** Ether whose feed is out, worth at most so much: by this signer's own memory of its price. */
const doubt = (most: bigint | null): Certain.Certain['collateral']['firm']['doubtful'][number] => ({
  ...{ lotId: Hash.ofText('ether'), holder: her, chainId: 1, code: 'ORACLE_STALE' },
  most:
    most === null
      ? null
      : { ...lot, lotId: Hash.ofText('ether'), holder: her, asset: 'WETH', amount: 1n, decimals: 0, price: { ...lot.price, value: most } },
})
type Given = {
  readonly order?: Partial<MarkDown.MarkDown>
  readonly evidence?: MarkDown.Evidence
  readonly question?: Partial<QuorumSigner.MarkDownQuestion>
  readonly reads?: Partial<Certain.Certain>
  readonly memory?: Memory.Memory
  readonly now?: number
}

/** `signed`, or the status and code of what is said instead. */
function said(given: Given = {}): string {
  const told = given.evidence ?? evidence
  const message = { ...order, inputsHash: MarkDown.hashOf(told), ...given.order }
  const question: QuorumSigner.MarkDownQuestion = {
    ...{ chainId: 3, limitBook, markDown: MarkDown.toMessage(message), evidence: told, holders: [anna, her], documents: [behind] },
    ...given.question,
  }
  const asked = { question, now: given.now ?? now }
  const parsed = Lowering.orderOf({ deployment }, asked)
  if ('status' in parsed) return parsed.status === 'signed' ? 'signed' : `${parsed.status} ${parsed.code}`
  const memory = given.memory ?? Memory.open()
  const judged = Lowering.judge({ memory, deployment }, { ...asked, order: parsed, reads: { ...reads, ...given.reads } })
  if (typeof judged === 'string') {
    expect(judged).toBe(MarkDown.digest(message, { chainId: 3, verifyingContract: limitBook }))
    return 'signed'
  }
  return judged.status === 'signed' ? 'signed' : `${judged.status} ${judged.code}`
}
const book = (change: Partial<Certain.Certain['book']>) => ({ book: { ...reads.book, ...change } })
const line = (change: Partial<MarkDown.Evidence['lots'][number]>): MarkDown.Evidence => ({
  ...evidence,
  lots: evidence.lots.map((it) => ({ ...it, ...change })),
})

describe('orderOf', () => {
  test.each<[string, Given, string]>([
    ['what is no order', { question: { markDown: {} as MarkDown.Message } }, 'refused UNREADABLE'],
    ['another venue', { order: { venue: stranger } }, 'refused BOOK_UNKNOWN'],
    ['another book', { question: { limitBook: north } }, 'refused BOOK_UNKNOWN'],
    ['another chain', { question: { chainId: 4 } }, 'refused BOOK_UNKNOWN'],
    ['an asset that is not known', { evidence: line({ asset: Hash.ofText('WBTC') }) }, 'refused ASSET_UNKNOWN'],
    [
      'an asset that is not known beside one that is',
      { evidence: { ...evidence, lots: evidence.lots.flatMap((it) => [it, { ...it, asset: Hash.ofText('WBTC') }]) } },
      'refused ASSET_UNKNOWN',
    ],
    ['another evidence', { order: { inputsHash: Hash.ofText('another') } }, 'refused EVIDENCE_HASH'],
    ['a time ahead', { order: { issuedAt: 1_016n } }, 'refused CLOCKS_APART'],
    ['a time as far ahead as clocks may be', { order: { issuedAt: 1_015n } }, 'signed'],
  ])('error: %s', (_, given, expected) => {
    expect(said(given)).toBe(expected)
  })
})

describe('judge', () => {
  test('worked example: 4,500 of 6,000, where 9,000 of 12,000 were held; no less than 3,000 is certain', () => {
    expect(said()).toBe('signed')
    expect(said({ order: { credit: usd(3_000) } })).toBe('signed')
    expect(said({ order: { credit: usd(3_000) - 1n } })).toBe('refused CREDIT_LOW')
  })

  test.each<[string, Given, string]>([
    ['a paused book', { reads: book({ paused: true }) }, 'refused BOOK_PAUSED'],
    ['another epoch', { order: { epoch: 2 } }, 'refused EPOCH_OTHER'],
    ['a used sequence', { reads: book({ sequence: 8n }) }, 'refused SEQUENCE_USED'],
    ['the last sequence that is not too far', { order: { sequence: 1_000_007n } }, 'signed'],
    ['a sequence too far', { order: { sequence: 1_000_008n } }, 'refused SEQUENCE_FAR'],
    ['a time as far behind the head as it may be', { reads: book({ headTime: 1_060 }) }, 'signed'],
    ['a time too far behind', { reads: book({ headTime: 1_061 }) }, 'refused ORDER_OLD'],
    ['what lowers nothing', { reads: book({ credit: usd(4_500) }) }, 'refused NOT_LOWER'],
    ['what lowers by a unit', { reads: book({ credit: usd(4_500) + 1n }) }, 'signed'],
    ['no certificate read', { reads: { last: null } }, 'unable CERTIFICATE_UNREAD'],
    ['no document', { question: { documents: [] } }, 'unable DOCUMENT_MISSING'],
    ['another document', { question: { documents: [documentOf(anna)] } }, 'unable DOCUMENT_MISSING'],
    ['the document among others', { question: { documents: [documentOf(anna), behind] } }, 'signed'],
    ['a holder of the document left out', { question: { holders: [anna] } }, 'refused HOLDER_HIDDEN'],
    ['the account itself left out', { question: { holders: [her] } }, 'refused HOLDER_HIDDEN'],
    [
      'the account itself left out, which holds nothing',
      {
        question: { holders: [her], documents: [documentOf(her)] },
        reads: { last: { account: anna, venue: north, participantId, inputsHash: Hash.ofText(documentOf(her)) } },
      },
      'refused HOLDER_HIDDEN',
    ],
    ['a holder more', { question: { holders: [anna, her, stranger] } }, 'signed'],
    ['evidence with a lot less', { evidence: line({ amount: usdc(6_000) - 1n }) }, 'refused EVIDENCE_LOW'],
    ['a haircut of its own', { evidence: line({ amount: usdc(60_000), haircutPpm: 1 }) }, 'refused HAIRCUT_OTHER'],
    [
      'a chain that could not be read',
      { reads: { collateral: { ...reads.collateral, missing: [{ chainId: 1, code: 'RPC_QUORUM_LOST' }] } } },
      'unable RPC_QUORUM_LOST',
    ],
    [
      'a lot in doubt of which nothing is known',
      { reads: { collateral: { ...reads.collateral, firm: { lots, doubtful: [doubt(null)] } } } },
      'unable ORACLE_STALE',
    ],
  ])('edge: %s', (_, given, expected) => {
    expect(said(given)).toBe(expected)
  })

  test('worked example: a grain in doubt counts at the most that it may be worth, and whether its line is asked for is the book’s to say', () => {
    const doubted = (most: bigint, unpriced: readonly string[] = ['WETH']): Partial<Certain.Certain> => ({
      collateral: { ...reads.collateral, firm: { lots, doubtful: [doubt(most)] } },
      ...book({ unpriced: new Set(unpriced) }),
    })
    // 3,000 are certain for north without it; a grain of at most 5 makes them 3,005, and a sack of at most 15,000 leaves nothing to lower.
    const at = (credit: bigint, given: Partial<Certain.Certain>) => said({ order: { credit }, reads: given })
    expect(at(usd(3_005), doubted(usd(5)))).toBe('signed')
    expect(at(usd(3_005) - 1n, doubted(usd(5)))).toBe('refused CREDIT_LOW')
    expect(at(usd(4_500), doubted(usd(15_000)))).toBe('refused CREDIT_LOW')
    // Where the book has a price of it after all, it is to be named.
    expect(at(usd(3_005), doubted(usd(5), []))).toBe('refused EVIDENCE_LOW')
    const whole = { ...evidence, lots: [...evidence.lots, { asset: Hash.ofText('WETH'), amount: 1n, haircutPpm: 0 }] }
    expect(said({ evidence: whole, order: { credit: usd(3_005) }, reads: doubted(usd(5), []) })).toBe('signed')
  })

  test("edge: what books hold for somebody else's key is no reason to lower this one", () => {
    const others = reads.others.map((other) => ({ ...other, participantId: Hash.ofText('another') }))
    expect(said({ reads: { others } })).toBe('refused CREDIT_LOW')
    expect(said({ reads: { others: others.map((other) => ({ ...other, participantId: null })) } })).toBe('refused CREDIT_LOW')
    expect(said({ reads: { others }, order: { credit: usd(6_000) } })).toBe('signed')
  })

  test('edge: of two venues each is lowered for what the other holds, and not both', () => {
    const memory = Memory.open()
    expect(said({ memory, order: { credit: usd(3_000) } })).toBe('signed')
    // South holds 3,000, and north still 9,000 as final blocks have it: lowered to 3,000 as soon as somebody posts it.
    const others = [{ key: `3:${north}:${anna}`, participantId, credit: usd(9_000), blockTime: 990 }]
    const atSouth = (credit: bigint, blockTime = 990) =>
      said({
        ...{ memory, order: { venue: south, credit } },
        reads: { ...book({ credit: usd(3_001) }), others: others.map((other) => ({ ...other, blockTime })) },
      })
    expect(atSouth(usd(3_000) - 1n)).toBe('refused CREDIT_LOW')
    expect(atSouth(usd(3_000) - 1n, now + 300)).toBe('refused CREDIT_LOW')
    expect(atSouth(usd(3_000))).toBe('signed')
    // A block past its life shows whether the book took it.
    expect(atSouth(0n, now + 301)).toBe('signed')
  })

  test('edge: an order that is refused is not remembered', () => {
    const memory = Memory.open()
    expect(said({ memory, order: { credit: usd(2_000) } })).toBe('refused CREDIT_LOW')
    expect(memory.loweredTo(`3:${north}:${anna}`, { blockTime: 0 })).toBe(null)
  })

  test('edge: accounts that this signer signed for the participant within an hour may not be left out, nor belong to somebody else', () => {
    const certified = { participantId, key: 'north', credit: 1n, expiresAt: 1_100, holders: [stranger] }
    const hers = Memory.open()
    hers.keep(certified)
    const until = 1_100 + 3_600
    const late = { now: until, order: { issuedAt: BigInt(until) } }
    expect(said({ memory: hers })).toBe('refused HOLDER_HIDDEN')
    expect(said({ memory: hers, question: { holders: [anna, her, stranger] } })).toBe('signed')
    expect(said({ memory: hers, now: until - 1, order: { issuedAt: BigInt(until - 1) } })).toBe('refused HOLDER_HIDDEN')
    expect(said({ memory: hers, ...late })).toBe('signed')
    const foreign = Memory.open()
    foreign.keep({ ...certified, participantId: Hash.ofText('another') })
    expect(said({ memory: foreign })).toBe('signed')
    expect(said({ memory: foreign, question: { holders: [anna, her, stranger] } })).toBe('refused HOLDER_OF_ANOTHER')
    expect(said({ memory: foreign, question: { holders: [anna, her, stranger] }, ...late })).toBe('signed')
    // Whom it signed for last.
    foreign.keep(certified)
    expect(said({ memory: foreign, question: { holders: [anna, her, stranger] } })).toBe('signed')
  })

  test("bug: a grain that a contract at one's address on another chain had locked for somebody else kept every order from being signed", () => {
    const another = Hash.ofText('another')
    const at = (chainId: number, holder = her) => {
      const memory = Memory.open()
      const certified = { participantId: another, key: 'elsewhere', credit: 1n, expiresAt: 1_100 }
      memory.keep({ ...certified, holders: Holders.namesOf([{ holder, chainId }]) })
      return memory
    }
    const standing = (code: Code.Code, chainId = 2, account = her): Partial<Certain.Certain> => ({
      collateral: { ...reads.collateral, codes: [{ chainId, account, code }] },
    })
    expect(said({ memory: at(2), reads: standing('contract') })).toBe('signed')
    // A key is one person's on every chain, and what was not read may be one.
    for (const code of ['none', 'delegated', 'unread'] as const)
      expect(said({ memory: at(2), reads: standing(code) })).toBe('refused HOLDER_OF_ANOTHER')
    for (const away of [standing('delegated', 1), standing('contract', 2, anna), {}])
      expect(said({ memory: at(2), reads: away })).toBe('refused HOLDER_OF_ANOTHER')
    // On the chain of the order's own key, or of another that is held against it, it is that key's.
    expect(said({ memory: at(3, anna), reads: standing('contract', 3, anna) })).toBe('refused HOLDER_OF_ANOTHER')
    expect(said({ memory: at(3), reads: standing('contract', 3) })).toBe('signed')
    const others = [{ key: `3:${south}:${her}`, participantId, credit: usd(3_000), blockTime: 990 }]
    expect(said({ memory: at(3), reads: { ...standing('contract', 3), others } })).toBe('refused HOLDER_OF_ANOTHER')
    expect(said({ memory: at(2), reads: { ...standing('contract'), others } })).toBe('signed')
    // Whatever lies at the address counts, as before: it is not for a signer to say whose it is.
    const lots = [...reads.collateral.firm.lots, { ...lot, lotId: Hash.ofText('theirs'), chainId: 2, holder: her, amount: 1n }]
    const more = { ...standing('contract').collateral, firm: { lots, doubtful: [] } } as Certain.Certain['collateral']
    expect(said({ memory: at(2), reads: { collateral: more } })).toBe('refused EVIDENCE_LOW')
  })

  test('bug: an account that is not deployed yet on another chain, and signed there for somebody else, kept every order from being signed', () => {
    const memory = Memory.open()
    const certified = { participantId: Hash.ofText('another'), key: 'elsewhere', credit: 1n, expiresAt: 1_100 }
    memory.keep({ ...certified, holders: Holders.namesOf([{ holder: her, chainId: 2 }]) })
    const standing = (onOne: Code.Code, onTwo: Code.Code): Partial<Certain.Certain> => {
      const codes = [onOne, onTwo].map((code, index) => ({ chainId: index + 1, account: her, code }))
      return { collateral: { ...reads.collateral, codes } }
    }
    // Where a contract stands on any chain there is no key: what signs at the address elsewhere is an account of its own.
    for (const code of ['none', 'unread'] as const) {
      expect(said({ memory, reads: standing('contract', code) })).toBe('signed')
      expect(said({ memory, reads: standing('none', code) })).toBe('refused HOLDER_OF_ANOTHER')
    }
  })

  test('edge: who was kept for the participant on any chain may not be left out', () => {
    const memory = Memory.open()
    const certified = { participantId, key: 'north', credit: 1n, expiresAt: 1_100 }
    memory.keep({ ...certified, holders: Holders.namesOf([{ holder: stranger, chainId: 1 }]) })
    expect(said({ memory })).toBe('refused HOLDER_HIDDEN')
    expect(said({ memory, question: { holders: [anna, her, stranger] } })).toBe('signed')
  })
})
