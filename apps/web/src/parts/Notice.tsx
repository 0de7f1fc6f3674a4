import type { ReactNode } from 'react'
import type { Fault } from '../Fault.ts'
import { Icon, type IconName } from './Icon.tsx'

type Tone = 'info' | 'good' | 'warn' | 'bad'

const tones: Readonly<Record<Tone, { readonly icon: IconName; readonly classes: string }>> = {
  info: { icon: 'info', classes: 'border-sky-400/40 bg-sky-400/8 text-sky-300' },
  good: { icon: 'check', classes: 'border-sea-400/40 bg-sea-400/8 text-sea-300' },
  warn: { icon: 'warn', classes: 'border-sun-400/45 bg-sun-400/8 text-sun-300' },
  bad: { icon: 'cross', classes: 'border-coral-400/45 bg-coral-400/8 text-coral-300' },
}

/** One thing to know, and what to do about it. Announced when it appears. */
export function Notice(props: {
  readonly tone: Tone
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  const { icon, classes } = tones[props.tone]
  return (
    <div
      role={props.tone === 'bad' ? 'alert' : 'status'}
      className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border px-3 py-2.5 text-sm ${classes}`}
    >
      <Icon name={icon} className="mt-0.5" />
      <div className="wrap-anywhere min-w-0 flex-1 basis-48">
        <p className="font-medium">{props.title}</p>
        {props.children !== undefined && <div className="mt-0.5 text-fog-300">{props.children}</div>}
      </div>
      {props.action}
    </div>
  )
}

/** A fault: what is wrong, what to do, and the code to quote. */
export function FaultNotice({ fault, tone = 'bad', action }: { readonly fault: Fault; readonly tone?: Tone; readonly action?: ReactNode }) {
  return (
    <Notice tone={tone} title={fault.message} action={action}>
      {fault.hint} <code className="ml-1 whitespace-nowrap font-mono text-fog-400 text-xs">{fault.code}</code>
    </Notice>
  )
}
