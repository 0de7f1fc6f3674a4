/** Inputs that stay as strict as they are written: the REST adapter turns coercion on in the schemas that it is given, for whoever asks after. */
import type { z } from 'zod'

type Def = { readonly shape?: Readonly<Record<string, z.core.$ZodType>>; readonly innerType?: z.core.$ZodType; coerce?: boolean }

/**
 * Lets nothing turn coercion on in a schema: without it `null` would be 0 as soon as anybody had asked over REST.
 *
 * @returns the schema itself.
 */
export function of<schema extends z.core.$ZodType>(schema: schema): schema {
  const def = schema._zod.def as Def
  if (def.shape !== undefined) for (const field of Object.values(def.shape)) of(field)
  else if (def.innerType !== undefined) of(def.innerType)
  else Object.defineProperty(def, 'coerce', { configurable: true, get: () => false, set: () => undefined })
  return schema
}
