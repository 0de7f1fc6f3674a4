import { Features } from '@plimsoll/volatility'
import { describe, expect, test } from 'vitest'
import { Parameters } from './index.ts'

const names = Features.schema.names
const sides = { long: 2.9, short: 2.8 }
const sound = {
  schema: 1,
  features: { version: 1, intervalSeconds: 300, names: [...names] },
  network: { inputs: names.length, hidden: [8], outputs: 3, l2: 0, seed: 1 },
  standard: { mean: names.map(() => 0), deviation: names.map(() => 1) },
  baseline: [1, 2, 3].map((intercept) => ({ intercept, weights: [0, 0, 0, 1], smearing: 1 })),
  levelPpm: 990_000,
  calibration: [300, 3_600].map((horizonSeconds) => ({ horizonSeconds, champion: sides, baseline: sides })),
}

describe('parse', () => {
  test('worked example', () => {
    expect(Parameters.parse(JSON.stringify(sound))).toEqual(sound)
  })
  test.each<[string, string, unknown]>([
    ['another schema', 'schema', { ...sound, schema: 2 }],
    ['a missing key', '', (({ levelPpm: _, ...rest }) => rest)(sound)],
    ['an unknown key', '', { ...sound, extra: 1 }],
    ['a number as text', 'levelPpm', { ...sound, levelPpm: '990000' }],
    ['true', 'levelPpm', { ...sound, levelPpm: true }],
    ['not a number', 'standard.mean[0]', { ...sound, standard: { ...sound.standard, mean: [null, ...names.slice(1)] } }],
    ['a deviation of zero', 'standard.deviation[1]', { ...sound, standard: { ...sound.standard, deviation: [1, 0, 1] } }],
    ['too few means', 'standard', { ...sound, standard: { ...sound.standard, mean: [0] } }],
    ['too few deviations', 'standard', { ...sound, standard: { ...sound.standard, deviation: [1] } }],
    ['other features', 'features', { ...sound, features: { ...sound.features, names: [...names].reverse() } }],
    ['another interval', 'features', { ...sound, features: { ...sound.features, intervalSeconds: 3600 } }],
    ['another feature version', 'features.version', { ...sound, features: { ...sound.features, version: 2 } }],
    ['a name that is no text', 'features.names[0]', { ...sound, features: { ...sound.features, names: [1] } }],
    ['other inputs', 'network.inputs', { ...sound, network: { ...sound.network, inputs: 3 } }],
    ['other outputs', 'network.outputs', { ...sound, network: { ...sound.network, outputs: 2 } }],
    ['a huge layer', 'network.hidden[0]', { ...sound, network: { ...sound.network, hidden: [1e6] } }],
    ['nine layers', 'network.hidden', { ...sound, network: { ...sound.network, hidden: new Array(9).fill(8) } }],
    ['a horizon without baseline', 'baseline', { ...sound, baseline: sound.baseline.slice(1) }],
    ['a lag too few', 'baseline[0].weights', { ...sound, baseline: [{ intercept: 0, weights: [1], smearing: 1 }] }],
    ['a negative smearing', 'baseline[0].smearing', { ...sound, baseline: [{ intercept: 0, weights: [1, 0, 0, 0], smearing: -1 }] }],
    ['no calibration', 'calibration', { ...sound, calibration: [] }],
    [
      'a calibration of zero',
      'calibration[0].champion.long',
      { ...sound, calibration: [{ horizonSeconds: 300, champion: { long: 0, short: 1 }, baseline: sides }] },
    ],
    ['horizons that fall', 'calibration[1].horizonSeconds', { ...sound, calibration: [...sound.calibration].reverse() }],
    ['a list', '', []],
    ['null', '', null],
  ])('error: %s', (_, path, value) => {
    expect(() => Parameters.parse(JSON.stringify(value))).toThrow(
      expect.objectContaining({ name: 'Parameters.InvalidParametersError', code: 'PARAMETERS_INVALID', path }),
    )
  })
  test('error: not JSON', () => {
    expect(() => Parameters.parse('{')).toThrow(/not JSON/)
  })
})
