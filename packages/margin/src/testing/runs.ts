/** How often a property is tried; the deep suite sets `PLIMSOLL_RUNS`. */
import { env } from 'node:process'

export const numRuns = Number(env['PLIMSOLL_RUNS'] ?? 1000)
