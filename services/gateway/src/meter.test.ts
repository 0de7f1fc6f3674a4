import { Client, Fault } from '@plimsoll/api'
import { describe, expect, test } from 'vitest'
import { meter } from './meter.ts'

describe('meter', () => {
  test('error: what is spent is refused with the seconds until it is back, and others are not', async () => {
    const charge = meter(3)
    await charge('a', 2)
    await charge('a', 1)
    await expect(charge('a', 1)).rejects.toThrow(Fault.RateLimitedError)
    await expect(charge('a', 1)).rejects.toMatchObject({ retryAfterSeconds: expect.toSatisfy((s: number) => s >= 1 && s <= 10) })
    await charge('b', 3)
  })

  test('bug: whoever had one address of IPv6 had as many allowances as there are addresses behind it', async () => {
    const charge = meter(10)
    const addresses = ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:0DB8:0000:0001::2']
    for (const address of addresses.slice(0, 2)) await charge(Client.of(address), 5)
    await expect(charge(Client.of(addresses[2] ?? ''), 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await charge(Client.of('2001:db8:0:2::1'), 10)
  })
})
