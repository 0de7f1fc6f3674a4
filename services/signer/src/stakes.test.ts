import { CollateralView } from '@plimsoll/chain'
import type { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Stakes from './stakes.ts'

const [anna, ben] = [`0x${'0a'.repeat(20)}`, `0x${'0b'.repeat(20)}`] as const
const [token, vault] = [`0x${'70'.repeat(20)}`, `0x${'0e'.repeat(20)}`] as const
const key = { chainId: 0, address: anna }
const usd = (cents: number) => BigInt(cents) * 10n ** 16n

/** Of a coin that is worth a dollar. */
const lot = (cents: number, change: Partial<Inputs.Lot> = {}): Inputs.Lot => ({
  ...{
    lotId: CollateralView.lotId({ chainId: 1, holder: anna, token, vault }),
    chainId: 1,
    holder: anna,
    asset: 'USDC',
    token,
    venue: vault,
  },
  ...{ custody: 'LOCKED', amount: BigInt(cents) * 10n ** 4n, pendingOut: 0n, decimals: 6 },
  block: { number: 1n, hash: `0x${'b0'.repeat(32)}`, timestamp: 1_000 },
  price: { value: 10n ** 18n, confidence: 0n, publishedAt: 1_000 },
  haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
  ...change,
})
const doubt = (most: Inputs.Lot | null, holder: Inputs.Hex = anna) => ({ lotId: vault, holder, chainId: 1, code: 'ORACLE_STALE', most })

type Given = {
  readonly lots?: readonly Inputs.Lot[]
  readonly doubtful?: readonly ReturnType<typeof doubt>[]
  readonly missing?: readonly number[]
  readonly books?: Stakes.of.Read['books']
}
const of = ({ lots = [], doubtful = [], missing = [], books = [] }: Given, account = key) =>
  Stakes.of(account, {
    ...{ collateral: { missing: missing.map((chainId) => ({ chainId, code: 'NO_QUORUM' })), firm: { lots, doubtful } } },
    books,
  })

describe('of', () => {
  test('worked example: ten dollars after haircuts, wherever they lie, or as much credit at a book', () => {
    expect([of({}), of({ lots: [lot(999)] }), of({ lots: [lot(1_000)] })]).toEqual([false, false, true])
    expect(of({ lots: [lot(600), lot(400, { chainId: 2 })] })).toBe(true)
    expect(of({ lots: [lot(1_999, { haircuts: { assetPpm: 500_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 } })] })).toBe(false)
    const book = (credit: bigint, holder: string = anna) => ({ chainId: 2, credits: [{ holder, credit }] })
    expect([of({ books: [book(usd(999))] }), of({ books: [book(usd(1_000))] }), of({ books: [book(usd(1_000), ben)] })]).toEqual([
      ...[false, true, false],
    ])
    // The same dollars stand behind the credit.
    expect(of({ lots: [lot(600)], books: [book(usd(600))] })).toBe(false)
  })

  test('edge: what is another’s, or on its way out, is not there', () => {
    expect(of({ lots: [lot(5_000, { holder: ben })] })).toBe(false)
    expect(of({ lots: [lot(5_000, { pendingOut: 41n * 10n ** 6n })] })).toBe(false)
    expect(of({ lots: [lot(5_000, { custody: 'OBSERVED' })] })).toBe(false)
  })

  test('edge: a contract account is somebody on its own chain alone', () => {
    expect([1, 2].map((chainId) => of({ lots: [lot(5_000)] }, { chainId, address: anna }))).toEqual([true, false])
    const books = [{ chainId: 2, credits: [{ holder: anna, credit: usd(5_000) }] }]
    expect([1, 2].map((chainId) => of({ books }, { chainId, address: anna }))).toEqual([false, true])
    expect([1, 2].map((chainId) => of({ missing: [2] }, { chainId, address: anna }))).toEqual([false, null])
  })

  test('edge: what is in doubt counts at the most that it may be worth', () => {
    expect([of({ doubtful: [doubt(lot(999))] }), of({ doubtful: [doubt(lot(1_000))] })]).toEqual([false, true])
  })

  test('error: what cannot be read is not nothing, unless there is enough without it', () => {
    const unread = [{ chainId: 2, credits: null }]
    expect([of({ missing: [1] }), of({ doubtful: [doubt(null)] }), of({ books: unread })]).toEqual([null, null, null])
    expect(of({ doubtful: [doubt(null, ben)] })).toBe(false)
    expect(of({ lots: [lot(1_000)], missing: [2], doubtful: [doubt(null)], books: unread })).toBe(true)
  })
})
