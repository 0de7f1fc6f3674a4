/** What a stress is given on the command line. */
import type { Impact, Policy, Venue } from '@plimsoll/liquidation'
import { Fixed } from '@plimsoll/margin'

/** `MARKET=value` names one market, a value alone all of them. */
export type Given = { readonly market: string | null; readonly value: string }

/** Splits `ETH-PERP=-10%` at its first `=`. */
export function given(text: string): Given {
  const at = text.indexOf('=')
  return at < 0 ? { market: null, value: text } : { market: text.slice(0, at), value: text.slice(at + 1) }
}

/** What holds for one market: its own, else the one for all. */
export function forMarket<T>(all: readonly Given[], market: string, read: (value: string) => T): T | undefined {
  const found = all.find((each) => each.market === market) ?? all.find((each) => each.market === null)
  return found === undefined ? undefined : read(found.value)
}

/** `-10%`, `-0.1log` or `+25%`: a signed log move. */
export function shock(text: string): number {
  const percent = /^([+-]?\d+(?:\.\d+)?)%$/.exec(text)
  const log = /^([+-]?\d+(?:\.\d+)?)log$/.exec(text)
  const share = Number(percent?.[1] ?? Number.NaN) / 100
  if (percent && share > -1) return Math.log1p(share)
  if (log) return Number(log[1])
  throw new ScenarioError(text, 'a shock', '-10%, +25% or -0.1log')
}

/** `5%` or `0.05`: a share. */
export function share(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
  if (!parts) throw new ScenarioError(text, 'a share', '5% or 0.05')
  return parts[2] === '%' ? Number(parts[1]) / 100 : Number(parts[1])
}

/** Whole ppm of a share. */
export function ppm(text: string): number {
  return Math.round(share(text) * 1e6)
}

/** `linear:2e-9`, `sqrt:0.04,1e9`, `pool:5e7` or `knots:1e6@0.001,1e7@0.02`. */
export function impact(text: string): Impact.Impact {
  const [kind = '', rest = ''] = text.split(':')
  const figures = rest.split(',').map(figure)
  const [a = Number.NaN, b = Number.NaN] = figures
  if (kind === 'linear' && figures.length === 1 && Number.isFinite(a)) return { kind: 'linear', slope: a }
  if (kind === 'sqrt' && figures.length === 2 && Number.isFinite(a + b)) return { kind: 'squareRoot', coefficient: a, volume: b }
  if (kind === 'pool' && figures.length === 1 && Number.isFinite(a)) return { kind: 'constantProduct', reserve: a }
  if (kind === 'knots') {
    const knots = rest.split(',').map((each) => each.split('@').map(figure))
    if (knots.every(([flow, move]) => Number.isFinite((flow ?? Number.NaN) + (move ?? Number.NaN))))
      return { kind: 'isotonic', knots: knots.map(([flow = 0, move = 0]) => ({ flow, move })) }
  }
  throw new ScenarioError(text, 'an impact', 'linear:2e-9, sqrt:0.04,1e9, pool:5e7 or knots:1e6@0.001,1e7@0.02')
}

/** `full`, `target:1.5,4` or `share:0.5,4`; the second figure is how many slices. */
export function policy(text: string): Policy.Policy {
  const [kind = '', rest = ''] = text.split(':')
  const [a = Number.NaN, slices = 4] = rest.split(',').map(figure)
  if (kind === 'full' && rest === '') return { kind: 'full' }
  if (kind === 'target' && Number.isFinite(a + slices)) return { kind: 'target', target: a, slices }
  if (kind === 'share' && Number.isFinite(a + slices)) return { kind: 'share', share: a, slices }
  throw new ScenarioError(text, 'a policy', 'full, target:1.5,4 or share:0.5,4')
}

/** `0.5` or `0.5,3`: the venue's weight in the index, and over how many rounds it is averaged. */
export function index(text: string): Venue.Market['index'] {
  const [weight = Number.NaN, rounds = 1] = text.split(',').map(figure)
  if (!Number.isFinite(weight + rounds)) throw new ScenarioError(text, 'an index', '0.5 or 0.5,3')
  return { weight, rounds }
}

/** `30%,1000000`: the share a backstop takes, and up to how much. */
export function backstop(text: string): Venue.Market['backstop'] {
  const [part = '', capacity = ''] = text.split(',')
  return { sharePpm: ppm(part), capacity: usd(capacity) }
}

/** `1000000` or `2500.5`: USD. */
export function usd(text: string): bigint {
  try {
    return Fixed.parse(text)
  } catch {
    throw new ScenarioError(text, 'an amount', '1000000 or 2500.5')
  }
}

/** `1h`, `1d`, `7d` or seconds. */
export function seconds(text: string): number {
  const parts = /^(\d+)(s|m|h|d)?$/.exec(text)
  if (!parts) throw new ScenarioError(text, 'a time', '3600, 1h or 1d')
  return Number(parts[1]) * { s: 1, m: 60, h: 3_600, d: 86_400 }[(parts[2] ?? 's') as 's' | 'm' | 'h' | 'd']
}

/** A number as a person writes it; blank is none. */
export function figure(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** Thrown when an option does not say what it has to. */
export class ScenarioError extends Error {
  override readonly name = 'Scenario.ScenarioError'
  readonly code = 'OPTION_UNREADABLE'
  readonly hint: string
  constructor(text: string, what: string, examples: string) {
    super(`"${text}" is not ${what}.`)
    this.hint = `Write it like ${examples}.`
  }
}
