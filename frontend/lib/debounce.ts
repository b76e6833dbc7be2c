/** Return a function that calls `act` only when it was left alone for `pause` milliseconds. */
export function debounce<A extends unknown[]>(act: (...args: A) => void, pause: number): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), pause);
  };
}
