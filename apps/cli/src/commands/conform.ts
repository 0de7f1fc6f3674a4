/** `plimsoll conform <file…>`: outside cases, run through the engine's profile for their anchor. */
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { anchors } from '../conform/anchors.ts'
import type { Fields } from '../conform/Conformance.ts'
import * as Conformance from '../conform/Conformance.ts'
import { typed } from '../path.ts'
import * as print from '../print.ts'
import { out } from './limit.ts'

/** The command. Exit 0 when every case passed, 1 otherwise. */
export function conform(): Command {
  return new Command('conform')
    .description("Run conformance files through the engine's profile for their anchor.")
    .argument('<files...>', 'JSON files of cases: groups, cases, or fixtures of one anchor each')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Anchors: ${anchors.map(({ anchor }) => anchor).join(', ')}.

Examples:
  plimsoll conform vectors/dydx-v4.json
  plimsoll conform vectors/*.json --json`,
    )
    .action(async (files: readonly string[], options: { json?: boolean }) => {
      const documents = await Promise.all(files.map((file) => read(file)))
      const report = Conformance.run(documents, anchors)
      out(options.json, report, shown(report, files))
      if (report.failed > 0) process.exitCode = 1
    })
}

/** At most this many differences of a group are shown to a person; `--json` has them all. */
const most = 5

function shown(report: Conformance.Report, files: readonly string[]): string {
  const rows = report.files.flatMap(({ anchor, groups }, index) => [
    [anchor === '' ? (files[index] ?? '') : anchor, '', ''],
    ...groups.map((group) => [
      `  ${group.failed === 0 ? '✓' : '✗'} ${group.id}`,
      `${group.passed} passed`,
      group.failed === 0 ? '' : `${group.failed} failed`,
    ]),
  ])
  const differences = report.files.flatMap(({ anchor, groups }, index) =>
    groups.flatMap((group) => {
      const where = [anchor === '' ? (files[index] ?? '') : anchor, group.id].join(' ').trim()
      return [
        ...group.differences.slice(0, most).map((each) => sentence(where, each)),
        ...(group.differences.length > most ? [`  … and ${group.differences.length - most} more in ${where}`] : []),
      ]
    }),
  )
  return [print.table(rows, ''), ...differences, '', `${report.passed} passed, ${report.failed} failed`].join('\n')
}

function sentence(where: string, { case: name, field, want, got }: Conformance.Difference): string {
  const what = field === '' ? String(got) : `${field}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`
  return `  ${name === '' ? where : `${where}, ${name}`}\n    ${what}`
}

async function read(file: string): Promise<Fields> {
  const text = await readFile(typed(file), 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw new VectorsError(file, code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(error))
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new VectorsError(file, 'it is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new VectorsError(file, 'it is not one JSON object')
  return json as Fields
}

/** Thrown when a file holds no cases that could be read. */
export class VectorsError extends Error {
  override readonly name = 'Conform.VectorsError'
  readonly code = 'VECTORS_UNREADABLE'
  readonly hint = 'A file is one object with an anchor and its groups, cases or fixtures: see plimsoll conform --help.'
  constructor(file: string, why: string) {
    super(`${file} cannot be read: ${why}.`)
  }
}
