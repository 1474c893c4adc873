// Bundled with the simulated platform, and started by `npm run bench -- fleet` in a process of its own: plays a day, and prints one line of JSON.
import { type FleetDay, playFleetDay } from './fleet-day.ts';
import { takeOverTime } from './platform/timers.ts';

takeOverTime();
console.log(JSON.stringify(await playFleetDay(JSON.parse(process.argv[2] ?? '') as FleetDay)));
