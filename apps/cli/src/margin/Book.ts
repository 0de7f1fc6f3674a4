/** A book as a person writes it: markets and assets with their terms, accounts with what they hold. Decimals and percentages as text. */
import { type Account, Fixed, Valuation, type Weight } from '@plimsoll/margin'

export type Book = { readonly accounts: readonly Held[]; readonly markets: ReadonlyMap<string, Market> }
export type Held = { readonly id: string; readonly account: Account.Account }
export type Market = { readonly price: bigint; readonly margin: Account.Terms; readonly openInterest: bigint }
type Asset = { readonly price: bigint; readonly weight: Weight.Weight }
type Fields = { readonly [key: string]: unknown }

/**
 * Reads a book.
 *
 * @throws {BookError} a field is missing or cannot be meant, with the place it stands at.
 */
export function parse(json: unknown): Book {
  const root = fields(json, 'the book')
  if (root['format'] !== undefined) throw new BookError('format', 'for plimsoll margin: plimsoll stress, lri and insurance read such books')
  const markets = new Map(Object.entries(fields(root['markets'] ?? {}, 'markets')).map(([name, of]) => [name, marketOf(of, name)] as const))
  const assets = new Map(Object.entries(fields(root['assets'] ?? {}, 'assets')).map(([name, of]) => [name, assetOf(of, name)] as const))
  const accounts = root['accounts']
  if (!Array.isArray(accounts)) throw new BookError('accounts', 'a list of accounts')
  const held = accounts.map((of: unknown, i) => heldOf(of, `accounts[${i}]`, { markets, assets }))
  const ids = held.map(({ id }) => id)
  const again = ids.findIndex((id, i) => ids.indexOf(id) !== i)
  if (again >= 0) throw new BookError(`accounts[${again}].id`, `a name of its own: ${ids[again]} is somebody else's`)
  return { markets, accounts: held }
}

function marketOf(json: unknown, name: string): Market {
  const of = fields(json, name)
  const initial = weightOf(of['initial'], `${name}.initial`)
  return {
    price: atLeast0(of['price'], `${name}.price`),
    margin: { initial, maintenance: weightOf(of['maintenance'], `${name}.maintenance`) },
    openInterest: of['openInterest'] === undefined ? 0n : atLeast0(of['openInterest'], `${name}.openInterest`),
  }
}

function assetOf(json: unknown, name: string): Asset {
  const of = fields(json, name)
  return { price: atLeast0(of['price'], `${name}.price`), weight: weightOf(of['weight'] ?? '100%', `${name}.weight`) }
}

type Known = { readonly markets: ReadonlyMap<string, Market>; readonly assets: ReadonlyMap<string, Asset> }

function heldOf(json: unknown, at: string, { markets, assets }: Known): Held {
  const of = fields(json, at)
  const id = of['id']
  if (typeof id !== 'string' || id === '') throw new BookError(`${at}.id`, 'a name')
  const balances = Object.entries(fields(of['balances'] ?? {}, `${id}.balances`)).map(([asset, amount]): Account.Balance => {
    const { price, weight } = known(assets, asset, `${id}.balances`)
    const terms = { initial: weight, maintenance: weight }
    const whole = { initial: flat(Fixed.ppm), maintenance: flat(Fixed.ppm) }
    const size = decimal(amount, `${id}.balances.${asset}`)
    return { asset, amount: size, unit: Fixed.one, price: Valuation.mark(price), owned: terms, owed: whole, total: 0n }
  })
  const positions = Object.entries(fields(of['positions'] ?? {}, `${id}.positions`)).map(([market, held]): Account.Position => {
    const { price, margin, openInterest } = known(markets, market, `${id}.positions`)
    const { size, entry } = fields(held, `${id}.positions.${market}`)
    const signed = decimal(size, `${id}.positions.${market}.size`)
    const cost = signed * decimal(entry, `${id}.positions.${market}.entry`)
    return { market, size: signed, unit: Fixed.one, price: Valuation.mark(price), cost, quote: 0n, margin, openInterest, charge: 0n }
  })
  const fees = of['fees'] === undefined ? 0n : atLeast0(of['fees'], `${id}.fees`)
  return { id, account: { balances, positions, fees, asOf: 0 } }
}

/**
 * A rate as it is written: `5%`, or tiers `[{ "upTo": "100000", "rate": "5%" }, { "rate": "10%" }]` of notional.
 *
 * @throws {BookError}
 */
export function weightOf(json: unknown, at: string): Weight.Weight {
  if (!Array.isArray(json)) return flat(rate(json, at))
  const tiers = json.map((each: unknown, i) => {
    const { upTo, rate: of } = fields(each, `${at}[${i}]`)
    return { upTo: upTo === undefined ? null : decimal(upTo, `${at}[${i}].upTo`), rate: rate(of, `${at}[${i}].rate`) }
  })
  const last = tiers.at(-1)
  const rises = tiers.every(({ upTo, rate }, i) => {
    const before = tiers[i - 1]
    return before === undefined || (rate >= before.rate && before.upTo !== null && (upTo === null || upTo > before.upTo))
  })
  if (last === undefined || last.upTo !== null || !rises) throw new BookError(at, 'tiers that rise, the last without upTo')
  return { kind: 'tiers', tiers }
}

/** A decimal as it is written, × 1e18. */
export function decimal(json: unknown, at: string): bigint {
  try {
    return Fixed.parse(typeof json === 'number' ? String(json) : (json as string))
  } catch {
    throw new BookError(at, 'a decimal such as "1250.75"')
  }
}

/** The same, of what a sign cannot be meant for: fees below 0 would be equity. */
export function atLeast0(json: unknown, at: string): bigint {
  const value = decimal(json, at)
  if (value < 0n) throw new BookError(at, 'a decimal of at least 0')
  return value
}

function rate(json: unknown, at: string): bigint {
  const parts = typeof json === 'string' ? /^(\d{1,5})(?:\.(\d{1,4}))? ?%$/.exec(json) : null
  if (!parts) throw new BookError(at, 'a percentage such as "7.5%", of at most four decimals')
  const [, whole = '', fraction = ''] = parts
  return BigInt(whole + fraction.padEnd(4, '0'))
}

function flat(rate: bigint): Weight.Weight {
  return { kind: 'flat', rate }
}

function known<T>(map: ReadonlyMap<string, T>, name: string, at: string): T {
  const found = map.get(name)
  if (found === undefined) throw new BookError(`${at}.${name}`, 'something whose price and terms the book states')
  return found
}

function fields(json: unknown, at: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields
  throw new BookError(at, 'an object')
}

/** Thrown when a book cannot be read. */
export class BookError extends Error {
  override readonly name = 'Margin.BookError'
  readonly code = 'BOOK_UNREADABLE'
  readonly hint = 'See plimsoll margin --help for a book to start from.'
  constructor(at: string, wanted: string) {
    super(`In the book, ${at} is not ${wanted}.`)
  }
}
