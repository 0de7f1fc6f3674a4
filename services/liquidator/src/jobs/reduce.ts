/** Whose position is made smaller before it must be closed: predicted, planned, and only by a mandate that holds at the pinned block. */
import { Contract, type Hex, Query, type Quorum } from '@plimsoll/chain'
import { mandatesAbi } from '@plimsoll/contracts'
import { Book, Outlook, Plan, Prediction, type Warrant } from '@plimsoll/liquidation'
import { Fixed, type Inputs } from '@plimsoll/margin'
import type { Actions } from '@plimsoll/store'
import { encodeFunctionData } from 'viem'
import * as Document from '../document.ts'
import * as Decide from './decide.ts'
import type * as Positions from './positions.ts'
import type * as Turns from './turns.ts'

type Address = Hex.Hex

/** What is told of an account that something could be done about. */
type Candidate = {
  readonly account: Book.Account
  readonly of: Warrant.Account
  readonly prediction: Prediction.Exposed
  readonly history: readonly Plan.Action[]
  readonly phase: Plan.Phase
}

type Allowed = { readonly sharePpm: number; readonly slipPpm: number; readonly size: bigint }

/**
 * Reductions at one venue at one block.
 *
 * Only prices that may be liquidated on count, and of accounts that no action is under way for. Who has granted nothing is left alone.
 */
export async function reduce(args: reduce.Args): Promise<Decide.Decided> {
  const { look, isBusy, room, turns, forecasts, history, asOf } = args
  const guarded = Decide.agreed(look, args.prices)
  const markets = Object.fromEntries(
    args.markets.flatMap(({ id, symbol, depth }) => {
      const forecast = forecasts.get(symbol)
      const price = guarded[id]
      return forecast === undefined || price?.status !== 'ok' ? [] : [[id, { sigmaPpm: forecast.sigmaPpm, depth }] as const]
    }),
  )
  const own = look.markets.filter(({ market }) => market in markets)
  const nothing = { intents: [], hindrances: [], due: 0 }
  if (own.length === 0 || room <= 0) return nothing
  const prices = Object.fromEntries(own.map(({ market, price }) => [market, price]))
  const rates = new Map(look.markets.map((market) => [market.market, market.mmLiquidationPpm]))
  const everybody = [...look.accounts.values()].flatMap((account) => {
    const of = Decide.accountOf(account, rates)
    return of.positions.every(({ market }) => market in prices) ? [{ of, account: Outlook.account(account.account, of, prices) }] : []
  })
  const outlook = Outlook.of({
    book: Book.of(everybody.map(({ account }) => account)),
    ...{ markets, horizonSeconds: args.horizonSeconds, intervalSeconds: args.intervalSeconds },
  })

  const candidates: Candidate[] = []
  for (const { account, of } of everybody) {
    if (isBusy(account.account as Address)) continue
    const done = history.get(account.account) ?? []
    const stage = Outlook.stage(done, asOf)
    if (stage === 'between') continue
    const prediction = Prediction.of(account, outlook.forecast)
    const least = stage === 'reducing' ? Outlook.terms.release : Outlook.terms.trigger
    if (prediction.status === 'exposed' && prediction.probability >= least)
      candidates.push({ account, of, prediction, history: done, phase: stage })
  }
  candidates.sort((a, b) => b.prediction.probability - a.prediction.probability)
  const asked = turns.next(candidates, { addressOf: ({ account }) => account.account as Address, room })
  const allowed = await allowances(args, asked)
  const hindrances = new Set<string>()
  const planned: { readonly account: string; readonly plan: Plan.Reduction }[] = []
  for (const { account, prediction, history, phase } of asked) {
    const most = account.positions.reduce(
      (least, { market }) => Math.max(least, allowed.get(`${account.account}|${market}`)?.sharePpm ?? 0),
      0,
    )
    // Who has granted nothing keeps nobody who has from his turn.
    turns.note(account.account as Address, most === 0 ? 'refused' : 'taken')
    const mandate: Plan.Mandate = most === 0 ? { kind: 'none' } : { kind: 'granted', mostPpm: most }
    const plan = Plan.of({ account, ...outlook, mandate, history, phase, now: asOf }, prediction, Outlook.next(history, asOf))
    if (plan.action === 'hold') hindrances.add(`PLAN_HELD: ${plan.reason}`)
    if (plan.action === 'reduce') planned.push({ account: account.account, plan })
  }

  const caps = Object.fromEntries(Object.entries(outlook.markets).map(([market, { depth }]) => [market, depth]))
  const intents = Plan.rank(planned, caps).flatMap(({ account, plan, granted }): readonly Decide.Intent[] => {
    const candidate = asked.find((each) => each.account.account === account)
    const allowance = allowed.get(`${account}|${plan.market}`)
    const position = candidate?.of.positions.find(({ market }) => market === plan.market)
    const price = prices[plan.market]
    if (!candidate || !allowance || !position || price === undefined) return []
    const [slice = 0n] = plan.slices
    const least = look.markets.find(({ market }) => market === plan.market)?.minNotional ?? 0n
    const size = Outlook.units({ slice: Fixed.min(slice, granted), price, held: position.size, allowance: allowance.size, least })
    if (size === 0n) {
      if (allowance.size > 0n) hindrances.add('PLAN_HELD: any part would leave less than the least notional open')
      return []
    }
    const limitPrice = Outlook.worst({ price, held: position.size, slipPpm: allowance.slipPpm })
    return [intentOf(args, { candidate, plan, order: { size, limitPrice, notional: slice }, forecast: outlook.forecast })]
  })
  return { intents, hindrances: [...hindrances], due: 0 }
}

export declare namespace reduce {
  type Args = {
    readonly reader: Quorum.Reader
    readonly look: Positions.Look
    readonly venue: Address
    /** Where mandates are granted. */
    readonly mandates: Address
    readonly keeper: Address
    readonly prices: Warrant.Prices
    readonly markets: readonly { readonly id: Address; readonly symbol: string; readonly depth: bigint }[]
    readonly forecasts: ReadonlyMap<string, Inputs.Forecast>
    /** What was reduced of whom, by account. */
    readonly history: ReadonlyMap<string, readonly Plan.Action[]>
    readonly asOf: number
    readonly horizonSeconds: number
    readonly intervalSeconds: number
    readonly isBusy: (account: Address) => boolean
    readonly room: number
    readonly turns: Turns.Turns
  }
}

/** What mandates let this key close of each position, at the block. */
async function allowances(args: reduce.Args, asked: readonly Candidate[]): Promise<ReadonlyMap<string, Allowed>> {
  const { reader, look, mandates, keeper } = args
  const subjects = asked.flatMap(({ account }) =>
    account.positions.map(({ market }) => ({ account: account.account as Address, market: market as Address })),
  )
  const read = { abi: mandatesAbi, target: mandates }
  const reads = Query.all<readonly (Allowed | null)[]>(
    subjects.map(({ account, market }) =>
      Query.map(
        Query.all([
          Query.call({ ...read, functionName: 'mandateOf', args: [account, keeper, market] }),
          Query.call({ ...read, functionName: 'allowanceOf', args: [account, keeper, market] }),
        ]),
        ([mandate, size]) => {
          const at = { abi: mandatesAbi, chainId: reader.config.chainId, address: mandates }
          const { expiresAt, maxSharePpm, maxSlippagePpm } = Contract.answer(mandate, { ...at, functionName: 'mandateOf' })
          if (expiresAt === 0n) return null
          return { sharePpm: maxSharePpm, slipPpm: maxSlippagePpm, size: Contract.answer(size, { ...at, functionName: 'allowanceOf' }) }
        },
      ),
    ),
  )
  const { results } = await reader.read({ pinned: look.pinned, calls: reads.calls })
  const found = reads.parse(results)
  return new Map(
    subjects.flatMap(({ account, market }, i) => {
      const allowed = found[i]
      return allowed ? [[`${account}|${market}`, allowed] as const] : []
    }),
  )
}

type Reduction = {
  readonly candidate: Candidate
  readonly plan: Plan.Reduction
  readonly order: { readonly size: bigint; readonly limitPrice: bigint; readonly notional: bigint }
  readonly forecast: unknown
}

function intentOf(args: reduce.Args, { candidate, plan, order, forecast }: Reduction): Decide.Intent {
  const { reader, look, venue, mandates, prices, markets, forecasts, asOf } = args
  const { pinned } = look
  const account = candidate.account.account as Address
  const market = plan.market as Address
  const symbol = markets.find(({ id }) => id === market)?.symbol ?? ''
  const published = forecasts.get(symbol)
  const { text, hash } = Document.of({
    version: 1,
    ...{ chainId: reader.config.chainId, venue, account, market, kind: 'reduce' },
    block: { number: pinned.block.number, hash: pinned.block.hash, timestamp: pinned.block.timestamp },
    asOf,
    inputs: {
      account: candidate.of,
      prices: Decide.held(candidate.of, Decide.agreed(look, prices)),
      agree: pinned.agree,
      history: candidate.history,
    },
    verdict: { status: 'healthy', equity: candidate.account.equity },
    prediction: candidate.prediction,
    forecast: { ...(forecast as object), source: published?.source, asOf: published?.asOf, sigmaPpm: published?.sigmaPpm },
    plan,
    order,
    modelHash: published?.modelHash ?? null,
  })
  const ask = { account, market, size: order.size, limitPrice: order.limitPrice, planHash: hash }
  return {
    draft: { venue, account, market, kind: 'reduce', document: text, hash },
    call: { target: mandates, data: encodeFunctionData({ abi: mandatesAbi, functionName: 'reduce', args: [ask] }) },
  }
}

/** What was reduced of whom, out of actions that had an effect or may still have one. */
export function historyOf(actions: readonly Actions.Action[]): ReadonlyMap<string, readonly Plan.Action[]> {
  const history = new Map<string, Plan.Action[]>()
  for (const { account, createdAt, outcome, status, document } of actions) {
    if (status === 'dry' || outcome === 'reverted' || outcome === 'lost') continue
    const { order } = JSON.parse(document) as { readonly order: { readonly notional: string } }
    history.set(account, [...(history.get(account) ?? []), { at: createdAt, size: BigInt(order.notional) }])
  }
  return history
}
