/** Test kit: events by hand, and arbitrary ones. */
import * as fc from 'fast-check'
import type { TrackRecord } from '../index.ts'

const day = 86_400
const account = 'eip155:0:0x0000000000000000000000000000000000000001'

export const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e6)) * 10n ** 12n

export const events = {
  liquidation: (id: string, at: number): TrackRecord.Event => ({ id, account, at, kind: 'liquidation', amountUsd: usd(100) }),
  badDebt: (id: string, at: number): TrackRecord.Event => ({ id, account, at, kind: 'badDebt', amountUsd: usd(10) }),
  marginCall: (id: string, at: number): TrackRecord.Event => ({ id, account, at, kind: 'marginCall', amountUsd: usd(100) }),
  selfRescue: (id: string, at: number): TrackRecord.Event => ({ id, account, at, kind: 'selfRescue', amountUsd: usd(100) }),
  close: (id: string, at: number, amount = 1_000, heldSeconds = 7_200): TrackRecord.Event => ({
    id,
    account,
    at,
    kind: 'close',
    amountUsd: usd(amount),
    heldSeconds,
  }),
  fee: (id: string, at: number, amount: number, recoverable: number): TrackRecord.Event => ({
    id,
    account,
    at,
    kind: 'fee',
    amountUsd: usd(amount),
    recoverableUsd: usd(recoverable),
  }),
  exposure: (id: string, at: number, amount: number, heldSeconds: number, adverseDays: number): TrackRecord.Event => ({
    id,
    account,
    at,
    kind: 'exposure',
    amountUsd: usd(amount),
    heldSeconds,
    adverseDays,
  }),
}

/** A history up to `asOf`: good and bad mixed, up to 200 days old. */
export const recordEvents = (
  asOf: number,
  kinds: readonly TrackRecord.Kind[] = ['liquidation', 'badDebt', 'marginCall', 'selfRescue', 'close', 'fee', 'exposure'],
) =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        age: fc.integer({ min: 0, max: 200 * day }),
        amount: fc.integer({ min: 0, max: 100_000 }),
        held: fc.integer({ min: 0, max: day }),
        adverse: fc.nat(2),
      }),
      { maxLength: 24 },
    )
    .map((raw) =>
      raw.map(({ kind, age, amount, held, adverse }, i): TrackRecord.Event => {
        const at = asOf - age
        if (kind === 'close') return events.close(`e${i}`, at, amount, held)
        if (kind === 'fee') return events.fee(`e${i}`, at, amount / 100, amount / 300)
        if (kind === 'exposure') return events.exposure(`e${i}`, at, amount, held, adverse)
        return events[kind](`e${i}`, at)
      }),
    )

/** The same in another order. */
export function shuffled<item>(list: readonly item[], keys: Iterator<number>): readonly item[] {
  return list
    .map((item) => ({ item, key: keys.next().value as number }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
