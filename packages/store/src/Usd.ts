import { Amount, type Fixed } from '@plimsoll/margin'

/** An amount as a person reads it in a refusal; the fields of the error have every digit. */
export function usd(value: bigint, rounding: Fixed.Directed): string {
  return `${Amount.dollars(value, rounding)} USD`
}
