/** Whose debt the layers of a backstop are asked to pay: who has no position left and owes more than his credit. It takes no price. */
import type { Hex, Quorum } from '@plimsoll/chain'
import { backstopAbi } from '@plimsoll/contracts'
import { Takeover } from '@plimsoll/liquidation'
import { encodeFunctionData, zeroHash } from 'viem'
import type * as Debts from './debts.ts'
import type * as Decide from './decide.ts'
import * as Draft from './draft.ts'
import * as Trial from './trial.ts'
import type * as Turns from './turns.ts'

type Address = Hex.Hex

/** Whom there is something to be paid for, the greatest debt first. */
export async function cover(args: cover.Args): Promise<Decide.Decided> {
  const { reader, pinned, venue, backstop, debts, asOf, blockSeconds, isBusy, room, turns } = args
  const { accounts, isWhole, scale } = await debts.look(pinned)
  const owing = accounts
    .map((account) => ({ account, owed: Takeover.owed(account, scale) }))
    .filter(({ account, owed }) => owed > 0n && account.account !== backstop)
    .sort((a, b) => (a.owed === b.owed ? 0 : a.owed > b.owed ? -1 : 1))
  const hindrances = new Set<string>(isWhole ? [] : ['DEBTS_UNREAD: Older losses are still being read.'])
  // The negation, so that an unknown time is old.
  const isStale = !(asOf - pinned.block.timestamp <= blockSeconds)
  if (isStale && owing.length > 0) hindrances.add(`BLOCK_STALE: Debts are ${asOf - pinned.block.timestamp} s old.`)
  const free = owing.filter(({ account }) => !isBusy(account.account))
  const asked = isStale ? [] : turns.next(free, { addressOf: ({ account }) => account.account, room })
  const calls = asked.map(({ account }) => ({
    target: backstop,
    data: encodeFunctionData({ abi: backstopAbi, functionName: 'cover', args: [account.account] }),
  }))
  const tried = await Trial.attempt({ reader, pinned, calls })
  const intents = asked.flatMap(({ account, owed }, i): readonly Decide.Intent[] => {
    const [result, call] = [tried[i], calls[i]]
    const isTaken = result?.success && call !== undefined
    turns.note(account.account, isTaken ? 'taken' : 'refused')
    if (!isTaken) {
      hindrances.add(`BACKSTOP_REFUSES: ${Trial.reasonOf(result?.data ?? '0x')}`)
      return []
    }
    const { collateral, credit, unpaidGain, unsettledLoss } = account
    const subject = { venue, account: account.account, market: zeroHash, kind: 'cover' as const }
    const inputs = { account: { collateral, credit, unpaidGain, unsettledLoss, positions: [] }, agree: pinned.agree }
    return [{ draft: Draft.of({ reader, pinned, asOf, subject, inputs, verdict: { status: 'owing', owed } }), call }]
  })
  return { intents, hindrances: [...hindrances], due: owing.length }
}

export declare namespace cover {
  type Args = {
    readonly reader: Quorum.Reader
    readonly pinned: Quorum.Pinned
    readonly venue: Address
    readonly backstop: Address
    readonly debts: Debts.Debts
    /** Unix seconds. */
    readonly asOf: number
    readonly blockSeconds: number
    readonly isBusy: (account: Address) => boolean
    readonly room: number
    readonly turns: Turns.Turns
  }
}
