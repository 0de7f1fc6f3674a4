import type { ReactNode } from 'react'

/** One figure with its name; `beside` is what it is compared with. */
export function Figure(props: {
  readonly label: string
  readonly children: ReactNode
  readonly beside?: ReactNode
  readonly stale?: boolean
  readonly large?: boolean
}) {
  return (
    <div className="min-w-0">
      <dt className="text-fog-400 text-xs">{props.label}</dt>
      <dd className={props.stale ? 'figure-stale' : ''}>
        <div className={`font-semibold text-fog-100 ${props.large ? 'text-2xl tracking-tight' : 'text-lg'}`}>{props.children}</div>
        {props.beside !== undefined && <div className="mt-0.5 text-fog-400 text-xs">{props.beside}</div>}
      </dd>
    </div>
  )
}
