/** How long a message that somebody signed may live. Unix seconds. */
export type Lifetime = { readonly issuedAt: number; readonly expiresAt: number }

/** The longest a message may live. */
export const windowSeconds = 600

/** How far the signer's clock may run ahead of ours. */
export const skewSeconds = 60

export type Fault = 'INVALID_TIMES' | 'WINDOW_TOO_LONG' | 'NOT_YET_VALID' | 'EXPIRED'

/** Why a message may not be acted on at `now`; null where it may. */
export function fault({ issuedAt, expiresAt }: Lifetime, now: number): Fault | null {
  if (!Number.isSafeInteger(issuedAt) || !Number.isSafeInteger(expiresAt)) return 'INVALID_TIMES'
  if (expiresAt - issuedAt > windowSeconds) return 'WINDOW_TOO_LONG'
  if (issuedAt > now + skewSeconds) return 'NOT_YET_VALID'
  if (expiresAt <= now || expiresAt <= issuedAt) return 'EXPIRED'
  return null
}
