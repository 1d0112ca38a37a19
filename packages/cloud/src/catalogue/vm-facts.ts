import { AZURE_TABLE } from './azure-table.ts';
import { GOOGLE_TABLE } from './google-table.ts';

/** What is known of a machine type of Google or Azure. Prices in nano-dollars per hour. Sources: the package's README. */
export interface VmFacts {
  readonly name: string;
  readonly vcpu: number;
  /** Advertised memory, bytes. */
  readonly memoryBytes: number;
  readonly architecture: 'amd64' | 'arm64';
  readonly gpus: number;
  /** On-demand price by region. */
  readonly onDemandPrices: Readonly<Record<string, number>>;
  /** Spot price by region; no figures are known of Azure's. */
  readonly spotPrices: Readonly<Record<string, number>>;
}

/** Machine types of Google on Arm processors: Tau T2A, Axion, Grace. Source: Compute Engine documentation, "Arm VMs". */
const GOOGLE_ARM = /^(t2a|c4a|n4a|a4x)-/;
/** L4 accelerators of a G2 machine by vCPUs. Source: Compute Engine documentation, "GPU machine types". */
const G2_GPUS: Readonly<Record<number, number>> = { 24: 2, 48: 4, 96: 8 };

/** Every machine type of Google of the catalogue, by name. */
export function googleFacts(): ReadonlyMap<string, VmFacts> {
  return decode(GOOGLE_TABLE, ([name, vcpu, gib, onDemand, spot, europe]) => ({
    name,
    vcpu: Number(vcpu),
    memoryBytes: Math.round(Number(gib) * 1024) * 2 ** 20,
    architecture: GOOGLE_ARM.test(name) ? 'arm64' : 'amd64',
    gpus: name.startsWith('g2-') ? (G2_GPUS[Number(vcpu)] ?? 1) : Number(/^a\d.*-(\d+)g(?:-|$)/.exec(name)?.[1] ?? 0),
    onDemandPrices: prices({ 'us-central1': onDemand, 'europe-west1': europe }),
    spotPrices: prices({ 'us-central1': spot }),
  }));
}

/** Every size of Azure of the catalogue, by name. */
export function azureFacts(): ReadonlyMap<string, VmFacts> {
  return decode(AZURE_TABLE, ([name, vcpu, mib, gpus, east, west, arm]) => ({
    name: `Standard_${name}`,
    vcpu: Number(vcpu),
    memoryBytes: Number(mib) * 2 ** 20,
    architecture: arm === 'arm' ? 'arm64' : 'amd64',
    gpus: Number(gpus),
    onDemandPrices: prices({ eastus: east, westeurope: west }),
    spotPrices: {},
  }));
}

function decode(table: string, read: (cells: readonly string[]) => VmFacts): ReadonlyMap<string, VmFacts> {
  const facts = table
    .trim()
    .split('\n')
    .map((line) => read(line.split(' ')));
  return new Map(facts.map((fact) => [fact.name, fact]));
}

function prices(cells: Readonly<Record<string, string>>): Record<string, number> {
  const known = Object.entries(cells).filter(([, cell]) => cell !== '-');
  return Object.fromEntries(known.map(([region, cell]) => [region, Math.round(Number(cell) * 1e9)]));
}
