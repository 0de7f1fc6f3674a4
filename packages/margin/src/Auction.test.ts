import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Auction from './Auction.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const schedule: Auction.Schedule = { start: 1, middle: 0.75, fastSeconds: 100, slowSeconds: 1_000 }
const standing: Auction.Standing = { markToMarket: 100, maintenance: -60, buffer: 0.25, reserved: 0 }

describe('fraction', () => {
  test('worked example: fast, slow, and nothing', () => {
    expect([0, 50, 100, 600, 1_100, 9_999].map((t) => Auction.fraction(schedule, t))).toEqual([1, 0.875, 0.75, 0.375, 0, 0])
  })

  test('edge: without a fast phase, and without a slow one', () => {
    expect(Auction.fraction({ ...schedule, fastSeconds: 0 }, 0)).toBe(0.75)
    expect(Auction.fraction({ ...schedule, slowSeconds: 0 }, 100)).toBe(0)
  })

  test('edge: a price that does not fall at first', () => {
    expect(Auction.fraction({ ...schedule, middle: 1 }, 50)).toBe(1)
  })

  test('property: it never rises', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2_000, noNaN: true }), fc.double({ min: 0, max: 500, noNaN: true }), (t, later) => {
        expect(Auction.fraction(schedule, t + later)).toBeLessThanOrEqual(Auction.fraction(schedule, t))
      }),
      { numRuns },
    )
  })

  test('error: it would rise; a figure is negative or no number', () => {
    expect(() => Auction.fraction({ ...schedule, middle: 2 }, 0)).toThrow(Auction.InvalidAuctionError)
    for (const field of ['start', 'middle', 'fastSeconds', 'slowSeconds'] as const)
      expect(() => Auction.fraction({ ...schedule, [field]: -1 }, 0)).toThrow(expect.objectContaining({ field }))
    for (const t of [-1, Number.NaN]) expect(() => Auction.fraction(schedule, t)).toThrow(Auction.InvalidAuctionError)
  })
})

describe('bufferMargin', () => {
  test('worked example: a quarter of the requirement of 160 on top', () => {
    expect(Auction.bufferMargin(standing)).toBe(-100)
    expect(Auction.bufferMargin({ ...standing, maintenance: 60 })).toBe(50)
  })
})

describe('share', () => {
  test('worked example: alone, and with cash paid in', () => {
    expect(Auction.share(standing, 0.5)).toBeCloseTo(2 / 3, 15)
    expect(Auction.share({ ...standing, reserved: 20 }, 0.5)).toBeCloseTo(100 / 160, 15)
  })

  test('edge: at the target nothing, where no share is enough all', () => {
    expect(Auction.share({ ...standing, maintenance: 20 }, 0.5)).toBe(0)
    expect(Auction.share({ ...standing, maintenance: 60 }, 0.5)).toBe(0)
    expect(Auction.share(standing, 0)).toBe(1)
    expect(Auction.share({ ...standing, markToMarket: -10 }, 0.5)).toBe(1)
  })

  test('property: what is left after the sale is at its target exactly', () => {
    const usd = fc.double({ min: 1, max: 1e6, noNaN: true })
    const part = fc.double({ min: 0.01, max: 1, noNaN: true })
    fc.assert(
      fc.property(usd, usd, part, part, part, (markToMarket, short, buffer, d, paid) => {
        const before = { markToMarket, maintenance: -short, buffer, reserved: paid * markToMarket }
        const f = Auction.share(before, d)
        const price = Auction.bid(before, { d, share: f })
        // The bidder takes f of all but the reserved cash, and of the requirement; the price is paid in.
        const value = before.reserved + (1 - f) * (markToMarket - before.reserved) + price
        const after = { ...before, markToMarket: value, maintenance: value + (1 - f) * (before.maintenance - markToMarket) }
        expect(Math.abs(Auction.bufferMargin(after))).toBeLessThanOrEqual(1e-9 * (markToMarket + short))
      }),
      { numRuns },
    )
  })

  test('error: figures that none can be', () => {
    expect(() => Auction.share({ ...standing, buffer: -1 }, 0.5)).toThrow(expect.objectContaining({ field: 'buffer' }))
    expect(() => Auction.share({ ...standing, reserved: -1 }, 0.5)).toThrow(expect.objectContaining({ field: 'reserved' }))
    expect(() => Auction.share({ ...standing, markToMarket: Number.NaN }, 0.5)).toThrow(expect.objectContaining({ field: 'markToMarket' }))
    expect(() => Auction.share({ ...standing, maintenance: Number.NaN }, 0.5)).toThrow(expect.objectContaining({ field: 'maintenance' }))
    expect(() => Auction.share(standing, -0.5)).toThrow(expect.objectContaining({ field: 'd' }))
  })
})

describe('quote', () => {
  const at = (changes: Partial<Auction.Standing>, wanted = 1) => Auction.quote({ ...standing, ...changes }, { fraction: 0.5, wanted })

  test('worked example: as much as brings it to its target, or as much as is wanted', () => {
    expect(at({})).toMatchObject({ status: 'open', share: expect.closeTo(2 / 3, 12), price: expect.closeTo(100 / 3, 12) })
    expect(at({}, 0.25)).toEqual({ status: 'open', fraction: 0.5, bufferMargin: -100, share: 0.25, price: 12.5 })
  })

  test('edge: at its target it is healthy, below nothing it is insolvent', () => {
    expect(at({ maintenance: 20 })).toEqual({ status: 'healthy', fraction: 0.5, bufferMargin: 0 })
    expect(at({ markToMarket: -1, maintenance: -61 })).toEqual({ status: 'insolvent', bufferMargin: -76 })
    expect(at({ markToMarket: 0 }).status).toBe('open')
  })

  test('error: a wanted share below 0', () => {
    expect(() => at({}, -0.1)).toThrow(Auction.InvalidAuctionError)
  })
})

describe('subsidy', () => {
  const insolvent = { markToMarket: -10, maintenance: -50, buffer: 0, reserved: 0 }
  const at = (elapsedSeconds: number) => Auction.subsidy(insolvent, { elapsedSeconds, lengthSeconds: 600 })

  test('worked example: from the debt to the maintenance shortfall', () => {
    expect([0, 150, 600, 900].map(at)).toEqual([10, 20, 50, 50])
  })

  test('edge: half of a second of one', () => {
    expect(Auction.subsidy(insolvent, { elapsedSeconds: 0.5, lengthSeconds: 1 })).toBe(30)
  })

  test('edge: an account that is worth something costs nothing yet', () => {
    expect(Auction.subsidy({ ...insolvent, markToMarket: 30 }, { elapsedSeconds: 0, lengthSeconds: 600 })).toBe(0)
  })

  test('error: no length, negative time, no number', () => {
    expect(() => Auction.subsidy(insolvent, { elapsedSeconds: 0, lengthSeconds: 0 })).toThrow(Auction.InvalidAuctionError)
    expect(() => at(-1)).toThrow(Auction.InvalidAuctionError)
    expect(() => Auction.subsidy({ ...insolvent, maintenance: Number.NaN }, { elapsedSeconds: 0, lengthSeconds: 1 })).toThrow(
      Auction.InvalidAuctionError,
    )
  })
})
