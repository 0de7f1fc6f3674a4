/** A decision as the one text that its hash is of: keys in order, integers as decimal strings. */
import { Hash } from '@plimsoll/contracts'

export type Document = { readonly text: string; readonly hash: `0x${string}` }

/** @param decision - plain data. */
export function of(decision: unknown): Document {
  const text = write(decision)
  return { text, hash: Hash.ofText(text) }
}

function write(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${write(each)}`).join(',')}}`
}
