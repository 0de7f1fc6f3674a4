import type { ComponentProps } from 'react'

const kinds = {
  primary: 'bg-sea-400 text-ink-950 hover:bg-sea-300 disabled:bg-ink-700 disabled:text-fog-400',
  plain:
    'border border-ink-600 bg-ink-850 text-fog-100 hover:border-fog-400 hover:bg-ink-800 disabled:text-fog-400 disabled:hover:border-ink-600',
  quiet: 'text-sea-300 hover:text-sea-400 hover:underline underline-offset-4',
} as const

export function Button({ kind = 'plain', className = '', ...props }: ComponentProps<'button'> & { readonly kind?: keyof typeof kinds }) {
  const size = kind === 'quiet' ? 'min-h-6 text-sm' : 'min-h-10 px-4 text-sm'
  return (
    <button
      type="button"
      {...props}
      className={`inline-flex items-center justify-center gap-2 rounded-lg font-medium transition-colors ${size} ${kinds[kind]} ${className}`}
    />
  )
}
