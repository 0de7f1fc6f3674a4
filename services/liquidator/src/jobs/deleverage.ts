/**
 * The last resort: what somebody owes and no layer is left to pay is taken from the profit of winners, by rank.
 *
 * Ranks are made of everybody's position at one price of each market: where one price is in doubt, nobody is asked. A book that does not fit a
 * transaction is held against the queue in pages first, and the queue kept until it is through.
 */
import { Contract, type Hex, type Multicall, Query, type Quorum, type Venue } from '@plimsoll/chain'
import { backstopAbi, trancheAbi } from '@plimsoll/contracts'
import { Deleveraging, Takeover, type Warrant } from '@plimsoll/liquidation'
import { encodeFunctionData, zeroHash } from 'viem'
import type * as Debts from './debts.ts'
import * as Decide from './decide.ts'
import * as Draft from './draft.ts'
import type * as Positions from './positions.ts'
import * as Trial from './trial.ts'

type Address = Hex.Hex
type Queue = readonly Deleveraging.plan.Place[]

/** As the contract has it. */
const longest = 64

/** Whose debt waits for winners, how many of them are asked, and how much of the book is not held against them yet. */
export type Shown = { readonly account: string; readonly owed: string; readonly winners: number; readonly unread: number }

export type LastResort = {
  readonly decide: (args: decide.Args) => Promise<Decide.Decided>
  readonly shown: () => Shown | null
}

const nothing: Decide.Decided = { intents: [], hindrances: [], due: 0 }

/** @param args.page - accounts of the book to a transaction. */
export function open(args: open.Args): LastResort {
  const { reader, venue, backstop, own, page } = args
  const at = { chainId: reader.config.chainId, address: backstop }
  /** Queues that a check is under way with, by debtor, and how many accounts were not read when its last page was sent. */
  const kept = new Map<Address, { readonly queue: Queue; readonly left: number }>()
  let tranches: readonly Address[] | null = null
  let shown: Shown | null = null

  /** What the layers have together, in the token's own units. */
  async function funds(pinned: Quorum.Pinned): Promise<bigint> {
    const names = ['junior', 'senior'] as const
    if (tranches === null) {
      const asked = Query.all(names.map((functionName) => Query.call({ abi: backstopAbi, target: backstop, functionName, args: [] })))
      const found = asked.parse((await reader.read({ pinned, calls: asked.calls })).results)
      tranches = found.map((outcome, i) => Contract.answer(outcome, { abi: backstopAbi, ...at, functionName: names[i] ?? 'junior' }))
    }
    const query = Query.all([
      Query.call({ abi: backstopAbi, target: backstop, functionName: 'insurance', args: [] }),
      Query.all(tranches.map((target) => Query.call({ abi: trancheAbi, target, functionName: 'capital', args: [] }))),
    ])
    const [insurance, capitals] = query.parse((await reader.read({ pinned, calls: query.calls })).results)
    return capitals.reduce(
      (sum, capital) => sum + Contract.answer(capital, { abi: trancheAbi, ...at, functionName: 'capital' }),
      Contract.answer(insurance, { abi: backstopAbi, ...at, functionName: 'insurance' }),
    )
  }

  /** How many accounts are not held against each queue yet; null where no check of it is under way. */
  async function unread(pinned: Quorum.Pinned, loser: Address, queues: readonly Queue[]) {
    const functionName = 'roundOf'
    const query = Query.all(
      queues.map((queue) => Query.call({ abi: backstopAbi, target: backstop, functionName, args: [own, loser, winners(queue)] })),
    )
    const rounds = query.parse((await reader.read({ pinned, calls: query.calls })).results)
    return rounds.map((outcome) => {
      const { startedAt, cursor } = Contract.answer(outcome, { abi: backstopAbi, ...at, functionName })
      return startedAt === 0n ? null : Number(cursor)
    })
  }

  async function decide(args: decide.Args): Promise<Decide.Decided> {
    const { stream, look, debts, asOf, blockSeconds, isBusy, room } = args
    const { pinned } = look
    shown = null
    const { accounts, scale } = await debts.look(pinned)
    const owing = accounts
      .map((account) => ({ account, owed: owedBy(account, scale) }))
      .filter(({ owed }) => owed > 0n)
      .sort((a, b) => (a.owed === b.owed ? 0 : a.owed > b.owed ? -1 : 1))
    for (const loser of kept.keys()) if (!owing.some(({ account }) => account.account === loser)) kept.delete(loser)
    const [debtor] = owing
    // Who is to be paid for by layers is not paid for by winners.
    if (debtor === undefined || (await funds(pinned)) > 0n) return nothing
    const { account, owed } = debtor
    const loser = account.account
    shown = { account: loser, owed: `${owed}`, winners: 0, unread: look.accounts.size }
    // The negation, so that an unknown time is old.
    if (!(asOf - pinned.block.timestamp <= blockSeconds))
      return { ...nothing, hindrances: [`BLOCK_STALE: Winners are ${asOf - pinned.block.timestamp} s old.`] }
    const prices = Decide.held(
      { positions: [...look.accounts.values()].flatMap(({ positions }) => positions) },
      Decide.agreed(look, args.prices),
    )
    const doubts = Object.values(prices).flatMap((price) => (price.status === 'refused' ? [`${price.code}: ${price.sentence}`] : []))
    if (doubts.length > 0) return { ...nothing, hindrances: [...new Set(doubts)] }
    if (isBusy(loser) || room <= 0) return nothing

    const book = (await stream.at(pinned, [...look.accounts.keys()])).filter((winner) => winner.account !== backstop)
    const planned = Deleveraging.plan(book, { owed, scale, longest })
    const before = kept.get(loser)
    const [known = null, anew = null] = await unread(pinned, loser, [before?.queue ?? [], planned])
    // A page that was sent and not read found somebody missing: then it begins anew, at the prices now.
    const isOn = before !== undefined && known !== null && known < before.left
    const queue = isOn ? before.queue : planned
    const begun = isOn ? known : anew
    const left = begun ?? look.accounts.size
    if (queue.length === 0) return { ...nothing, hindrances: ['NO_PROFIT: Nobody has a profit that could pay what is owed.'] }
    shown = { ...shown, winners: queue.length, unread: left }

    const isLast = left <= page
    const data = isLast
      ? encodeFunctionData({ abi: backstopAbi, functionName: 'deleverage', args: [loser, winners(queue)] })
      : encodeFunctionData({ abi: backstopAbi, functionName: 'checkQueue', args: [loser, winners(queue), BigInt(page)] })
    const call: Multicall.Call = { target: backstop, data }
    // A check that is under way is its caller's: only one that begins can be tried by anybody.
    const [tried] = begun === null ? await Trial.attempt({ reader, pinned, calls: [call] }) : []
    if (tried?.success === false) return { ...nothing, hindrances: [`BACKSTOP_REFUSES: ${Trial.reasonOf(tried.data)}`] }
    if (isLast) kept.delete(loser)
    else kept.set(loser, { queue, left })
    const subject = { venue, account: loser, market: zeroHash, kind: isLast ? ('deleverage' as const) : ('check' as const) }
    const { collateral, credit, unpaidGain, unsettledLoss } = account
    const debt = { collateral, credit, unpaidGain, unsettledLoss, positions: [] }
    const inputs = { account: debt, funds: 0n, prices, agree: pinned.agree, queue, unread: left }
    return {
      intents: [{ draft: Draft.of({ reader, pinned, asOf, subject, inputs, verdict: { status: 'uncovered', owed } }), call }],
      hindrances: [],
      due: 0,
    }
  }

  /** Of the backstop itself whatever it owes, of anybody else what is beyond his credit once he has no position. */
  function owedBy(account: Venue.Account, scale: bigint): bigint {
    return account.account === backstop ? account.unsettledLoss - (account.unsettledLoss % scale) : Takeover.owed(account, scale)
  }

  return { decide, shown: () => shown }
}

/** As the contract takes them. */
function winners(queue: Queue): { readonly account: Address; readonly market: Address }[] {
  return queue.map(({ account, market }) => ({ account: account as Address, market: market as Address }))
}

export declare namespace open {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Address
    readonly backstop: Address
    /** Who sends: a check is its own. */
    readonly own: Address
    readonly page: number
  }
}

export declare namespace decide {
  type Args = {
    readonly stream: Positions.Stream
    readonly look: Positions.Look
    readonly debts: Debts.Debts
    readonly prices: Warrant.Prices
    /** Unix seconds. */
    readonly asOf: number
    readonly blockSeconds: number
    readonly isBusy: (account: Address) => boolean
    readonly room: number
  }
}
