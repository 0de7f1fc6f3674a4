/** How old a figure is, and whether it may still be acted on. */

/** Older than this, a figure is greyed and nothing that adds risk is offered. A quote is at most 2 s old when it is answered. */
export const staleAfterSeconds = 10

/** An answer with its age when it was given, and when this page received it. */
export type Reading = { readonly ageSeconds: number; readonly receivedAtMs: number }

export type Freshness = { readonly status: 'fresh' | 'stale'; readonly ageSeconds: number }

/**
 * Age now: its age when it was answered, plus the time since.
 */
export function of(reading: Reading, nowMs: number): Freshness {
  const ageSeconds = reading.ageSeconds + Math.max(0, nowMs - reading.receivedAtMs) / 1000
  return { status: ageSeconds > staleAfterSeconds ? 'stale' : 'fresh', ageSeconds }
}

/**
 * The gateway's clock, from an answer that states when its snapshot was taken. Unix seconds.
 *
 * This page's own clock may be wrong by hours; a countdown must not be.
 */
export function gatewayTime(reading: Reading & { readonly asOf: number }, nowMs: number): number {
  return reading.asOf + of(reading, nowMs).ageSeconds
}
