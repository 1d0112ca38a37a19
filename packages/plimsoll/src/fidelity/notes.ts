import type { Measures } from './measures.ts';

/** Why a measure of a setting lies outside, from its recordings. */
const NOTES: Readonly<Record<string, Readonly<Partial<Record<keyof Measures, string>>>>> = {};

export function notesFor(setting: string, measure: keyof Measures): string | undefined {
  return NOTES[setting]?.[measure];
}
