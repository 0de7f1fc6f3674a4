import type { Hex } from 'viem'
import { BaseError } from './BaseError.ts'
import * as Hash from './Hash.ts'

/**
 * A market's id on every chain: keccak256 of its symbol.
 *
 * @param symbol - Capitals, digits, dots and hyphens, such as ETH-PERP.
 * @throws {MalformedSymbolError} the symbol has other characters, or too many.
 *
 * @example
 * Market.id('ETH-PERP')
 * // => '0x352291f10e3a0d4a9f7beb3b623eac0b06f735c95170f956bc68b2f8b504a35d'
 */
export function id(symbol: string): Hex {
  if (!/^[A-Z0-9][A-Z0-9.-]{0,31}$/.test(symbol)) throw new MalformedSymbolError({ symbol })
  return Hash.ofText(symbol)
}

/** Thrown when a symbol cannot name a market. */
export class MalformedSymbolError extends BaseError {
  override readonly name = 'Market.MalformedSymbolError'
  override readonly code = 'MARKET_SYMBOL_MALFORMED'
  readonly symbol: string

  constructor(options: { readonly symbol: string }) {
    super(`${JSON.stringify(options.symbol.slice(0, 40))} cannot name a market.`, {
      hint: 'Use 1 to 32 capitals, digits, dots and hyphens, such as ETH-PERP.',
    })
    this.symbol = options.symbol
  }
}
