/** Which accounts are one participant: linking, parting, merging. What is signed names the two that it was asked for. */
import { LinkAccount, MergeParticipants } from '@plimsoll/contracts'
import type { Address, Hex } from 'viem'
import * as Asked from './Asked.ts'
import * as Clock from './Clock.ts'
import * as Consent from './Consent.ts'
import type { AccountSigner } from './MarginClient.ts'
import { calling, signing } from './MarginError.ts'
import type { Rpc, Transport } from './Transport.ts'

/** Unix seconds. */
export type LinkedAccount = { readonly account: string; readonly linkedAt: number }

export type AccountActions = {
  /** Links `account` to the signed-in participant; both it and `primary`, a current account, sign. */
  linkAccount: (args: {
    readonly account: AccountSigner
    readonly primary: AccountSigner
  }) => Promise<{ readonly accounts: readonly string[] }>
  /** The signed-in participant's accounts, as CAIP-10 ids, with when each was linked. */
  getAccounts: () => Promise<{ readonly participantId: Hex; readonly accounts: readonly LinkedAccount[] }>
  /**
   * Unlinks an account. Its bad history stays with both sides; it may be linked to somebody else after its cool-down.
   *
   * With `by`, the account itself or one that it was linked with, that one signs that what both signed is over. The gateway hands it to signers; whoever does not
   * trust it to do so takes it there too, with `endConsent`.
   */
  unlinkAccount: (args: {
    readonly account: Address
    readonly chainId?: number
    readonly by?: AccountSigner
  }) => Promise<{ readonly accounts: readonly string[] }>
  /** Makes the participant that has `other` part of the signed-in one; `other` and `primary`, a current account, sign. Both must be at rest. */
  mergeParticipants: (args: {
    readonly other: AccountSigner
    readonly primary: AccountSigner
  }) => Promise<{ readonly participantId: Hex; readonly accounts: readonly LinkedAccount[] }>
}

/** These actions of one gateway. */
export function accountActions(rpc: Rpc, { url }: Pick<Transport, 'url'>): AccountActions {
  const parting = async (by: AccountSigner, other: { readonly address: Address; readonly chainId: number }) => {
    const issuedAt = await Clock.at([url])
    return signing(() => Consent.sign({ by, other, issuedAt }))
  }
  return {
    linkAccount: ({ account, primary }) =>
      calling(async () => {
        const message = await rpc.accounts.prepareLink.mutate({ account: account.address, chainId: account.chainId ?? 0 })
        Asked.account(message.account, account)
        Asked.account(message.primary, primary)
        const typed = LinkAccount.typedData({
          ...message,
          participantId: message.participantId as Hex,
          nonce: message.nonce as Hex,
          issuedAt: BigInt(message.issuedAt),
          expiresAt: BigInt(message.expiresAt),
        })
        const accountSignature = await signing(() => account.signTypedData(typed))
        const primarySignature = await signing(() => primary.signTypedData(typed))
        const { accounts } = await rpc.accounts.link.mutate({ message, accountSignature, primarySignature })
        return { accounts: accounts.map((linked) => linked.account) }
      }),
    getAccounts: () => calling(async () => accountsOf(await rpc.accounts.list.query())),
    unlinkAccount: ({ account, chainId = 0, by }) =>
      calling(async () => {
        const ending = by && (await parting(by, { address: account, chainId }))
        const { accounts } = await rpc.accounts.unlink.mutate({ account, chainId, ...(ending === undefined ? {} : { ending }) })
        return { accounts: accounts.map((linked) => linked.account) }
      }),
    mergeParticipants: ({ other, primary }) =>
      calling(async () => {
        const message = await rpc.participants.prepareMerge.mutate({ account: other.address, chainId: other.chainId ?? 0 })
        Asked.account(message.fromAccount, other)
        Asked.account(message.intoAccount, primary)
        const typed = MergeParticipants.typedData({
          ...message,
          from: message.from as Hex,
          into: message.into as Hex,
          nonce: message.nonce as Hex,
          issuedAt: BigInt(message.issuedAt),
          expiresAt: BigInt(message.expiresAt),
        })
        const fromSignature = await signing(() => other.signTypedData(typed))
        const intoSignature = await signing(() => primary.signTypedData(typed))
        return accountsOf(await rpc.participants.merge.mutate({ message, fromSignature, intoSignature }))
      }),
  }
}

function accountsOf(answer: { readonly participantId: string; readonly accounts: readonly LinkedAccount[] }) {
  return { participantId: answer.participantId as Hex, accounts: answer.accounts }
}
