/** Who is to be closed now: asked of everybody in memory, and of those found once more at the pinned block. */
import type { Multicall, Quorum, Venue } from '@plimsoll/chain'
import { perpVenueAbi } from '@plimsoll/contracts'
import { Warrant } from '@plimsoll/liquidation'
import type { Actions } from '@plimsoll/store'
import { encodeFunctionData } from 'viem'
import * as Draft from './draft.ts'
import * as Inherit from './inherit.ts'
import type * as Positions from './positions.ts'
import * as Trial from './trial.ts'
import type * as Turns from './turns.ts'

type Hex = `0x${string}`

/** A decision, and what is sent for it. */
export type Intent = { readonly draft: Actions.Draft; readonly call: Multicall.Call }

export type Decided = {
  readonly intents: readonly Intent[]
  /** Whom something stands in the way of, and what, each reason once. */
  readonly hindrances: readonly string[]
  /** How many are due, acted on or not. */
  readonly due: number
}

/** What is done about accounts of one venue at one block. */
export async function decide(args: decide.Args): Promise<Decided> {
  const { stream, look, venue, backstop, asOf, blockSeconds, isBusy, room, turns, reader } = args
  const { pinned } = look
  const prices = agreed(look, args.prices)
  const rates = new Map(look.markets.map((market) => [market.market, market.mmLiquidationPpm]))
  const ask = (account: Venue.Account) =>
    Warrant.of({ account: accountOf(account, rates), prices, blockAt: pinned.block.timestamp, asOf, mostSeconds: blockSeconds })

  const hindrances = new Set<string>()
  const due: { readonly account: Hex; readonly warrant: Warrant.Due }[] = []
  for (const account of look.accounts.values()) {
    // What it loses goes down the waterfall: docs/method/backstop.md, eq. (9).
    if (account.account === backstop) continue
    const warrant = ask(account)
    if (warrant.status === 'refused') hindrances.add(`${warrant.code}: ${warrant.sentence}`)
    if (warrant.status === 'due') due.push({ account: account.account, warrant })
  }
  // Whoever lacks most goes first, behind nobody whom the venue keeps refusing.
  const free = due.filter(({ account }) => !isBusy(account)).sort((a, b) => Warrant.order(a.warrant, b.warrant))
  const asked = turns.next(free, { addressOf: ({ account }) => account, room }).map(({ account }) => account)
  if (asked.length === 0) return { intents: [], hindrances: [...hindrances], due: due.length }

  const found = (await stream.at(pinned, asked)).flatMap((account) => {
    const warrant = ask(account)
    return warrant.status === 'due' ? [{ account, warrant }] : []
  })
  const draftOf = (kind: 'liquidate' | 'inherit', { account, warrant }: Inherit.Due, more: object = {}): Actions.Draft => {
    const subject = { venue, account: account.account, market: warrant.market as Hex, kind }
    const inputs = { account: accountOf(account, rates), prices: held(account, prices), agree: pinned.agree, ...more }
    return Draft.of({ reader, pinned, asOf, subject, inputs, verdict: warrant })
  }
  // Whoever is too far gone is the backstop's; whom it does not take is sold at once.
  const inherited = backstop === undefined ? [] : await Inherit.select({ reader, pinned, backstop, found, refused: hindrances })
  const intents: Intent[] = inherited.map(({ due, call, room }) => ({ draft: draftOf('inherit', due, { backstop: room }), call }))
  const sold = found.filter((one) => !inherited.some(({ due }) => due === one))
  const calls = sold.map(({ account, warrant }) => liquidation(venue, account.account, warrant.market))
  const tried = await Trial.attempt({ reader, pinned, calls })
  for (const [i, one] of sold.entries()) {
    const [result, call] = [tried[i], calls[i]]
    const isTaken = result?.success && call !== undefined
    turns.note(one.account.account, isTaken ? 'taken' : 'refused')
    if (isTaken) intents.push({ draft: draftOf('liquidate', one), call })
    else hindrances.add(`VENUE_REFUSES: ${Trial.reasonOf(result?.data ?? '0x')}`)
  }
  return { intents, hindrances: [...hindrances], due: due.length }
}

export declare namespace decide {
  type Args = {
    readonly reader: Quorum.Reader
    readonly stream: Positions.Stream
    readonly look: Positions.Look
    readonly venue: Hex
    /** What takes over who is too far gone. */
    readonly backstop: Hex | undefined
    readonly prices: Warrant.Prices
    /** Unix seconds. */
    readonly asOf: number
    readonly blockSeconds: number
    /** An action of the account is on its way, or in a block after this one. */
    readonly isBusy: (account: Hex) => boolean
    /** How many may be sent now. */
    readonly room: number
    /** Whose turn it is of more than that. */
    readonly turns: Turns.Turns
  }
}

/** Guarded prices that the venue's own agree with. */
export function agreed(look: Positions.Look, guarded: Warrant.Prices): Warrant.Prices {
  return Object.fromEntries(
    look.markets.map((market) => [market.market, Warrant.agreed(market, guarded[market.market] ?? unknown)] as const),
  )
}

const unknown: Warrant.Price = { status: 'refused', code: 'PRICE_UNKNOWN', sentence: 'The market is none of the deployment.' }

/** What is sent: the venue asks for itself whether the account may be liquidated. */
function liquidation(venue: Hex, account: Hex, market: string): Multicall.Call {
  const data = encodeFunctionData({ abi: perpVenueAbi, functionName: 'liquidate', args: [account, market as Hex] })
  return { target: venue, data }
}

/** An account as its venue has it, at the rates that hold at the block. */
export function accountOf(account: Venue.Account, rates: ReadonlyMap<Hex, number>): Warrant.Account {
  const { collateral, credit, unpaidGain, unsettledLoss, positions } = account
  return {
    ...{ collateral, credit, unpaidGain, unsettledLoss },
    positions: positions.map(({ market, size, price, unrealised, mmLiquidationPpm }) => ({
      ...{ market, size },
      cost: Warrant.cost({ size, price, unrealised }),
      maintenancePpm: rates.get(market) ?? mmLiquidationPpm,
    })),
  }
}

/** The prices that had a say. */
export function held(account: { readonly positions: readonly { readonly market: string }[] }, prices: Warrant.Prices): Warrant.Prices {
  return Object.fromEntries(account.positions.flatMap(({ market }) => (prices[market] ? [[market, prices[market]] as const] : [])))
}
