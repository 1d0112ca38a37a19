import { EC2_TABLE } from './ec2-table.ts';

/** What is known of one EC2 type. Sources: the package's README. */
export interface Ec2Facts {
  /** `m5.large` */
  readonly name: string;
  /** `m5` */
  readonly family: string;
  /** `large` */
  readonly size: string;
  readonly vcpu: number;
  /** Advertised memory, MiB. */
  readonly memoryMib: number;
  readonly architecture: 'amd64' | 'arm64';
  /** intel, amd or aws. */
  readonly cpuMaker: string;
  /** Sustained clock, MHz; 0 where unknown. */
  readonly clockMhz: number;
  /** Absent for bare metal. */
  readonly hypervisor: 'nitro' | 'xen' | undefined;
  /** Whole GPUs; 0 also for the types that rent out a share of one. */
  readonly gpus: number;
  /** nvidia or amd. */
  readonly gpuMaker: string | undefined;
  readonly gpuName: string | undefined;
  /** Of one GPU, MiB. */
  readonly gpuMemoryMib: number | undefined;
  /** Inferentia and Trainium chips. */
  readonly accelerators: number;
  readonly acceleratorName: string | undefined;
  /** Local NVMe in all, GB. */
  readonly nvmeGb: number;
  /** Baseline, Mbit/s. */
  readonly networkMbps: number | undefined;
  /** Highest, Mbit/s. */
  readonly ebsMbps: number | undefined;
  /** Network interfaces on the default card. */
  readonly interfaces: number;
  /** IPv4 addresses per interface. */
  readonly addressesPerInterface: number;
  /** Interfaces for pods with security groups of their own. */
  readonly branchInterfaces: number;
  readonly efaInterfaces: number;
  /** Memory that an operating system saw on a real machine, MiB; 1,076 types. */
  readonly seenMemoryMib: number | undefined;
  /** Linux on-demand in us-east-1, nano-dollars per hour (July 2026). */
  readonly onDemandPrice: number;
  /** Mean spot saving of 30 days in us-east-1, percent of on-demand (about June 2025); 883 types. */
  readonly spotSavingPercent: number | undefined;
  /** Share of machines reclaimed in a month: 0 below 5 %, 1 below 10 %, 2 below 15 %, 3 below 20 %, 4 above. */
  readonly interruptionBand: number | undefined;
}

let decoded: ReadonlyMap<string, Ec2Facts> | undefined;

/** Every EC2 type of the catalogue by name, in the order of families and then of size. Decoded once, in about 3 ms. */
export function ec2Facts(): ReadonlyMap<string, Ec2Facts> {
  decoded ??= decode(EC2_TABLE);
  return decoded;
}

function decode(table: string): ReadonlyMap<string, Ec2Facts> {
  const out = new Map<string, Ec2Facts>();
  let family = '';
  let above: string[] = [];
  for (const line of table.split('\n')) {
    if (line === '') continue;
    // The first cell is the label; the facts follow from 1 on.
    const cells = line.split(' ');
    const label = cells[0];
    const dot = label.indexOf('.');
    if (dot > 0) family = label.slice(0, dot);
    else for (let i = 1; i < above.length; i++) cells[i] ||= above[i];
    const facts = read(family, label.slice(dot + 1), cells);
    out.set(facts.name, facts);
    above = cells;
  }
  return out;
}

function read(family: string, size: string, cells: readonly string[]): Ec2Facts {
  return {
    name: `${family}.${size}`,
    family,
    size,
    vcpu: Number(cells[1]),
    memoryMib: Number(cells[2]),
    onDemandPrice: Math.round(Number(cells[3]) * 1e9),
    seenMemoryMib: figure(cells[4]),
    spotSavingPercent: figure(cells[5]),
    interruptionBand: figure(cells[6]),
    networkMbps: figure(cells[7]),
    ebsMbps: figure(cells[8]),
    interfaces: Number(cells[9]),
    addressesPerInterface: Number(cells[10]),
    branchInterfaces: Number(cells[11]),
    nvmeGb: Number(cells[12]),
    efaInterfaces: Number(cells[13]),
    hypervisor: cells[14] === '-' ? undefined : cells[14] === 'x' ? 'xen' : 'nitro',
    gpus: Number(cells[15]),
    accelerators: Number(cells[16]),
    gpuMemoryMib: figure(cells[17]),
    clockMhz: Number(cells[18]),
    architecture: cells[19] === 'arm' ? 'arm64' : 'amd64',
    cpuMaker: cells[20],
    gpuMaker: word(cells[21]),
    gpuName: word(cells[22]),
    acceleratorName: word(cells[23]),
  };
}

function figure(cell: string): number | undefined {
  return cell === '-' ? undefined : Number(cell);
}

function word(cell: string): string | undefined {
  return cell === '-' ? undefined : cell;
}
