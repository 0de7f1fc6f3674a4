import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './Workspace.ts'

const deep = (...parameters: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/deep.ts'), ...parameters], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('pnpm deep', () => {
  test('worked example: --help names the suites', () => {
    const { status, stdout } = deep('--help')
    expect(status).toBe(0)
    for (const name of ['margin', 'volatility', 'reputation', 'liquidation', 'system']) expect(stdout).toContain(`  ${name}`)
  })

  test('error: an unknown name is one sentence and exit 1', () => {
    expect(deep('margins')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'There is no deep suite "margins": choose one of margin, volatility, reputation, liquidation, system.\n',
    })
    expect(deep()).toMatchObject({ status: 1, stderr: expect.stringContaining('without a name') })
  })
})
