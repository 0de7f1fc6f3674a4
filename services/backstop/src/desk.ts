/** One key at one venue: holds the lease, looks, decides, sends one thing at a time, and keeps within its limits. */
import { existsSync } from 'node:fs'
import { type Deployment, Forecasts, type Snapshot } from '@plimsoll/api'
import { type Hex, Oracle, Query, type Quorum, Token } from '@plimsoll/chain'
import { Market } from '@plimsoll/contracts'
import type { Quote } from '@plimsoll/liquidation'
import { type Database, Leases } from '@plimsoll/store'
import type { Logger } from 'pino'
import { privateKeyToAccount } from 'viem/accounts'
import type { Env } from './env.ts'
import * as Books from './jobs/books.ts'
import * as Decide from './jobs/decide.ts'
import * as Keep from './jobs/keep.ts'
import * as Looks from './jobs/look.ts'
import * as Send from './jobs/send.ts'

export type Shown = {
  readonly chainId: number
  readonly venue: string
  readonly account: string
  readonly role: 'holder' | 'standby'
  /** What stops it: a file everything, a loss what would make a holding larger. */
  readonly stopped: 'FILE' | 'LOSS' | null
  readonly block: string | null
  readonly markets: readonly {
    readonly symbol: string
    readonly why: string
    /** What it sends, or would send, were it not dry or stopped. */
    readonly act: { readonly kind: string; readonly market: string; readonly size: string; readonly limitPrice: string } | null
    readonly quote: Quote.Quote | null
    /** What risk was priced by, annualised, and why. */
    readonly sigma: { readonly ppm: number; readonly from: Snapshot.Sigma }
    readonly size: string
    readonly profit: { readonly spread: string; readonly inventory: string; readonly fees: string; readonly total: string }
  }[]
  readonly sent: number
  readonly last: string | null
  readonly faults: readonly string[]
}

export type Desk = {
  readonly tick: () => Promise<void>
  readonly shown: () => Shown
  readonly close: () => Promise<void>
}

export function open(args: open.Args): Desk {
  const { env, deployment, venue, backstop, reader, feeds, database, nowMs, log } = args
  const { chainId } = reader.config
  const key = privateKeyToAccount(env.BACKSTOP_KEY as Hex.Hex)
  const own = key.address.toLowerCase() as Hex.Hex
  const till = Send.open({
    ...{ config: reader.config, key, venue: venue.address, backstop, nowMs },
    ...{ mostFee: BigInt(env.MAX_FEE_GWEI) * 1_000_000_000n, waitMs: env.WAIT_SECONDS * 1000 },
  })
  const forecaster = env.FORECASTER_URL?.replace(/\/$/, '') ?? null
  let books: Books.Books | null = null

  const job = Leases.hold(database, {
    ...{ name: `backstop/${chainId}/${venue.address}/${own}`, holder: env.replica, ttlSeconds: env.LEASE_SECONDS, nowMs },
  })
  let isLost = false
  const stopped = () => (existsSync(env.stopFile) ? 'FILE' : isLost ? 'LOSS' : null)
  let shown: Omit<Shown, 'chainId' | 'venue' | 'account' | 'role' | 'stopped'> = {
    ...{ block: null, markets: [], sent: 0, last: null, faults: [] },
  }

  /** ln(venue / index) by symbol, where the index is fit. */
  async function divergences(look: Looks.Look): Promise<ReadonlyMap<string, number>> {
    const asOf = Math.floor(nowMs() / 1000)
    const query = Query.all<readonly Oracle.Assessment[]>(
      deployment.markets.map(({ feed }) =>
        Oracle.query({
          asOf,
          feed: {
            address: feed,
            decimals: 8,
            heartbeatSeconds: deployment.feeds.heartbeatSeconds,
            deviationPpm: deployment.feeds.deviationPpm,
          },
        }),
      ),
    )
    const { value } = await Query.fetch({ reader: feeds, at: 'head', query })
    const found = new Map<string, number>()
    for (const [i, { symbol }] of deployment.markets.entries()) {
      const [index, mark] = [value[i], look.markets.find(({ market }) => market === Market.id(symbol))]
      if (index?.status === 'ok' && mark) found.set(symbol, Math.log(Number(mark.price) / Number(index.price)))
    }
    return found
  }

  async function round(faults: string[]): Promise<void> {
    const look = await Looks.look({
      ...{ reader, venue: venue.address, backstop, mandates: venue.mandates, own, flowBlocks: env.FLOW_BLOCKS },
    })
    if (books === null) {
      const { value: scale } = await Query.fetch({ reader, at: 'final', query: Token.scale({ chainId, token: venue.collateral }) })
      books = Books.open({ reader, venue: venue.address, backstop, own, fromBlock: venue.fromBlock, scale })
    }
    const kept = books
    await kept.read()
    const apart = await divergences(look)
    const told = await Forecasts.fetch({ url: forecaster, symbols: deployment.markets.map(({ symbol }) => symbol), ask: fetch })
    if (told.fault !== null) faults.push(told.fault)
    const age = { asOf: Math.floor(nowMs() / 1000), mostSeconds: deployment.params.maxForecastAgeSeconds }
    const seen = deployment.markets.flatMap(({ symbol, throughTheCycleSigmaPpm: throughTheCyclePpm }) => {
      const market = Market.id(symbol)
      const mark = look.markets.find((one) => one.market === market)
      const state = told.bySymbol.get(symbol)
      // What the venue does not list is nothing to it.
      if (mark === undefined || state === undefined) return []
      return [{ symbol, market, sigma: Forecasts.sigma(state, { ...age, throughTheCyclePpm }), profit: kept.profit(market, mark.price) }]
    })
    isLost = seen.reduce((sum, { profit }) => sum + profit.total, 0n) <= -BigInt(env.LOSS_USD) * 10n ** 18n
    // What makes a holding smaller is always possible.
    const policy = isLost ? { ...env, LIMIT_USD: 0 } : env
    const decided = seen.map((one) => {
      const terms = { market: one.market, sigma: one.sigma.ppm / 1e6, divergence: apart.get(one.symbol) ?? null }
      return { ...one, ...Decide.decide(look, terms, policy) }
    })
    const markets = decided.map(({ symbol, why, quote, sigma, act, profit: { spread, inventory, fees, total, size } }) => ({
      ...{ symbol, why, act: act && { ...act, size: `${act.size}`, limitPrice: `${act.limitPrice}` }, quote, sigma, size: `${size}` },
      profit: { spread: `${spread}`, inventory: `${inventory}`, fees: `${fees}`, total: `${total}` },
    }))
    shown = { ...shown, block: `${look.block}`, markets }
    if (stopped() === 'FILE' || env.mode === 'dry') return
    // Ours at this moment, by the database's clock, and not only by what this process remembers.
    const may = async () => (await job.confirm()) && stopped() !== 'FILE'
    // What makes the holding smaller goes first; what nodes would not run does not keep the next from being tried.
    const acts = decided.flatMap(({ act }) => act ?? []).sort((a, b) => Number(a.kind === 'bid') - Number(b.kind === 'bid'))
    // The backstop's own upkeep comes after what the desk does for itself.
    const fit = new Set([...apart.keys()].map(Market.id))
    for (const act of [...acts, ...(await Keep.keep({ reader, look, venue: venue.address, backstop, fit }))]) {
      const sent = await till.send(act, { at: look.hash, may })
      if (sent.status === 'refused') {
        faults.push(`REFUSED: nodes would not run a ${act.kind}: ${sent.reason}`)
        continue
      }
      if (sent.status === 'withheld') return
      const { hash, status } = sent
      log.info({ act: { ...act, size: `${act.size}`, limitPrice: `${act.limitPrice}` }, hash, status }, 'sent')
      shown = { ...shown, sent: shown.sent + 1, last: `${act.kind} ${hash} ${status}` }
      return
    }
  }

  return {
    async tick() {
      const faults: string[] = []
      try {
        if ((await job.turn()).status === 'held') await round(faults)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
        faults.push(`${code}${error instanceof Error ? error.message : String(error)}`)
        log.warn({ err: error }, 'a round was not finished')
      }
      shown = { ...shown, faults }
    },
    shown: () => ({ chainId, venue: venue.address, account: own, role: job.isHeld() ? 'holder' : 'standby', stopped: stopped(), ...shown }),
    close: job.release,
  }
}

export declare namespace open {
  type Args = {
    readonly env: Env
    readonly deployment: Deployment.Deployment
    readonly venue: Deployment.Deployment['venues'][number]
    readonly backstop: Hex.Hex
    readonly reader: Quorum.Reader
    /** Of the chain that feeds are on. */
    readonly feeds: Quorum.Reader
    readonly database: Database.Database
    readonly nowMs: () => number
    readonly log: Logger
  }
}
