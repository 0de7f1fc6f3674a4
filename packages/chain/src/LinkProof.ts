/** The two signatures under a link of two accounts. What they mean is for `LinkMessage.verdict` of reputation to say. */
import { LinkAccount } from '@plimsoll/contracts'
import { Caip10, type LinkMessage } from '@plimsoll/reputation'
import { decodeAbiParameters, encodeAbiParameters, parseAbi, parseAbiParameters } from 'viem'
import { BaseError } from './BaseError.ts'
import { signerOf } from './Ecdsa.ts'
import { bytes, type Hex, hash } from './Hex.ts'
import * as Query from './Query.ts'
import type { Reader } from './Quorum.ts'

/** Which side signed this very message. */
export type LinkProof = { readonly account: boolean; readonly primary: boolean }

const contractAccountAbi = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)'])

/** What a contract account answers of a signature it takes for its own (ERC-1271). */
const valid = '0x1626ba7e'

/** How a signature ends that tells how its account is deployed (ERC-6492). */
const toDeploy = '6492'.repeat(16)

const deploymentAbi = parseAbiParameters('address factory, bytes data, bytes signature')

/**
 * Whether the new account and the current one each signed the link.
 *
 * An externally owned account is checked offline, whatever it delegates to (EIP-7702): its key stays its own. A contract account is asked on its
 * chain, by quorum, at the newest final block and at the newest of all: what it took for its own once, and takes no more, is not its
 * signature, and what may still be undone is not yet. One that is not deployed yet is deployed within the very call that asks it, and
 * nowhere else, where its signature says how (ERC-6492); one that is there is asked as it stands.
 *
 * @param args.message - as the server wrote it. CAIP-10 ids: chain 0 for an externally owned account, its chain for a contract.
 * @param args.readers - of the chains served.
 * @throws {UnservedChainError} a contract account is of a chain that is not served.
 * @throws {Caip10.InvalidAccountError} an id is written otherwise.
 * @throws {Hex.MalformedHexError} participant or nonce are not 32 bytes, or a contract's signature is no bytes.
 * @throws {Quorum.QuorumError} the account's chain cannot be read.
 */
export async function verify(args: verify.Args): Promise<LinkProof> {
  const { message, accountSignature, primarySignature, readers } = args
  const account = Caip10.parse(message.account)
  const primary = Caip10.parse(message.primary)
  const digest = LinkAccount.digest({
    participantId: hash(message.participantId, 'participant id'),
    account: message.account,
    primary: message.primary,
    nonce: hash(message.nonce, 'nonce'),
    issuedAt: BigInt(message.issuedAt),
    expiresAt: BigInt(message.expiresAt),
  })
  const [byAccount, byPrimary] = await Promise.all([
    hasSigned({ signer: account, digest, signature: accountSignature, readers }),
    hasSigned({ signer: primary, digest, signature: primarySignature, readers }),
  ])
  return { account: byAccount, primary: byPrimary }
}

export declare namespace verify {
  type Args = {
    readonly message: LinkMessage.LinkMessage
    readonly accountSignature: string
    readonly primarySignature: string
    readonly readers: ReadonlyMap<number, Reader>
  }
  type ErrorType = UnservedChainError
}

/**
 * Whether an account signed a digest: an externally owned one offline, a contract account as `verify` asks it.
 *
 * @throws {UnservedChainError} {Hex.MalformedHexError} {Quorum.QuorumError} as `verify`.
 */
export async function hasSigned(args: hasSigned.Args): Promise<boolean> {
  const { signer, digest, signature, readers } = args
  const { chainId, address } = signer
  if (chainId === 0) return (await signerOf({ digest, signature })) === address
  const reader = readers.get(chainId)
  if (!reader) throw new UnservedChainError(chainId)
  const query = asked(address, digest, bytes(signature.toLowerCase(), 'signature'))
  for (const at of ['final', 'head'] as const) {
    const { value } = await Query.fetch({ reader, at, query })
    if (!value) return false
  }
  return true
}

export declare namespace hasSigned {
  type Args = {
    readonly signer: Caip10.Parts
    readonly digest: Hex
    readonly signature: string
    readonly readers: verify.Args['readers']
  }
}

/** Whether a contract account takes a signature for its own; where it is no contract yet, once it is deployed as the signature says. */
function asked(address: Hex, digest: Hex, signature: Hex): Query.Query<boolean> {
  const deployment = deploymentIn(signature)
  const own = Query.call({
    abi: contractAccountAbi,
    target: address,
    functionName: 'isValidSignature',
    args: [digest, deployment?.signature ?? signature],
  })
  const isYes = (outcome: ReturnType<typeof own.parse>) => outcome.status === 'ok' && outcome.value === valid
  if (!deployment) return Query.map(own, isYes)
  // What a contract answers that is there, even by reverting, is its word: nothing that a signature brings along may come before it.
  const deploy = { calls: [{ target: deployment.factory, data: deployment.data }], parse: () => null }
  return Query.map(Query.all([own, deploy, own]), ([now, , deployed]) => isYes(now.status === 'malformed' ? deployed : now))
}

type Deployment = { readonly factory: Hex; readonly data: Hex; readonly signature: Hex }

/** What ERC-6492 puts around a signature; null where there is nothing around it, or nothing that can be read. */
function deploymentIn(signature: Hex): Deployment | null {
  if (!signature.endsWith(toDeploy)) return null
  const wrapped = signature.slice(0, -toDeploy.length) as Hex
  try {
    const [factory, data, inner] = decodeAbiParameters(deploymentAbi, wrapped)
    // Written one way only: bytes beside what was read would be nobody's.
    const isWhole = encodeAbiParameters(deploymentAbi, [factory, data, inner]) === wrapped
    return isWhole ? { factory: factory.toLowerCase() as Hex, data, signature: inner } : null
  } catch {
    return null
  }
}

/** Thrown for a contract account of a chain that nobody here reads: whether it signed is for the contract to say. */
export class UnservedChainError extends BaseError {
  override readonly name = 'LinkProof.UnservedChainError'
  readonly chainId: number

  constructor(chainId: number) {
    super({
      code: 'CHAIN_NOT_SERVED',
      message: `A contract account of chain ${chainId} cannot be asked: that chain is not served.`,
      hint: 'Link a contract account of a chain that `health` lists, or an externally owned account as eip155:0:<address>.',
    })
    this.chainId = chainId
  }
}
