import { describe, expect, test } from 'vitest'
import * as Client from './Client.ts'

describe('of', () => {
  test('worked example: an IPv4 address is one client, an IPv6 subscriber is one whatever the rest of the address', () => {
    expect(Client.of('203.0.113.9')).toBe('203.0.113.9')
    for (const mapped of ['::ffff:203.0.113.9', '::ffff:cb00:7109', '0:0:0:0:0:FFFF:203.0.113.9', '0::ffff:cb00:7109'])
      expect(Client.of(mapped)).toBe('203.0.113.9')
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
    expect(Client.networkOf('::ffff:cb00:7109')).toBe('203.0.113.0/24')
    expect(Client.networkOf('203.0.114.9')).toBe('203.0.114.0/24')
    expect(Client.networkOf('2001:db8:2::1')).toBe('2001:db8:2::/48')
    expect(Client.networkOf('unknown')).toBe('unknown')
  })
})

describe('proxies', () => {
  test('worked example: addresses and ranges of both families, each in every way of writing it', () => {
    const { has } = Client.proxies(' 10.0.0.0/8, 192.0.2.7 ,2001:db8::/32,::1')
    expect(['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '192.0.2.7', '2001:0DB8::9', '::1', '0:0:0:0:0:0:0:1'].map(has)).toEqual(
      Array(7).fill(true),
    )
    expect(['9.255.255.255', '11.0.0.0', '192.0.2.8', '2001:db9::', '::2', 'unknown', '', '10.0.0.1.'].map(has)).toEqual(
      Array(8).fill(false),
    )
    expect(Client.proxies('fe80::1').has('fe80::1%eth0')).toBe(true)
    expect(['::1', '127.0.0.1', 'unknown'].map(Client.proxies('').has)).toEqual([false, false, false])
  })

  test('error: what is no range is named, all of it', () => {
    const wrong = [
      '10.0.0.0/33',
      'proxy.example',
      '10.0.0.1/8/8',
      '2001:db8::/129',
      '10.0.0.1/',
      '10.0.0.1/-1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
      '10.0.0.1/8.5',
    ]
    const attempt = () => Client.proxies(`10.0.0.0/8,${wrong.join()},,::1`)
    expect(attempt).toThrow(Client.ProxiesError)
    for (const part of wrong) expect(attempt).toThrow(`${part} is no `)
    for (const part of ['10.0.0.0/8', '::1']) expect(attempt).not.toThrow(`${part} is no `)
    expect(() => Client.proxies('10.0.0.1,')).toThrow(Client.ProxiesError)
  })

  test('bug: a range of IPv6 in which every IPv4 address lies believed anybody who came by IPv4', () => {
    for (const range of ['::/7', '::/8', '::/80'])
      expect(() => Client.proxies(range)).toThrow(expect.objectContaining({ message: expect.stringContaining(`${range} covers`) }))
    // IPv4 addresses are named as what they are, however they are written.
    for (const range of ['::ffff:0:0/96', '::ffff:0:0/90', '::ffff:cb00:7109', '0:0:0:0:0:ffff:203.0.113.9'])
      expect(() => Client.proxies(range)).toThrow(`${range} is no address and no range`)
    expect(Client.proxies('64:ff9b::/96').has('203.0.113.9')).toBe(false)
  })

  test('error: a range by which anybody would be believed', () => {
    for (const range of ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/7', '8000::/1', 'fc00::/6'])
      expect(() => Client.proxies(`10.0.0.0/8,${range}`)).toThrow(
        expect.objectContaining({ code: 'PROXIES_INVALID', message: expect.stringContaining(`${range} covers`) }),
      )
    for (const range of ['10.0.0.0/8', 'fc00::/7']) expect(Client.proxies(range).has('8.8.8.8')).toBe(false)
  })
})

describe('from', () => {
  const proxies = Client.proxies('10.0.0.0/8,2001:db8::7')
  const from = (peer: string, forwarded?: string) => Client.from({ peer, forwarded, proxies })

  test('worked example: the right-most that is no proxy of ours, where a proxy of ours asks', () => {
    expect(from('10.0.0.1', '203.0.113.9')).toBe('203.0.113.9')
    expect(from('::ffff:10.0.0.1', '192.0.2.1, 203.0.113.9, 10.0.0.2,10.0.0.3')).toBe('203.0.113.9')
    expect(from('2001:db8::7', '2001:db8::8')).toBe('2001:db8::8')
  })

  test('bug: whoever wrote the header himself was whom he said', () => {
    expect(from('203.0.113.9', '192.0.2.1')).toBe('203.0.113.9')
    expect(from('203.0.113.9', '10.0.0.1')).toBe('203.0.113.9')
    expect(from('10.0.0.1', '10.0.0.9, 203.0.113.9')).toBe('203.0.113.9')
    expect(from('unknown', '192.0.2.1')).toBe('unknown')
    // With none trusted nobody is believed.
    expect(Client.from({ peer: '10.0.0.1', forwarded: '192.0.2.1', proxies: Client.proxies('') })).toBe('10.0.0.1')
  })

  test('edge: what is no address is nobody’s, and nothing left of it is looked at', () => {
    for (const part of [
      'unknown',
      '',
      '_hidden',
      '203.0.113.9.',
      '203.0.113',
      '0x7f000001',
      'fe80::1%eth0',
      '203.0.113.9:port',
      '"203.0.113.9"',
    ])
      expect(from('10.0.0.1', `192.0.2.1, ${part}`)).toBe('10.0.0.1')
    expect(from('10.0.0.1', '192.0.2.1, unknown, 10.0.0.2')).toBe('10.0.0.2')
    expect(from('10.0.0.1')).toBe('10.0.0.1')
    expect(from('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3')
  })

  test('edge: with a port, as some proxies write it', () => {
    expect(from('10.0.0.1', '203.0.113.9:4711')).toBe('203.0.113.9')
    expect(from('10.0.0.1', '[2001:db8::9]:4711')).toBe('2001:db8::9')
    expect(from('10.0.0.1', '[2001:db8::9]')).toBe('2001:db8::9')
  })
})

describe('peerOf', () => {
  test('edge: where there is no connection nobody is known', () => {
    for (const bindings of [undefined, null, {}, { incoming: {} }, { incoming: { socket: null } }, { incoming: { socket: {} } }])
      expect(Client.peerOf(bindings)).toBe('unknown')
    expect(Client.peerOf({ incoming: { socket: { remoteAddress: '::1' } } })).toBe('::1')
  })
})
