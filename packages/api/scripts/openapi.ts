/** Writes openapi.json from the router. */
import { writeFileSync } from 'node:fs'
import * as OpenApi from '../src/OpenApi.ts'

writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(OpenApi.document(), null, 2)}\n`)
