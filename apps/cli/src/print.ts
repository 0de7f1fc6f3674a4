/** What people read in a terminal: money, rates, tables, and the reasons as numbers that add up. */
import { Fixed } from '@plimsoll/margin'
import type { ShownLimit } from '@plimsoll/sdk'

const one = 10n ** 18n

/** USD × 1e18 as dollars and cents, rounded down. `print.usd(1234567890000000000000n)` is `$1,234.56`. */
export function usd(value: bigint): string {
  const cents = Fixed.ratio(value, one / 100n, 'down')
  const absolute = cents < 0n ? -cents : cents
  const whole = (absolute / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  return `${cents < 0n ? '-' : ''}$${whole}.${(absolute % 100n).toString().padStart(2, '0')}`
}

/** A rate in ppm as a percentage, to the last part: rates that add up are written so. `print.rate(26986)` is `2.6986 %`. */
export function rate(ppm: number): string {
  return `${(ppm / 10_000).toFixed(4)} %`
}

/** A multiple in ppm: 12,500,000 is 12.50×. */
export function multiple(ppm: number): string {
  return `${(ppm / 1_000_000).toFixed(2)}×`
}

/** Rows as columns, the first left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows
    .map(
      (row) =>
        indent +
        row
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
          .join('  ')
          .trimEnd(),
    )
    .join('\n')
}

const factors: Readonly<Record<string, string>> = {
  schedule: 'base schedule',
  volatility: 'volatility and liquidity',
  brake: 'brake',
  reputation: 'reputation',
  wrongWay: 'wrong-way risk',
  bounds: 'bounds',
}

/** A limit and its reasons, chains by their names. Both columns of the reasons add up to the line below them, and free credit and the venue's part to theirs. */
export function limit(shown: ShownLimit, nameOf: (chainId: number) => string): string {
  const { credit, equity, protocolDefault } = shown
  const [free = 0n, venue = 0n] = Fixed.apportion([credit.free, equity.venue], one / 100n)
  const cents = Fixed.apportion(
    shown.reasons.map(({ notional }) => notional),
    one / 100n,
  )
  const reasons = shown.reasons.map((reason, index) => [
    factors[reason.factor] ?? reason.factor,
    signed(rate(reason.imPpm), reason.imPpm),
    signed(usd(cents[index] ?? 0n), cents[index] ?? 0n),
  ])
  const lines = [
    table([
      ['limit', usd(shown.notional), `(${shown.side} side binds)`],
      ['leverage', multiple(shown.leveragePpm)],
      ['initial margin', rate(shown.imPpm)],
      ['maintenance margin', rate(shown.mmPpm)],
      ['protocol default', usd(protocolDefault.notional), `${multiple(protocolDefault.leveragePpm)} at ${rate(protocolDefault.imPpm)}`],
      ['free credit', usd(free), `of ${usd(credit.total)}`],
      ...credit.perChain.map((chain) => [`  ${nameOf(chain.chainId)}`, usd(chain.credit)]),
      ['+ at the venue, net', usd(venue)],
      ['= may stand behind it', usd(free + venue)],
      ['  the limit needs', usd(shown.requirement)],
    ]),
    '  why:',
    table([['', 'margin at that size', 'limit'], ...reasons, ['= personal limit', rate(shown.imPpm), usd(shown.notional)]], '    '),
    ...shown.bounds.map((bound) => `    ${bound.code}: ${bound.message}`),
  ]
  return lines.join('\n')
}

/** How a chain is called: by its name, where that is known. */
export function chains(known: readonly { readonly chainId: number; readonly name: string }[]): (chainId: number) => string {
  const names = new Map(known.map(({ chainId, name }) => [chainId, name]))
  return (chainId) => names.get(chainId) ?? `chain ${chainId}`
}

function signed(text: string, value: number | bigint): string {
  return value > 0 ? `+${text}` : text
}
