/** Whom a request comes from, as far as allowances and shares of room go by it. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { BaseError } from './BaseError.ts'

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

/** The IPv4 address that an IPv6 one stands for, however it is written, or null. */
function mappedOf(address: string): string | null {
  if (!isIPv6(address) || address.includes('%')) return null
  // A URL has every address in one spelling.
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? []
  if (high === undefined || low === undefined) return null
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.')
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

/** Whether IPv4 addresses as IPv6 has them are of that range. */
function coversIPv4(address: string, prefix: number): boolean {
  const range = new BlockList()
  range.addSubnet(address, prefix, 'ipv6')
  return range.check('::ffff:0:0', 'ipv6')
}

/** Whom it is believed of on whose behalf they ask. */
export type Proxies = { readonly has: (address: string) => boolean }

/**
 * Reads which proxies are trusted: addresses and ranges, comma-separated, IPv4 and IPv6.
 *
 * What is no address is refused, and a range that is wider than any network of one owner, a /8 of IPv4 and a /7 of IPv6, or that all of IPv4 lies in:
 * whoever asks would say himself who he is.
 *
 * @param text - such as `10.0.0.0/8,2001:db8::7`; empty for none.
 * @throws {ProxiesError} naming every part that is wrong.
 *
 * @example
 * const proxies = Client.proxies('10.0.0.0/8,2001:db8::7')
 * ;[proxies.has('10.1.2.3'), proxies.has('::ffff:10.1.2.3'), proxies.has('2001:db8::8')]
 * // => [true, true, false]
 */
export function proxies(text: string): Proxies {
  const list = new BlockList()
  const wrong: string[] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    if (text.trim() === '') break
    const [address = '', bits, ...more] = part.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    const length = family === 'ipv4' ? 32 : 128
    const prefix = bits === undefined ? length : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (isIP(address) === 0 || address.includes('%') || mappedOf(address) !== null) wrong.push(`${part} is no address and no range`)
    else if (more.length > 0 || prefix < 0 || prefix > length) wrong.push(`${part} is no range: the part after / is from 0 to ${length}`)
    else if (prefix < (family === 'ipv4' ? 8 : 7) || (family === 'ipv6' && coversIPv4(address, prefix)))
      wrong.push(`${part} covers so much that anybody would be believed`)
    else list.addSubnet(address, prefix, family)
  }
  if (wrong.length > 0) throw new ProxiesError(wrong)
  return {
    // An IPv4 address within an IPv6 one is found as what it is.
    has: (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'),
  }
}

/** The same as a key of an environment, nobody's unless given. */
export const trusted = z
  .string()
  .default('')
  .transform((text, context) => {
    try {
      return proxies(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof ProxiesError ? error.problems.join('; ') : String(error) })
      return z.NEVER
    }
  })

/**
 * Whose request it is: who is at the other end of the connection, or where that is a trusted proxy, whom it names.
 *
 * Each proxy adds at the right whom it was asked by. So what trusted proxies have added is read from the right, and the first address that is none of
 * theirs is the client; whatever stands left of it he may have written himself. Where a part that is reached is no address nobody is believed: the
 * proxy that sent it is the client.
 *
 * @param args.peer - at the other end of the connection.
 * @param args.forwarded - the header `X-Forwarded-For`, all of them in one.
 *
 * @example
 * const proxies = Client.proxies('10.0.0.0/8')
 * const from = (peer, forwarded) => Client.from({ peer, forwarded, proxies })
 * ;[from('10.0.0.1', '192.0.2.1, 203.0.113.9, 10.0.0.2'), from('203.0.113.9', '192.0.2.1')]
 * // => ['203.0.113.9', '203.0.113.9']
 */
export function from({ peer, forwarded, proxies }: from.Args): string {
  let client = peer
  for (const part of (forwarded ?? '').split(',').reverse()) {
    if (!proxies.has(client)) return client
    const address = addressIn(part.trim())
    if (address === null) return client
    client = address
  }
  return client
}

export declare namespace from {
  type Args = { readonly peer: string; readonly forwarded: string | undefined; readonly proxies: Proxies }
}

/** Some proxies add the port, and put an IPv6 address in brackets. */
function addressIn(part: string): string | null {
  const address = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(part)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(part)?.[1] ?? part
  return isIP(address) === 0 || address.includes('%') ? null : address
}

function fieldOf(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null && name in from ? (from as Readonly<Record<string, unknown>>)[name] : undefined
}

/** Thrown when it cannot be read which proxies are trusted, or everybody would be one. */
export class ProxiesError extends BaseError {
  override readonly name = 'Client.ProxiesError'
  /** Of each part that is wrong what is, without a full stop. */
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super({
      code: 'PROXIES_INVALID',
      message: `Of the trusted proxies ${problems.join('; ')}.`,
      hint: 'Name addresses and ranges, such as 10.0.0.0/8,2001:db8::7.',
    })
    this.problems = problems
  }
}
