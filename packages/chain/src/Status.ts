/** How a chain stands to whoever reads it, for an operator: its final block, who agrees, who does not and why. */
import type * as ChainConfig from './ChainConfig.ts'
import type { Pinned, Reader } from './Quorum.ts'
import * as SourceScore from './SourceScore.ts'

export type Status = {
  readonly chainId: number
  readonly name: string
  readonly status: 'ok' | 'missing'
  readonly code: string | null
  readonly blockNumber: bigint | null
  /** Unix seconds. */
  readonly blockTime: number | null
  readonly sources: readonly {
    readonly id: string
    readonly operator: string
    readonly agrees: boolean
    readonly why: string | null
    /** How far its word has held: 1,000,000 = never caught in a lie, or long ago. ppm. */
    readonly scorePpm: number
  }[]
}

/**
 * How a chain stands.
 *
 * @param args.pinned - the block that it is read at; null where there is none.
 * @param args.code - why it is not read, or null.
 */
export function of(args: of.Args): Status {
  const { config, pinned, code, scores } = args
  const dissent = new Map((pinned?.dissent ?? []).map((one) => [one.id, `${one.why}: ${one.detail}`]))
  return {
    chainId: config.chainId,
    name: config.name,
    status: code === null && pinned !== null ? 'ok' : 'missing',
    code: code ?? (pinned === null ? 'NOT_READ' : null),
    blockNumber: pinned?.block.number ?? null,
    blockTime: pinned?.block.timestamp ?? null,
    sources: config.sources.map(({ id, operator }) => ({
      id,
      operator,
      agrees: pinned !== null && !dissent.has(id),
      why: dissent.get(id) ?? (pinned === null ? code : null),
      scorePpm: (scores.get(id) ?? SourceScore.start).scorePpm,
    })),
  }
}

export declare namespace of {
  type Args = {
    readonly config: Pick<ChainConfig.ChainConfig, 'chainId' | 'name'> & {
      readonly sources: readonly Pick<ChainConfig.ChainConfig['sources'][number], 'id' | 'operator'>[]
    }
    readonly pinned: Pick<Pinned, 'block' | 'dissent'> | null
    readonly code: string | null
    readonly scores: ReturnType<Reader['scores']>
  }
}

/**
 * What stands against a chain's sources though it is read: its light client's nodes, a checkpoint that ends, a source that was caught in a lie.
 *
 * @param asOf - unix seconds.
 * @returns a sentence each, with its code.
 */
export function faults({ lightFaults, scores }: Pick<Reader, 'lightFaults' | 'scores'>, asOf: number): readonly string[] {
  const liars = [...scores()].filter(([, score]) => SourceScore.isSuspect(score, asOf))
  return [...lightFaults(), ...liars.map(([id, score]) => `SOURCE_LIED: ${liedOf(id, score, asOf)}`)]
}

/** What it was caught in. */
function liedOf(id: string, { lie, scorePpm }: SourceScore.SourceScore, asOf: number): string {
  return `source ${id} was caught in a lie ${Math.max(0, asOf - (lie?.at ?? asOf))} s ago: ${lie?.why}: ${lie?.detail}; its score is ${(scorePpm / 10_000).toFixed(1)} %`
}
