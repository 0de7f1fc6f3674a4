import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as Sealed from './Sealed.ts'

/** What the REST adapter does to the schemas that it is given. */
function coerce(schema: z.core.$ZodType): void {
  const def = schema._zod.def as { shape?: Record<string, z.core.$ZodType>; innerType?: z.core.$ZodType; coerce?: boolean }
  if (def.shape) for (const field of Object.values(def.shape)) coerce(field)
  else if (def.innerType) coerce(def.innerType)
  else def.coerce = true
}

const shape = () =>
  z.strictObject({ at: z.number().int(), name: z.string().optional(), inner: z.strictObject({ on: z.boolean().nullish() }) })
const odd = { at: null, name: 5, inner: { on: 'yes' } }

describe('of', () => {
  test('property: what was turned on beside it changes nothing, at any depth', () => {
    const [open, sealed] = [shape(), Sealed.of(shape())]
    for (const schema of [open, sealed]) coerce(schema)
    expect(open.parse(odd)).toEqual({ at: 0, name: '5', inner: { on: true } })
    expect(sealed.safeParse(odd).error?.issues.map(({ path }) => path.join('.'))).toEqual(['at', 'name', 'inner.on'])
    expect(sealed.parse({ at: 1, name: 'x', inner: { on: null } })).toEqual({ at: 1, name: 'x', inner: { on: null } })
  })

  test('edge: twice is as once, and what is no object is sealed as well', () => {
    const amount = Sealed.of(Sealed.of(z.string()))
    coerce(amount)
    expect(amount.safeParse(5).success).toBe(false)
  })
})
