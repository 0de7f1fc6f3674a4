/** Records scored, and turned into grants. The arithmetic is reputation's; this only brings it the events. */
import type { Services, Snapshot } from '@plimsoll/api'
import { Market } from '@plimsoll/contracts'
import { Fixed, type Inputs } from '@plimsoll/margin'
import { Evidence, Grant, Score, TrackRecord } from '@plimsoll/reputation'
import type { Database, Book as Ledger, Evidence as Stored } from '@plimsoll/store'
import type { Config } from '../config.ts'
import type { Readers } from './chains.ts'
import * as Records from './records.ts'
import type { Scorecard } from './scorecard.ts'

type Hex = `0x${string}`

/** Whose record, and what was proven of the person. */
export type Member = Records.Member & { readonly evidence: readonly Stored.Evidence[] }

/** A standing; `burns`: a debt was left behind, and what is proven of the person must not count again. */
export type Judged = Snapshot.Standing & { readonly burns: boolean }

export type Standings = {
  /** Reads what is new and final on every chain. */
  readonly advance: (asOf: number) => Promise<void>
  readonly standings: (args: {
    readonly members: ReadonlyMap<Hex, Member>
    readonly markets: ReadonlyMap<string, Snapshot.MarketState>
    /** What carries risk already: one record pays for all of it together. */
    readonly ledger: Ledger.Book
    readonly asOf: number
  }) => Promise<ReadonlyMap<Hex, Judged>>
  /** What moved a participant's score between two times, of all that is known now. */
  readonly change: (member: Records.Member, times: { readonly from: number; readonly to: number }) => Services.ScoreChange
  readonly faults: () => readonly string[]
}

/** A record is read off anew when something happened, and else this often: what fades, fades slowly. */
const recordSeconds = 60

export function open(args: open.Args): Standings {
  const { config, scorecard } = args
  const { model } = scorecard
  const records = Records.open({ config, database: args.database, readers: args.readers, model, historian: args.historian })
  const read = new Map<Hex, { readonly events: readonly TrackRecord.Event[]; readonly record: TrackRecord.TrackRecord }>()
  let unread: readonly string[] = []

  function recordOf(participantId: Hex, member: Records.Member, asOf: number): TrackRecord.TrackRecord {
    const events = records.of(member)
    const before = read.get(participantId)
    const age = before === undefined ? null : asOf - before.record.asOf
    if (before?.events === events && age !== null && age >= 0 && age < recordSeconds) return before.record
    const record = TrackRecord.of(events, asOf, model)
    read.set(participantId, { events, record })
    return record
  }

  return {
    advance: records.advance,
    standings: async ({ members, markets, ledger, asOf }) => {
      const isBehind = records.behind(asOf).length > 0
      const standings = new Map<Hex, Judged>()
      const faults: string[] = []
      for (const [participantId, member] of members)
        try {
          const given = { events: records.of(member), evidence: member.evidence, carried: carriedBy(ledger, participantId) }
          const record = recordOf(participantId, member, asOf)
          standings.set(participantId, standingOf({ record, asOf, isBehind, ...given, markets, config, scorecard }))
        } catch (error) {
          // Whose record cannot be read is unknown, and nobody else is for it.
          if (!(error instanceof Error && 'code' in error)) throw error
          faults.push(`record of ${participantId}: ${String(error.code)}`)
        }
      unread = faults
      return standings
    },
    change: (member, { from, to }) => {
      const events = records.of(member)
      const [before, after] = [from, to].map((at) => Score.of(TrackRecord.of(events, at, model), model))
      if (!before || !after) throw new RangeError('two times give two scores')
      return { modelHash: scorecard.modelHash, ...Score.compare(before, after) }
    },
    faults: () => [...records.faults(), ...unread],
  }
}

export declare namespace open {
  type Args = {
    readonly config: Config
    readonly database: Database.Database
    readonly readers: Readers
    readonly scorecard: Scorecard
    /** The database for the one that reads history from the chains; null while another does. */
    readonly historian: () => Database.Database | null
  }
}

function standingOf(args: {
  readonly record: TrackRecord.TrackRecord
  /** Now: a record may be read off a while ago, and what was proven since counts at once. */
  readonly asOf: number
  /** What happened lately is unread somewhere. */
  readonly isBehind: boolean
  readonly events: readonly TrackRecord.Event[]
  readonly evidence: readonly Stored.Evidence[]
  readonly carried: readonly Carried[]
  readonly markets: ReadonlyMap<string, Snapshot.MarketState>
  readonly config: Config
  readonly scorecard: Scorecard
}): Judged {
  const { record, asOf, isBehind, events, evidence, carried, markets, config } = args
  const { model, modelHash } = args.scorecard
  const score = Score.of(record, model)
  const owes = events.some(({ kind, at }) => kind === 'badDebt' && at <= asOf)
  // What was proven a moment ago, by somebody who left a debt behind, does not count until it is noted as burned.
  const held = owes ? evidence.map((piece) => ({ ...piece, burnedAt: piece.burnedAt ?? asOf })) : evidence
  const { without, tier, effect } = Evidence.explain(held, { provenAccounts: 1, events: record.events }, asOf)
  const granted = granting({ tier, score, record, markets, config, model, modelHash })
  const grantOf: typeof granted = (symbol, beside) => {
    const grant = granted(symbol, beside)
    return grant !== null && isBehind ? withheld(grant, 'HISTORY_UNREAD') : grant
  }
  return {
    tier,
    evidence: { without, pieces: effect.lines.map((line) => ({ ...line, ...shownOf(line, evidence) })) },
    burns: owes && evidence.some(({ burnedAt }) => burnedAt === null),
    score: score.score,
    pdPpm: score.pdPpm,
    points: score.lines,
    raises: Score.raises(record, model).map((raise) => ({
      code: raise.code,
      gain: raise.gain,
      how:
        raise.how === 'wait'
          ? `wait ${Math.ceil(raise.afterSeconds / 86_400)} days without another`
          : raise.count === 1
            ? 'one more'
            : `${raise.count} more, each on a day of its own`,
    })),
    grants: new Map(
      [...markets.keys()].flatMap((symbol) => {
        const grant = grantOf(symbol, besideGreatest(carried, Market.id(symbol)))
        return grant === null ? [] : [[symbol, grant] as const]
      }),
    ),
    grantOf,
  }
}

/** What a record gives in a market to whoever carries something beside: a discount is not given twice. */
export function granting(
  args: Pick<Grant.of.Request, 'tier' | 'score' | 'record' | 'model' | 'modelHash'> & {
    readonly markets: ReadonlyMap<string, Pick<Snapshot.MarketState, 'forecast'>>
    readonly config: Pick<Config, 'markets' | 'params' | 'tierCaps'>
  },
): Snapshot.Standing['grantOf'] {
  const { markets, config, ...request } = args
  const symbolOf = new Map([...markets.keys()].map((symbol) => [Market.id(symbol), symbol]))
  return (symbol, beside) => {
    const pair = pairOf(config, symbol, markets.get(symbol)?.forecast)
    // Without a forecast there is no bound on what a discount is worth to a pair of opposite positions, and no grant either.
    if (pair === null) return null
    const legs = beside.map(({ market, notional }) => {
      const other = symbolOf.get(market)
      return { notional, pair: other === undefined ? null : pairOf(config, other, markets.get(other)?.forecast) }
    })
    const elsewhere = legs.flatMap(({ notional, pair }) => (pair === null ? [] : [{ notional, pair }]))
    const grant = Grant.of({ ...request, bond: 0n, pair, elsewhere, tierCaps: config.tierCaps })
    if (elsewhere.length === legs.length) return grant
    // What the record pays for there is unknown, and unknown is not nothing.
    return withheld(grant, 'CARRIED_UNKNOWN')
  }
}

/** Base terms, and why. */
function withheld(grant: Inputs.Grant, code: string): Inputs.Grant {
  return { ...grant, imDiscountPpm: 0, provenCap: 0n, reasons: [...grant.reasons, { code, points: 0 }] }
}

/** How a piece came here, which does not bear on what it does. */
function shownOf(line: Evidence.Evidence, evidence: readonly Stored.Evidence[]): Pick<Stored.Evidence, 'kind' | 'source'> {
  const piece = evidence.find(({ scope, nullifier }) => scope === line.scope && nullifier === line.nullifier)
  return { kind: piece?.kind ?? '', source: piece?.source ?? {} }
}

/** Notional a key carries or may carry in one market. USD. */
type Carried = { readonly market: Hex; readonly notional: bigint }

function carriedBy(ledger: Ledger.Book, participantId: Hex): readonly Carried[] {
  const keys = ledger.participants.get(participantId)?.keys ?? new Map<string, Ledger.Key>()
  return [...keys.values()].flatMap(({ positions }) =>
    [...positions].map(([market, { notional, maxNotional }]) => ({ market, notional: Fixed.max(notional, maxNotional) })),
  )
}

/** All that is carried but the greatest in one market. */
function besideGreatest(carried: readonly Carried[], id: Hex): readonly Carried[] {
  const here = carried.filter(({ market }) => market === id)
  const greatest = here.reduce<Carried | undefined>((most, it) => (most && most.notional >= it.notional ? most : it), undefined)
  return carried.filter((it) => it !== greatest && it.notional > 0n)
}

/** What the market offers to a pair of opposite positions: static terms, and the forecast over one window. Null without a forecast. */
function pairOf(config: Pick<Config, 'markets' | 'params'>, symbol: string, state: Snapshot.ForecastState | undefined) {
  if (state?.status !== 'ok') return null
  const { forecast } = state
  const market = config.markets.find((it) => it.symbol === symbol)
  const rate = (curve: Inputs.Curve | undefined) =>
    curve === undefined ? 0 : curve.kind === 'tiers' ? (curve.tiers[0]?.ppm ?? 0) : curve.ppm
  return {
    initialPpm: rate(market?.initial),
    maintenancePpm: rate(market?.maintenance),
    sigmaPpm: forecast.sigmaPpm,
    quantilePpm: Math.max(forecast.liquidation.longPpm, forecast.liquidation.shortPpm),
    windowSeconds: config.params.liquidationSeconds,
  }
}
