// The migrations are read at run time from beside the code: what is published carries them too.
import { cpSync } from 'node:fs'

cpSync(new URL('../src/migrations', import.meta.url), new URL('../dist/migrations', import.meta.url), { recursive: true })
