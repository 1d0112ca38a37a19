/** A number with a fixed count of decimals and a space between groups of three digits: `31 204`. `–` where there is none. */
export function grouped(value: number, decimals = 0): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const digits = whole.replace(/\B(?=(?:\d{3})+$)/g, ' ');
  const text = fraction === undefined ? digits : `${digits}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** The same with a sign always: `+3.1`, `−3.1`, `0.0`. */
export function signed(value: number, decimals = 0): string {
  const text = grouped(value, decimals);
  return value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** Three significant digits or so, for axes and tables: `0.42`, `7.31`, `118`; whole numbers as such. */
export function compact(value: number): string {
  const size = Math.abs(value);
  return grouped(value, size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

/** A counted noun: `1 pod`, `2 214 pods`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Dollars: `$ 4 182.77`. */
export function money(dollars: number): string {
  return Number.isNaN(dollars) ? '–' : `${dollars < 0 ? '−' : ''}$ ${grouped(Math.abs(dollars), 2)}`;
}
