/** Whom a request comes from, as far as allowances and shares of room go by it. */
import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whom an address is charged as: an IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has all of.
 *
 * @example
 * Client.of('2001:db8::5:6:7:8')
 * // => '2001:db8:0:0::/64'
 */
export function of(address: string): string {
  const mapped = mappedOf(address)
  if (mapped !== null) return mapped
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address
}

/**
 * The network that an address is of: the smallest that the Internet routes by itself, a /24 of IPv4 and a /48 of IPv6. Whoever has many
 * addresses has them in few of these.
 *
 * @example
 * [Client.networkOf('203.0.113.9'), Client.networkOf('2001:db8::5:6:7:8')]
 * // => ['203.0.113.0/24', '2001:db8:0::/48']
 */
export function networkOf(address: string): string {
  const plain = mappedOf(address) ?? address
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 3).join(':')}::/48` : plain
}

/** The IPv4 address that an IPv6 one stands for, or null. */
function mappedOf(address: string): string | null {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? null
}

/** The first groups of an IPv6 address, at least the six that hold no dots, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [before = '', after] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  // the dotted end of an address takes two groups
  const last = groups(after ?? '')
  const missing = after === undefined ? 0 : 8 - groups(before).length - last.length - (last.at(-1)?.includes('.') ? 1 : 0)
  const whole = [...groups(before), ...Array.from({ length: missing }, () => '0'), ...last]
  return whole.slice(0, 6).map((group) => Number.parseInt(group, 16).toString(16))
}

/**
 * The address at the other end of the connection.
 *
 * @param bindings - what Node's adapter hands a request along with.
 * @returns `unknown` where there is no connection.
 *
 * @example
 * Client.peerOf({ incoming: { socket: { remoteAddress: '203.0.113.9' } } })
 * // => '203.0.113.9'
 */
export function peerOf(bindings: unknown): string {
  const incoming = fieldOf(bindings, 'incoming')
  const address = fieldOf(fieldOf(incoming, 'socket'), 'remoteAddress')
  return typeof address === 'string' ? address : 'unknown'
}

function fieldOf(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null && name in from ? (from as Readonly<Record<string, unknown>>)[name] : undefined
}
