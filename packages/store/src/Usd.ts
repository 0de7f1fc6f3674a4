import { Bound } from '@plimsoll/margin'

/** An amount as a person reads it in a refusal; the fields of the error have every digit. */
export function usd(value: bigint): string {
  return `${Bound.dollars(value)} USD`
}
