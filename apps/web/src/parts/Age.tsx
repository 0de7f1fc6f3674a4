import { useNow } from '../Clock.ts'
import * as Format from '../view/Format.ts'
import * as Freshness from '../view/Freshness.ts'
import { Icon } from './Icon.tsx'

/** Where figures come from and how old they are; says so in words when they are too old to act on. */
export function Age({ source, reading }: { readonly source: string; readonly reading: Freshness.Reading | null }) {
  const now = useNow()
  if (reading === null) return <span>{source}: waiting for the first answer</span>
  const { status, ageSeconds } = Freshness.of(reading, now)
  return (
    <span className={`inline-flex items-center gap-1.5 ${status === 'stale' ? 'text-sun-300' : ''}`}>
      {status === 'stale' && <Icon name="warn" />}
      {source}, {Format.age(ageSeconds)} old{status === 'stale' && ': too old to act on'}
    </span>
  )
}
