/** What this signer looks at by itself, whether it is asked or not, and what it lacks: for whoever runs it. */
import { type Deployment, Forecasts } from '@plimsoll/api'
import { type Quorum, Status } from '@plimsoll/chain'
import type { Accepted } from './accepted.ts'
import * as Endings from './Endings.ts'
import type * as Memory from './Memory.ts'
import type { Prices } from './prices.ts'
import type { Readers } from './reads.ts'
import type { Weighing } from './weighing.ts'

export type Watch = {
  /** Looks once; while a look is under way, that one. What fails is said, and keeps nothing else from being looked at. */
  readonly round: () => Promise<void>
  readonly shown: () => Shown
}

export type Shown = {
  readonly status: 'ok' | 'degraded'
  /** As a gateway tells of them. */
  readonly chains: readonly (Omit<Status.Status, 'blockNumber' | 'blockTime'> & {
    readonly blockNumber: string | null
    readonly blockAgeSeconds: number | null
  })[]
  /** How many have parted here: accounts that are kept for good, and words of others by who brought them. */
  readonly parted: Endings.Counts
  /** A sentence each. It begins with what it is of, a code after it. */
  readonly faults: readonly string[]
}

/** The part of what is kept at which it is told of: there is time left. */
const nearlyPpm = 750_000

export function open(args: open.Args): Watch {
  const { deployment, readers, prices, accepted, memory, weighing, forecasterUrl, nowMs } = args
  const pins = new Map<number, { readonly pinned: Quorum.Pinned | null; readonly code: string | null }>()
  const told = new Map<string, readonly string[]>()
  const now = () => Math.floor(nowMs() / 1000)
  let running: Promise<void> | null = null

  /** Each part says what it found last, in place of what it said before. */
  async function look(part: string, work: () => Promise<readonly string[]>): Promise<void> {
    told.set(part, await work().catch((error: unknown) => [`${part}: ${sentenceOf(error)}`]))
  }

  /** A chain's light client follows when its chain is read, which nobody may do for days where only vaults are. */
  async function lookAt(reader: Quorum.Reader): Promise<readonly string[]> {
    const { chainId } = reader.config
    const failed: string[] = []
    try {
      pins.set(chainId, { pinned: await reader.pin({ at: 'final' }), code: null })
    } catch (error) {
      pins.set(chainId, { pinned: null, code: codeOf(error) })
      failed.push(sentenceOf(error))
    }
    return [...failed, ...Status.faults(reader, now())].map((fault) => `chain ${chainId}: ${fault}`)
  }

  async function lookAtPrices(): Promise<readonly string[]> {
    const assessed = await prices.look(now())
    return [...assessed].flatMap(([key, one]) =>
      one.status === 'refused' ? [`feed ${key.split(':').at(-1)}: ${one.code}: ${one.sentence}`] : [],
    )
  }

  async function lookAtBooks(): Promise<readonly string[]> {
    const isComplete = await accepted.look()
    return isComplete
      ? []
      : ['books: CERTIFICATE_UNREAD: not all that they took is read yet: no order to lower credit is signed until it is']
  }

  async function lookAtForecasts(): Promise<readonly string[]> {
    if (forecasterUrl === null) return []
    const symbols = deployment.markets.map(({ symbol }) => symbol)
    const { bySymbol, fault } = await Forecasts.fetch({ url: forecasterUrl, symbols, ask: fetch })
    if (fault !== null) return [fault]
    return [...bySymbol].flatMap(([symbol, state]) => {
      const young = Forecasts.young(state, { asOf: now(), mostSeconds: deployment.params.maxForecastAgeSeconds })
      return young.status === 'ok' ? [] : [`forecast ${symbol}: ${young.code}: ${young.message}`]
    })
  }

  return {
    round: () => {
      running ??= Promise.all([
        ...[...readers.values()].map((reader) => look(`chain ${reader.config.chainId}`, () => lookAt(reader))),
        look('prices', lookAtPrices),
        look('books', lookAtBooks),
        look('forecaster', lookAtForecasts),
        look('parted', () => weighing.round().then(() => [])),
      ])
        .then(() => {})
        .finally(() => {
          running = null
        })
      return running
    },
    shown: () => {
      const faults = [...[...told.values()].flat(), ...memoryFaults(memory)]
      const asOf = nowMs() / 1000
      return {
        status: faults.length === 0 ? 'ok' : 'degraded',
        chains: deployment.chains.map((config) => {
          const { pinned = null, code = null } = pins.get(config.chainId) ?? {}
          const scores = readers.get(config.chainId)?.scores() ?? new Map()
          const { blockNumber, blockTime, ...status } = Status.of({ config, pinned, code, scores })
          const blockAgeSeconds = blockTime === null ? null : Math.max(0, asOf - blockTime)
          return { ...status, blockNumber: blockNumber === null ? null : `${blockNumber}`, blockAgeSeconds }
        }),
        parted: memory.counts(),
        faults,
      }
    },
  }
}

export declare namespace open {
  type Args = {
    readonly deployment: Pick<Deployment.Deployment, 'chains' | 'markets' | 'params'>
    readonly readers: Readers
    readonly prices: Pick<Prices, 'look'>
    readonly accepted: Pick<Accepted, 'look'>
    readonly memory: Pick<Memory.Memory, 'flaw' | 'counts'>
    readonly weighing: Pick<Weighing, 'round'>
    /** Without a slash at its end; null where there is none of its own. */
    readonly forecasterUrl: string | null
    readonly nowMs: () => number
  }
}

/** What stands against what is kept here, and what is nearly full of it. */
function memoryFaults(memory: Pick<Memory.Memory, 'flaw' | 'counts'>): readonly string[] {
  const flaw = memory.flaw()
  const { lasting, brought, carried } = memory.counts()
  const isNearly = (count: number, most: number) => count * 1_000_000 >= most * nearlyPpm
  const { sizes } = Endings
  const full = [
    ...(isNearly(lasting, sizes.lasting)
      ? [`MEMORY_NEARLY_FULL: ${lasting} accounts that have parted are kept for good, and ${sizes.lasting} are the most`]
      : []),
    ...(isNearly(brought, sizes.others)
      ? [
          `MEMORY_CROWDED: ${brought} words of accounts that have nothing were brought, and ${sizes.others} are kept: networks that bring most make room`,
        ]
      : []),
    ...(isNearly(carried, sizes.others)
      ? [
          `MEMORY_CROWDED: ${carried} words of accounts that have nothing came with certificates, and ${sizes.others} are kept: the oldest make room`,
        ]
      : []),
  ]
  return [...(flaw === null ? [] : [`${flaw.code}: ${flaw.message} ${flaw.hint}`]), ...full].map((fault) => `memory: ${fault}`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNREADABLE'
}

function sentenceOf(error: unknown): string {
  return `${codeOf(error)}: ${error instanceof Error ? error.message : String(error)}`
}
