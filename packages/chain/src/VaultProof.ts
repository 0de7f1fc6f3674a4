/** What a vault holds for each account, proven slot by slot: a majority of sources that lie alike is found out. */
import { collateralVaultLayout } from '@plimsoll/contracts'
import { encodeAbiParameters, keccak256 } from 'viem'
import { payable, type Stock } from './collateral/Stock.ts'
import type { Dissent } from './Dissent.ts'
import type { Hex } from './Hex.ts'
import { type Pinned, ProofInvalidError, type Reader } from './Quorum.ts'

/** What k sources say that an account has locked of a token, and how much of it is leaving: escapes and what settlements reserved. Native units. */
export type Claim = {
  readonly holder: Hex
  readonly token: Hex
  readonly locked: bigint
  readonly leaving: bigint
  /** What the vault has written down, where they were asked. */
  readonly written: bigint | null
  /** What they say that the vault owes of the token and holds of it; of what it holds nothing is proven, since that is the token's to say. */
  readonly stock: Stock
}

/** The lower half of the slot that an escape is packed into. */
const AMOUNT = (1n << 128n) - 1n

/**
 * Holds each claim against a proof from the pinned header. Where a token is short, a claim is its share of what is there.
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
  const short = claims.filter(({ stock }) => stock.held !== null && stock.held < stock.owed)
  const slots = [...claims.map((claim) => lockedSlot(claim)), ...short.map(({ token }) => owedSlot(token))]
  const { values } = await reader.prove({ pinned, address, slots })
  const owed = short.flatMap((claim, index) => {
    const proven = values[claims.length + index]
    return proven === claim.stock.owed ? [] : [{ claim, said: claim.stock.owed, proven }]
  })
  if (owed.length > 0) throw disproved({ ...args, wrong: owed, what: 'owed in all' })
  const wrong = claims.flatMap((claim, index) => {
    const whole = values[index] ?? 0n
    const proven = payable(whole, claim.stock)
    if (proven !== claim.locked) return [{ claim, said: claim.locked, proven }]
    return claim.written === null || claim.written === whole ? [] : [{ claim, said: claim.written, proven: whole }]
  })
  if (wrong.length > 0) throw disproved({ ...args, wrong, what: 'locked' })

  const holding = claims.filter((claim) => claim.locked > 0n && claim.stock.held !== null)
  const leaving = await reader.prove({ pinned, address, slots: holding.flatMap((claim) => [escapeSlot(claim), reservedSlot(claim)]) })
  const hidden = holding.flatMap((claim, index) => {
    const whole = ((leaving.values[2 * index] ?? 0n) & AMOUNT) + (leaving.values[2 * index + 1] ?? 0n)
    const proven = whole > claim.locked ? claim.locked : whole
    return proven === claim.leaving ? [] : [{ claim, said: claim.leaving, proven }]
  })
  if (hidden.length > 0) throw disproved({ ...args, wrong: hidden, what: 'on its way out' })
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

/** Where it keeps what it owes of a token to everybody. */
export function owedSlot(token: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [token, collateralVaultLayout.totalLocked.slot]))
}

/** Where it keeps the account's escape of a token. The amount is in the lower 128 bits. */
export function escapeSlot(claim: { readonly holder: Hex; readonly token: Hex }): Hex {
  return slotOf(collateralVaultLayout._escapes.slot, claim)
}

/** Where it keeps what settlements have reserved of it. */
export function reservedSlot(claim: { readonly holder: Hex; readonly token: Hex }): Hex {
  return slotOf(collateralVaultLayout.reserved.slot, claim)
}

/** What a holder lets a venue's escrow claim of a token, as k sources say it. Native units. */
export type Allowance = {
  readonly holder: Hex
  readonly token: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly escrow: Hex
  /** 0 where another escrow was enabled, or none. */
  readonly amount: bigint
}

/**
 * Holds each allowance against the three slots that say so.
 *
 * @throws {Quorum.ProofInvalidError} {Quorum.QuorumError} as `verify`.
 */
export async function verifyAllowances(args: verifyAllowances.Args): Promise<void> {
  const { reader, pinned, vault, allowances } = args
  const address = vault.toLowerCase() as Hex
  const { values } = await reader.prove({ pinned, address, slots: allowances.flatMap(escrowSlots) })
  const wrong = allowances.flatMap((allowance, index) => {
    const [first = 0n, second = 0n, third = 0n] = values.slice(3 * index, 3 * index + 3)
    const [cap, used, nextCap] = [second & AMOUNT, second >> 128n, third >> 128n]
    const isEnabled = (first & ((1n << 160n) - 1n)) === BigInt(allowance.escrow)
    const proven = isEnabled ? left({ cap, used, nextCap, isFalling: first >> 160n !== 0n }) : 0n
    return proven === allowance.amount ? [] : [{ claim: allowance, said: allowance.amount, proven }]
  })
  if (wrong.length > 0) throw disproved({ ...args, claims: allowances, wrong, what: 'that a venue may claim' })
}

export declare namespace verifyAllowances {
  type Args = { readonly reader: Reader; readonly pinned: Pinned; readonly vault: Hex; readonly allowances: readonly Allowance[] }
}

/** What is left of a cap: the lower one counts from the moment it is announced. */
export function left(held: { readonly cap: bigint; readonly used: bigint; readonly nextCap: bigint; readonly isFalling: boolean }): bigint {
  const { cap, used, nextCap, isFalling } = held
  const least = isFalling && nextCap < cap ? nextCap : cap
  return least > used ? least - used : 0n
}

function escrowSlots({ holder, token, venue }: Allowance): readonly Hex[] {
  const types = [{ type: 'uint64' }, { type: 'address' }] as const
  const venueId = keccak256(encodeAbiParameters(types, [BigInt(venue.chainId), venue.address]))
  const place = slotOf(collateralVaultLayout._escrows.slot, { holder, token })
  const first = BigInt(keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [venueId, place])))
  return [0n, 1n, 2n].map((offset) => `0x${(first + offset).toString(16).padStart(64, '0')}` as const)
}

/** A mapping's value lies at `keccak(key · slot)`; that of a mapping in a mapping at the same of the outer one's place. */
function slotOf(slot: bigint, { holder, token }: { readonly holder: Hex; readonly token: Hex }): Hex {
  const outer = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [holder, slot]))
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [token, outer]))
}

function disproved(
  args: Pick<verify.Args, 'reader' | 'pinned'> & {
    readonly claims: readonly unknown[]
    readonly wrong: readonly { readonly claim: { readonly holder: Hex }; readonly said: bigint; readonly proven: bigint | undefined }[]
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
