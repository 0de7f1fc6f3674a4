/** One interface for everywhere an account may hold something: a wallet, a vault, a lending reserve, a venue. */
import type { Inputs } from '@plimsoll/margin'
import type { Hex } from '../Hex.ts'
import type * as Query from '../Query.ts'

/** What one account holds or owes at one place, in a token's own units; or why that cannot be said. */
export type Held =
  | {
      readonly status: 'ok'
      readonly holder: Hex
      readonly token: Hex
      /** The contract that keeps the figure. Two places that read the same one have found the same thing. */
      readonly source: Hex
      readonly amount: bigint
      readonly owed: bigint
    }
  | { readonly status: 'refused'; readonly holder: Hex; readonly token: Hex; readonly code: 'ASSET_UNSUPPORTED'; readonly sentence: string }

/**
 * A place. `query` reads every account in one `eth_call` together with all other places of the chain.
 *
 * `token` of what it returns may itself be a receipt: `Receipt.resolve` goes down to what it stands for.
 */
export type Holding<custody extends Inputs.Custody = Inputs.Custody> = {
  /** For people: `wallet USDC`, `Aave v3 USDC`. */
  readonly name: string
  /** What may be lent on it: `LOCKED` cannot leave without us, `LIENED` is bound for us elsewhere, `OBSERVED` counts nothing. */
  readonly custody: custody
  readonly query: (holders: readonly Hex[]) => Query.Query<readonly Held[]>
}

/** A token whose answer is no amount: it reverts, says nothing, or says more than a word. */
export function unsupported(args: { readonly holder: Hex; readonly token: Hex; readonly functionName: string }): Held {
  const { holder, token, functionName } = args
  const sentence = `${functionName} of ${token} gave no amount for ${holder}.`
  return { status: 'refused', holder, token, code: 'ASSET_UNSUPPORTED', sentence }
}
