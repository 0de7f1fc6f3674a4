/** `plimsoll margin <book>`: what accounts have, need and may do, where they would fall, and what a change would do to them. */
import { readFile } from 'node:fs/promises'
import { Account, Capacity, Delta, Fixed, type Health, LiquidationPrice, plimsoll } from '@plimsoll/margin'
import { Command } from 'commander'
import * as Book from '../margin/Book.ts'
import { typed } from '../path.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

/** The command. */
export function margin(): Command {
  return new Command('margin')
    .description('Margin, health, liquidation prices and room of the accounts of a book; or whom a change would make liquidatable.')
    .argument('<book>', 'a JSON file of markets, assets and accounts')
    .option('--what-if <change...>', 'NAME.price=…, NAME.initial=…% or NAME.maintenance=…%: whose status would change')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
A book to start from:
  { "assets":   { "USDC": { "price": "1", "weight": "100%" } },
    "markets":  { "ETH-PERP": { "price": "3000", "initial": "10%", "maintenance": "5%" } },
    "accounts": [ { "id": "anna", "balances": { "USDC": "1000" }, "positions": { "ETH-PERP": { "size": "2", "entry": "2900" } } } ] }
A rate may be tiers of notional: [{ "upTo": "100000", "rate": "5%" }, { "rate": "10%" }]. A size below 0 is a short.

Examples:
  plimsoll margin book.json
  plimsoll margin book.json --what-if ETH-PERP.price=2600
  plimsoll margin book.json --what-if ETH-PERP.initial=15% ETH-PERP.maintenance=12% --json`,
    )
    .action(async (file: string, options: { whatIf?: readonly string[]; json?: boolean }) => {
      const book = Book.parse(await json(typed(file)))
      if (options.whatIf === undefined) {
        const accounts = book.accounts.map(({ id, account }) => ({ id, ...standing(account, book) }))
        out(options.json, { accounts }, accounts.map(shown).join('\n\n'))
        return
      }
      const deltas: Delta.Delta[] = []
      for (const text of options.whatIf) deltas.push(deltaOf(text, book, deltas))
      const subjects = book.accounts.map(({ id, account }) => ({ id, account, stack: Delta.bare }))
      const changes = Delta.scan(subjects, plimsoll, deltas)
      const of = (account: Account.Assessment) => ({ equity: account.equity, maintenanceMargin: account.maintenanceMargin })
      const document = changes.map(({ id, from, to, before, after }) => ({ id, from, to, before: of(before), after: of(after) }))
      out(options.json, { accounts: subjects.length, changes: document }, changed(changes, subjects.length))
    })
}

/** More than anybody trades: room that no margin bounds is named so. */
const most = 10n ** 36n

function standing(account: Account.Account, book: Book.Book) {
  const { health, ...figures } = Account.assess(account, plimsoll)
  const positions = account.positions.map(({ market, size }) => ({
    market,
    size,
    liquidation: LiquidationPrice.of(account, plimsoll, { kind: 'price', names: [market] }),
    room: { long: room(account, { market, side: 'long' }, book), short: room(account, { market, side: 'short' }, book) },
  }))
  return { ...figures, health, positions }
}

function room(account: Account.Account, { market, side }: Pick<Capacity.Order, 'market' | 'side'>, { markets }: Book.Book): Capacity.Room {
  const price = markets.get(market)?.price ?? 0n
  return Capacity.raise(account, plimsoll, { market, side, price, feePpm: 0, upTo: most })
}

function shown({ id, health, positions, ...figures }: ReturnType<typeof standing> & { readonly id: string }): string {
  const rows = positions.map(({ market, size, liquidation, room }) => [
    market,
    amount(size),
    crossing(liquidation, 'down'),
    crossing(liquidation, 'up'),
    spare(room.long),
    spare(room.short),
  ])
  return [
    `${id}: ${status(health)}`,
    print.table([
      ['equity', print.usd(figures.equity), `(${print.usd(figures.initialEquity)} towards initial margin)`],
      ['initial margin', print.usd(figures.initialMargin)],
      ['maintenance margin', print.usd(figures.maintenanceMargin)],
    ]),
    ...(rows.length === 0 ? [] : [print.table([['position', 'size', 'falls below', 'falls above', 'may buy', 'may sell'], ...rows])]),
  ].join('\n')
}

function status(health: Health.Health): string {
  if (health.status === 'flat') return 'flat, no position'
  if (health.status === 'insolvent') return `insolvent, ${print.usd(health.deficit)} short of everything`
  return `${health.status}, health ${amount(health.ratio, 4)}`
}

function crossing(of: LiquidationPrice.LiquidationPrice, side: 'down' | 'up'): string {
  if (of.status === 'liquidatable') return 'now'
  if (of.status === 'none') return `— ${of.code}`
  const at = of[side]
  if (at.status === 'price') return print.usd(side === 'down' ? upToCent(at.price) : at.price)
  return at.status === 'none' ? `— ${at.code}` : '—'
}

/** At the price that is shown the account still stands: below it is shown a cent more, above it cut. */
function upToCent(price: bigint): bigint {
  const cent = 10n ** 16n
  return Fixed.ratio(price, cent, 'up') * cent
}

function spare(room: Capacity.Room): string {
  if (room.status === 'restricted') return `${amount(room.closes)} (close only)`
  return room.bound === 'CAP' ? 'any' : amount(room.size)
}

/** Cut: what may be traded is never shown as more than it is. */
function amount(value: bigint, decimals = 6): string {
  const sign = value < 0n ? '-' : ''
  const size = value < 0n ? -value : value
  const cut = size / 10n ** BigInt(18 - decimals)
  const digits = cut.toString().padStart(decimals + 1, '0')
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/\.?0+$/, '')
}

function changed(changes: readonly Delta.Change[], accounts: number): string {
  if (changes.length === 0) return `Of ${many(accounts)} nobody's status would change.`
  const rows = changes.map(({ id, from, to, before, after }) => [
    id,
    `${from} → ${to}`,
    `${print.usd(before.equity)} over ${print.usd(before.maintenanceMargin)}`,
    `${print.usd(after.equity)} over ${print.usd(after.maintenanceMargin)}`,
  ])
  return [`Of ${many(accounts)} ${changes.length} would change:`, print.table([['account', 'status', 'now', 'then'], ...rows])].join('\n')
}

function many(accounts: number): string {
  return accounts === 1 ? '1 account' : `${accounts} accounts`
}

/** One change; a second one to the same market's rates starts from the first. */
function deltaOf(text: string, { markets }: Book.Book, before: readonly Delta.Delta[]): Delta.Delta {
  const [, name = '', field = '', value = ''] = /^(.+)\.(price|initial|maintenance)=(.+)$/.exec(text) ?? []
  const market = markets.get(name)
  if (market === undefined) throw new ChangeError(text, [...markets.keys()])
  if (field === 'price') return { kind: 'prices', path: { kind: 'price', names: [name] }, level: Book.atLeast0(value, text) }
  const last = before.findLast((each) => each.kind === 'margin' && each.market === name)
  const terms = last?.kind === 'margin' ? last.margin : market.margin
  return { kind: 'margin', market: name, margin: { ...terms, [field]: Book.weightOf(value, text) } }
}

async function json(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw new Book.BookError('the file', 'JSON')
  }
}

/** Thrown when a change names no market of the book, or nothing that can change. */
export class ChangeError extends Error {
  override readonly name = 'Margin.ChangeError'
  readonly code = 'CHANGE_UNREADABLE'
  readonly hint: string
  constructor(text: string, markets: readonly string[]) {
    super(`'${text}' changes nothing that the book has.`)
    this.hint = `Write NAME.price=…, NAME.initial=…% or NAME.maintenance=…%, with NAME one of ${markets.join(', ')}.`
  }
}
