/** Small line icons. Always beside words, never instead of them. */

const paths = {
  check: 'M3 8.5l3.2 3.2L13 5',
  cross: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2.2l6 10.6H2zM8 6.4v3M8 11.2v.1',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.4v3.4M8 5.2v.1',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6',
  link: 'M6.5 9.5l3-3M7.2 4.6l1-1a2.7 2.7 0 0 1 3.9 3.9l-1 1M8.8 11.4l-1 1a2.7 2.7 0 0 1-3.9-3.9l1-1',
  copy: 'M6 6h7v7H6zM3 10V3h7',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, className = '' }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 fill-none stroke-current ${className}`}
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The load line: a circle and the line that must stay above water. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 fill-none stroke-sea-400" strokeWidth="3">
      <circle cx="16" cy="16" r="10" />
      <path d="M2 16h28" />
    </svg>
  )
}
