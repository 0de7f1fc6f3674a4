/** Prices that jump, or that two sources tell differently: what a guard makes of them, what a gateway grants, and whom a liquidator closes. */
import { PriceGuard } from '@plimsoll/chain'
import { desk } from './Desk.ts'
import { clean, dollars, feeds, may } from './Feeds.ts'
import { gate, granted, isLive, post, told, until, usd } from './Gate.ts'
import { type Row, verdict } from './Row.ts'

/** The price of what is locked jumps before a gateway: what it grants meanwhile, and what becomes of what it had granted. */
function serve(prices: readonly string[]) {
  return gate({}, async (at) => {
    const before = (await until(at.quote, ({ notional }) => notional > 0n)).notional
    const signed = await granted(at, 1_000)
    const posted = await post(at, signed)
    const raises: string[] = []
    let [most, isTold, isCalled] = [0n, true, false]
    for (const price of prices) {
      await at.house.world.price('USDC', price)
      const held = await until(at.quote, ({ bounds }) => bounds.some((text) => text.includes('ORACLE_QUARANTINED')))
      // Long enough for a call and a cut, if there were one.
      for (let round = 0; round < 5; round += 1) {
        const { notional } = await at.quote()
        if (notional > most) most = notional
        isCalled ||= (await at.client().getCollateral()).marginCall
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
      isTold &&= held.notional === 0n && (await at.health()).faults.some((text) => text.includes('ORACLE_QUARANTINED'))
      raises.push(told(await at.issue(2_000)))
      await at.house.world.price('USDC', '1')
      await until(at.quote, ({ notional }) => notional > 0n)
    }
    const stands = await isLive(at, signed)
    const after = (await until(at.quote, ({ notional }) => notional >= before)).notional
    return {
      seen: `at a gateway: limit ${before / usd(1)} → ${most / usd(1)} → ${after / usd(1)}, a raise: ${raises.join(' ')}; the certificate of before ${stands ? 'stands' : 'is cut'}, ${isCalled ? 'a' : 'no'} margin call`,
      holds: {
        'told why': isTold,
        'nothing new': most === 0n && raises.every((code) => code !== 'issued'),
        'nothing cut': posted && stands && !isCalled,
        'as before': before > 0n && after === before,
      },
    }
  })
}

/** Two sources of a price come apart before a liquidator, then agree where one of them had gone. */
function act(args: { readonly side: 'long' | 'short'; readonly apart: readonly [number, number]; readonly agreed: number }) {
  const { side, apart, agreed } = args
  return desk(async ({ say, judged, watch, isOpen }) => {
    const before = await isOpen(side)
    await say(...apart)
    const code = await until(judged, (seen) => seen !== 'OK')
    await watch(8)
    const meanwhile = await isOpen(side)
    await say(agreed, agreed)
    const after = await until(
      () => isOpen(side),
      (open) => !open,
    )
    return {
      seen: `a liquidator: ${code}, the ${side} ${meanwhile ? 'stays' : 'is closed'}; both at ${agreed}: ${after ? 'it stays' : 'closed'}`,
      holds: { 'open before': before, 'the liquidator waits': meanwhile && code === 'ORACLE_OUT_OF_BAND', 'then it acts': !after },
    }
  })
}

export const rows: readonly Row[] = [
  {
    id: 'ORA-3',
    fault: '×1000, ÷1000, a slip of ten decimals; of collateral, before a gateway',
    expected:
      'held back (ORACLE_QUARANTINED); the accepted price stays; a second source that confirms releases it; at a gateway nothing new is granted and nothing cut, and then limits are as they were',
    inject: async () => {
      const guarded = await feeds(async (it) => {
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
        const confirmed = may(await it.round(guard, { second: true }), 'raise', it.now)
        return { codes, same, confirmed, accepted: guard.watch?.accepted }
      })
      const { codes, same, confirmed, accepted } = guarded
      const { seen, holds } = await serve(['1000', '0.001', '10000000000'])
      return verdict({
        seen: `${codes.join(' ')}; confirmed: ${confirmed}; ${seen}`,
        evidence: `accepted ${accepted} all the while`,
        holds: { ...holds, held: codes.every((code) => code === 'ORACLE_QUARANTINED'), same, confirmed: confirmed === 'ok' },
      })
    },
  },
  {
    id: 'ORA-4',
    fault: '2.85 % low against the second source (the CAPO replay), before a liquidator',
    expected: 'ORACLE_OUT_OF_BAND: no raise; nobody is closed who is healthy at the second source; once both agree he is',
    inject: async () => {
      const low = 3_000 * (1 - 0.0285)
      const guarded = await feeds(async (it) => {
        const guard = await clean(it)
        const before = may(guard, 'raise', it.now)
        await it.set(it.first, dollars(low))
        const after = await it.round(guard, { second: true })
        return { before, raise: may(after, 'raise', it.now), sentence: after.refusal?.sentence ?? 'nothing was refused' }
      })
      const { seen, holds } = await act({ side: 'long', apart: [low, 3_000], agreed: low })
      return verdict({
        seen: `a raise: ${guarded.before}, then ${guarded.raise}; ${seen}`,
        evidence: guarded.sentence,
        holds: { ...holds, before: guarded.before === 'ok', refused: guarded.raise === 'ORACLE_OUT_OF_BAND' },
      })
    },
  },
  {
    id: 'ORA-8',
    fault: 'two sources 5 % apart, then 0.5 %, before a liquidator',
    expected:
      'ORACLE_OUT_OF_BAND: nobody is closed who would be at one of them alone; within the band the worse end of both counts; once both agree he is closed',
    inject: async () => {
      const guarded = await feeds(async (it) => {
        const guard = await clean(it, { second: true })
        await it.set(it.second, dollars(3_150))
        const apart = await it.round(guard, { second: true })
        await it.set(it.second, dollars(3_015))
        const near = await it.round(guard, { second: true })
        const permission = PriceGuard.permit({ guard: near, action: 'raise', asOf: it.now })
        const [low, high] = permission.status === 'ok' ? [permission.value.low, permission.value.high] : [0n, 0n]
        return { codes: [may(apart, 'raise', it.now), may(apart, 'liquidate', it.now + 10_000)], low, high }
      })
      const { codes, low, high } = guarded
      const { seen, holds } = await act({ side: 'short', apart: [3_000, 3_150], agreed: 3_150 })
      return verdict({
        seen: `${codes.join(' ')}; near: from ${low / 10n ** 18n} to ${high / 10n ** 18n}; ${seen}`,
        evidence: 'sources 3000 and 3150, then 3000 and 3015, each widened by two confidences',
        holds: {
          ...holds,
          paused: codes.every((code) => code === 'ORACLE_OUT_OF_BAND'),
          worse: low < 3_000n * 10n ** 18n && high > 3_015n * 10n ** 18n,
        },
      })
    },
  },
]
