/** An account's word that what it signed to be one participant's with others is over: what it said once, it need not say for ever. */
import { EndConsent } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { bytes } from './Hex.ts'
import * as LinkProof from './LinkProof.ts'
import { QuorumError } from './QuorumError.ts'
import * as Tie from './Tie.ts'

/** With everybody where there is no other. CAIP-10 ids; unix seconds. */
export type Message = { readonly account: string; readonly other: string | null; readonly issuedAt: number }

export type Ending = { readonly message: Message; readonly signature: string }

/**
 * Whether the account signed it: an externally owned one offline, a contract account as it stands now.
 *
 * @returns `unread` where a contract account cannot be asked.
 */
export async function verify(args: { readonly ending: Ending; readonly readers: LinkProof.verify.Args['readers'] }): Promise<Tie.Verdict> {
  const { ending, readers } = args
  const { account, other, issuedAt } = ending.message
  try {
    // One spelling an account, and none of nobody: what is signed without a name is to everybody.
    if (other !== null) Caip10.parse(other)
    const digest = EndConsent.digest({ account, other: other ?? '', issuedAt: BigInt(issuedAt) })
    const signature = bytes(ending.signature.toLowerCase(), 'signature')
    return (await LinkProof.hasSigned({ signer: Caip10.parse(account), digest, signature, readers })) ? 'signed' : 'unsigned'
  } catch (error) {
    return error instanceof QuorumError || error instanceof LinkProof.UnservedChainError ? 'unread' : 'unsigned'
  }
}

export declare namespace verify {
  type Args = { readonly ending: Ending; readonly readers: LinkProof.verify.Args['readers'] }
}

/**
 * Whether a tie is over by it: it names both, and was signed no later.
 *
 * @example
 * const tie = { kind: 'merge', message: { fromAccount: 'a', intoAccount: 'b', issuedAt: 7 }, fromSignature: '0x', intoSignature: '0x' }
 * ;[Ending.ends({ account: 'b', other: null, issuedAt: 7 }, tie), Ending.ends({ account: 'b', other: null, issuedAt: 6 }, tie)]
 * // => [true, false]
 */
export function ends({ account, other, issuedAt }: Message, tie: Tie.Tie): boolean {
  const sides = Object.values(Tie.consent(tie))
  return sides.includes(account) && (other === null || (other !== account && sides.includes(other))) && tie.message.issuedAt <= issuedAt
}
