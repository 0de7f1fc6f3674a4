import { describe, expect, test } from 'vitest'
import * as Client from './Client.ts'

describe('of', () => {
  test('worked example: an IPv4 address is one client, an IPv6 subscriber is one whatever the rest of the address', () => {
    expect(Client.of('203.0.113.9')).toBe('203.0.113.9')
    expect(Client.of('::ffff:203.0.113.9')).toBe('203.0.113.9')
    const mine = ['2001:db8:1:2::', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::a', '2001:db8:1:2::%eth0']
    expect(new Set(mine.map(Client.of))).toEqual(new Set(['2001:db8:1:2::/64']))
    expect(Client.of('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
  })

  test('edge: where the zeros are left out, and what is no address', () => {
    expect(Client.of('::1')).toBe('0:0:0:0::/64')
    expect(Client.of('::')).toBe('0:0:0:0::/64')
    expect(Client.of('fe80::5:6:7:8')).toBe('fe80:0:0:0::/64')
    expect(Client.of('1::4:5:6:7:8')).toBe('1:0:0:4::/64')
    expect(Client.of('::1:2:3:192.0.2.1')).toBe('0:0:0:1::/64')
    expect(Client.of('1:2::192.0.2.1')).toBe('1:2:0:0::/64')
    expect(Client.of('64:ff9b:1:2:3:4:192.0.2.1')).toBe('64:ff9b:1:2::/64')
    expect(Client.of('unknown')).toBe('unknown')
  })
})

describe('networkOf', () => {
  test('worked example: neighbours are of one network, however an address is written', () => {
    const mine = ['2001:db8:1::', '2001:db8:1:2::1', '2001:0DB8:0001:ffff::a', '2001:db8:1:2::%eth0']
    expect(new Set(mine.map(Client.networkOf))).toEqual(new Set(['2001:db8:1::/48']))
    expect(['203.0.113.9', '203.0.113.255', '::ffff:203.0.113.1'].map(Client.networkOf)).toEqual(Array(3).fill('203.0.113.0/24'))
    expect(Client.networkOf('203.0.114.9')).toBe('203.0.114.0/24')
    expect(Client.networkOf('2001:db8:2::1')).toBe('2001:db8:2::/48')
    expect(Client.networkOf('unknown')).toBe('unknown')
  })
})

describe('peerOf', () => {
  test('edge: where there is no connection nobody is known', () => {
    for (const bindings of [undefined, null, {}, { incoming: {} }, { incoming: { socket: null } }, { incoming: { socket: {} } }])
      expect(Client.peerOf(bindings)).toBe('unknown')
    expect(Client.peerOf({ incoming: { socket: { remoteAddress: '::1' } } })).toBe('::1')
  })
})
