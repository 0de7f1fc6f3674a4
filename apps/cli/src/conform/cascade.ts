/** Closed-form cascade cases by kind: each is answered by one or two functions of the liquidation package. */
import type { Anchor, Answer, Fields } from './Conformance.ts'
import { accounts } from './cascade/accounts.ts'
import { falls } from './cascade/falls.ts'

/** What each kind of case is answered with: every field that it may be asked for. */
export const kinds: Readonly<Record<string, (input: Fields) => Answer>> = { ...falls, ...accounts }

/** Each fixture states its own tolerance. */
export const cascade: Anchor = {
  anchor: 'cascade',
  groups: Object.fromEntries(
    Object.entries(kinds).map(([kind, answer]) => [kind, { exactness: { kind: 'stated' as const }, answer: (given) => answer(given.in) }]),
  ),
}
