import { describe, expect, test } from 'vitest'
import * as Bound from './Bound.ts'
import type { Inputs, Lot } from './Inputs.ts'
import * as Worked from './testing/worked.ts'

const usd = (amount: number) => BigInt(amount) * 10n ** 18n
const { inputs } = Worked
const { asOf, params, view, grant, brake, market } = inputs
const messages = (bounds: readonly Bound.Bound[]) => bounds.map(({ code, message }) => `${code}: ${message}`)
const find = (bounds: readonly Bound.Bound[], code: Bound.Code) => bounds.find((bound) => bound.code === code)

test('no certificate says more than 128 bits', () => {
  expect(Bound.greatest).toBe(340_282_366_920_938_463_463_374_607_431_768_211_455n)
})

describe('caps', () => {
  test('worked example', () => {
    expect(messages(Bound.caps(inputs))).toEqual([
      'TIER_CAP: Tier 3 carries at most 1,000,000.00 USD.',
      'GROWTH: The venue accepts at most 120,000.00 USD now; its growth bucket refills with time.',
      'PARTICIPANT_CAP: One participant carries at most 1,000,000.00 USD in this market.',
      'MARKET_CAP: Open interest and live headroom leave 2,500,000.00 USD on the long side.',
      'BRAKE: Beyond 200,000.00 USD forced selling would feed on itself: no raise of the long side.',
    ])
  })

  test('edge: a venue that accepts nothing does not promise that it will', () => {
    const { message } = find(Bound.caps({ ...inputs, growth: { ceiling: 0n } }), 'GROWTH') ?? {}
    expect(message).toBe('The venue accepts nothing more here: its growth bucket is empty, or it winds this market down.')
    expect(find(Bound.caps({ ...inputs, growth: { ceiling: 1n } }), 'GROWTH')?.message).toContain('refills with time')
  })

  test('the tighter side is the one named', () => {
    const short = {
      ...inputs,
      brake: { ...brake, short: [{ upToNotional: usd(5), ppm: 0 }] },
      market: { ...market, openInterest: { long: 0n, short: usd(1) } },
    }
    expect(find(Bound.caps(short), 'BRAKE')).toMatchObject({ notional: usd(5), message: expect.stringContaining('forced buying') })
    expect(find(Bound.caps(short), 'MARKET_CAP')).toMatchObject({
      notional: usd(4_499_999),
      message: expect.stringContaining('short side'),
    })
  })

  test('rounding: what is missing is told up', () => {
    const missing = (bound: bigint) =>
      find(Bound.stops({ ...inputs, ledger: { ...inputs.ledger, certificateCredit: bound } }, 0n), 'MARGIN_CALL')
    const rest = inputs.ledger.otherEncumbrance
    expect(missing(usd(2_000) - rest + 1n)?.message).toContain('Credit is 2,000.01 USD below')
  })

  test('edge: an unreadable book has no brake: it is a stop, and no cap', () => {
    const unread = { ...inputs, brake: { ...brake, status: 'unavailable' as const } }
    expect(find(Bound.caps(unread), 'BRAKE')).toBe(undefined)
    expect(find(Bound.stops(unread, usd(1_000_000)), 'BRAKE_UNAVAILABLE')).toMatchObject({
      notional: 0n,
      message: expect.stringContaining('could not be read'),
    })
    expect(find(Bound.stops(inputs, usd(1_000_000)), 'BRAKE_UNAVAILABLE')).toBe(undefined)
  })
})

describe('sideCap, brakeCap', () => {
  test('edge: a side that is over-full, a book that is unknown, a table that is empty', () => {
    expect(Bound.sideCap({ ...inputs, market: { ...market, headroom: { long: usd(3_000_001), short: 0n } } }, 'long')).toBe(0n)
    expect(Bound.brakeCap({ ...inputs, brake: { ...brake, status: 'unavailable' } }, 'long')).toBe(Bound.greatest)
    expect(Bound.brakeCap({ ...inputs, brake: { ...brake, long: [] } }, 'long')).toBe(0n)
    expect(Bound.brakeCap(inputs, 'long')).toBe(usd(200_000))
  })
})

describe('stops', () => {
  const stops = (change: Partial<Inputs>, total = usd(13_040)) => messages(Bound.stops({ ...inputs, ...change }, total))

  test('worked example: none', () => {
    expect(stops({})).toEqual([])
  })

  test('each, one second or one unit beyond what is allowed', () => {
    const { forecast, ledger } = inputs
    expect(stops({ market: { ...market, price: { ...market.price, publishedAt: asOf - 61 } } })).toEqual([
      'STALE_PRICE: The price of ETH-PERP is 61 s old, and 60 s is the most for new risk.',
    ])
    expect(stops({ forecast: { ...forecast, asOf: asOf - 901 } })).toEqual([
      'STALE_FORECAST: The forecast is 901 s old, and 900 s is the most for new risk.',
    ])
    expect(stops({ ledger: { ...ledger, certificateCredit: usd(12_001) } })).toEqual([
      'MARGIN_CALL: Credit is 1.00 USD below what certificates and positions bind: nothing is raised until it is back.',
    ])
    expect(
      stops({ ledger: { ...ledger, certificateCredit: usd(12_001) }, view: { ...view, missing: [{ chainId: 5, code: 'X' }] } }),
    ).toEqual([
      'PARTIAL_VIEW: Of credit what could be read is 1.00 USD below what certificates and positions bind: nothing is raised until the rest is read.',
    ])
    const uncounted = { chainId: 5, code: 'HOLDER_UNTIED', holder: `0x${'0b'.repeat(20)}` as const }
    const binding = { ledger: { ...ledger, certificateCredit: usd(12_001) } }
    expect(stops({ ...binding, view: { ...view, missing: [uncounted] } })).toEqual([
      'HOLDER_UNCOUNTED: Of credit what signers count is 1.00 USD below what certificates and positions bind: nothing is raised until they count the rest.',
    ])
    expect(stops({ ...binding, view: { ...view, missing: [uncounted, { chainId: 5, code: 'X' }] } })[0]).toMatch(/^PARTIAL_VIEW/)
    expect(stops({ view: { ...view, missing: [uncounted] } })).toEqual([])
    expect(stops({ ledger: { ...ledger, certificateCredit: usd(12_000) + 1n } })).toHaveLength(1)
    expect(stops({ ledger: { ...ledger, certificateCredit: usd(12_000) } })).toEqual([])
  })
})

describe('remarks', () => {
  const lotAt = (lot: Lot, viewAge: number, priceAge: number): Lot => ({
    ...lot,
    block: { ...lot.block, timestamp: asOf - viewAge },
    price: { ...lot.price, publishedAt: asOf - priceAge },
  })
  const remarks = (change: Partial<Inputs>) => Bound.remarks({ ...inputs, ...change }).map(({ code }) => code)
  const aged = (viewAge: number, priceAge: number) => ({
    view: { lots: view.lots.map((lot) => lotAt(lot, viewAge, priceAge)), missing: [] },
  })

  test('edge: as old as allowed is no remark, a second more is one', () => {
    expect(remarks(aged(params.maxViewAgeSeconds, params.maxPriceAgeSeconds))).toEqual([])
    expect(remarks(aged(params.maxViewAgeSeconds + 1, 0))).toEqual(['STALE_VIEW', 'STALE_VIEW'])
    expect(remarks(aged(0, params.maxPriceAgeSeconds + 1))).toEqual(['STALE_PRICE', 'STALE_PRICE'])
  })

  test('what is only observed is no news; chains and assets are named once, in order', () => {
    const old = view.lots.map((lot) => lotAt(lot, 999, 999))
    expect(remarks({ view: { lots: old.map((lot) => ({ ...lot, custody: 'OBSERVED' as const })), missing: [] } })).toEqual([])
    const twice = [...old, ...old].toReversed()
    expect(messages(Bound.remarks({ ...inputs, view: { lots: twice, missing: [] } })).map((message) => message.slice(0, 26))).toEqual([
      'STALE_VIEW: Chain 31337001',
      'STALE_VIEW: Chain 31337002',
      'STALE_PRICE: USDC was pric',
      'STALE_PRICE: WETH was pric',
    ])
  })

  test('worked example: whom signers do not count is named with his chain, and what ends it', () => {
    const holder = `0x${'0b'.repeat(20)}` as const
    const chainId = view.lots[0]?.chainId ?? 0
    const missing = [
      { chainId, code: 'HOLDER_UNTIED', holder },
      { chainId: 9, code: 'HOLDER_UNREAD', holder },
      { chainId: 9, code: 'RPC_QUORUM_LOST' },
    ]
    expect(messages(Bound.remarks({ ...inputs, view: { ...view, missing } }))).toEqual([
      `HOLDER_UNCOUNTED: Signers do not count what ${holder} has locked on chain ${chainId} (HOLDER_UNTIED) until the account is linked again.`,
      `HOLDER_UNCOUNTED: Signers do not count what ${holder} has locked on chain 9 (HOLDER_UNREAD) until the account can be asked there whether it signed.`,
      'PARTIAL_VIEW: Chain 9 could not be read (RPC_QUORUM_LOST): what lies there counts nothing.',
    ])
  })

  test('a grant that ran out is named if it was worth something', () => {
    expect(remarks({ grant: { ...grant, validUntil: asOf - 1 } })).toEqual(['GRANT_EXPIRED'])
    expect(remarks({ grant: { ...grant, validUntil: asOf } })).toEqual([])
    expect(remarks({ grant: { ...grant, validUntil: asOf - 1, imDiscountPpm: 1 } })).toEqual(['GRANT_EXPIRED'])
    expect(remarks({ grant: { ...grant, validUntil: asOf - 1, imDiscountPpm: 0 } })).toEqual([])
  })
})
