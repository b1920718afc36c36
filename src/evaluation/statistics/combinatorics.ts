/** Returns `log(n! / (k! (n - k)!))`, 0 <= k <= n. */
export function logChoose(n: number, k: number): number {
	let sum = 0;
	for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log((n + 1 - i) / i);
	return sum;
}

/** Returns P(t) for every possible number t of marked words among `drawn` of `words` words, `marked` of them marked. */
export function hypergeometric(words: number, marked: number, drawn: number): { hits: number; probability: number }[] {
	const fewest = Math.max(0, drawn + marked - words);
	const most = Math.min(drawn, marked);
	const all = logChoose(words, drawn);
	return Array.from({ length: most - fewest + 1 }, (_, index) => {
		const hits = fewest + index;
		const probability = Math.exp(logChoose(marked, hits) + logChoose(words - marked, drawn - hits) - all);
		return { hits, probability };
	});
}
