/** What a contract of ours said instead of an answer. */
import { type Abi, decodeErrorResult } from 'viem'
import { BaseError } from './BaseError.ts'
import type { Hex } from './Hex.ts'
import type { Outcome } from './Query.ts'

/**
 * The value of a read that our own contract must be able to answer.
 *
 * @throws {UnreadableError} it reverted, or there is another contract, or none.
 */
export function answer<value>(outcome: Outcome<value>, read: answer.Read): value {
  if (outcome.status === 'ok') return outcome.value
  const reason = outcome.status === 'reverted' ? reasonOf(read.abi, outcome.data) : 'there is no such contract'
  throw new UnreadableError({ ...read, reason })
}

export declare namespace answer {
  type Read = { readonly abi: Abi; readonly chainId: number; readonly address: Hex; readonly functionName: string }
}

function reasonOf(abi: Abi, data: Hex): string {
  try {
    return `it reverted with ${decodeErrorResult({ abi, data }).errorName}`
  } catch {
    return 'it reverted'
  }
}

/** Thrown when k sources agree that a contract does not answer. */
export class UnreadableError extends BaseError {
  override readonly name = 'Contract.UnreadableError'
  readonly chainId: number
  readonly address: Hex

  constructor(args: { readonly chainId: number; readonly address: Hex; readonly functionName: string; readonly reason: string }) {
    super({
      code: 'CONTRACT_UNREADABLE',
      message: `${args.functionName} of ${args.address} on chain ${args.chainId} gave no answer: ${args.reason}.`,
      hint: 'Check the address in the deployment document, and the price feeds the contract reads.',
    })
    this.chainId = args.chainId
    this.address = args.address
  }
}
