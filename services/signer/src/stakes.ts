/** Whether accounts have anything that could be counted, as this signer reads it by itself at the newest final blocks. */
import type { Deployment } from '@plimsoll/api'
import type { CollateralView } from '@plimsoll/chain'
import { Fixed, Lowering } from '@plimsoll/margin'
import { Caip10 } from '@plimsoll/reputation'
import * as Certain from './certain.ts'
import type { Prices } from './prices.ts'
import * as Reads from './reads.ts'

/** What is worth less shields nobody, nor his words: who wants them kept for good has this much at stake for each account. USD. */
export const dust = 10n * Fixed.one

/** By account, null where it cannot be told. Nothing is asked but once for all of them: one read a chain and one a book. */
export type Look = (accounts: readonly string[]) => Promise<ReadonlyMap<string, boolean | null>>

/** Looks at every vault and book of the deployment. */
export function open({ deployment, readers, prices, now }: open.Args): Look {
  return async (accounts) => {
    const asked = new Map(accounts.map((account) => [account, Caip10.parse(account)]))
    const holders = [...new Set([...asked.values()].map(({ address }) => address))]
    const asOf = now()
    const [collateral, ...books] = await Promise.all([
      Reads.fetchCollateral({
        ...{ deployment, readers, holders, now: asOf, venues: [], blocks: new Map(), prices: prices.latest(), most: prices.most(asOf) },
        chainIds: new Set(deployment.vaults.map(({ chainId }) => chainId)),
      }),
      ...deployment.venues.map(({ chainId, ...venue }) =>
        Certain.readCredits({ readers }, { venue: { chainId, ...venue }, holders }).then(
          (credits) => ({ chainId, credits }),
          () => ({ chainId, credits: null }),
        ),
      ),
    ])
    return new Map([...asked].map(([account, parts]) => [account, of(parts, { collateral, books })]))
  }
}

export declare namespace open {
  type Args = {
    readonly deployment: Deployment.Deployment
    readonly readers: Reads.Readers
    readonly prices: Pick<Prices, 'latest' | 'most'>
    /** Unix seconds. */
    readonly now: () => number
  }
}

/**
 * Whether an account has something that could be counted.
 *
 * Formula: `max(Σ ⌈price · (amount − pendingOut) · Π(1 − h)⌉, greatest credit at a book) ≥ dust`, what is in doubt at the most that it may be worth.
 * Source:  docs/method/limit.md, eq. (16) to (18).
 * Rounding: up, so that nobody's word is forgotten for it.
 *
 * A contract account is somebody on its own chain alone. What lies at a venue is its account's own, and counted for nobody else.
 *
 * @param read.books - what each holds for whom; null where it could not be read.
 * @returns null where it has not that much in what was read, and not everything was.
 *
 * @example
 * const nothing = { missing: [], firm: { lots: [], doubtful: [] } }
 * Stakes.of({ chainId: 0, address: '0x00000000000000000000000000000000000000ab' }, { collateral: nothing, books: [] })
 * // => false
 */
export function of(account: Caip10.Parts, { collateral, books }: of.Read): boolean | null {
  const isOwn = ({ holder, chainId }: { readonly holder: string; readonly chainId: number }) =>
    holder === account.address && Caip10.isOn(account, chainId)
  const { missing, firm } = collateral
  const doubts = firm.doubtful.filter(isOwn)
  const own = [...firm.lots.filter(isOwn), ...doubts.flatMap(({ most }) => most ?? [])]
  const credits = books.flatMap(({ chainId, credits }) => (credits ?? []).filter(({ holder }) => isOwn({ holder, chainId })))
  if (Lowering.least({ own, elsewhere: 0n }) >= dust || credits.some(({ credit }) => credit >= dust)) return true
  const unread = [...missing, ...books.filter(({ credits }) => credits === null)]
  return unread.some(({ chainId }) => Caip10.isOn(account, chainId)) || doubts.some(({ most }) => most === null) ? null : false
}

export declare namespace of {
  type Read = {
    readonly collateral: {
      readonly missing: CollateralView.CollateralView['missing']
      readonly firm: CollateralView.CollateralView['firm']
    }
    readonly books: readonly {
      readonly chainId: number
      readonly credits: readonly { readonly holder: string /** USD. */; readonly credit: bigint }[] | null
    }[]
  }
}
