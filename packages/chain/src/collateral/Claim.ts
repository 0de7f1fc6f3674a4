/** What the escrow of each venue could still be paid of what is locked. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import * as Contract from '../Contract.ts'
import type { Hex } from '../Hex.ts'
import * as Outflow from '../Outflow.ts'
import * as Query from '../Query.ts'
import type { Pinned, Reader } from '../Quorum.ts'
import * as VaultProof from '../VaultProof.ts'
import * as Lot from './Lot.ts'
import type { Locked, Outflows } from './Vault.ts'

/** A venue that may be paid from vaults, and whom its settlements pay, chain by chain: a cap that names somebody else pays nobody here. */
export type Claimant = {
  readonly chainId: number
  readonly address: Hex
  readonly escrows: readonly { readonly chainId: number; readonly address: Hex }[]
}

/** What a settlement for a venue could take of a lot now. Native units. */
export type Claim = {
  readonly lotId: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly amount: bigint
}

type Enabled = {
  readonly escrow: Hex
  readonly lowersAt: bigint
  readonly cap: bigint
  readonly used: bigint
  readonly queued: bigint
  readonly nextCap: bigint
}

/**
 * What each venue's escrow may claim of each holding. What was reserved since the pinned block is taken off every venue's.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function fetch(args: fetch.Args): Promise<readonly Claim[]> {
  const { reader, pinned, venues, locked, outflows } = args
  const { chainId } = reader.config
  const asked = locked.flatMap((holding) =>
    venues.flatMap((venue) => {
      const escrow = venue.escrows.find((it) => it.chainId === chainId)?.address
      return escrow === undefined ? [] : [{ holding, venue, escrow }]
    }),
  )
  if (asked.length === 0) return []
  const functionName = 'escrowOf'
  const query = Query.all<readonly Query.Outcome<Enabled>[]>(
    asked.map(({ holding: { vault, token, holder }, venue }) =>
      Query.call({
        ...{ abi: collateralVaultAbi, target: vault.address, functionName },
        args: [holder, token.address, BigInt(venue.chainId), venue.address],
      }),
    ),
  )
  const { results } = await reader.read({ pinned, calls: query.calls })
  const allowed = query.parse(results).flatMap((outcome, index) => {
    const one = asked[index]
    if (one === undefined) return []
    const { holding, venue, escrow } = one
    const held = Contract.answer(outcome, { abi: collateralVaultAbi, chainId, address: holding.vault.address, functionName })
    const isEnabled = held.escrow.toLowerCase() === escrow.toLowerCase()
    const amount = isEnabled ? VaultProof.left({ ...held, isFalling: held.lowersAt !== 0n }) : 0n
    return [{ holding, venue: { chainId: venue.chainId, address: venue.address }, escrow, amount }]
  })
  if (reader.config.evidence === 'proof')
    for (const [vault, own] of Map.groupBy(allowed, ({ holding }) => holding.vault.address))
      await VaultProof.verifyAllowances({
        ...{ reader, pinned, vault },
        allowances: own.map(({ holding: { holder, token }, ...rest }) => ({ holder, token: token.address, ...rest })),
      })
  return allowed.flatMap(({ holding: { vault, token, holder }, venue, amount }) => {
    const queued = outflows.get(vault.address)?.get(Outflow.keyOf(holder, token.address))?.queued ?? 0n
    const lot = Lot.id({ chainId, holder, token: token.address, vault: vault.address })
    return amount > queued ? [{ lotId: lot, venue, amount: amount - queued }] : []
  })
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly pinned: Pinned
    readonly venues: readonly Claimant[]
    readonly locked: readonly Locked[]
    readonly outflows: Outflows
  }
}
