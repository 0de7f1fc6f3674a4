import type { Multicall, Quorum, Venue } from '@plimsoll/chain'
import type { Warrant } from '@plimsoll/liquidation'
import { describe, expect, test } from 'vitest'
import * as Inherit from './inherit.ts'

const market = `0x${'aa'.repeat(32)}` as const
/** Only what is read of it: far below two thirds of its maintenance margin. */
const due = {
  account: {
    account: `0x${'01'.repeat(20)}`,
    equity: 1n,
    positions: [{ market, size: 10n ** 18n, price: 100n }],
  } as unknown as Venue.Account,
  warrant: { status: 'due', market, equity: 1n, maintenance: 30n } as unknown as Warrant.Due,
}

describe('select', () => {
  test('edge: a backstop that cannot be read takes nobody, and says so: whoever is due is sold', async () => {
    const asked: (readonly Multicall.Call[])[] = []
    // A contract that answers nothing to anything.
    const read = async ({ calls }: { readonly calls: readonly Multicall.Call[] }) => {
      asked.push(calls)
      return { results: calls.map(() => ({ success: true, data: '0x' as const })) }
    }
    const reader = { config: { chainId: 1 }, read } as unknown as Quorum.Reader
    const refused = new Set<string>()
    const args = { reader, pinned: {} as Quorum.Pinned, backstop: `0x${'bb'.repeat(20)}` as const, refused }
    expect(await Inherit.select({ ...args, found: [due] })).toEqual([])
    expect([...refused]).toEqual([expect.stringMatching(/^BACKSTOP_UNREADABLE: /)])
    // Nobody too far gone: it is not asked at all.
    expect(await Inherit.select({ ...args, found: [{ ...due, warrant: { ...due.warrant, equity: 25n } }] })).toEqual([])
    expect(asked).toHaveLength(1)
  })
})
