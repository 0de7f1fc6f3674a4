/** A clock for this process and for every Node it starts from here on, which may be put forward. Chains have clocks of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Clock = {
  /** Puts it forward. */
  readonly advance: (seconds: number) => void
  readonly restore: () => void
}

/** The module that a process loads first: `Date` reads how far ahead it is from a file, a few times a second. */
const preload = (file: string) => `
import { readFileSync } from 'node:fs'
const Real = Date
let ahead = 0
let readAt = -Infinity
const offset = () => {
  const now = Real.now()
  if (Math.abs(now - readAt) > 50) {
    readAt = now
    ahead = Number(readFileSync(${JSON.stringify(file)}, 'utf8'))
  }
  return ahead
}
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset())
    else super(...given)
  }
  static now() {
    return Real.now() + offset()
  }
}
`

export function open(): Clock {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-clock-'))
  const [file, module] = [join(folder, 'ahead'), join(folder, 'clock.mjs')]
  const options = process.env.NODE_OPTIONS
  const Real = Date
  let ahead = 0
  writeFileSync(file, '0')
  writeFileSync(module, preload(file))
  process.env.NODE_OPTIONS = `${options ?? ''} --import ${module}`.trim()
  globalThis.Date = class extends Real {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [Real.now() + ahead] : given) as [number]))
    }
    static override now() {
      return Real.now() + ahead
    }
  } as DateConstructor
  return {
    advance: (seconds) => {
      ahead += seconds * 1000
      writeFileSync(file, `${ahead}`)
    },
    restore: () => {
      globalThis.Date = Real
      if (options === undefined) delete process.env.NODE_OPTIONS
      else process.env.NODE_OPTIONS = options
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
