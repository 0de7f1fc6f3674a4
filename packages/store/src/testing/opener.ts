/** A process of its own that tries to open a directory, and says what came of it. */
import * as Database from '../Database.ts'

const [, , directory = ''] = process.argv
const answer = await Database.open({ directory }).then(
  () => ({ code: 'OPEN' }),
  (error: unknown) => ({
    code: error instanceof Error && 'code' in error ? error.code : String(error),
    pid: error instanceof Error && 'pid' in error ? error.pid : null,
  }),
)
process.send?.(answer, () => process.exit())
