/** A process of its own that promotes a version, and ends as `kill −9` would at one step of it: a call to the file system. */
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import * as Registry from '../Registry.ts'

export type Order = {
  readonly directory: string
  readonly version: string
  readonly against: Registry.Entry
  /** Counted from 1. */
  readonly step: number
  readonly moment: 'before' | 'during' | 'after'
  /** Microseconds into the step, for `during`. */
  readonly delay: number
}

const { directory, version, against, step, moment, delay } = JSON.parse(process.argv[2] ?? '') as Order
let steps = 0

async function counted<T>(name: string, call: () => Promise<T>): Promise<T> {
  steps += 1
  if (steps !== step) return call()
  const die = () => {
    process.stderr.write(`${moment} ${name}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  if (moment === 'before') die()
  const under = call()
  // The call is another thread's by now, and this one waits without giving way.
  if (moment === 'during') {
    for (const end = process.hrtime.bigint() + BigInt(delay) * 1_000n; process.hrtime.bigint() < end; );
    die()
  }
  const value = await under
  die()
  return value
}

const { link, open, readFile, rename, rm } = fs
const files: Record<string, unknown> = fs as unknown as Record<string, unknown>
files['link'] = (...args: Parameters<typeof link>) => counted('link', () => link(...args))
files['readFile'] = (...args: Parameters<typeof readFile>) => counted('read', () => readFile(...args))
files['rename'] = (...args: Parameters<typeof rename>) => counted('rename', () => rename(...args))
files['rm'] = (...args: Parameters<typeof rm>) => counted('remove', () => rm(...args))
files['open'] = async (...args: Parameters<typeof open>) => watched(await counted('open', () => open(...args)))
syncBuiltinESMExports()

function watched(file: FileHandle): FileHandle {
  const [writeFile, sync, close] = [file.writeFile.bind(file), file.sync.bind(file), file.close.bind(file)]
  file.writeFile = (...args) => counted('write', () => writeFile(...args))
  file.sync = () => counted('sync', sync)
  file.close = () => counted('close', close)
  return file
}

await Registry.promote({ directory, version, against })
process.stdout.write('promoted\n')
// Where there were fewer steps than that, right after the answer.
process.kill(process.pid, 'SIGKILL')
