/** A whole number below 2^32 for a name, always the same: the subject under which a keyed stream is asked (FNV-1a over UTF-16). */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
