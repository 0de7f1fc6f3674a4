/** Of everything that was read, what belongs to one participant. */
import type { Snapshot } from '@plimsoll/api'
import { CollateralView } from '@plimsoll/chain'
import type { Inputs } from '@plimsoll/margin'
import { Caip10 } from '@plimsoll/reputation'
import type * as Standings from './standings.ts'

type Member = Pick<Standings.Member, 'accounts'>

export function isOwnOf({ accounts }: Member) {
  return ({ holder, chainId }: { readonly holder: string; readonly chainId: number }): boolean =>
    accounts.some((it) => it.address === holder && Caip10.isOn(it, chainId))
}

/** @param view - of all of the participant's accounts at least. */
export function of(view: CollateralView.CollateralView, member: Member): Inputs.View {
  return CollateralView.of({ view: only(view, member), accounts: addressesOf(member) })
}

/** The same as the final blocks have it, to lower credit by. */
export function firmOf(view: CollateralView.CollateralView, member: Member): Snapshot.Firm {
  const accounts = addressesOf(member)
  const all = CollateralView.firmOf({ view, accounts })
  const isOwn = isOwnOf(member)
  return {
    ...CollateralView.firmOf({ view: only(view, member), accounts }),
    beside: [...all.lots, ...all.doubts].filter((lot) => !isOwn(lot)),
  }
}

/** Without what lies at the address of a contract account on other chains: it is another's, and so is what is in doubt there. */
function only(view: CollateralView.CollateralView, member: Member): CollateralView.CollateralView {
  const isOwn = isOwnOf(member)
  const { lots, doubtful, firm } = view
  return {
    ...{ ...view, lots: lots.filter(isOwn), doubtful: doubtful.filter(isOwn) },
    firm: { lots: firm.lots.filter(isOwn), doubtful: firm.doubtful.filter(isOwn) },
  }
}

function addressesOf({ accounts }: Member): readonly `0x${string}`[] {
  return accounts.map(({ address }) => address)
}
