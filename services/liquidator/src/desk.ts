/** One key on one chain: holds the lease, looks, decides, sends, and sees what came of it. */
import { type Deployment, Forecasts } from '@plimsoll/api'
import { type Quorum, Sender } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import { Outlook } from '@plimsoll/liquidation'
import { Actions, type Database, Leases } from '@plimsoll/store'
import type { Logger } from 'pino'
import { privateKeyToAccount } from 'viem/accounts'
import type { Env } from './env.ts'
import * as Cover from './jobs/cover.ts'
import * as Debts from './jobs/debts.ts'
import * as Decide from './jobs/decide.ts'
import * as Deleverage from './jobs/deleverage.ts'
import * as Execute from './jobs/execute.ts'
import * as Positions from './jobs/positions.ts'
import * as Prices from './jobs/prices.ts'
import * as Reduce from './jobs/reduce.ts'
import * as Settle from './jobs/settle.ts'
import * as Turns from './jobs/turns.ts'

export type Shown = {
  readonly chainId: number
  readonly sender: string
  readonly role: 'holder' | 'standby'
  /** Of the last look. */
  readonly block: { readonly number: string; readonly timestamp: number } | null
  readonly accounts: number
  readonly due: number
  readonly underWay: number
  readonly prices: readonly Prices.Shown[]
  /** Debts that no layer is left to pay. */
  readonly uncovered: readonly Deleverage.Shown[]
  /** What went wrong, or stood in the way, in the last round. */
  readonly faults: readonly string[]
}

export type Desk = {
  readonly tick: () => Promise<void>
  readonly shown: () => Shown
  /** Gives the lease back. */
  readonly close: () => Promise<void>
}

/** A dry run notes one decision on an account in this time. */
const noteMs = 600_000

/** @param args.venues - of this chain. */
export function open(args: open.Args): Desk {
  const { env, deployment, chainId, reader, feeds, database, nowMs, log } = args
  const key = privateKeyToAccount(env.LIQUIDATOR_KEY as `0x${string}`)
  const desk: Actions.Desk = { chainId, sender: key.address.toLowerCase() as `0x${string}` }
  const sender = Sender.open({ config: reader.config, nowMs })
  const till: Execute.Till = { desk, key, sender, mostFee: BigInt(env.MAX_FEE_GWEI) * 1_000_000_000n }
  const settler = Settle.open({ till, reader, stuckSeconds: env.STUCK_SECONDS, nowMs })
  const prices = Prices.open({
    ...{ deployment, reader: feeds, nowMs },
    ...{ graceSeconds: env.GRACE_SECONDS, memorySeconds: env.GUARD_MEMORY_SECONDS },
  })
  const venues = deployment.venues
    .filter((venue) => venue.chainId === chainId)
    .map(({ address, limitBook, mandates, backstop, collateral, fromBlock }) => {
      const stream = Positions.open({ reader, venue: address, contracts: [address, limitBook], nowMs })
      const debts = Debts.open({ reader, stream, venue: address, token: collateral, fromBlock })
      const lastResort =
        backstop === undefined
          ? undefined
          : Deleverage.open({ reader, venue: address, backstop, own: desk.sender, page: env.PAGE_ACCOUNTS })
      // Sold ahead without anybody who takes it up, a crowded market falls further: docs/method/replay.md.
      const turns = { close: Turns.open(), cover: Turns.open(), reduce: Turns.open() }
      return { address, mandates: backstop === undefined ? undefined : mandates, backstop, lastResort, stream, debts, turns }
    })
  const markets = deployment.markets.map(({ symbol, depth }) => ({ id: Market.id(symbol), symbol, depth }))
  const noted = new Map<string, number>()

  const job = Leases.hold(database, {
    ...{ name: `liquidator/${chainId}/${desk.sender}`, holder: env.replica, ttlSeconds: env.LEASE_SECONDS, nowMs },
  })
  let shown: Omit<Shown, 'chainId' | 'sender' | 'role' | 'prices' | 'uncovered'> = {
    block: null,
    accounts: 0,
    due: 0,
    underWay: 0,
    faults: [],
  }

  async function round(behind: Database.Database, faults: string[]): Promise<void> {
    const settled = await settler.settle(behind)
    const permitted = await prices.look(behind)
    const pinned = await reader.pin({ at: 'head' })
    const underWay = await settler.stand(behind, settled, pinned)
    const busy = new Set(
      underWay.filter((action) => isBusy(action, pinned.block.number)).map(({ venue, account }) => `${venue}|${account}`),
    )
    const asOf = Math.floor(nowMs() / 1000)
    const told = await Forecasts.fetch({
      ...{ url: env.FORECASTER_URL?.replace(/\/$/, '') ?? null, symbols: markets.map(({ symbol }) => symbol), ask: fetch },
    })
    if (told.fault !== null) faults.push(told.fault)
    // Without a young forecast nothing is done before a breach.
    const forecasts = new Map(
      [...told.bySymbol].flatMap(([symbol, state]) => {
        const young = Forecasts.young(state, { asOf, mostSeconds: deployment.params.maxForecastAgeSeconds })
        return young.status === 'ok' ? [[symbol, young.forecast] as const] : []
      }),
    )
    const since = asOf - Outlook.terms.window.seconds
    const history = forecasts.size === 0 ? [] : await Actions.reductions(behind, { chainId, since })
    let room = env.IN_FLIGHT - underWay.filter(({ status }) => status === 'pending').length
    const intents: Decide.Intent[] = []
    let [accounts, due] = [0, 0]
    const take = (decided: Decide.Decided) => {
      due += decided.due
      room -= decided.intents.length
      intents.push(...decided.intents)
      faults.push(...decided.hindrances)
    }
    for (const { address, mandates, backstop, lastResort, stream, debts, turns } of venues) {
      const look = await stream.look(pinned)
      accounts += look.accounts.size
      const taken = new Set<string>()
      const common = {
        ...{ reader, look, venue: address, prices: permitted, asOf },
        isBusy: (account: string) => busy.has(`${address}|${account}`) || taken.has(account) || isNoted(`${address}|${account}`),
      }
      const fresh = { blockSeconds: env.BLOCK_SECONDS }
      take(await Decide.decide({ ...common, ...fresh, stream, backstop, room, turns: turns.close }))
      // What is owed can wait; whoever is to be closed does not wait for it.
      if (backstop !== undefined)
        take(await Cover.cover({ ...common, ...fresh, pinned, backstop, debts, room, turns: turns.cover }).catch(uncovered))
      for (const { draft } of intents) taken.add(draft.account)
      if (lastResort !== undefined) take(await lastResort.decide({ ...common, ...fresh, stream, debts, room }).catch(uncovered))
      if (mandates === undefined || forecasts.size === 0) continue
      for (const { draft } of intents) taken.add(draft.account)
      take(
        await Reduce.reduce({
          ...{ ...common, mandates, keeper: desk.sender, markets, forecasts, room, turns: turns.reduce },
          ...{ history: Reduce.historyOf(history), horizonSeconds: deployment.params.closeOutSeconds },
          intervalSeconds: Math.max(1, env.TICK_MS / 1000),
        }),
      )
    }
    const block = { number: `${pinned.block.number}`, timestamp: pinned.block.timestamp }
    shown = { block, accounts, due, underWay: underWay.length + intents.length, faults }
    for (const { draft } of intents)
      if (draft.kind === 'deleverage') log.warn({ venue: draft.venue, account: draft.account, decision: draft.hash }, 'winners pay a debt')
    if (env.mode === 'dry') {
      const drafts = intents.map(({ draft }) => draft)
      if (drafts.length > 0) await Actions.note(behind, { desk, drafts })
      for (const { venue, account } of drafts) noted.set(`${venue}|${account}`, nowMs())
      return
    }
    const { actions, refusals } = await Execute.execute({ till, database: behind, intents })
    settler.handed(actions)
    faults.push(...refusals)
  }

  function isNoted(key: string): boolean {
    return nowMs() - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < noteMs
  }

  async function tick(): Promise<void> {
    const faults: string[] = []
    try {
      const turn = await job.turn()
      if (turn.status === 'held') {
        // Whoever had it before has done and seen more than this process knows.
        if (turn.isNew) {
          settler.forget()
          prices.forget()
        }
        await round(turn.database, faults)
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
      faults.push(`${code}${error instanceof Error ? error.message : String(error)}`)
      log.warn({ err: error }, 'a round was not finished')
    }
    shown = { ...shown, faults }
  }

  return {
    tick,
    shown: () => ({
      chainId,
      sender: desk.sender,
      role: job.isHeld() ? 'holder' : 'standby',
      ...shown,
      prices: prices.shown(),
      uncovered: venues.flatMap(({ lastResort }) => lastResort?.shown() ?? []),
    }),
    close: job.release,
  }
}

export declare namespace open {
  type Args = {
    readonly env: Env
    readonly deployment: Deployment.Deployment
    readonly chainId: number
    readonly reader: Quorum.Reader
    /** Of the chain that feeds are on. */
    readonly feeds: Quorum.Reader
    readonly database: Database.Database
    readonly nowMs: () => number
    readonly log: Logger
  }
}

/** Nobody's debt could be looked at. */
function uncovered(error: unknown): Decide.Decided {
  return { intents: [], hindrances: [`DEBTS_UNREAD: ${error instanceof Error ? error.message : String(error)}`], due: 0 }
}

/** On its way, or in a block that the look does not show yet. */
function isBusy({ status, block }: Actions.Action, number: bigint): boolean {
  return status === 'pending' || (block !== null && block.number > number)
}
