/** The two signatures under a merge of two participants. What they mean is for `MergeMessage.verdict` of reputation to say. */
import { MergeParticipants } from '@plimsoll/contracts'
import { Caip10, type MergeMessage } from '@plimsoll/reputation'
import { hash } from './Hex.ts'
import * as LinkProof from './LinkProof.ts'

/** Which side signed this very message. */
export type MergeProof = { readonly from: boolean; readonly into: boolean }

/**
 * Whether an account of each participant signed the merge.
 *
 * Externally owned accounts are checked offline; contract accounts are asked on their chain, as for a link.
 *
 * @throws {LinkProof.UnservedChainError} a contract account is of a chain that is not served.
 * @throws {Caip10.InvalidAccountError} an id is written otherwise.
 * @throws {Hex.MalformedHexError} participants or nonce are not 32 bytes, or a contract's signature is no bytes.
 * @throws {Quorum.QuorumError} the account's chain cannot be read.
 */
export async function verify(args: verify.Args): Promise<MergeProof> {
  const { message, fromSignature, intoSignature, readers } = args
  const digest = MergeParticipants.digest({
    from: hash(message.from, 'participant id'),
    into: hash(message.into, 'participant id'),
    fromAccount: message.fromAccount,
    intoAccount: message.intoAccount,
    nonce: hash(message.nonce, 'nonce'),
    issuedAt: BigInt(message.issuedAt),
    expiresAt: BigInt(message.expiresAt),
  })
  const [from, into] = await Promise.all([
    LinkProof.hasSigned({ signer: Caip10.parse(message.fromAccount), digest, signature: fromSignature, readers }),
    LinkProof.hasSigned({ signer: Caip10.parse(message.intoAccount), digest, signature: intoSignature, readers }),
  ])
  return { from, into }
}

export declare namespace verify {
  type Args = {
    readonly message: MergeMessage.MergeMessage
    readonly fromSignature: string
    readonly intoSignature: string
    readonly readers: LinkProof.verify.Args['readers']
  }
}
