/** Of everything that was read, what belongs to one participant. */
import type { Snapshot } from '@plimsoll/api'
import { CollateralView } from '@plimsoll/chain'
import type { Inputs } from '@plimsoll/margin'
import type { Caip10 } from '@plimsoll/reputation'
import type * as Standings from './standings.ts'

type Member = Pick<Standings.Member, 'accounts'>

/** A contract account is somebody on its own chain only: at the same address elsewhere there may be another's. */
export function isOn(account: Caip10.Parts, chainId: number): boolean {
  return account.chainId === 0 || account.chainId === chainId
}

export function isOwnOf({ accounts }: Member) {
  return ({ holder, chainId }: { readonly holder: string; readonly chainId: number }): boolean =>
    accounts.some((it) => it.address === holder && isOn(it, chainId))
}

/** @param view - of all of the participant's accounts at least. */
export function of(view: CollateralView.CollateralView, member: Member): Inputs.View {
  const own = CollateralView.of({ view, accounts: addressesOf(member) })
  return { lots: own.lots.filter(isOwnOf(member)), missing: own.missing }
}

/** The same as the final blocks have it, to lower credit by. */
export function firmOf(view: CollateralView.CollateralView, member: Member): Snapshot.Firm {
  const own = CollateralView.firmOf({ view, accounts: addressesOf(member) })
  const isOwn = isOwnOf(member)
  return { lots: own.lots.filter(isOwn), missing: own.missing, doubts: own.doubts.filter(isOwn) }
}

function addressesOf({ accounts }: Member): readonly `0x${string}`[] {
  return accounts.map(({ address }) => address)
}
