// One run in a process of its own, and what it took, as JSON. Its argument is a DaySize, as JSON too, or "gpu-cluster".
import { type DaySize, makeDay } from './day.ts';
import { makeGpuPass } from './gpu-cluster.ts';
import { setUp } from './play.ts';

const [, , size] = process.argv;
const day = size === 'gpu-cluster' ? makeGpuPass() : makeDay(JSON.parse(size) as DaySize);
const pods = day.time.length;
const cpuBefore = process.cpuUsage();
const start = performance.now();
const simulation = setUp(day);
// Pods that find no room would be tried again for ever.
if (size === 'gpu-cluster') simulation.runUntil(60_000);
else simulation.run();
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpuBefore);
const { log, cluster } = simulation;
let unbound = 0;
for (let pod = 0; pod < cluster.podCount; pod++) if (Number.isNaN(cluster.pods.boundAt[pod])) unbound++;
console.log(
  JSON.stringify({
    ms,
    cpuMs: (user + system) / 1000,
    microsPerPod: (ms * 1000) / pods,
    cpuMicrosPerPod: (user + system) / pods,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    unbound,
    records: log.length,
    events: simulation.events,
    digest: log.digest(),
  }),
);
