/** `plimsoll demo`: the whole line on this machine, from collateral on two chains to a liquidation on a third. */

import { join } from 'node:path'
import { House, Wallet } from '@plimsoll/localnet'
import { Command } from 'commander'
import * as Market from '../demo/Market.ts'
import * as Progress from '../demo/Progress.ts'
import * as Scenario from '../demo/Scenario.ts'
import * as Web from '../demo/Web.ts'
import { typed } from '../path.ts'
import { crash } from './crash.ts'
import { out } from './limit.ts'
import { count, NotACountError } from './simulate.ts'

/** The command. It keeps running, for a look at the web page, until it is told to stop; with `--once` it ends by itself. */
export function demo(): Command {
  return new Command('demo')
    .enablePositionalOptions()
    .addCommand(crash())
    .description('Run the house on this machine: chains, contracts, gateway, limits, a liquidation.')
    .option('--once', 'tell the story once and end')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .option('--seed <n>', 'of the market replayed', '11')
    .option('--port <n>', 'of the gateway; any free one unless given', '0')
    .addHelpText(
      'after',
      `
Examples:
  npm run demo
  npm run -s demo -- --once --json > demo.json
  npm run demo -- crash`,
    )
    .action(async (options: { once?: boolean; json?: boolean; seed: string; port: string }) => {
      const [seed, port] = [count('seed', options.seed), count('port', options.port)]
      if (port > 65_535) throw new NotACountError('port', options.port, 65_535)
      const progress = Progress.of({ quiet: options.json === true })
      // The chains are new each time, so the database is too: a folder of its own for every run.
      const home = options.once ? null : join(typed(process.env.PLIMSOLL_HOME ?? '.plimsoll'), `demo-${Date.now()}-${process.pid}`)
      const market = Market.generate({ seed, now: Math.floor(Date.now() / 1000) })
      await progress.step('the web app, built', Web.build)
      const house = await House.start({
        home,
        market,
        intervalSeconds: Market.intervalSeconds,
        gateway: { port },
        step: progress.step,
      })
      const stopped = new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      try {
        const report = await Scenario.tell(house, progress)
        if (options.json) out(true, report, '')
        if (options.once) return
        process.stderr.write(
          `\nThe gateway and the web page are at ${house.gateway.url}. Ctrl-C ends everything.\nTo see Ada's limits there, import her key into a browser wallet (a test key that everybody can know, never to be funded elsewhere):\n${Wallet.privateKeyOf('ada')}\n`,
        )
        await stopped
      } finally {
        await house.stop()
      }
    })
}
