/** ORA: prices that stop, lie or come back, on real feeds of a local chain. Those that jump or disagree are also shown to whoever acts on them: jumps.ts. */
import { Oracle, PriceGuard, Probation } from '@plimsoll/chain'
import { clean, dollars, type Feeds, feeds, may, type Options } from './Feeds.ts'
import { type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

/** After `spoil`, raising and liquidating are both refused for this reason. */
function refused(args: {
  readonly id: string
  readonly fault: string
  readonly code: string
  readonly options?: Options
  readonly spoil: (feeds: Feeds) => Promise<unknown>
}): Row {
  const { id, fault, code, options = {}, spoil } = args
  return {
    id,
    fault,
    expected: `${code}: no raise, no liquidation; the last price does not stand in`,
    inject: () =>
      feeds(async (it) => {
        const before = await clean(it)
        const okay = may(before, 'raise', it.now)
        await spoil(it)
        const after = await it.round(before, options)
        const [raise, liquidate] = [may(after, 'raise', it.now), may(after, 'liquidate', it.now + 10_000)]
        return verdict({
          seen: `before ${okay}; then raise ${raise}, liquidate ${liquidate}`,
          evidence: after.refusal?.sentence ?? 'nothing was refused',
          holds: { before: okay === 'ok', refused: raise === code && liquidate === code },
        })
      }),
  }
}

export const rows: readonly Row[] = [
  refused({
    id: 'ORA-1',
    fault: 'the feed stops: its answer is older than its heartbeat',
    code: 'ORACLE_STALE',
    spoil: ({ set, first }) => set(first, dollars(3_000), -3_601),
  }),
  {
    id: 'ORA-2',
    fault: 'a price of 0, below 0, and no feed at all',
    expected: 'ORACLE_NON_POSITIVE twice, ORACLE_UNREADABLE; never a price',
    inject: () =>
      feeds(async (it) => {
        const guard = await clean(it)
        const codes: string[] = []
        for (const answer of [0n, -1n]) {
          await it.set(it.first, answer)
          codes.push(may(await it.round(guard), 'raise', it.now))
        }
        const missing = Oracle.query({
          feed: { address: Stand.holder, decimals: 8, heartbeatSeconds: 1, deviationPpm: 0 },
          asOf: it.now,
        }).parse([
          { success: true, data: '0x' },
          { success: true, data: '0x' },
        ])
        codes.push(missing.status === 'refused' ? missing.code : 'a price')
        return verdict({
          seen: codes.join(' '),
          evidence: 'set on the feed, read by 2 of 3',
          holds: { refused: codes.join() === 'ORACLE_NON_POSITIVE,ORACLE_NON_POSITIVE,ORACLE_UNREADABLE' },
        })
      }),
  },
  {
    id: 'ORA-5',
    fault: 'a ratio feed without its USD leg is to replace another (the Moonwell replay)',
    expected: 'refused on probation at once; a feed that agrees is accepted after its rounds',
    inject: () =>
      feeds(async (it) => {
        const read = async () => {
          const guard = await it.round(PriceGuard.boot(it.now), { second: true })
          return { current: guard.quote?.sources['first'] ?? 0n, candidate: guard.quote?.sources['second'] ?? 0n }
        }
        let good = Probation.start
        for (let count = 0; count < Probation.terms.rounds; count += 1) good = Probation.next({ probation: good, ...(await read()) })
        await it.set(it.second, dollars(1.12))
        const bad = Probation.next({ probation: Probation.start, ...(await read()) })
        await it.set(it.second, dollars(3_000))
        const still = Probation.next({ probation: bad, ...(await read()) })
        return verdict({
          seen: `ratio: ${bad.status}; mended: still ${still.status}; agreeing: ${good.status}`,
          evidence: `1.12 beside 3000; ${good.agreed} rounds`,
          holds: { refused: bad.status === 'refused' && still.status === 'refused', accepted: good.status === 'accepted' },
        })
      }),
  },
  refused({
    id: 'ORA-6',
    fault: 'a confidence of 20 % of the price',
    code: 'ORACLE_UNCERTAIN',
    options: { deviationPpm: 200_000 },
    spoil: async () => {},
  }),
  refused({
    id: 'ORA-7',
    fault: 'an answer dated an hour ahead',
    code: 'ORACLE_FUTURE',
    spoil: ({ set, first }) => set(first, dollars(3_000), 3_600),
  }),
  {
    id: 'ORA-9',
    fault: 'the sequencer is down for ten minutes, then up',
    expected: 'SEQUENCER_DOWN, then SEQUENCER_GRACE for 3600 s, then three clean rounds',
    inject: () =>
      feeds(async (it) => {
        const with_ = { sequencer: true }
        await it.set(it.uptime, 0n, -100_000)
        let guard = await clean(it, with_)
        const codes = [may(guard, 'raise', it.now)]
        await it.set(it.uptime, 1n, -600)
        guard = await it.round(guard, with_)
        codes.push(may(guard, 'raise', it.now))
        await it.set(it.uptime, 0n)
        guard = await it.round(guard, { ...with_, asOf: it.now + 3_599 })
        codes.push(may(guard, 'raise', it.now + 3_599))
        for (let count = 0; count < 3; count += 1) guard = await it.round(guard, { ...with_, asOf: it.now + 3_600 })
        codes.push(may(guard, 'raise', it.now + 3_600), may(guard, 'liquidate', it.now + 3_600), may(guard, 'liquidate', it.now + 4_200))
        return verdict({
          seen: codes.join(' '),
          evidence: 'the uptime feed at 0, 1, 0; the reader at +0, +0, +3599 and +3600 s; liquidation at +3600 and +4200 s',
          holds: { order: codes.join() === 'ok,SEQUENCER_DOWN,SEQUENCER_GRACE,ok,ORACLE_GRACE,ok' },
        })
      }),
  },
  {
    id: 'ORA-10',
    fault: 'a restart after eight hours, with prices of before (the dYdX replay)',
    expected: 'frozen at the start; old prices do not lift it; three fresh rounds do, and liquidation waits for its grace',
    inject: () =>
      feeds(async (it) => {
        const later = it.now + 8 * 3_600
        let guard = PriceGuard.boot(later)
        const codes = [may(guard, 'liquidate', later)]
        for (let count = 0; count < 5; count += 1) guard = await it.round(guard, { asOf: later })
        codes.push(may(guard, 'liquidate', later))
        await it.set(it.first, dollars(2_900), 8 * 3_600)
        for (let count = 0; count < 2; count += 1) guard = await it.round(guard, { asOf: later })
        codes.push(may(guard, 'raise', later))
        guard = await it.round(guard, { asOf: later })
        codes.push(may(guard, 'raise', later), may(guard, 'liquidate', later), may(guard, 'liquidate', later + 600))
        return verdict({
          seen: codes.join(' '),
          evidence: 'five rounds on the old answer, then three on a fresh one',
          holds: { order: codes.join() === 'STARTING,ORACLE_STALE,ORACLE_STALE,ok,ORACLE_GRACE,ok' },
        })
      }),
  },
]
