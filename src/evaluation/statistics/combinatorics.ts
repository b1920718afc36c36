/** Returns `log(n! / (k! (n - k)!))`, 0 <= k <= n. */
export function logChoose(n: number, k: number): number {
	let sum = 0;
	for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log((n + 1 - i) / i);
	return sum;
}

/** Returns `P(Binomial(n, 1/2) <= k)`, 0 <= k <= n, with its relative precision where it is small. */
export function binomialTail(n: number, k: number): number {
	if (2 * k >= n) return k === n ? 1 : 1 - binomialTail(n, n - k - 1);
	let term = Math.exp(logChoose(n, k) - n * Math.LN2);
	let sum = term;
	for (let i = k; i > 0 && term > sum * 1e-18; i--) {
		term *= i / (n - i + 1);
		sum += term;
	}
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
