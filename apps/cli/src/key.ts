/** Private keys as people give them: in the environment, never in arguments. */
import type { Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** The account of a key; null where the text is none. Says nothing of the text. */
export function accountOf(key: string | undefined): PrivateKeyAccount | null {
  if (key === undefined || !/^0x[0-9a-fA-F]{64}$/.test(key)) return null
  try {
    return privateKeyToAccount(key as Hex)
  } catch {
    // Zero, or beyond the order of the curve.
    return null
  }
}
