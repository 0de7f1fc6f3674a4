/** ORA: prices that stop, jump, disagree or lie, on real feeds of a local chain. */
import { Oracle, PriceGuard, Probation, Query, Sequencer } from '@plimsoll/chain'
import { priceFeedAbi } from '@plimsoll/contracts'
import { priceFeedBytecode } from '@plimsoll/contracts/bytecode'
import { Deployment } from '@plimsoll/localnet'
import type { Valuation } from '@plimsoll/margin'
import { type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

type Hex = `0x${string}`
type Feeds = {
  readonly now: number
  /** Says a price, in dollars and parts of 1e8, dated so many seconds from now. */
  readonly set: (feed: Hex, answer: bigint, shift?: number) => Promise<void>
  readonly first: Hex
  readonly second: Hex
  readonly uptime: Hex
  /** Reads the feeds through 2 of 3 sources and takes one round. */
  readonly round: (guard: PriceGuard.PriceGuard, options?: Options) => Promise<PriceGuard.PriceGuard>
}
type Options = {
  readonly second?: boolean
  readonly sequencer?: boolean
  readonly asOf?: number
  readonly deviationPpm?: number
  readonly decimals?: number
}

const dollars = (amount: number) => BigInt(Math.round(amount * 1e8))

/** Three feeds: a price, its second source, the uptime of a sequencer. The price starts at 3,000. */
function feeds<T>(work: (feeds: Feeds) => Promise<T>): Promise<T> {
  return Stand.house(async ({ strait, feed, reader, now }) => {
    const create = async (answer: bigint): Promise<Hex> => {
      const hash = await strait
        .wallet(Deployment.owner)
        .deployContract({ abi: priceFeedAbi, bytecode: priceFeedBytecode, args: ['a feed', answer, Deployment.owner.address] })
      const { contractAddress } = await strait.publicClient.waitForTransactionReceipt({ hash })
      if (!contractAddress) throw new Error('A feed was deployed.')
      return contractAddress.toLowerCase() as Hex
    }
    const first = feed('WETH').address
    const [second, uptime] = [await create(dollars(3_000)), await create(0n)]
    const at = now()
    const set: Feeds['set'] = async (address, answer, shift = 0) => {
      await Deployment.write(strait, Deployment.owner, {
        address,
        abi: priceFeedAbi,
        functionName: 'setAt',
        args: [answer, BigInt(at + shift)],
      })
    }
    await set(first, dollars(3_000))
    const open = reader('strait')
    const round: Feeds['round'] = async (guard, options = {}) => {
      const { asOf = at, deviationPpm = 1_000, decimals = 8 } = options
      const query = (address: Hex) => Oracle.query({ feed: { address, decimals, heartbeatSeconds: 3_600, deviationPpm }, asOf })
      const reads = Query.all([query(first), query(second), Sequencer.query({ feed: uptime, asOf })])
      const { value } = await Query.fetch({ reader: open, at: 'head', query: reads })
      const [price, other, sequencer] = value
      return PriceGuard.next({
        guard,
        asOf,
        round: { price, second: options.second ? other : null, sequencer: options.sequencer ? sequencer : null },
      })
    }
    return work({ now: at, set, first, second, uptime, round })
  })
}

/** A guard that has seen three clean rounds. */
async function clean({ round, now }: Feeds, options: Options = {}): Promise<PriceGuard.PriceGuard> {
  let guard = PriceGuard.boot(now - 10_000)
  for (let count = 0; count < 3; count += 1) guard = await round(guard, options)
  return guard
}

const may = (guard: PriceGuard.PriceGuard, action: Valuation.Action, asOf: number): string => {
  const permission = PriceGuard.permit({ guard, action, asOf })
  return permission.status === 'ok' ? 'ok' : permission.code
}

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
    id: 'ORA-3',
    fault: '×1000, ÷1000, a slip of ten decimals',
    expected: 'held back (ORACLE_QUARANTINED); the accepted price stays; a second source that confirms releases it',
    inject: () =>
      feeds(async (it) => {
        const guard = await clean(it)
        const codes: string[] = []
        let same = true
        for (const answer of [dollars(3_000_000), dollars(3), dollars(3_000) * 10n ** 10n]) {
          await it.set(it.first, answer)
          const after = await it.round(guard)
          codes.push(may(after, 'raise', it.now))
          same &&= after.watch?.accepted === guard.watch?.accepted
        }
        await it.set(it.first, dollars(30_000))
        await it.set(it.second, dollars(30_000))
        const confirmed = await it.round(guard, { second: true })
        return verdict({
          seen: `${codes.join(' ')}; confirmed: ${may(confirmed, 'raise', it.now)}`,
          evidence: `accepted ${guard.watch?.accepted} all the while`,
          holds: { held: codes.every((code) => code === 'ORACLE_QUARANTINED'), same, confirmed: may(confirmed, 'raise', it.now) === 'ok' },
        })
      }),
  },
  refused({
    id: 'ORA-4',
    fault: '2.85 % low against the second source (the CAPO replay)',
    code: 'ORACLE_OUT_OF_BAND',
    options: { second: true },
    spoil: ({ set, first }) => set(first, dollars(3_000 * (1 - 0.0285))),
  }),
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
    id: 'ORA-8',
    fault: 'two sources 5 % apart, then 0.5 %',
    expected: 'ORACLE_OUT_OF_BAND and no liquidation; within the band the worse end of both counts',
    inject: () =>
      feeds(async (it) => {
        const guard = await clean(it, { second: true })
        await it.set(it.second, dollars(3_150))
        const apart = await it.round(guard, { second: true })
        await it.set(it.second, dollars(3_015))
        const near = await it.round(guard, { second: true })
        const permission = PriceGuard.permit({ guard: near, action: 'raise', asOf: it.now })
        const [low, high] = permission.status === 'ok' ? [permission.value.low, permission.value.high] : [0n, 0n]
        const codes = [may(apart, 'raise', it.now), may(apart, 'liquidate', it.now + 10_000)]
        return verdict({
          seen: `${codes.join(' ')}; near: from ${low / 10n ** 18n} to ${high / 10n ** 18n}`,
          evidence: 'sources 3000 and 3150, then 3000 and 3015, each widened by two confidences',
          holds: {
            paused: codes.every((code) => code === 'ORACLE_OUT_OF_BAND'),
            worse: low < 3_000n * 10n ** 18n && high > 3_015n * 10n ** 18n,
          },
        })
      }),
  },
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
