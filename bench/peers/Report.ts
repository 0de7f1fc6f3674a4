/** What a race came to, for machines and for people. */
import * as Clock from './Clock.ts'
import type { Introduction } from './Lane.ts'

export type Result = Introduction & { readonly costs: readonly Clock.Cost[]; readonly worst: number }

export type Row = Introduction & {
  readonly accountsPerCpuSecond: number
  readonly accountsPerSecond: number
  /** To the fastest peer that returns as much; null where no such peer ran. */
  readonly toFastestPeer: number | null
  /** The largest relative difference to what an account comes to by hand. */
  readonly worstDifference: number
  readonly cpuMicroseconds: readonly number[]
}

export type Report = {
  readonly seed: number
  readonly accounts: number
  readonly rounds: number
  readonly milliseconds: number
  readonly machine: { readonly node: string; readonly processor: string; readonly cores: number; readonly load: number }
  readonly versions: Readonly<Record<string, string>>
  /** Microseconds of a fixed loop: before the first round, and after each. */
  readonly calibration: readonly number[]
  readonly rows: readonly Row[]
}

/** The fastest first. */
export function rows(results: readonly Result[]): readonly Row[] {
  const peers = results.filter(({ name }) => !name.startsWith('@plimsoll/'))
  /** Who returns less is no measure for who returns more. */
  const fastest = (complete: boolean) =>
    Math.min(...peers.filter((peer) => peer.complete || !complete).map(({ costs }) => Clock.least(costs).cpu))
  return results
    .map(({ costs, worst, ...introduction }) => {
      const { cpu, wall } = Clock.least(costs)
      const measure = fastest(introduction.complete)
      return {
        ...introduction,
        accountsPerCpuSecond: Math.round(1e6 / cpu),
        accountsPerSecond: Math.round(1e6 / wall),
        toFastestPeer: Number.isFinite(measure) ? measure / cpu : null,
        worstDifference: worst,
        cpuMicroseconds: costs.map((cost) => cost.cpu),
      }
    })
    .sort((a, b) => b.accountsPerCpuSecond - a.accountsPerCpuSecond)
}

export function text(report: Report): string {
  const { machine, calibration } = report
  const swing = Math.max(...calibration) / Math.min(...calibration)
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Node ${machine.node}, ${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(2)}`,
    `${report.accounts} accounts of seed ${report.seed}, the cheapest of ${report.rounds} slices of ${report.milliseconds} ms each, in turns`,
    `calibration: ${calibration[0]} µs before, ${calibration.at(-1)} µs after, slowest over fastest ${swing.toFixed(2)}`,
    '',
    ...table(report.rows),
    '',
    'to fastest peer: of those that return initial margin, maintenance margin and health; of all, for who returns less',
    `off by: largest relative difference to the accounts worked out by hand`,
    versions.join(', '),
    '',
  ].join('\n')
}

function table(all: readonly Row[]): string[] {
  const heading = ['contender', 'returns', 'accounts/CPU s', 'accounts/s', 'to fastest peer', 'off by']
  const cells = all.map((row) => [
    row.name,
    row.returns,
    row.accountsPerCpuSecond.toLocaleString('en'),
    row.accountsPerSecond.toLocaleString('en'),
    row.toFastestPeer === null ? '–' : `${row.toFastestPeer.toFixed(2)} ×`,
    row.worstDifference.toExponential(1),
  ])
  const lines = [heading, ...cells]
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const shown = (cell: string, column: number) => (column < 2 ? cell.padEnd(width(column)) : cell.padStart(width(column)))
  return lines.map((line) => line.map(shown).join('  '))
}
