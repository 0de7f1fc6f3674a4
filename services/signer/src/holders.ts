/**
 * How a signer's memory names whose lots it counted: by address and chain. At one address two contract accounts on two chains may be two persons'.
 *
 * A name begins with the address. One without a chain was kept before names had any, and is whoever is at the address on any chain.
 */
import type { Code } from '@plimsoll/chain'
import type { Inputs } from '@plimsoll/margin'
import type * as Memory from './Memory.ts'

type Hex = `0x${string}`
type Holder = Pick<Inputs.Lot, 'holder' | 'chainId'>

/** The holder on that chain. */
export function nameOf({ holder, chainId }: Holder): Hex {
  return `${holder}${chainId.toString(16).padStart(16, '0')}`
}

/** Where the one that is so named is. */
export function addressOf(name: Hex): Hex {
  return name.slice(0, 42) as Hex
}

/** Each holder of these lots, once. */
export function namesOf(lots: readonly Holder[]): readonly Hex[] {
  return [...new Set(lots.map(nameOf))]
}

/** The same, by whatever they may have been kept as. */
export function knownAs(names: readonly Hex[]): readonly Hex[] {
  return [...new Set([...names, ...names.map(addressOf)])]
}

/**
 * Whose the holder is instead of the participant's, as far as it touches what the participant's keys hold; null where it is nobody else's.
 *
 * A key is one person's on every chain. A contract is somebody on its own alone, and where one stands on any chain there is no key: another's at
 * the address, deployed yet or not, says nothing of keys on other chains.
 *
 * @param args.keys - of the participant: chain, venue and account.
 * @param args.chainIds - where there is collateral.
 * @param args.codes - what stands at the address, by chain; what was read as a contract nowhere may be a key.
 */
export function otherOwner(args: otherOwner.Args): { readonly participantId: Hex; readonly chainId: number | null } | null {
  const { memory, holder, participantId, keys, chainIds, codes, now } = args
  const isContract = codes.some(({ account, code }) => account === holder && code === 'contract')
  const isApart = (chainId: number) => isContract && !keys.some((key) => key.startsWith(`${chainId}:`) && key.endsWith(`:${holder}`))
  for (const chainId of [null, ...chainIds]) {
    const owner = memory.ownerOf(chainId === null ? holder : nameOf({ holder, chainId }), now)
    if (owner !== null && owner !== participantId && (chainId === null || !isApart(chainId))) return { participantId: owner, chainId }
  }
  return null
}

export declare namespace otherOwner {
  type Args = {
    readonly memory: Pick<Memory.Memory, 'ownerOf'>
    readonly holder: Hex
    readonly participantId: Hex
    readonly keys: readonly string[]
    readonly chainIds: readonly number[]
    readonly codes: readonly { readonly chainId: number; readonly account: Hex; readonly code: Code.Code }[]
    /** Unix seconds. */
    readonly now: number
  }
}
