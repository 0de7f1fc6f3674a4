/** The two signatures under a link of two accounts. What they mean is for `LinkMessage.verdict` of reputation to say. */
import { LinkAccount } from '@plimsoll/contracts'
import { Caip10, type LinkMessage } from '@plimsoll/reputation'
import { BaseError } from './BaseError.ts'
import { signerOf } from './Ecdsa.ts'
import { type Hex, hash } from './Hex.ts'

/** Which side signed this very message. */
export type LinkProof = { readonly account: boolean; readonly primary: boolean }

/**
 * Whether the new account and the current one each signed the link. Externally owned accounts only, checked offline.
 *
 * @param args.message - as the server wrote it. CAIP-10 ids with chain 0.
 * @throws {UnsupportedAccountError} an id is that of a contract account.
 * @throws {Caip10.InvalidAccountError} an id is written otherwise.
 * @throws {Hex.MalformedHexError} participant or nonce are not 32 bytes.
 */
export async function verify(args: verify.Args): Promise<LinkProof> {
  const { message, accountSignature, primarySignature } = args
  const account = ownerOf(message.account)
  const primary = ownerOf(message.primary)
  const digest = LinkAccount.digest({
    participantId: hash(message.participantId, 'participant id'),
    account: message.account,
    primary: message.primary,
    nonce: hash(message.nonce, 'nonce'),
    issuedAt: BigInt(message.issuedAt),
    expiresAt: BigInt(message.expiresAt),
  })
  const [byAccount, byPrimary] = await Promise.all([
    signerOf({ digest, signature: accountSignature }),
    signerOf({ digest, signature: primarySignature }),
  ])
  return { account: byAccount === account, primary: byPrimary === primary }
}

export declare namespace verify {
  type Args = { readonly message: LinkMessage.LinkMessage; readonly accountSignature: string; readonly primarySignature: string }
  type ErrorType = UnsupportedAccountError
}

function ownerOf(id: string): Hex {
  const { chainId, address } = Caip10.parse(id)
  if (chainId !== 0) throw new UnsupportedAccountError(id)
  return address
}

/** Thrown for a contract account: whether it signed is for the contract to say, on its chain. */
export class UnsupportedAccountError extends BaseError {
  override readonly name = 'LinkProof.UnsupportedAccountError'
  readonly account: string

  constructor(account: string) {
    super({
      code: 'CONTRACT_ACCOUNT_UNSUPPORTED',
      message: `${account} is named on one chain, as contract accounts are; only externally owned accounts can be linked.`,
      hint: 'Link an externally owned account, as eip155:0:<address>.',
    })
    this.account = account
  }
}
