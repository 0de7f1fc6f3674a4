import { Features, type LogHar, type Quantile } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'
import type { Shape } from './Network.ts'

/** How many forecast deviations the worst path stays within, for one horizon, per source and side. */
export type Calibration = {
  readonly horizonSeconds: number
  readonly champion: Quantile.Sides<number>
  readonly baseline: Quantile.Sides<number>
}

/** Everything of a model that is not the network's weights: plain numbers, so that the baseline stands without the network. */
export type Parameters = {
  readonly schema: 1
  readonly features: { readonly version: number; readonly intervalSeconds: number; readonly names: readonly string[] }
  readonly network: Shape
  readonly standard: { readonly mean: readonly number[]; readonly deviation: readonly number[] }
  /** One log-HAR for each of `Features.horizonsSeconds`. */
  readonly baseline: readonly LogHar.LogHar[]
  readonly levelPpm: number
  /** By rising horizon. */
  readonly calibration: readonly Calibration[]
}

/**
 * Reads parameters that came from a file. Nothing is coerced: a wrong type, a non-finite number, an unknown key, another feature schema
 * or a size that does not fit is refused.
 *
 * @throws {InvalidParametersError} naming the first field that is wrong.
 */
export function parse(text: string): Parameters {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new InvalidParametersError({ path: '', problem: 'it is not JSON' })
  }
  const root = object(json, '', ['schema', 'features', 'network', 'standard', 'baseline', 'levelPpm', 'calibration'])
  const features = object(root['features'], 'features', ['version', 'intervalSeconds', 'names'])
  const network = object(root['network'], 'network', ['inputs', 'hidden', 'outputs', 'l2', 'seed'])
  const standard = object(root['standard'], 'standard', ['mean', 'deviation'])
  const parameters: Parameters = {
    schema: whole(root['schema'], 'schema', 1, 1) as 1,
    features: {
      version: whole(features['version'], 'features.version', Features.schema.version, Features.schema.version),
      intervalSeconds: whole(features['intervalSeconds'], 'features.intervalSeconds', 1, 86_400),
      names: list(features['names'], 'features.names', (value, path) => (typeof value === 'string' ? value : fail(path, 'is not text'))),
    },
    network: {
      inputs: whole(network['inputs'], 'network.inputs', 1, 1024),
      hidden: list(network['hidden'], 'network.hidden', (value, path) => whole(value, path, 1, 1024)),
      outputs: whole(network['outputs'], 'network.outputs', Features.horizonsSeconds.length, Features.horizonsSeconds.length),
      l2: number(network['l2'], 'network.l2'),
      seed: whole(network['seed'], 'network.seed', 0, Number.MAX_SAFE_INTEGER),
    },
    standard: {
      mean: list(standard['mean'], 'standard.mean', number),
      deviation: list(standard['deviation'], 'standard.deviation', positive),
    },
    baseline: list(root['baseline'], 'baseline', logHar),
    levelPpm: whole(root['levelPpm'], 'levelPpm', 1, 999_999),
    calibration: list(root['calibration'], 'calibration', calibration),
  }
  assertFits(parameters)
  return parameters
}

function assertFits({ features, network, standard, baseline, calibration: horizons }: Parameters): void {
  const { names, intervalSeconds } = Features.schema
  if (features.intervalSeconds !== intervalSeconds || features.names.join('\n') !== names.join('\n'))
    fail('features', 'is not the feature schema of this build')
  if (network.inputs !== names.length) fail('network.inputs', 'is not the number of features')
  if (network.hidden.length > 8) fail('network.hidden', 'has more than 8 layers')
  if (standard.mean.length !== names.length || standard.deviation.length !== names.length) fail('standard', 'does not fit the features')
  if (baseline.length !== Features.horizonsSeconds.length) fail('baseline', 'does not hold one model a horizon')
  if (horizons.length === 0) fail('calibration', 'is empty')
  horizons.forEach(({ horizonSeconds }, i) => {
    if (horizonSeconds <= (horizons[i - 1]?.horizonSeconds ?? 0)) fail(`calibration[${i}].horizonSeconds`, 'does not rise')
  })
}

function logHar(value: unknown, path: string): LogHar.LogHar {
  const it = object(value, path, ['intercept', 'weights', 'smearing'])
  const weights = list(it['weights'], `${path}.weights`, number)
  if (weights.length !== Features.lagCount) fail(`${path}.weights`, `does not hold ${Features.lagCount} numbers`)
  return { intercept: number(it['intercept'], `${path}.intercept`), weights, smearing: positive(it['smearing'], `${path}.smearing`) }
}

function calibration(value: unknown, path: string): Calibration {
  const it = object(value, path, ['horizonSeconds', 'champion', 'baseline'])
  const sides = (side: unknown, at: string): Quantile.Sides<number> => {
    const { long, short } = object(side, at, ['long', 'short'])
    return { long: positive(long, `${at}.long`), short: positive(short, `${at}.short`) }
  }
  return {
    horizonSeconds: whole(it['horizonSeconds'], `${path}.horizonSeconds`, 1, 31_536_000),
    champion: sides(it['champion'], `${path}.champion`),
    baseline: sides(it['baseline'], `${path}.baseline`),
  }
}

export function object(value: unknown, path: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'is not an object')
  const missing = keys.find((key) => !Object.hasOwn(value, key))
  if (missing !== undefined) fail(path, `lacks ${missing}`)
  const extra = Object.keys(value).find((key) => !keys.includes(key))
  if (extra !== undefined) fail(path, `has an unknown key ${extra}`)
  return value as Record<string, unknown>
}

export function list<T>(value: unknown, path: string, item: (value: unknown, path: string) => T): T[] {
  if (!Array.isArray(value) || value.length > 1024) return fail(path, 'is not a list of at most 1024 items')
  return value.map((each, i) => item(each, `${path}[${i}]`))
}

export function number(value: unknown, path: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'is not a finite number')
}

export function positive(value: unknown, path: string): number {
  return number(value, path) > 0 ? (value as number) : fail(path, 'is not above zero')
}

export function whole(value: unknown, path: string, least: number, most: number): number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : fail(path, `is not a whole number from ${least} to ${most}`)
}

export function fail(path: string, problem: string): never {
  throw new InvalidParametersError({ path, problem })
}

/** Thrown when parameters are not what this build can serve. */
export class InvalidParametersError extends BaseError {
  override readonly name = 'Parameters.InvalidParametersError'
  readonly path: string
  constructor(args: { readonly path: string; readonly problem: string }) {
    super({
      code: 'PARAMETERS_INVALID',
      message: `The model's parameters are refused: ${args.path === '' ? 'the document' : args.path} ${args.problem}.`,
      hint: 'Train the model again with this build, or serve an older version.',
    })
    this.path = args.path
  }
}
