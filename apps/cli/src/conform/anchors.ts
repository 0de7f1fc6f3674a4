/** Every anchor that a profile answers for. */
import { aave } from './aave.ts'
import type { Anchor } from './Conformance.ts'
import { cascade } from './cascade.ts'
import * as Derive from './derive.ts'
import { drift } from './drift.ts'
import { dydx } from './dydx.ts'
import { mango } from './mango.ts'
import { morpho } from './morpho.ts'
import { synthetix } from './synthetix.ts'

export const anchors: readonly Anchor[] = [aave, cascade, drift, dydx, mango, morpho, synthetix, ...Object.values(Derive)]
