/** Kinds of columns. USD is numeric(78,0), × 1e18. */
import { sql } from 'drizzle-orm'
import { bigint, numeric } from 'drizzle-orm/pg-core'

export const usd = () => numeric({ precision: 78, scale: 0 })
export const whole = () => bigint({ mode: 'bigint' })
export const zero = sql`0`
