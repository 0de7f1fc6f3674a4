import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decay, Model, TrackRecord } from './index.ts'
import { events, recordEvents, shuffled, usd } from './testing/events.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const day = 86_400
const asOf = 400 * day + 43_200
const of = (list: readonly TrackRecord.Event[], at = asOf) => TrackRecord.of(list, at, Model.first)

describe('of', () => {
  test('worked example: one half-life halves, in each channel its own', () => {
    const record = of([
      events.liquidation('a', asOf - 21 * day),
      events.badDebt('b', asOf - 730 * day + 400 * day),
      events.close('c', asOf - 180 * day),
      events.fee('d', asOf - 180 * day, 10, 4),
    ])
    expect(record.liquidation.fastPpm).toBe(500_000)
    expect(record.close.slowPpm).toBe(500_000)
    expect(record.fees).toBe(usd(3))
    expect(record.badDebt.longPpm).toBeGreaterThan(700_000)
  })

  test('worked example: 10,000 USD at risk for 15 of 30 days, through an adverse day, prove 5,000', () => {
    const days = Array.from({ length: 15 }, (_, i) => events.exposure(`x${i}`, asOf - i * day, 10_000, day, 1))
    const record = of([...days, events.fee('f', asOf, 20, 0)])
    expect(record.proven).toBe(usd(5_000))
    expect(record.provenCap).toBe(usd(15_000))
  })

  test('worked example: the cap starts at 1,000 times the fees and triples', () => {
    const sample = (i: number) => events.exposure(`x${i}`, asOf - i * day, 1_000_000, day, 2)
    const days = Array.from({ length: 90 }, (_, i) => sample(i))
    const record = of([...days, events.fee('f', asOf - 89 * day, 10, 0)])
    const fee = (age: number) => 10 * 2 ** (-age / 180)
    const caps = [60, 30, 0].map((age) => of([...days, events.fee('f', asOf - 89 * day, 10, 0)], asOf - age * day).provenCap)
    expect(caps[2]).toBe(record.provenCap)
    expect(Number(caps[0]) / 1e18).toBeCloseTo(1_000 * fee(29), 0)
    expect(Number(caps[1]) / 1e18).toBeCloseTo(3_000 * fee(29) + 1_000 * fee(59), 0)
    expect(Number(caps[2]) / 1e18).toBeCloseTo(9_000 * fee(29) + 3_000 * fee(59) + 1_000 * fee(89), 0)
  })

  test('bug: a record of long ago, asked for at the end of time, took longer than anybody waits', () => {
    const days = Array.from({ length: 300 }, (_, i) => events.exposure(`x${i}`, asOf - i * day, 10_000, day, 1))
    const record = of([...days, events.fee('f', asOf, 20, 0)], Number.MAX_SAFE_INTEGER)
    expect([record.proven, record.provenCap, record.events]).toEqual([0n, 0n, 301])
  })

  test('edge: ten closes on a day are one, small or short ones are none', () => {
    const many = Array.from({ length: 10 }, (_, i) => events.close(`c${i}`, asOf - i * 60))
    expect(of(many).close.slowPpm).toBe(1_000_000)
    expect(of([events.close('a', asOf, 99)]).close.slowPpm).toBe(0)
    expect(of([events.close('a', asOf, 100)]).close.slowPpm).toBe(1_000_000)
    expect(of([events.close('a', asOf, 100, 3_599)]).close.slowPpm).toBe(0)
  })

  test('edge: a day begins at midnight, an hour is long enough, and the first second has a record', () => {
    expect(of([events.close('a', 399 * day), events.close('b', 399 * day + 10)], 399 * day + 10).close.slowPpm).toBe(1_000_000)
    expect(of([events.close('a', asOf, 100, 3_600)]).close.slowPpm).toBe(1_000_000)
    expect(of([], 0).events).toBe(0)
  })

  test('edge: the future is not seen, nor exposure without an adverse day or before the last bad debt', () => {
    expect(of([events.liquidation('a', asOf + 1)])).toEqual(of([]))
    expect(of([events.exposure('a', asOf, 1_000, day, 0)]).proven).toBe(0n)
    const sample = events.exposure('a', asOf, 1_000, 2 * day, 1)
    expect(of([sample, events.badDebt('b', asOf - day)]).proven).toBe(usd(1_000) / 30n)
    expect(of([sample, events.badDebt('b', asOf)]).proven).toBe(0n)
  })

  test('edge: bad debt never fades below its floor', () => {
    expect(of([events.badDebt('a', 0)], 10_000 * day).badDebt.longPpm).toBe(100_000)
  })

  test('rounding: bad events weigh up, good ones down', () => {
    const at = asOf - 12_345
    const record = of([events.liquidation('a', at), events.close('b', at), events.marginCall('c', at), events.selfRescue('d', at)])
    expect(record.liquidation.slowPpm).toBeGreaterThan(record.close.slowPpm)
    expect(record.marginCall.fastPpm).toBeGreaterThan(record.selfRescue.fastPpm)
    const late = of([events.badDebt('a', at), events.fee('b', at, 1, 0)])
    expect(late.badDebt.slowPpm).toBe(record.liquidation.slowPpm)
    expect(late.badDebt.longPpm).toBe(Decay.weightPpm(12_345, 730 * day, 'up'))
    expect(late.fees).toBe(Decay.power(12_345, 180 * day, 'down'))
    expect(Decay.power(12_345, 180 * day, 'up')).toBeGreaterThan(late.fees)
    expect(Decay.weightPpm(12_345, 730 * day, 'down')).toBeLessThan(late.badDebt.longPpm)
  })

  test('dimension: money scales, counts do not', () => {
    fc.assert(
      fc.property(recordEvents(asOf), fc.integer({ min: 1, max: 50 }), (list, k) => {
        const scaled = list.map((event) => ({
          ...event,
          amountUsd: event.amountUsd * BigInt(k),
          ...(event.kind === 'fee' ? { recoverableUsd: event.recoverableUsd * BigInt(k) } : {}),
        })) as TrackRecord.Event[]
        const small = of(list)
        const large = of(scaled)
        expect(large.liquidation).toEqual(small.liquidation)
        const slack = BigInt(k * (list.length + 2)) * 5_000n
        expect(large.proven - small.proven * BigInt(k)).toBeLessThanOrEqual(slack)
        expect(large.proven).toBeGreaterThanOrEqual(small.proven * BigInt(k))
        expect(large.fees).toBeGreaterThanOrEqual(small.fees * BigInt(k))
      }),
      { numRuns },
    )
  })

  test('property: order-independent and idempotent', () => {
    fc.assert(
      fc.property(recordEvents(asOf), fc.infiniteStream(fc.nat()), (list, keys) => {
        expect(of(shuffled([...list, ...list.slice(0, 3)], keys))).toEqual(of(list))
      }),
      { numRuns },
    )
  })

  test('property: the cap at most triples in a window, beside what fees seed', () => {
    fc.assert(
      fc.property(recordEvents(asOf), (list) => {
        const now = of(list)
        const before = of(list, asOf - Model.first.record.exposureWindowSeconds)
        expect(now.provenCap).toBeLessThanOrEqual(3n * before.provenCap + 1_000n * now.fees)
        expect(now.provenCap).toBeLessThanOrEqual(3n * now.proven)
      }),
      { numRuns },
    )
  })

  test('error: each branch, by class', () => {
    const bad = (event: TrackRecord.Event) => expect(() => of([event])).toThrow(TrackRecord.InvalidEventError)
    bad(events.liquidation('a', 1.5))
    bad(events.liquidation('a', -1))
    bad({ ...events.liquidation('a', 1), amountUsd: -1n })
    bad(events.fee('a', 1, 10, 11))
    bad(events.fee('a', 1, 10, -1))
    bad(events.close('a', 1, 100, -1))
    bad(events.exposure('a', 1, 100, 1, 0.5))
    expect(() => of([], 0.5)).toThrow(TrackRecord.InvalidEventError)
    expect(() => of([events.liquidation('a', 1), events.liquidation('a', 2)])).toThrow(TrackRecord.ConflictingEventError)
  })
})
