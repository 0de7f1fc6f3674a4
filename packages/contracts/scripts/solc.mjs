#!/usr/bin/env node
// The Solidity compiler of the npm package `solc`, answering the two questions that forge asks of a native one.
import { readFileSync } from 'node:fs'
import solc from 'solc'

const args = process.argv.slice(2)

if (args.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`)
} else if (args.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  process.stderr.write('solc.mjs answers --version and --standard-json only; give it one of them.\n')
  process.exitCode = 1
}
