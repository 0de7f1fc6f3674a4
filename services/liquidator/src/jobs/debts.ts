/**
 * Who owes something at a venue, kept in step with its events: an account that has no position left stands in no book.
 *
 * Logs only say whom to read, so that one too many costs a read, and a source that hides one is outvoted by any that does not.
 */
import { type Hex, type Quorum, Token, type Venue } from '@plimsoll/chain'
import { perpVenueAbi } from '@plimsoll/contracts'
import { toEventSelector } from 'viem'
import type * as Positions from './positions.ts'

type Address = Hex.Hex

/** Accounts that have had a loss they could not pay, as they stand at a block. */
export type Look = {
  readonly accounts: readonly Venue.Account[]
  /** Whether all of the history is read. */
  readonly isWhole: boolean
  /** Of the collateral token to USD × 1e18. */
  readonly scale: bigint
}

export type Debts = { readonly look: (pinned: Quorum.Pinned) => Promise<Look> }

const recorded = perpVenueAbi.filter((item) => item.type === 'event' && item.name === 'LossRecorded').map((event) => toEventSelector(event))
/** Blocks to one question, and questions to one look: who is to be closed does not wait for history. */
const span = 5_000n
const most = 20
/** Blocks that may be replaced are read again, and who has paid is kept in mind for as many. */
const unsure = 64n

/** @param args.stream - of the same venue. */
export function open(args: open.Args): Debts {
  const { reader, venue, token, fromBlock, stream } = args
  /** By account, since which block it owes nothing; null while it owes. */
  const known = new Map<Address, bigint | null>()
  let next = fromBlock
  let scale: bigint | null = null
  let last: (Look & { readonly hash: Address }) | null = null

  async function look(pinned: Quorum.Pinned): Promise<Look> {
    const { number, hash } = pinned.block
    if (last?.hash === hash) return last
    const asked = Token.scale({ chainId: reader.config.chainId, token })
    scale ??= asked.parse((await reader.read({ pinned, calls: asked.calls })).results)
    for (let pages = 0; next <= number && pages < most; pages += 1) {
      const toBlock = next + span < number ? next + span : number
      const { answers } = await reader.logs({ pinned, filter: { fromBlock: next, toBlock, addresses: [venue], topics: [recorded] } })
      for (const { logs } of answers)
        for (const { topics } of logs) if (topics[1] !== undefined) known.set(`0x${topics[1].slice(26)}` as Address, null)
      next = toBlock + 1n
    }
    const isWhole = next > number
    if (isWhole) next = number >= fromBlock + unsure ? number - unsure : fromBlock
    const accounts = await stream.at(pinned, [...known.keys()])
    for (const { account, unsettledLoss } of accounts) {
      const since = known.get(account) ?? null
      if (unsettledLoss > 0n) known.set(account, null)
      else if (since === null || since > number) known.set(account, number)
      else if (number - since > unsure) known.delete(account)
    }
    last = { hash, accounts, isWhole, scale }
    return last
  }

  return { look }
}

export declare namespace open {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Address
    /** What collateral there is counted in. */
    readonly token: Address
    /** Nothing was before it. */
    readonly fromBlock: bigint
    readonly stream: Positions.Stream
  }
}
