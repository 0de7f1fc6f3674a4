import { describe, expect, test } from 'vitest'
import { meter, networkOf } from './meter.ts'

describe('networkOf', () => {
  test('worked example: an address of IPv4 is its own, one of IPv6 is its network', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('2001:db8:0:1:2:3:4:5')).toBe('2001:db8:0:1::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(networkOf('unknown')).toBe('unknown')
  })

  test('bug: whoever had one address of IPv6 had as many allowances as there are addresses behind it', async () => {
    const charge = meter(10)
    const addresses = ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:0DB8:0000:0001::2']
    expect(new Set(addresses.map(networkOf)).size).toBe(1)
    for (const address of addresses.slice(0, 2)) await charge(networkOf(address), 5)
    await expect(charge(networkOf(addresses[2] ?? ''), 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await charge(networkOf('2001:db8:0:2::1'), 10)
  })
})
