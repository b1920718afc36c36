/** Serves signals and timers in the middle of long work. */
export function breath(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
