/** A signer's memory on disk: what it signed outlives the process, and nothing is signed before it lies there. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import * as Memory from './Memory.ts'

const hex = z
  .string()
  .regex(/^0x[0-9a-f]+$/)
  .transform((value) => value as `0x${string}`)
const amount = z
  .string()
  .regex(/^(0|[1-9]\d*)$/)
  .transform(BigInt)
const time = z.number().int().nonnegative()
const lineSchema = z.union([
  z.strictObject({
    certified: z.strictObject({ participantId: hex, key: z.string(), credit: amount, expiresAt: time, holders: z.array(hex) }),
  }),
  z.strictObject({ lowered: z.strictObject({ key: z.string(), credit: amount, until: time }) }),
])

type Entry = { readonly certified: Memory.Certified } | { readonly lowered: Memory.Lowered }

/** After so many entries the file is written anew, without what nobody asks for any more. */
const entriesBetween = 10_000

/**
 * The memory kept in a file, with what the file holds already. One process a file.
 *
 * A line is an entry, and lies on disk before the signature that it is of leaves. A last line without an end was never answered for and is
 * left out; anything else that cannot be read stops the signer: what it does not know it may have signed.
 *
 * @param now - unix seconds.
 * @throws {MemoryUnreadableError}
 */
export function open(path: string, now: () => number): Memory.Memory {
  const memory = Memory.open()
  let entries = read(path)
  for (const entry of entries) remember(memory, entry)
  let file = renew()
  let appended = 0

  /** Writes what is still asked for to a file of its own, and puts it in the place of the one before. */
  function renew(): number {
    entries = entries.filter((entry) => livesUntil(entry) > now())
    const fresh = openSync(`${path}.new`, 'w', 0o600)
    write(fresh, entries.map(text).join(''))
    renameSync(`${path}.new`, path)
    const folder = openSync(dirname(path), 'r')
    fsyncSync(folder)
    closeSync(folder)
    return fresh
  }

  function keep(entry: Entry): void {
    if (appended >= entriesBetween) {
      const before = file
      file = renew()
      closeSync(before)
      appended = 0
    }
    write(file, text(entry))
    entries.push(entry)
    appended += 1
    remember(memory, entry)
  }

  return { ...memory, keep: (certified) => keep({ certified }), keepLowered: (lowered) => keep({ lowered }) }
}

function write(file: number, lines: string): void {
  let rest = Buffer.from(lines)
  while (rest.length > 0) rest = rest.subarray(writeSync(file, rest))
  fsyncSync(file)
}

function remember(memory: Memory.Memory, entry: Entry): void {
  if ('certified' in entry) memory.keep(entry.certified)
  else memory.keepLowered(entry.lowered)
}

function livesUntil(entry: Entry): number {
  return 'certified' in entry ? entry.certified.expiresAt + Memory.ownedSeconds : entry.lowered.until + Memory.ownedSeconds
}

function text(entry: Entry): string {
  return `${JSON.stringify(entry, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}\n`
}

function read(path: string): Entry[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line))
    } catch (cause) {
      throw new MemoryUnreadableError({ path, line: index + 1, cause })
    }
  })
}

/** Thrown when a signer's file holds something else than what a signer writes. */
export class MemoryUnreadableError extends Error {
  override readonly name = 'Journal.MemoryUnreadableError'
  readonly code = 'MEMORY_UNREADABLE'
  readonly hint =
    'Put back the file as the signer left it. Without it, start no sooner than five minutes after this signer last signed, with SIGNER_MEMORY at a new file.'
  constructor({ path, line, cause }: { readonly path: string; readonly line: number; readonly cause: unknown }) {
    super(`What this signer signed cannot be read: line ${line} of ${path}.`, { cause })
  }
}
