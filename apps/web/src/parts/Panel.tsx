import { type ReactNode, useId } from 'react'

/** A titled section. `source` says where its figures come from and how old they are. */
export function Panel(props: {
  readonly title: ReactNode
  readonly source?: ReactNode
  readonly children: ReactNode
  readonly className?: string
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`rounded-xl border border-ink-700/70 bg-ink-900 p-4 sm:p-5 ${props.className ?? ''}`}>
      <header className="mb-4 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id={id} className="font-semibold text-base text-fog-100">
          {props.title}
        </h2>
        {props.source !== undefined && <div className="text-fog-400 text-xs">{props.source}</div>}
      </header>
      {props.children}
    </section>
  )
}
