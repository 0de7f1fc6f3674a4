/** A signer's memory on disk: what it signed outlives the process, and nothing is signed before it lies there. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { z } from 'zod'
import type * as Endings from './Endings.ts'
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
    certified: z.strictObject({ participantId: hex, key: z.string(), credit: amount, expiresAt: time, holders: z.array(hex).readonly() }),
  }),
  z.strictObject({ lowered: z.strictObject({ key: z.string(), credit: amount, until: time }) }),
  z.strictObject({
    ended: z.strictObject({ account: z.string(), other: z.string().nullable(), issuedAt: time }),
    /** A file from before shares were counted does not say. */
    from: z.string().nullable().default(''),
    isStaked: z.boolean().default(false),
  }),
  z.strictObject({ staked: z.array(z.string()).readonly() }),
  z.strictObject({ forgotten: z.array(z.string()).readonly() }),
])

type Entry = z.output<typeof lineSchema>
type Signed = Extract<Entry, { readonly certified: unknown } | { readonly lowered: unknown }>

/** After so many entries, and no fewer than were left the last time, the file is written anew, without what nobody asks for any more. */
const entriesBetween = 10_000
/** So far a final block may lie behind: until one is past an order's life, the order may have been taken. Chains lag hours, none a week. */
const mostLagSeconds = 7 * 86_400
/** So much of the file is in memory at once: all of it may be more than a string can hold. Bytes. */
const partBytes = 1024 * 1024

/**
 * The memory kept in a file, with what the file holds already. One process a file: who opens it takes it over, and who had it signs no more.
 *
 * A line is an entry, and lies on disk before the signature that it is of leaves. A last line without an end was never answered for and is
 * left out; anything else that cannot be read stops the signer: what it does not know it may have signed.
 *
 * @param now - unix seconds.
 * @throws {MemoryUnopenedError} {MemoryUnreadableError} Whatever is to be kept throws {MemoryTakenError} once another process has the file.
 */
export function open(path: string, now: () => number, sizes?: Endings.Sizes): Memory.Memory {
  const memory = Memory.open(sizes)
  const before = opened(path)
  const unread = reader(before, path)
  let signed: Signed[] = []
  for (const entry of unread()) {
    remember(memory, entry)
    if (isSigned(entry)) signed.push(entry)
  }
  let file: number | null = null
  let appended = 0
  let kept = 0
  /** Whether every line of the file is an entry that was kept: not so once one could not be written whole. */
  let isWhole = false
  /** Why the last entry does not lie there. */
  let unwritten: MemoryUnwrittenError | null = null
  renew()
  // Who had the file may have signed until it was replaced: that lies in it, and whatever comes after is not signed.
  for (const entry of unread()) keep(entry)
  closeSync(before)

  /** Writes what is still asked for to a file of its own, and puts it in the place of the one before. */
  function renew(): void {
    isWhole = false
    signed = signed.filter((entry) => livesUntil(entry) > now())
    let count = 0
    const all = function* () {
      for (const some of [signed, endings(memory)])
        for (const entry of some) {
          count += 1
          yield entry
        }
    }
    rmSync(`${path}.new`, { force: true })
    const fresh = openSync(`${path}.new`, 'wx', 0o600)
    try {
      write(fresh, all())
      renameSync(`${path}.new`, path)
    } catch (error) {
      closeSync(fresh)
      throw error
    }
    const last = file
    file = fresh
    if (last !== null) closeSync(last)
    const folder = openSync(dirname(path), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
    isWhole = true
    kept = count
    appended = 0
  }

  function keep(entry: Entry): void {
    if (file === null || !isAt(file, path)) throw new MemoryTakenError(path)
    // What is known lies there already: said again it takes no room.
    if ('ended' in entry && memory.roomFor(entry.ended, entry).status === 'known') return
    try {
      if (!isWhole || appended >= Math.max(entriesBetween, kept)) renew()
      isWhole = false
      write(file, [entry])
    } catch (cause) {
      unwritten = new MemoryUnwrittenError({ path, cause })
      throw cause
    }
    unwritten = null
    // Seen after it lies there: who takes the file over from here on reads it.
    if (!isAt(file, path)) throw new MemoryTakenError(path)
    isWhole = true
    if (isSigned(entry)) signed.push(entry)
    appended += 1
    remember(memory, entry)
  }

  return {
    ...memory,
    flaw: () => (file !== null && isAt(file, path) ? unwritten : new MemoryTakenError(path)),
    keep: (certified) => keep({ certified }),
    keepLowered: (lowered) => keep({ lowered }),
    keepEnded: (ended, { from, isStaked = false }) => keep({ ended, from, isStaked }),
    weigh: (found) => {
      const staked = [...found].flatMap(([account, isStaked]) => (isStaked === true && !memory.lasts(account) ? [account] : []))
      if (staked.length > 0) keep({ staked })
      memory.weigh(found)
    },
    forgetEnded: (forgotten) => {
      if (forgotten.length > 0) keep({ forgotten })
    },
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'a+', 0o600)
  } catch (cause) {
    throw new MemoryUnopenedError({ path, cause })
  }
}

function isAt(file: number, path: string): boolean {
  const there = statSync(path, { bigint: true, throwIfNoEntry: false })
  const own = fstatSync(file, { bigint: true })
  return there !== undefined && there.dev === own.dev && there.ino === own.ino
}

function write(file: number, entries: Iterable<Entry>): void {
  let part = ''
  const flush = () => {
    let rest = Buffer.from(part)
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest))
    part = ''
  }
  for (const entry of entries) {
    part += text(entry)
    if (part.length >= partBytes) flush()
  }
  flush()
  fsyncSync(file)
}

function remember(memory: Memory.Memory, entry: Entry): void {
  if ('certified' in entry) memory.keep(entry.certified)
  else if ('lowered' in entry) memory.keepLowered(entry.lowered)
  else if ('ended' in entry) memory.keepEnded(entry.ended, entry)
  else if ('staked' in entry) memory.weigh(new Map(entry.staked.map((account) => [account, true])))
  else memory.forgetEnded(entry.forgotten)
}

function isSigned(entry: Entry): entry is Signed {
  return 'certified' in entry || 'lowered' in entry
}

function* endings(memory: Memory.Memory): Iterable<Entry> {
  for (const { ended, from, lasts } of memory.words()) for (const one of ended) yield { ended: one, from, isStaked: lasts }
}

function livesUntil(entry: Signed): number {
  return 'certified' in entry ? entry.certified.expiresAt + Memory.ownedSeconds : entry.lowered.until + mostLagSeconds
}

function text(entry: Entry): string {
  return `${JSON.stringify(entry, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}\n`
}

/** The entries of a file; asked again, those that came since. A line without an end is left for then. */
function reader(file: number, path: string): () => Iterable<Entry> {
  const part = Buffer.alloc(partBytes)
  const decoder = new StringDecoder('utf8')
  let [rest, line] = ['', 0]
  return function* () {
    for (let size = readSync(file, part); size > 0; size = readSync(file, part)) {
      const lines = (rest + decoder.write(part.subarray(0, size))).split('\n')
      rest = lines.pop() ?? ''
      for (const one of lines) {
        line += 1
        yield entryIn(one, { path, line })
      }
    }
  }
}

function entryIn(text: string, at: { readonly path: string; readonly line: number }): Entry {
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new MemoryUnreadableError({ ...at, cause })
  }
}

/** Thrown when there can be no file at the path. */
export class MemoryUnopenedError extends Error {
  override readonly name = 'Journal.MemoryUnopenedError'
  readonly code = 'MEMORY_UNOPENED'
  readonly hint = 'Set SIGNER_MEMORY to a file in a folder that is there, both for this process to write.'
  constructor({ path, cause }: { readonly path: string; readonly cause: unknown }) {
    super(`What this signer signs cannot be kept: ${path} cannot be opened${codeOf(cause)}.`, { cause })
  }
}

/** What stands against a file that the last entry could not be written to: nothing is signed until one is. */
export class MemoryUnwrittenError extends Error {
  override readonly name = 'Journal.MemoryUnwrittenError'
  readonly code = 'MEMORY_UNWRITTEN'
  readonly hint = 'Make room on its disk, or let this process write there: what is signed next is tried again.'
  constructor({ path, cause }: { readonly path: string; readonly cause: unknown }) {
    super(`What this signer was to sign last could not be kept in ${path}${codeOf(cause)}.`, { cause })
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
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

/** Thrown when the file is another process's by now, or gone: what would be signed would lie nowhere that the next process looks. */
export class MemoryTakenError extends Error {
  override readonly name = 'Journal.MemoryTakenError'
  readonly code = 'MEMORY_TAKEN'
  readonly hint = 'Run one signer a file: stop this one, or start it again where no other runs.'
  constructor(path: string) {
    super(`${path} is not this signer's any more: it signs nothing.`)
  }
}
