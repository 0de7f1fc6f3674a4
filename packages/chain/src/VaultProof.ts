/** What a vault holds for each account, proven slot by slot: a majority of sources that lie alike is found out. */
import { collateralVaultLayout } from '@plimsoll/contracts'
import { encodeAbiParameters, keccak256 } from 'viem'
import type { Dissent } from './Dissent.ts'
import type { Hex } from './Hex.ts'
import { type Pinned, ProofInvalidError, type Reader } from './Quorum.ts'

/** What k sources say that an account has locked of a token, and how much of it is about to escape. Native units. */
export type Claim = { readonly holder: Hex; readonly token: Hex; readonly locked: bigint; readonly escaping: bigint }

/** The lower half of the slot that an escape is packed into. */
const AMOUNT = (1n << 128n) - 1n

/**
 * Holds each claim against a proof from the pinned header.
 *
 * One `eth_getProof` of one source per 500 slots, and none where the vault's storage is what it was at the last proof. Amounts of zero are proven
 * as well: to hide collateral is a lie too.
 *
 * @throws {Quorum.ProofInvalidError} a claim is not what is proven, or no source has a valid proof.
 * @throws {Quorum.QuorumError}
 */
export async function verify(args: verify.Args): Promise<void> {
  const { reader, pinned, vault, claims } = args
  const address = vault.toLowerCase() as Hex
  const locked = await reader.prove({ pinned, address, slots: claims.map((claim) => lockedSlot(claim)) })
  const wrong = claims.flatMap((claim, index) =>
    locked.values[index] === claim.locked ? [] : [{ claim, said: claim.locked, proven: locked.values[index] }],
  )
  if (wrong.length > 0) throw disproved({ ...args, wrong, what: 'locked' })

  const holding = claims.filter((claim) => claim.locked > 0n)
  const escaping = await reader.prove({ pinned, address, slots: holding.map((claim) => escapeSlot(claim)) })
  const hidden = holding.flatMap((claim, index) => {
    const proven = (escaping.values[index] ?? 0n) & AMOUNT
    return proven === claim.escaping ? [] : [{ claim, said: claim.escaping, proven }]
  })
  if (hidden.length > 0) throw disproved({ ...args, wrong: hidden, what: 'about to escape' })
}

export declare namespace verify {
  type Args = { readonly reader: Reader; readonly pinned: Pinned; readonly vault: Hex; readonly claims: readonly Claim[] }
  type ErrorType = ProofInvalidError
}

/**
 * Where a vault keeps what an account has locked of a token.
 *
 * @example
 * VaultProof.lockedSlot({ holder: `0x${'11'.repeat(20)}`, token: `0x${'22'.repeat(20)}` }).length
 * // => 66
 */
export function lockedSlot(claim: { readonly holder: Hex; readonly token: Hex }): Hex {
  return slotOf(collateralVaultLayout.locked.slot, claim)
}

/** Where it keeps the account's escape of a token. The amount is in the lower 128 bits. */
export function escapeSlot(claim: { readonly holder: Hex; readonly token: Hex }): Hex {
  return slotOf(collateralVaultLayout._escapes.slot, claim)
}

/** A mapping's value lies at `keccak(key · slot)`; that of a mapping in a mapping at the same of the outer one's place. */
function slotOf(slot: bigint, { holder, token }: { readonly holder: Hex; readonly token: Hex }): Hex {
  const outer = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [holder, slot]))
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [token, outer]))
}

function disproved(
  args: verify.Args & {
    readonly wrong: readonly { readonly claim: Claim; readonly said: bigint; readonly proven: bigint | undefined }[]
    readonly what: string
  },
): Error {
  const { reader, pinned, wrong, what } = args
  const [first] = wrong
  const detail = `it said ${first?.said}, and its header proves ${first?.proven}`
  return new ProofInvalidError({
    chainId: reader.config.chainId,
    number: pinned.block.number,
    dissent: [...pinned.dissent, ...pinned.agree.map((id): Dissent => ({ id, why: 'PROOF_INVALID', detail }))],
    what: `${wrong.length} of ${args.claims.length} amounts ${what} are not what is proven, the first that of ${first?.claim.holder}`,
  })
}
