/** `99.12%` */
export function percentText(value: number): string {
  return `${value.toFixed(2)}%`;
}
