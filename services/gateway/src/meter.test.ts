import { Fault } from '@plimsoll/api'
import { describe, expect, test } from 'vitest'
import { clientOf, meter } from './meter.ts'

describe('clientOf', () => {
  test('worked example: an IPv4 address is one client, an IPv6 subscriber is one whatever the rest of the address', () => {
    expect(clientOf('203.0.113.9')).toBe('203.0.113.9')
    expect(clientOf('::ffff:203.0.113.9')).toBe('203.0.113.9')
    const mine = ['2001:db8:1:2::', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::a', '2001:db8:1:2::%eth0']
    expect(new Set(mine.map(clientOf))).toEqual(new Set(['2001:db8:1:2::/64']))
    expect(clientOf('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
  })

  test('edge: where the zeros are left out, and what is no address', () => {
    expect(clientOf('::1')).toBe('0:0:0:0::/64')
    expect(clientOf('::')).toBe('0:0:0:0::/64')
    expect(clientOf('fe80::5:6:7:8')).toBe('fe80:0:0:0::/64')
    expect(clientOf('1::4:5:6:7:8')).toBe('1:0:0:4::/64')
    expect(clientOf('::1:2:3:192.0.2.1')).toBe('0:0:0:1::/64')
    expect(clientOf('1:2::192.0.2.1')).toBe('1:2:0:0::/64')
    expect(clientOf('64:ff9b:1:2:3:4:192.0.2.1')).toBe('64:ff9b:1:2::/64')
    expect(clientOf('unknown')).toBe('unknown')
  })
})

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
    for (const address of addresses.slice(0, 2)) await charge(clientOf(address), 5)
    await expect(charge(clientOf(addresses[2] ?? ''), 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await charge(clientOf('2001:db8:0:2::1'), 10)
  })
})
