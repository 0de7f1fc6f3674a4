import { useState } from 'react'
import * as Format from '../view/Format.ts'
import { Icon } from './Icon.tsx'

/** A long hex value, shortened, with a button that copies all of it. */
export function Copy({ value, name }: { readonly value: string; readonly name: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <span className="inline-flex items-center gap-1">
      <code className="font-mono text-fog-300 text-xs" title={value}>
        {Format.short(value)}
      </code>
      <button
        type="button"
        onClick={() => void copy().catch(() => undefined)}
        aria-label={`Copy ${name}`}
        className="grid size-6 place-items-center rounded text-fog-400 hover:text-fog-100"
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
      <span role="status" className="sr-only">
        {copied ? `${name} copied` : ''}
      </span>
    </span>
  )
}
