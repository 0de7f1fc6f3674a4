/**
 * Loaded before a service: its clock is the one in the file that PLIMSOLL_CLOCK names, unix milliseconds, and moves when that does. So three quarters
 * of an hour of a crash pass in minutes, and a slow machine is given the time it needs. Timers stay the machine's.
 */
import { readFileSync } from 'node:fs'

const file = process.env.PLIMSOLL_CLOCK
/** Read again after this long, by the machine's own clock. */
const staleMs = 5
const system = globalThis.Date
let now = system.now()
let readAt = Number.NEGATIVE_INFINITY

function told(): number {
  const at = performance.now()
  if (file !== undefined && at - readAt > staleMs) {
    now = Number(readFileSync(file, 'utf8'))
    readAt = at
  }
  return now
}

globalThis.Date = new Proxy(system, {
  construct: (target, args: readonly unknown[], self) => Reflect.construct(target, args.length === 0 ? [told()] : args, self) as Date,
  get: (target, key, self) => (key === 'now' ? told : (Reflect.get(target, key, self) as unknown)),
})
