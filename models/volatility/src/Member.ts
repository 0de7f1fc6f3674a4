import type { Drift, Glm, Signals } from '@plimsoll/volatility'
import type { Standard } from './Fit.ts'
import { fail, list, number, object, positive, whole } from './Parameters.ts'

/** What answers, best first: the ladder a forecast steps down when the step above it cannot be trusted. */
export const sources = ['champion', 'glm', 'ewma', 'static'] as const
export type Source = (typeof sources)[number]

/** How many yardsticks of the forecast a loss stays within at one level, and the mean of those beyond. */
export type Factor = { readonly quantile: number; readonly shortfall: number }
export type Side = 'longPath' | 'shortPath' | 'longEnd' | 'shortEnd'
export type Band = { readonly levelPpm: number } & Readonly<Record<Side, Factor>>

/** Factors of the first minutes of the horizon, on its yardstick times the root of their share of it, at 99 %. */
export type Soon = { readonly seconds: number; readonly longPath: number; readonly shortPath: number }

/** A source's bands, by rising level, and its first minutes. */
export type Calibration = { readonly bands: readonly Band[]; readonly soon: readonly Soon[] }

/** One horizon of a suite: everything but the network's weights. */
export type Member = {
  readonly horizonSeconds: number
  /** Bars it reads. */
  readonly intervalSeconds: number
  readonly names: readonly string[]
  readonly inputs: readonly number[]
  readonly standard: Standard
  readonly base: Glm.Glm
  readonly units: number
  /** Power of the forecast deviation that the factors go with: `Conformal.yardstick`. */
  readonly exponent: number
  readonly calibration: Readonly<Record<Source, Calibration>>
  /** Variance that stands where nothing is known of an asset: 99 % of training outcomes were smaller. */
  readonly cap: number
  /** How each signal lay in training: what drift is measured against. */
  readonly references: readonly Drift.Reference[]
}

/** The levels every suite is calibrated at. */
export const levels = [950_000, 990_000, 995_000] as const

export const kindOf = ({ horizonSeconds, intervalSeconds }: Pick<Member, 'horizonSeconds' | 'intervalSeconds'>): Signals.Kind => ({
  horizonHours: horizonSeconds / 3_600,
  intervalSeconds,
})

/**
 * Reads a member that came from a file; nothing is coerced.
 *
 * @throws {Parameters.InvalidParametersError} naming the first field that is wrong.
 */
export function parse(value: unknown, path: string, namesOf: (kind: Signals.Kind) => readonly string[]): Member {
  const it = object(value, path, [
    'horizonSeconds',
    'intervalSeconds',
    'names',
    'inputs',
    'standard',
    'base',
    'units',
    'exponent',
    'calibration',
    'cap',
    'references',
  ])
  const horizonSeconds = whole(it['horizonSeconds'], `${path}.horizonSeconds`, 3_600, 86_400)
  const intervalSeconds = whole(it['intervalSeconds'], `${path}.intervalSeconds`, 1, 3_600)
  if (86_400 % horizonSeconds !== 0 || horizonSeconds % 3_600 !== 0) fail(`${path}.horizonSeconds`, 'is not whole hours that divide a day')
  if (3_600 % intervalSeconds !== 0) fail(`${path}.intervalSeconds`, 'does not divide an hour')
  const names = list(it['names'], `${path}.names`, (name, at) => (typeof name === 'string' ? name : fail(at, 'is not text')))
  if (names.join('\n') !== namesOf(kindOf({ horizonSeconds, intervalSeconds })).join('\n'))
    fail(`${path}.names`, 'are not the signals of this build')
  const width = names.length
  const fitting = (values: number[], at: string): number[] => (values.length === width ? values : fail(at, 'does not fit the signals'))
  const standard = object(it['standard'], `${path}.standard`, ['mean', 'deviation'])
  const base = object(it['base'], `${path}.base`, ['intercept', 'weights'])
  const inputs = list(it['inputs'], `${path}.inputs`, (k, at) => whole(k, at, 0, width - 1))
  if (inputs.some((k, i) => k <= (inputs[i - 1] ?? -1))) fail(`${path}.inputs`, 'do not rise')
  const calibration = object(it['calibration'], `${path}.calibration`, sources)
  const references = list(it['references'], `${path}.references`, reference)
  if (references.length !== width) fail(`${path}.references`, 'does not fit the signals')
  return {
    horizonSeconds,
    intervalSeconds,
    names,
    inputs,
    standard: {
      mean: fitting(list(standard['mean'], `${path}.standard.mean`, number), `${path}.standard.mean`),
      deviation: fitting(list(standard['deviation'], `${path}.standard.deviation`, positive), `${path}.standard.deviation`),
    },
    base: {
      intercept: number(base['intercept'], `${path}.base.intercept`),
      weights: fitting(list(base['weights'], `${path}.base.weights`, number), `${path}.base.weights`),
    },
    units: whole(it['units'], `${path}.units`, 1, 4_096),
    exponent: positive(it['exponent'], `${path}.exponent`),
    calibration: Object.fromEntries(
      sources.map((source) => [source, parseCalibration(calibration[source], `${path}.calibration.${source}`)]),
    ) as Member['calibration'],
    cap: positive(it['cap'], `${path}.cap`),
    references,
  }
}

function parseCalibration(value: unknown, path: string): Calibration {
  const it = object(value, path, ['bands', 'soon'])
  const factor = (each: unknown, at: string): Factor => {
    const { quantile, shortfall } = object(each, at, ['quantile', 'shortfall'])
    return { quantile: positive(quantile, `${at}.quantile`), shortfall: positive(shortfall, `${at}.shortfall`) }
  }
  const bands = list(it['bands'], `${path}.bands`, (each, at): Band => {
    const band = object(each, at, ['levelPpm', 'longPath', 'shortPath', 'longEnd', 'shortEnd'])
    return {
      levelPpm: whole(band['levelPpm'], `${at}.levelPpm`, 1, 999_999),
      longPath: factor(band['longPath'], `${at}.longPath`),
      shortPath: factor(band['shortPath'], `${at}.shortPath`),
      longEnd: factor(band['longEnd'], `${at}.longEnd`),
      shortEnd: factor(band['shortEnd'], `${at}.shortEnd`),
    }
  })
  if (bands.map(({ levelPpm }) => levelPpm).join() !== levels.join()) fail(`${path}.bands`, `are not those of ${levels.join(', ')} ppm`)
  const soon = list(it['soon'], `${path}.soon`, (each, at): Soon => {
    const { seconds, longPath, shortPath } = object(each, at, ['seconds', 'longPath', 'shortPath'])
    return {
      seconds: whole(seconds, `${at}.seconds`, 1, 3_599),
      longPath: positive(longPath, `${at}.longPath`),
      shortPath: positive(shortPath, `${at}.shortPath`),
    }
  })
  return { bands, soon }
}

function reference(value: unknown, path: string): Drift.Reference {
  const it = object(value, path, ['edges', 'shares'])
  const edges = list(it['edges'], `${path}.edges`, number)
  const shares = list(it['shares'], `${path}.shares`, number)
  if (shares.length !== edges.length + 1) fail(path, 'has not one share more than edges')
  return { edges, shares }
}
