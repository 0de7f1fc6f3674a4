/** From decisions to transactions: signed and committed first, handed to every source then. */
import { Fee, type Sender } from '@plimsoll/chain'
import { Actions, type Database } from '@plimsoll/store'
import { keccak256, parseTransaction, type TransactionSerializedEIP1559 } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import * as Decide from './decide.ts'

type Hex = `0x${string}`

/** One key on one chain, and what it may offer. */
export type Till = {
  readonly desk: Actions.Desk
  readonly key: PrivateKeyAccount
  readonly sender: Sender.Sender
  /** Wei per gas. */
  readonly mostFee: bigint
}

/** Thrown when every source says that a decision's transaction would not run. */
export class NotRunnableError extends Error {
  override readonly name = 'Execute.NotRunnableError'
  readonly code = 'NOT_RUNNABLE'
  readonly hint = 'Look whether the key has gas money. Nothing was sent.'
  constructor(reason: string) {
    super(`The nodes would not run a liquidation: ${reason}.`)
  }
}

/**
 * Commits decisions and hands them over.
 *
 * @param args.database - behind the lease.
 * @returns what was committed.
 * @throws {Leases.LeaseLostError} {NotRunnableError} {Quorum.QuorumError}
 */
export async function execute(args: execute.Args): Promise<readonly Actions.Action[]> {
  const { till, database, drafts } = args
  const { desk, key, sender, mostFee } = till
  const [first] = drafts
  if (first === undefined) return []
  const call = Decide.liquidation(first.venue, first.account, first.market)
  const [counted, fees, estimate] = await Promise.all([
    sender.count(desk.sender),
    sender.fees(),
    sender.estimate({ from: desk.sender, to: call.target, data: call.data }),
  ])
  if (estimate.status === 'refused') throw new NotRunnableError(estimate.reason)
  const offer = Fee.first(fees, mostFee)
  const actions = await Actions.commit(database, { desk, counted, drafts }, async (draft, nonce) => {
    const { target: to, data } = Decide.liquidation(draft.venue, draft.account, draft.market)
    return sign({ key, chainId: desk.chainId, nonce, to, data, gas: Fee.gas(estimate.gas), offer })
  })
  await handOver({ sender, raws: actions.flatMap(({ sends }) => sends.slice(-1).map(({ raw }) => raw)) })
  return actions
}

export declare namespace execute {
  type Args = { readonly till: Till; readonly database: Database.Database; readonly drafts: readonly Actions.Draft[] }
}

/** Replaces an action's transaction by one that offers more, committed before it is handed over. @returns whether it could be. */
export async function raise(args: {
  readonly till: Till
  readonly database: Database.Database
  readonly action: Actions.Action
}): Promise<boolean> {
  const { till, database, action } = args
  const last = action.sends.at(-1)
  if (last === undefined || action.nonce === null) return false
  const offer = Fee.next(last, await till.sender.fees(), till.mostFee)
  if (offer === null) return false
  const { to, data, gas } = parseTransaction(last.raw as TransactionSerializedEIP1559)
  if (!to || data === undefined || gas === undefined) return false
  const { desk, key, sender } = till
  const signed = await sign({ key, chainId: desk.chainId, nonce: action.nonce, to, data, gas, offer })
  await Actions.replace(database, { id: action.id, signed })
  await handOver({ sender, raws: [signed.raw] })
  return true
}

/** Hands signed bytes to every source, a few at a time. The same bytes may be handed over again. */
export async function handOver({ sender, raws }: { readonly sender: Sender.Sender; readonly raws: readonly Hex[] }): Promise<void> {
  for (let from = 0; from < raws.length; from += atOnce) await Promise.all(raws.slice(from, from + atOnce).map((raw) => sender.send(raw)))
}

const atOnce = 8

async function sign(args: {
  readonly key: PrivateKeyAccount
  readonly chainId: number
  readonly nonce: bigint
  readonly to: Hex
  readonly data: Hex
  readonly gas: bigint
  readonly offer: Fee.Fee
}): Promise<Actions.Signed> {
  const { key, chainId, nonce, to, data, gas, offer } = args
  const raw = await key.signTransaction({ type: 'eip1559', chainId, nonce: Number(nonce), to, data, gas, ...offer })
  return { raw, hash: keccak256(raw), ...offer }
}
