import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [options]
  --rounds N        how often every target is measured, in turn (5)
  --seconds N       how long each round measures, after the warm-up (3)
  --warm-up N       seconds of load before each measurement (1)
  --concurrency N   keep-alive connections, each with one call under way (64)
  --only A,B        only these targets; --list names them
  --all             the optional targets too
  --log F           write the servers' log to this file instead of /dev/null
  --output F        where the JSON goes (bench/results/<date>-node<major>.json)
  --enforce         exit 1 when a floor is missed
  --profile         write a CPU profile of the application to bench/results/*.cpuprofile
BENCH_DATABASE_URL  a PostgreSQL whose role may create databases; absent: an embedded one, made for this run`;

/** The options of this run; ends the process when they cannot be read. */
export function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        'warm-up': { type: 'string', default: '1' },
        concurrency: { type: 'string', default: '64' },
        only: { type: 'string' },
        all: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        log: { type: 'string' },
        output: { type: 'string' },
        enforce: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return {
      ...values,
      rounds: numberOf('--rounds', values.rounds, 1, 1000),
      seconds: numberOf('--seconds', values.seconds, 0.1, 3600),
      warmUp: numberOf('--warm-up', values['warm-up'], 0, 3600),
      concurrency: numberOf('--concurrency', values.concurrency, 1, 10_000),
      only: values.only?.split(',').map((name) => name.trim()),
    };
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}\n`);
    process.exit(2);
  }
}

function numberOf(name, text, least, most) {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new Error(`${name} is ${text}; allowed is a number from ${least} to ${most}.`);
}
