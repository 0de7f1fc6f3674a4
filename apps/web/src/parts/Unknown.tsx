import type { ReactNode } from 'react'

/** What is not known, and why: a dash and a reason, never a zero. */
export function Unknown({ what, children }: { readonly what?: string; readonly children: ReactNode }) {
  return (
    <span className="wrap-anywhere text-fog-400">
      <span aria-hidden="true">— </span>
      {what !== undefined && <span>no {what}, because </span>}
      {children}
    </span>
  )
}
